// SPDX-License-Identifier: Apache-2.0
// The Descriptor compared with the components that it describes: JCVM 3.1 clause 6.14.
#include <set>

#include "jcvm/verifier/checks.hpp"

namespace uicclab::jcvm::verifier {
namespace {

using cap::ConstantKind;
using cap::Descriptor;

std::string number(std::size_t value) {
  return std::to_string(value);
}

class DescriptorCheck {
 public:
  DescriptorCheck(Checks& checks, const Structure& structure)
      : m_checks(checks), m_structure(structure), m_descriptor(*checks.file.descriptor) {}

  void run() {
    const std::size_t constants = m_checks.file.constants.size();
    m_checks.require(
        m_descriptor.constant_types.size() == constants, ErrorCode::kMalformed,
        "Descriptor component: types of " + number(m_descriptor.constant_types.size()) + " constants, there are " + number(constants));
    for (std::size_t i = 0; i < std::min(constants, m_descriptor.constant_types.size()); ++i) check_constant_type(i);
    for (const Descriptor::Class& one : m_descriptor.classes) check_class(one);
    for (const MethodBody& method : m_structure.methods) {
      m_checks.require(m_described.contains(method.offset), ErrorCode::kMalformed,
                       "Descriptor component: it does not describe the method at " + number(method.offset));
    }
  }

 private:
  void check_constant_type(std::size_t index) {
    const std::uint16_t type = m_descriptor.constant_types[index];
    if (m_checks.file.constants[index].kind == ConstantKind::kClass) return;
    const bool primitive = (type & 0x8000) != 0;  // of a field
    m_checks.require(primitive || m_descriptor.type_at(type).has_value(), ErrorCode::kRange,
                     "Descriptor component: no type at " + number(type) + ", for constant " + number(index));
  }

  void check_class(const Descriptor::Class& one) {
    const std::string where = "Descriptor component, class at " + number(one.self.offset());
    const cap::ClassInfo* described = m_checks.internal(one.self);
    if (described == nullptr) {
      return m_checks.wrong(ErrorCode::kRange, where + ": no class or interface begins there in the Class component");
    }
    const bool interface = (one.flags & cap::kDescriptorInterface) != 0;
    m_checks.require(interface == described->is_interface(), ErrorCode::kMalformed,
                     where + ": it is " + (interface ? "an interface here, a class there" : "a class here, an interface there"));
    for (const auto& field : one.fields) {
      const bool primitive = (field.type & 0x8000) != 0;
      m_checks.require(primitive || m_descriptor.type_at(field.type).has_value(), ErrorCode::kRange,
                       where + ": no type at " + number(field.type));
    }
    for (const auto& method : one.methods) {
      m_checks.require(m_descriptor.type_at(method.type).has_value(), ErrorCode::kRange, where + ": no type at " + number(method.type));
      if (!interface) check_method(method);
    }
  }

  void check_method(const Descriptor::Method& method) {
    const std::string where = "Descriptor component, method at " + number(method.offset);
    const auto malformed = [&](const std::string& text) { m_checks.wrong(ErrorCode::kMalformed, where + ": " + text, method.offset); };
    if (!m_described.insert(method.offset).second) malformed("it is described twice");
    const MethodBody* body = m_structure.method_at(method.offset);
    if (body == nullptr) return;  // said already
    const bool abstract = (method.flags & cap::kDescriptorAbstractMethod) != 0;
    if (abstract != body->header.is_abstract()) malformed(abstract ? "it has code, must be abstract" : "it is abstract");
    const std::uint32_t end = body->header.code + method.code_size;
    if (body->end > end)
      malformed("its code has " + number(method.code_size) + " bytes, control comes to " + number(body->end - body->header.code));
    if (end > m_checks.file.methods.size()) malformed("its code ends after the Method component");
    const std::size_t handlers = m_checks.file.methods.handlers.size();
    if (std::size_t{method.handler_index} + method.handler_count > handlers) {
      return malformed("its exception handlers are " + number(method.handler_count) + " from " + number(method.handler_index) +
                       " on, there are " + number(handlers));
    }
    for (std::size_t i = 0; i < method.handler_count; ++i) {
      const auto& handler = m_checks.file.methods.handlers[method.handler_index + i];
      if (handler.start < body->header.code || std::uint32_t{handler.start} + handler.length > end) {
        malformed("exception handler " + number(method.handler_index + i) + " is not in its code");
      }
    }
  }

  Checks& m_checks;
  const Structure& m_structure;
  const Descriptor& m_descriptor;
  std::set<std::uint32_t> m_described;
};

}  // namespace

void check_descriptor(Checks& checks, const Structure& structure) {
  if (checks.file.descriptor) DescriptorCheck(checks, structure).run();
}

}  // namespace uicclab::jcvm::verifier
