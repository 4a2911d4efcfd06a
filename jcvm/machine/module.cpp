// SPDX-License-Identifier: Apache-2.0
#include "jcvm/machine/module.hpp"

#include <algorithm>

namespace uicclab::jcvm::machine {

void Class::inherit(const Class& superclass) {
  super = &superclass;
  ancestors = superclass.ancestors;
  interfaces = superclass.interfaces;
  first_cell = cells = superclass.cells;
  native_bytes = superclass.native_bytes;
  references = superclass.references;
  public_methods = superclass.public_methods;
  is_shareable = superclass.is_shareable;
}

bool Class::extends(const Class& other) const {
  if (other.is_interface) return implemented(other) != nullptr;
  if (other.super == nullptr) return true;  // java/lang/Object: of interfaces too (clause 7.5, checkcast)
  const std::size_t depth = other.ancestors.size();
  return depth > 0 && depth <= ancestors.size() && ancestors[depth - 1] == &other;
}

const Class::Implemented* Class::implemented(const Class& interface) const {
  const auto found = std::ranges::find(interfaces, &interface, &Implemented::interface);
  return found == interfaces.end() ? nullptr : &*found;
}

}  // namespace uicclab::jcvm::machine
