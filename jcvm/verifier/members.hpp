// SPDX-License-Identifier: Apache-2.0
// The Descriptor's types of fields and methods, checked against the tables of imported packages and against itself: JCVM 3.1 clause 6.14.
#pragma once

#include <functional>
#include <map>

#include "jcvm/verifier/types.hpp"

namespace uicclab::jcvm::verifier {

/// A method of this package.
struct MethodFacts {
  ClassHandle owner;
  std::uint8_t flags = 0;  ///< DescriptorFlag
  std::uint8_t token = 0xFF;
  Signature signature;

  bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
};

struct FieldFacts {
  ClassHandle owner;
  std::uint8_t flags = 0;
  ValueType type;

  bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
};

class Members {
 public:
  using Wrong = std::function<void(ErrorCode, std::string)>;

  /// Reads and checks all of the Descriptor; `file` must have one.
  Members(const cap::CapFile& file, const Types& types, const Wrong& wrong);

  /// Null: the Descriptor has no such method.
  const MethodFacts* method(std::uint32_t offset) const;
  const FieldFacts* static_field(std::uint16_t offset) const;
  const FieldFacts* field(const ClassHandle& klass, std::uint8_t token) const;
  /// The type of a constant; nullopt: invalid, which was reported already.
  const std::optional<ValueType>& field_type(std::size_t constant) const { return m_field_types[constant]; }
  const std::optional<Signature>& signature(std::size_t constant) const { return m_signatures[constant]; }
  /// Of a virtual or interface method, inherited ones too; nullopt: unknown.
  std::optional<Signature> virtual_signature(const ClassHandle& klass, std::uint8_t token) const;
  const MethodFacts* virtual_method(const ClassHandle& klass, std::uint8_t token) const;
  /// Flags of a class of this package.
  std::uint8_t flags(const ClassHandle& klass) const;

 private:
  void read_classes();
  void read_constants();
  void check_constant(std::size_t index);
  void check_field_constant(std::size_t index, const ValueType& type);
  void check_method_constant(std::size_t index, const Signature& type);
  void check_overrides();
  void check_interfaces();
  void check_statics();
  void check_installs();
  std::optional<ValueType> field_at(std::uint16_t type) const;
  std::optional<Signature> method_at(std::uint16_t type) const;

  const cap::CapFile& m_file;
  const Types& m_types;
  const Wrong& m_wrong;
  std::map<std::uint32_t, MethodFacts> m_methods;
  std::map<std::pair<const cap::ClassInfo*, std::uint8_t>, MethodFacts> m_virtual;
  std::map<std::uint16_t, FieldFacts> m_static_fields;
  std::map<std::pair<const cap::ClassInfo*, std::uint8_t>, FieldFacts> m_fields;
  std::map<const cap::ClassInfo*, std::uint8_t> m_flags;
  std::vector<std::optional<ValueType>> m_field_types;
  std::vector<std::optional<Signature>> m_signatures;
};

}  // namespace uicclab::jcvm::verifier
