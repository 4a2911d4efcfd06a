// SPDX-License-Identifier: Apache-2.0
// The names used in code, as symbols: they become the constant pool (JCVM clause 6.8) and the list of imports when all code is known.
#pragma once

#include "jcvm/cap/cap_file.hpp"
#include "jcvm/tools/converter/program.hpp"

namespace uicclab::jcvm::converter {

struct Reference {
  cap::ConstantKind kind = cap::ConstantKind::kClass;
  ClassTarget target;                   ///< the class that is named, or that has the member
  const FieldModel* field = nullptr;    ///< of this package: a static one
  const MethodModel* method = nullptr;  ///< of this package: one that is found by name
  std::uint8_t token = 0;               ///< otherwise
  std::string descriptor;               ///< type of a field or method
};

/// Packages that are imported, with the version that has all that is used of them.
class Imports {
 public:
  explicit Imports(const Api& api) : m_api(api) {}
  /// The index of the package of a class; `since`: the version that it or its member came with.
  std::uint8_t use(const packages::Class& api_class, packages::Version since);
  cap::ClassRef class_ref(const ClassTarget& target);
  const std::vector<cap::Package>& list() const { return m_list; }

 private:
  const Api& m_api;
  std::vector<cap::Package> m_list;
};

class References {
 public:
  explicit References(const Program& program) : m_program(program), m_imports(program.api()) {}

  /// The symbol of the named member; nullopt: unknown.
  std::optional<std::size_t> class_named(std::string_view name);
  std::optional<std::size_t> instance_field(const MemberName& name);
  std::optional<std::size_t> static_field(const MemberName& name);
  std::optional<std::size_t> bound_method(const MemberName& name);
  static bool is_private(const ClassModel& from, const MemberName& name);
  std::optional<std::size_t> virtual_method(const MemberName& name);
  /// The method that the superclass of `from` has.
  std::optional<std::size_t> super_method(const ClassModel& from, const MemberName& name);
  struct InterfaceMethod {
    std::size_t interface = 0;
    std::uint8_t token = 0;
  };
  std::optional<InterfaceMethod> interface_method(const MemberName& name);
  /// The value of a constant field, of this package or another one.
  std::optional<std::int32_t> constant(const MemberName& name) const;

  /// Gives every symbol its index: instance fields first, since most instructions have one byte for them; classes last, since an exception
  /// handler cannot name constant 0.
  void finish();
  std::uint16_t index(std::size_t symbol) const { return m_index[symbol]; }
  /// By index.
  std::vector<const Reference*> in_order() const;
  Imports& imports() { return m_imports; }

 private:
  std::size_t add(const std::string& key, Reference reference);

  const Program& m_program;
  Imports m_imports;
  std::deque<Reference> m_references;
  std::map<std::string, std::size_t> m_by_key;
  std::vector<std::uint16_t> m_index;
};

}  // namespace uicclab::jcvm::converter
