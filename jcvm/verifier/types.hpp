// SPDX-License-Identifier: Apache-2.0
// Types of values as the data-flow verifier follows them: JCVM 3.1 clauses 3.1, 6.14.4 (type descriptors).
#pragma once

#include <string>
#include <vector>

#include "jcvm/code/operation.hpp"
#include "jcvm/verifier/structure.hpp"

namespace uicclab::jcvm::verifier {

/// A class or interface: of this package, of a table, or of an unknown imported package.
struct ClassHandle {
  const cap::ClassInfo* own = nullptr;
  const packages::Class* known = nullptr;
  std::uint16_t unknown = 0xFFFF;  ///< the reference, of an unknown one

  bool none() const { return own == nullptr && known == nullptr && unknown == 0xFFFF; }
  bool operator==(const ClassHandle&) const = default;
};

enum class Tag : std::uint8_t {
  kNothing,  ///< nothing that may be used: not written yet, or different by the way that led here
  kShort,    ///< also boolean and byte
  kIntHigh,
  kIntLow,
  kReturn,  ///< of jsr; `place`: where it returns to
  kNull,
  kObject,
  kNumbers,  ///< an array of boolean, byte, short or int
  kObjects,  ///< an array of references to `klass`
  kFresh,    ///< made by the instruction at `place`, its constructor was not called yet
  kThis,     ///< in a constructor that has not called another one yet
};

/// Of one cell.
struct Type {
  Tag tag = Tag::kNothing;
  code::ArrayType element = code::kTypeClass;  ///< of kNumbers
  ClassHandle klass;
  std::uint32_t place = 0;

  /// Its constructor was called: it may be passed on.
  bool is_reference() const { return tag >= Tag::kNull && tag <= Tag::kObjects; }
  bool operator==(const Type&) const = default;
};

constexpr Type of_tag(Tag tag) {
  return {tag, code::kTypeClass, {}, 0};
}
constexpr Type kShortType = of_tag(Tag::kShort);
constexpr Type kHighType = of_tag(Tag::kIntHigh);
constexpr Type kLowType = of_tag(Tag::kIntLow);
constexpr Type object_of(const ClassHandle& klass) {
  return {Tag::kObject, code::kTypeClass, klass, 0};
}

/// Of a field, an argument or a result.
struct ValueType {
  char letter = 'V';  ///< V Z B S I, or L for every reference
  Type reference;     ///< of L

  unsigned cells() const { return letter == 'V' ? 0 : letter == 'I' ? 2 : 1; }
  bool operator==(const ValueType&) const = default;
};

/// Without the object.
struct Signature {
  std::vector<ValueType> arguments;
  ValueType result;

  unsigned cells() const;
  bool operator==(const Signature&) const = default;
};

/// The classes of a file and of its imports.
class Types {
 public:
  Types(const cap::CapFile& file, const Imports& imports) : m_file(file), m_imports(imports) {}

  /// none(): the reference names nothing.
  ClassHandle handle(cap::ClassRef ref) const;
  ClassHandle handle(std::uint8_t package, std::uint8_t token) const;
  static ClassHandle named(std::string_view name);
  static ClassHandle object() { return named("java/lang/Object"); }
  ClassHandle super(const ClassHandle& klass) const;
  bool is_interface(const ClassHandle& klass) const;
  /// Also if it cannot be known, because a class of an unknown package is between them.
  bool extends(const ClassHandle& klass, const ClassHandle& super_class) const;

  /// A value of one type may be kept or passed where the other is asked for. Interfaces count as Object (the machine looks at the object
  /// when it calls a method of one).
  bool fits(const Type& value, const Type& wanted) const;
  /// What is known of a value that is one or the other.
  Type merged(const Type& one, const Type& other) const;

  /// From nibbles (table 6-23). nullopt: they are no type of a field, or of a method.
  std::optional<ValueType> field(BytesView nibbles) const;
  std::optional<Signature> method(BytesView nibbles) const;
  /// From text, "[B" and "([BS)V".
  static std::optional<ValueType> field(std::string_view descriptor);
  static std::optional<Signature> method(std::string_view descriptor);

  std::string text(const ClassHandle& klass) const;
  std::string text(const Type& type) const;
  std::string text(const ValueType& type) const;
  std::string text(const Signature& signature) const;

 private:
  std::optional<ValueType> next(BytesView& nibbles) const;
  static std::optional<ValueType> next(std::string_view& descriptor);
  ClassHandle common(const ClassHandle& one, const ClassHandle& other) const;

  const cap::CapFile& m_file;
  const Imports& m_imports;
};

}  // namespace uicclab::jcvm::verifier
