// SPDX-License-Identifier: Apache-2.0
// Common state of the structural verification: the file, its imports, and the list of errors.
#pragma once

#include <string>

#include "jcvm/verifier/structure.hpp"

namespace uicclab::jcvm::verifier {

class Checks {
 public:
  Checks(const cap::CapFile& cap, const Imports& imports, Structure& out) : file(cap), m_imports(imports), m_out(out) {}

  const cap::CapFile& file;

  void wrong(ErrorCode code, std::string text, std::size_t offset = 0) {
    if (m_out.errors.size() < kMostErrors) m_out.errors.push_back({code, std::move(text), offset});
  }
  void require(bool holds, ErrorCode code, const std::string& text, std::size_t offset = 0) {
    if (!holds) wrong(code, text, offset);
  }

  /// The class or interface of this package that a reference names; null for external ones and for wrong ones.
  const cap::ClassInfo* internal(cap::ClassRef ref) const { return ref.external() || ref.none() ? nullptr : file.classes.at(ref.offset()); }
  /// The class of a table that a reference names; null if it is not external, or nothing is known of it.
  const packages::Class* external(std::uint8_t package, std::uint8_t token) const {
    const packages::Package* table = package < m_imports.size() ? m_imports[package] : nullptr;
    return table == nullptr ? nullptr : table->class_with(token);
  }
  const packages::Class* external(cap::ClassRef ref) const { return ref.external() ? external(ref.package(), ref.class_token()) : nullptr; }
  bool knows(std::uint8_t package) const { return package < m_imports.size() && m_imports[package] != nullptr; }

  /// "class 3 of javacard/framework", for messages.
  std::string name(std::uint8_t package, std::uint8_t token) const;
  std::string name(cap::ClassRef ref) const;

  /// A reference names a class or an interface that there is; an error is reported for `where`. nullopt: it is wrong, or unknown.
  std::optional<bool> is_interface(cap::ClassRef ref, const std::string& where);

  /// Public or package-visible virtual methods of a class, inherited ones with them; nullopt: unknown.
  std::optional<unsigned> public_methods(cap::ClassRef ref) const;
  std::optional<unsigned> package_methods(cap::ClassRef ref) const;

 private:
  const Imports& m_imports;
  Structure& m_out;
};

// One file each.
void check_classes(Checks& checks);
void check_constants(Checks& checks);
void check_exports(Checks& checks);
void check_descriptor(Checks& checks, const Structure& structure);
void check_code(Checks& checks, const MethodBody& method);
void check_references(Checks& checks, const Structure& structure);

}  // namespace uicclab::jcvm::verifier
