// SPDX-License-Identifier: Apache-2.0
#include "jcvm/verifier/types.hpp"

#include "core/hex.hpp"

namespace uicclab::jcvm::verifier {
namespace {

constexpr std::string_view kLetters = "?VZBSI";
constexpr std::uint8_t kReferenceNibble = 6;
constexpr std::uint8_t kArray = 8;     // added to the nibble of the elements
constexpr std::size_t kDeepest = 300;  // superclasses of the tables and of a file are fewer

code::ArrayType element_of(char letter) {
  return letter == 'Z' ? code::kTypeBoolean : letter == 'B' ? code::kTypeByte : letter == 'S' ? code::kTypeShort : code::kTypeInt;
}

ValueType value_of(char letter) {
  return {letter, {}};
}
ValueType array_of(char letter) {
  return {'L', {Tag::kNumbers, element_of(letter), {}, 0}};
}
ValueType reference_to(const ClassHandle& klass, bool array) {
  return {'L', {array ? Tag::kObjects : Tag::kObject, code::kTypeClass, klass, 0}};
}

bool is_result_only(const std::vector<ValueType>& values) {
  return std::ranges::any_of(values, [](const ValueType& one) { return one.letter == 'V'; });
}

}  // namespace

unsigned Signature::cells() const {
  unsigned out = 0;
  for (const ValueType& one : arguments) out += one.cells();
  return out;
}

ClassHandle Types::handle(cap::ClassRef ref) const {
  if (ref.none()) return {};
  if (ref.external()) return handle(ref.package(), ref.class_token());
  return {m_file.classes.at(ref.offset()), nullptr, 0xFFFF};
}

ClassHandle Types::handle(std::uint8_t package, std::uint8_t token) const {
  if (package >= m_imports.size()) return {};
  if (m_imports[package] != nullptr) return {nullptr, m_imports[package]->class_with(token), 0xFFFF};
  return {nullptr, nullptr, static_cast<std::uint16_t>(0x8000 | package << 8 | token)};
}

ClassHandle Types::named(std::string_view name) {
  return {nullptr, packages::class_named(name), 0xFFFF};
}

ClassHandle Types::super(const ClassHandle& klass) const {
  if (klass.own != nullptr) return klass.own->is_interface() ? object() : handle(klass.own->super);
  if (klass.known == nullptr) return {};
  if (klass.known->is_interface) return object();
  return klass.known->super.empty() ? ClassHandle{} : named(klass.known->super);
}

bool Types::is_interface(const ClassHandle& klass) const {
  return klass.own != nullptr ? klass.own->is_interface() : klass.known != nullptr && klass.known->is_interface;
}

bool Types::extends(const ClassHandle& klass, const ClassHandle& super_class) const {
  if (super_class == object() || super_class.unknown != 0xFFFF) return true;
  ClassHandle step = klass;
  for (std::size_t depth = 0; depth < kDeepest && !step.none(); ++depth) {
    if (step == super_class || step.unknown != 0xFFFF) return true;
    step = super(step);
  }
  return false;
}

bool Types::fits(const Type& value, const Type& wanted) const {
  switch (wanted.tag) {
    case Tag::kObject:
      if (value.tag == Tag::kNull) return true;
      if (value.tag == Tag::kObject) return is_interface(wanted.klass) || extends(value.klass, wanted.klass);
      return (value.tag == Tag::kNumbers || value.tag == Tag::kObjects) && (wanted.klass == object() || wanted.klass.unknown != 0xFFFF);
    case Tag::kNumbers:
      return value.tag == Tag::kNull || (value.tag == Tag::kNumbers && value.element == wanted.element);
    case Tag::kObjects:
      if (value.tag == Tag::kNull) return true;
      return value.tag == Tag::kObjects && (is_interface(wanted.klass) || extends(value.klass, wanted.klass));
    default:
      return value == wanted;
  }
}

ClassHandle Types::common(const ClassHandle& one, const ClassHandle& other) const {
  ClassHandle step = one;
  for (std::size_t depth = 0; depth < kDeepest && !step.none(); ++depth) {
    if (is_interface(step) || is_interface(other)) break;
    ClassHandle second = other;
    for (std::size_t up = 0; up < kDeepest && !second.none(); ++up) {
      if (second == step) return step;
      second = super(second);
    }
    step = super(step);
  }
  return object();
}

Type Types::merged(const Type& one, const Type& other) const {
  if (one == other) return one;
  if (!one.is_reference() || !other.is_reference()) return {};
  if (one.tag == Tag::kNull) return other;
  if (other.tag == Tag::kNull) return one;
  if (one.tag == other.tag && one.tag != Tag::kNumbers) return {one.tag, code::kTypeClass, common(one.klass, other.klass), 0};
  return {Tag::kObject, code::kTypeClass, object(), 0};
}

std::optional<ValueType> Types::next(BytesView& nibbles) const {
  const std::uint8_t nibble = nibbles.front();
  nibbles = nibbles.subspan(1);
  const bool array = nibble >= kArray;
  const std::size_t element = array ? nibble - std::size_t{kArray} : nibble;
  if (element == kReferenceNibble) {
    constexpr std::size_t kSize = 4;
    if (nibbles.size() < kSize) return std::nullopt;
    std::uint16_t ref = 0;
    for (std::size_t i = 0; i < kSize; ++i) ref = static_cast<std::uint16_t>(ref << 4 | nibbles[i]);
    nibbles = nibbles.subspan(kSize);
    const ClassHandle klass = handle(cap::ClassRef{ref});
    if (klass.none()) return std::nullopt;
    return reference_to(klass, array);
  }
  if (element == 0 || element >= kLetters.size() || (array && kLetters[element] == 'V')) return std::nullopt;
  return array ? array_of(kLetters[element]) : value_of(kLetters[element]);
}

std::optional<ValueType> Types::field(BytesView nibbles) const {
  if (nibbles.empty()) return std::nullopt;
  const auto out = next(nibbles);
  return nibbles.empty() && out && out->letter != 'V' ? out : std::nullopt;
}

std::optional<Signature> Types::method(BytesView nibbles) const {
  Signature out;
  while (!nibbles.empty()) {
    const auto one = next(nibbles);
    if (!one) return std::nullopt;
    out.arguments.push_back(*one);
  }
  if (out.arguments.empty()) return std::nullopt;
  out.result = out.arguments.back();
  out.arguments.pop_back();
  return is_result_only(out.arguments) ? std::nullopt : std::optional(out);
}

std::optional<ValueType> Types::next(std::string_view& descriptor) {
  const bool array = descriptor.starts_with('[');
  if (array) descriptor.remove_prefix(1);
  if (descriptor.empty()) return std::nullopt;
  const char letter = descriptor.front();
  if (letter == 'L') {
    const std::size_t end = descriptor.find(';');
    if (end == std::string_view::npos) return std::nullopt;
    const ClassHandle klass = named(descriptor.substr(1, end - 1));
    descriptor.remove_prefix(end + 1);
    if (klass.none()) return std::nullopt;
    return reference_to(klass, array);
  }
  descriptor.remove_prefix(1);
  if (kLetters.find(letter, 1) == std::string_view::npos || (array && letter == 'V')) return std::nullopt;
  return array ? array_of(letter) : value_of(letter);
}

std::optional<ValueType> Types::field(std::string_view descriptor) {
  const auto out = next(descriptor);
  return descriptor.empty() && out && out->letter != 'V' ? out : std::nullopt;
}

std::optional<Signature> Types::method(std::string_view descriptor) {
  if (!descriptor.starts_with('(')) return std::nullopt;
  descriptor.remove_prefix(1);
  Signature out;
  while (!descriptor.empty() && descriptor.front() != ')') {
    const auto one = next(descriptor);
    if (!one) return std::nullopt;
    out.arguments.push_back(*one);
  }
  if (descriptor.empty()) return std::nullopt;
  descriptor.remove_prefix(1);
  const auto result = next(descriptor);
  if (!result || !descriptor.empty() || is_result_only(out.arguments)) return std::nullopt;
  out.result = *result;
  return out;
}

std::string Types::text(const ClassHandle& klass) const {
  if (klass.own != nullptr) return "the class at " + std::to_string(klass.own->offset);
  if (klass.known != nullptr) return klass.known->name;
  if (klass.unknown == 0xFFFF) return "no class";
  const cap::ClassRef ref{klass.unknown};
  return "class " + std::to_string(ref.class_token()) + " of " + to_hex(m_file.imports[ref.package()].aid.bytes());
}

std::string Types::text(const Type& type) const {
  switch (type.tag) {
    case Tag::kNothing:
      return "nothing usable";
    case Tag::kShort:
      return "short";
    case Tag::kIntHigh:
    case Tag::kIntLow:
      return "half of an int";
    case Tag::kReturn:
      return "a return address";
    case Tag::kNull:
      return "null";
    case Tag::kObject:
      return text(type.klass);
    case Tag::kNumbers:
      return std::string(code::name_of(type.element));
    case Tag::kObjects:
      return text(type.klass) + "[]";
    case Tag::kFresh:
    case Tag::kThis:
      return "an object whose constructor was not called";
  }
  return "";
}

std::string Types::text(const ValueType& type) const {
  switch (type.letter) {
    case 'L':
      return text(type.reference);
    case 'V':
      return "void";
    case 'Z':
      return "boolean";
    case 'B':
      return "byte";
    case 'S':
      return "short";
    default:
      return "int";
  }
}

std::string Types::text(const Signature& signature) const {
  std::string out = "(";
  for (const ValueType& one : signature.arguments) out += (out.size() > 1 ? ", " : "") + text(one);
  return out + ") " + text(signature.result);
}

}  // namespace uicclab::jcvm::verifier
