// SPDX-License-Identifier: Apache-2.0
// Objects: a number, a header that says whose and what they are, and a body of bytes.
#pragma once

#include <compare>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "jcvm/code/operation.hpp"

namespace uicclab::jcvm::machine {

struct Class;

/// An object's number; 0 is null.
using Ref = std::uint32_t;
constexpr Ref kNull = 0;
/// The static fields of package n are the object kFirstStatics + n.
constexpr Ref kFirstStatics = 0x7F000000;
/// From here on: objects that live until the next reset and are in no store.
constexpr Ref kFirstSession = 0x80000000;

/// Who is active, and whose an object is: a package (its number on the card) and an instance of an applet of it. The firewall looks at the
/// package: all its applets share one context (JCRE 3.1 clause 6.1.2). Package 0 is the runtime environment's own context.
struct Context {
  std::uint16_t package = 0;
  std::uint16_t instance = 0;

  bool is_runtime() const { return package == 0; }
  auto operator<=>(const Context&) const = default;
};
constexpr Context kRuntime{};

/// When the contents of an object are cleared. The numbers are those of JCSystem.isTransient.
enum class Lifetime : std::uint8_t {
  kPersistent = 0,
  kClearOnReset = 1,
  kClearOnDeselect = 2,
  kSession = 3,  ///< the whole object goes with the reset
};

/// What the runtime environment gave an object (JCRE clauses 6.2.1, 6.2.2).
enum Privilege : std::uint8_t {
  kPermanentEntryPoint = 0x01,
  kTemporaryEntryPoint = 0x02,
  kGlobalArray = 0x04,
  kIntegritySensitive = 0x08,  ///< javacard.framework.SensitiveArrays
};

/// Number of the package on the card, and index of the class in it (of API packages: the class token). From 0x8000 on packages are those
/// of the API (Library::kFirstNumber).
using ClassId = std::uint32_t;
constexpr ClassId class_id(std::uint16_t package, std::uint16_t index) {
  return ClassId{package} << 16 | index;
}

/// Bodies are the same in memory and in the store. Numbers are big-endian.
///   an instance: four bytes a cell (a reference, or a number with its sign; an int is in the first of its two cells), then the bytes that
///     its native superclasses asked for
///   an array: its elements: a byte for boolean and byte, two for short, four for int and references
struct Object {
  static constexpr std::size_t kHeaderSize = 16;

  Ref number = kNull;
  code::ArrayType type = code::kTypeClass;  ///< kTypeClass: an instance of `klass`; else what the elements of the array are
  Lifetime lifetime = Lifetime::kPersistent;
  std::uint8_t privileges = 0;  ///< Privilege
  bool fresh = false;           ///< it was created in the open transaction
  Context owner;
  ClassId class_number = 0;      ///< 0 of arrays of numbers
  const Class* klass = nullptr;  ///< of an instance; of the elements of an array of references
  std::uint32_t length = 0;      ///< elements of an array; cells of an instance
  Bytes body;

  bool is_array() const { return type != code::kTypeClass; }
  bool has(Privilege privilege) const { return (privileges & privilege) != 0; }
  /// Every context may use it (JCRE clauses 6.2.1, 6.2.2); kIntegritySensitive alone gives no access.
  bool is_of_everybody() const { return (privileges & (kPermanentEntryPoint | kTemporaryEntryPoint | kGlobalArray)) != 0; }
  /// Temporary entry points and global arrays: no field, static field or array may hold them (JCRE clauses 6.2.1, 6.2.2).
  bool never_stored() const { return (privileges & (kTemporaryEntryPoint | kGlobalArray)) != 0; }
  /// It has its header, and of persistent ones its body, in the store.
  bool stored() const { return number < kFirstSession; }
  bool body_stored() const { return stored() && lifetime == Lifetime::kPersistent; }

  std::uint32_t u32(std::size_t offset) const {
    return std::uint32_t{body[offset]} << 24 | std::uint32_t{body[offset + 1]} << 16 | std::uint32_t{body[offset + 2]} << 8 |
           body[offset + 3];
  }
  std::uint16_t u16(std::size_t offset) const { return static_cast<std::uint16_t>(body[offset] << 8 | body[offset + 1]); }

  /// What the store keeps: the header, and of persistent ones the body.
  Bytes encode() const;
  /// The class is left to be found. Errors: kMalformed, kTruncated.
  static Result<Object> decode(Ref number, BytesView stored);
};

/// Bytes of an element of an array.
constexpr std::size_t element_size(code::ArrayType type) {
  return type == code::kTypeShort ? 2 : type == code::kTypeInt || type == code::kTypeReferences ? 4 : 1;
}

}  // namespace uicclab::jcvm::machine
