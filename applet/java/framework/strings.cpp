// SPDX-License-Identifier: Apache-2.0
// javacardx.framework.string: UTF-8 in byte arrays (RFC 3629). Letters beyond ASCII have no other case here.
#include <limits>

#include "applet/java/framework/arrays.hpp"
#include "core/reader.hpp"
#include "core/visible.hpp"

namespace uicclab::applet::java {

namespace machine = jcvm::machine;
using machine::NativeCall;
using machine::Outcome;

namespace {

constexpr machine::ApiClass kStringException{"javacardx/framework/string", 0};
constexpr machine::ApiClass kIndexOutOfBoundsException{"java/lang", 4};

/// Reasons of StringException.
enum Reason : std::int16_t { kUnsupportedEncoding = 1, kIllegalNumberFormat, kInvalidByteSequence };

enum Encoding : std::int8_t { kUtf8 = 1, kUtf16, kUtf16LittleEndian, kUtf16BigEndian, kUcs2, kGsm7, kIso8859 };

Outcome refuse(NativeCall& call, Reason reason) {
  return call.throws(kStringException, reason);
}

/// Arguments from `argument` on: array, offset, length. Empty: return failed().
std::optional<Bytes> text_at(NativeCall& call, std::size_t argument) {
  const auto bytes = call.read_array(argument, call.short_at(argument + 1), call.short_at(argument + 2));
  return bytes ? std::optional(to_bytes(*bytes)) : std::nullopt;
}

/// Into the array of argument `argument`, at the offset behind it; how much.
Outcome write_text(NativeCall& call, std::size_t argument, BytesView text) {
  const Bytes copy = to_bytes(text);
  return call.write_array(argument, call.short_at(argument + 1), copy) ? call.returns(static_cast<std::int16_t>(copy.size()))
                                                                       : call.failed();
}

/// Bytes of the code point that `text` begins with. One that is ill-formed or incomplete has its first byte and what continues it.
std::size_t code_point(BytesView text) {
  if (const std::size_t size = utf8_sequence(text); size != 0) return size;
  const std::uint8_t first = text.front();
  const std::size_t wanted = first >= 0xF0 && first < 0xF8 ? 4 : first >= 0xE0 && first < 0xF0 ? 3 : first >= 0xC0 && first < 0xE0 ? 2 : 1;
  std::size_t size = 1;
  while (size < wanted && size < text.size() && (text[size] & 0xC0) == 0x80) ++size;
  return size;
}

/// Where each begins, and the end.
std::vector<std::size_t> boundaries(BytesView text) {
  std::vector<std::size_t> out{0};
  while (out.back() < text.size()) out.push_back(out.back() + code_point(text.subspan(out.back())));
  return out;
}

/// The place that is `count` code points behind `index`, or before it. Empty: there are not as many.
std::optional<std::size_t> moved(BytesView text, std::size_t index, std::int32_t count) {
  const auto all = boundaries(count < 0 ? text.first(index) : text.subspan(index));
  const std::size_t steps = static_cast<std::size_t>(count < 0 ? -count : count);
  if (steps >= all.size()) return std::nullopt;
  return count < 0 ? all[all.size() - 1 - steps] : index + all[steps];
}

Outcome count(NativeCall& call) {
  const auto text = text_at(call, 0);
  return text ? call.returns(static_cast<std::int16_t>(boundaries(*text).size() - 1)) : call.failed();
}

Outcome code_point_at(NativeCall& call) {
  const auto text = text_at(call, 0);
  if (!text) return call.failed();
  const std::int32_t index = call.short_at(3);
  if (index < 0 || index >= static_cast<std::int32_t>(text->size())) return call.throws(kIndexOutOfBoundsException);
  const BytesView rest = BytesView(*text).subspan(static_cast<std::size_t>(index));
  return write_text(call, 4, rest.first(code_point(rest)));
}

Outcome code_point_before(NativeCall& call) {
  const auto text = text_at(call, 0);
  if (!text) return call.failed();
  const std::int32_t index = call.short_at(3);
  if (index < 1 || index > static_cast<std::int32_t>(text->size())) return call.throws(kIndexOutOfBoundsException);
  const BytesView before = BytesView(*text).first(static_cast<std::size_t>(index));
  return write_text(call, 4, before.subspan(*moved(before, before.size(), -1)));
}

Outcome offset_by_code_points(NativeCall& call) {
  const auto text = text_at(call, 0);
  if (!text) return call.failed();
  const std::int32_t index = call.short_at(3);
  if (index < 0 || index > static_cast<std::int32_t>(text->size())) return call.throws(kIndexOutOfBoundsException);
  const auto place = moved(*text, static_cast<std::size_t>(index), call.short_at(4));
  return place ? call.returns(static_cast<std::int16_t>(*place)) : call.throws(kIndexOutOfBoundsException);
}

std::uint8_t lower(std::uint8_t byte) {
  return byte >= 'A' && byte <= 'Z' ? static_cast<std::uint8_t>(byte + 0x20) : byte;
}

std::uint8_t upper(std::uint8_t byte) {
  return byte >= 'a' && byte <= 'z' ? static_cast<std::uint8_t>(byte - 0x20) : byte;
}

/// What is ill-formed is left out.
template <std::uint8_t (*kCase)(std::uint8_t)>
Bytes in_case(BytesView text) {
  Bytes out;
  while (!text.empty()) {
    const std::size_t size = code_point(text);
    if (utf8_sequence(text) != 0) append(out, text.first(size));
    text = text.subspan(size);
  }
  for (std::uint8_t& byte : out) byte = kCase(byte);
  return out;
}

template <std::uint8_t (*kCase)(std::uint8_t)>
Outcome convert_case(NativeCall& call) {
  const auto text = text_at(call, 0);
  return text ? write_text(call, 3, in_case<kCase>(*text)) : call.failed();
}

Outcome compare(NativeCall& call) {
  auto one = text_at(call, 1);
  if (!one) return call.failed();
  auto other = text_at(call, 4);
  if (!other) return call.failed();
  if (call.boolean_at(0)) {
    one = in_case<lower>(*one);
    other = in_case<lower>(*other);
  }
  const auto [a, b] = std::ranges::mismatch(*one, *other);
  if (a != one->end() && b != other->end()) return call.returns(static_cast<std::int16_t>(*a - *b));
  return call.returns(static_cast<std::int16_t>(static_cast<std::int32_t>(one->size()) - static_cast<std::int32_t>(other->size())));
}

/// Places of a part in texts. It looks at each byte of a text at most twice, whatever both are (Knuth, Morris, Pratt): the budget is paid
/// when a native returns.
class Part {
 public:
  explicit Part(BytesView part) : m_part(part), m_border(part.size()) {
    for (std::size_t i = 1, length = 0; i < part.size(); ++i) {
      while (length > 0 && part[i] != part[length]) length = m_border[length - 1];
      if (part[i] == part[length]) ++length;
      m_border[i] = length;
    }
  }

  /// Of the first one; the size of the text: there is none. An empty part is at the begin.
  std::size_t place_in(BytesView text) const {
    std::size_t length = 0;
    if (m_part.empty()) return 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      while (length > 0 && text[i] != m_part[length]) length = m_border[length - 1];
      if (text[i] == m_part[length]) ++length;
      if (length == m_part.size()) return i + 1 - length;
    }
    return text.size();
  }

 private:
  BytesView m_part;
  std::vector<std::size_t> m_border;  ///< by length of a beginning, less 1: the longest one that it also ends with
};

Outcome index_of(NativeCall& call) {
  const auto text = text_at(call, 0);
  if (!text) return call.failed();
  const auto part = text_at(call, 3);
  if (!part) return call.failed();
  const std::size_t place = Part(*part).place_in(*text);
  if (place == text->size() && !part->empty()) return call.returns(std::int16_t{-1});
  return call.returns(static_cast<std::int16_t>(place));
}

Outcome replace(NativeCall& call) {
  const auto text = text_at(call, 0);
  if (!text) return call.failed();
  const auto old = text_at(call, 3);
  if (!old) return call.failed();
  const auto replacement = text_at(call, 6);
  if (!replacement) return call.failed();
  constexpr std::size_t kMost = 0x7FFF;  // of an array
  Bytes out;
  BytesView rest = *text;
  const Part part(*old);
  while (!old->empty() && out.size() <= kMost) {
    const std::size_t place = part.place_in(rest);
    if (place == rest.size()) break;
    append(out, rest.first(place));
    append(out, *replacement);
    rest = rest.subspan(place + old->size());
  }
  append(out, rest);
  return write_text(call, 9, out);
}

/// Up to the space, and control characters.
Outcome trim(NativeCall& call) {
  const auto text = text_at(call, 0);
  if (!text) return call.failed();
  const auto is_black = [](std::uint8_t byte) { return byte > ' '; };
  const auto first = std::ranges::find_if(*text, is_black);
  const auto last = std::find_if(text->rbegin(), std::make_reverse_iterator(first), is_black).base();
  return write_text(call, 3, Bytes(first, last));
}

BytesView ascii(std::string_view text) {
  return as_bytes(text);
}

Outcome value_of_boolean(NativeCall& call) {
  return write_text(call, 1, ascii(call.boolean_at(0) ? "true" : "false"));
}

Outcome parse_boolean(NativeCall& call) {
  const auto text = text_at(call, 0);
  return text ? call.returns(boolean(equal(in_case<lower>(*text), ascii("true")))) : call.failed();
}

Outcome value_of_short(NativeCall& call) {
  return write_text(call, 1, ascii(std::to_string(call.short_at(0))));
}

/// Sign, 0x or #, digits; at most `most` without a sign, one more with it. Empty: it is no such number.
std::optional<std::int64_t> number_of(BytesView text, std::uint64_t most) {
  const auto starts = [&](std::string_view with) {
    const bool does = text.size() >= with.size() && equal(text.first(with.size()), ascii(with));
    if (does) text = text.subspan(with.size());
    return does;
  };
  const bool negative = starts("-");
  const unsigned radix = starts("0x") || starts("0X") || starts("#") ? 16 : 10;
  if (text.empty()) return std::nullopt;
  const std::uint64_t limit = most + (negative ? 1 : 0);
  std::uint64_t value = 0;
  for (const std::uint8_t byte : text) {
    const std::uint8_t letter = lower(byte);
    const unsigned digit = letter >= '0' && letter <= '9'   ? letter - unsigned{'0'}
                           : letter >= 'a' && letter <= 'f' ? letter - unsigned{'a'} + 10
                                                            : 16;
    if (digit >= radix || value > (limit - digit) / radix) return std::nullopt;
    value = value * radix + digit;
  }
  return static_cast<std::int64_t>(negative ? 0 - value : value);
}

Outcome parse_short(NativeCall& call) {
  const auto text = text_at(call, 0);
  if (!text) return call.failed();
  const auto value = number_of(*text, 0x7FFF);
  return value ? call.returns(static_cast<std::int16_t>(*value)) : refuse(call, kIllegalNumberFormat);
}

/// All of an array of one to four shorts, the high one first.
Outcome value_of_long(NativeCall& call) {
  const auto start = elements_at(call, 0, 0, 0, kStringException, kIllegalNumberFormat);
  if (!start) return call.failed();
  const BytesView bytes = start->array->body;
  constexpr std::size_t kMost = 8;
  if (bytes.empty() || bytes.size() > kMost) return refuse(call, kIllegalNumberFormat);
  std::uint64_t value = (bytes[0] & 0x80) != 0 ? std::numeric_limits<std::uint64_t>::max() : 0;
  for (const std::uint8_t byte : bytes) value = value << 8 | byte;
  return write_text(call, 1, ascii(std::to_string(static_cast<std::int64_t>(value))));
}

/// Shorts that are 0 are left out before others.
Outcome parse_long(NativeCall& call) {
  const auto text = text_at(call, 0);
  if (!text) return call.failed();
  const auto value = number_of(*text, static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
  if (!value) return refuse(call, kIllegalNumberFormat);
  const auto bits = static_cast<std::uint64_t>(*value);
  std::int32_t shorts = 4;
  while (shorts > 1 && (bits >> (16 * (shorts - 1))) == 0) --shorts;
  ByteWriter out;
  out.number(bits, static_cast<std::size_t>(2 * shorts));
  const auto to = elements_at(call, 3, call.short_at(4), shorts, kStringException, kIllegalNumberFormat);
  return to && write_elements(call, *to, out.view(), true) ? call.returns(static_cast<std::int16_t>(shorts)) : call.failed();
}

// Other encodings. A code point is a number of up to 21 bits.

std::uint32_t decoded(BytesView sequence) {
  if (sequence.size() == 1) return sequence[0];
  std::uint32_t value = sequence[0] & (0xFFU >> (sequence.size() + 1));
  for (const std::uint8_t byte : sequence.subspan(1)) value = value << 6 | (byte & 0x3FU);
  return value;
}

void encode_utf8(Bytes& out, std::uint32_t value) {
  const auto add = [&](std::uint32_t byte) { out.push_back(static_cast<std::uint8_t>(byte)); };
  if (value < 0x80) return add(value);
  if (value < 0x800) {
    add(0xC0 | value >> 6);
  } else {
    if (value < 0x10000) {
      add(0xE0 | value >> 12);
    } else {
      add(0xF0 | value >> 18);
      add(0x80 | (value >> 12 & 0x3F));
    }
    add(0x80 | (value >> 6 & 0x3F));
  }
  add(0x80 | (value & 0x3F));
}

constexpr std::uint32_t kFirstBeyond16 = 0x10000;
constexpr std::uint32_t kHighSurrogate = 0xD800;
constexpr std::uint32_t kLowSurrogate = 0xDC00;
constexpr std::uint32_t kAfterSurrogates = 0xE000;
constexpr std::uint32_t kByteOrderMark = 0xFEFF;

void put_unit(Bytes& out, std::uint32_t unit, bool little) {
  const auto high = static_cast<std::uint8_t>(unit >> 8);
  const auto low = static_cast<std::uint8_t>(unit);
  little ? out.insert(out.end(), {low, high}) : out.insert(out.end(), {high, low});
}

/// False: the encoding does not have it.
bool put(Bytes& out, std::uint32_t value, std::int8_t encoding) {
  if (encoding == kUtf8) {
    encode_utf8(out, value);
  } else if (encoding == kIso8859) {
    if (value > 0xFF) return false;
    out.push_back(static_cast<std::uint8_t>(value));
  } else if (value < kFirstBeyond16) {
    put_unit(out, value, encoding == kUtf16LittleEndian);
  } else {
    if (encoding == kUcs2) return false;
    put_unit(out, kHighSurrogate + ((value - kFirstBeyond16) >> 10), encoding == kUtf16LittleEndian);
    put_unit(out, kLowSurrogate + ((value - kFirstBeyond16) & 0x3FF), encoding == kUtf16LittleEndian);
  }
  return true;
}

bool is_supported(std::int8_t encoding) {
  return encoding >= kUtf8 && encoding <= kIso8859 && encoding != kGsm7;
}

/// UTF-16 goes out high byte first, without a mark.
Outcome convert_to(NativeCall& call) {
  const auto text = text_at(call, 0);
  if (!text) return call.failed();
  const std::int8_t encoding = call.byte_at(5);
  if (!is_supported(encoding)) return refuse(call, kUnsupportedEncoding);
  Bytes out;
  for (BytesView rest = *text; !rest.empty();) {
    const std::size_t size = utf8_sequence(rest);
    if (size == 0 || !put(out, decoded(rest.first(size)), encoding)) return refuse(call, kInvalidByteSequence);
    rest = rest.subspan(size);
  }
  return write_text(call, 3, out);
}

/// UTF-16 with pairs of surrogates; UCS-2 has none. Empty: a byte or a half is left.
std::optional<Bytes> from_units(BytesView text, bool little, bool pairs) {
  Bytes out;
  if (text.size() % 2 != 0) return std::nullopt;
  const auto unit = [&](std::size_t at) -> std::uint32_t {
    return static_cast<std::uint32_t>(little ? text[at + 1] << 8 | text[at] : text[at] << 8 | text[at + 1]);
  };
  for (std::size_t at = 0; at < text.size(); at += 2) {
    std::uint32_t value = unit(at);
    if (value >= kHighSurrogate && value < kAfterSurrogates) {
      if (!pairs || value >= kLowSurrogate || at + 2 >= text.size()) return std::nullopt;
      const std::uint32_t low = unit(at + 2);
      if (low < kLowSurrogate || low >= kAfterSurrogates) return std::nullopt;
      value = kFirstBeyond16 + ((value - kHighSurrogate) << 10) + (low - kLowSurrogate);
      at += 2;
    }
    encode_utf8(out, value);
  }
  return out;
}

std::optional<Bytes> to_utf8(BytesView text, std::int8_t encoding) {
  if (encoding == kUtf8) {
    for (BytesView rest = text; !rest.empty(); rest = rest.subspan(utf8_sequence(rest))) {
      if (utf8_sequence(rest) == 0) return std::nullopt;
    }
    return to_bytes(text);
  }
  if (encoding == kIso8859) {
    Bytes out;
    for (const std::uint8_t byte : text) encode_utf8(out, byte);
    return out;
  }
  bool little = encoding == kUtf16LittleEndian;
  if (encoding == kUtf16 && text.size() >= 2) {
    const auto first = static_cast<std::uint32_t>(text[0] << 8 | text[1]);
    little = first == 0xFFFE;
    if (little || first == kByteOrderMark) text = text.subspan(2);
  }
  return from_units(text, little, encoding != kUcs2);
}

Outcome convert_from(NativeCall& call) {
  const auto text = text_at(call, 0);
  if (!text) return call.failed();
  const std::int8_t encoding = call.byte_at(5);
  if (!is_supported(encoding)) return refuse(call, kUnsupportedEncoding);
  const auto out = to_utf8(*text, encoding);
  return out ? write_text(call, 3, *out) : refuse(call, kInvalidByteSequence);
}

Outcome check(NativeCall& call) {
  const auto text = text_at(call, 0);
  return text ? call.returns(boolean(to_utf8(*text, kUtf8).has_value())) : call.failed();
}

template <bool kAtEnd>
Outcome has_at(NativeCall& call) {
  const auto text = text_at(call, 0);
  if (!text) return call.failed();
  auto part = text_at(call, 3);
  if (!part) return call.failed();
  if (call.short_at(6) >= 0) {
    const auto end = moved(*part, 0, call.short_at(6));
    if (!end) return call.throws(kIndexOutOfBoundsException);
    part->resize(*end);
  }
  if (part->size() > text->size()) return call.returns(boolean(false));
  const BytesView all = *text;
  return call.returns(boolean(equal(kAtEnd ? all.last(part->size()) : all.first(part->size()), *part)));
}

/// Both indices count code points; a negative end is that of the text.
Outcome substring(NativeCall& call) {
  const auto text = text_at(call, 0);
  if (!text) return call.failed();
  const std::int32_t begin = call.short_at(3);
  const std::int32_t end = call.short_at(4);
  const auto all = boundaries(*text);
  const auto last = static_cast<std::int32_t>(all.size() - 1);
  if (begin < 0 || begin > last || end > last || (end >= 0 && end < begin)) return call.throws(kIndexOutOfBoundsException);
  const std::size_t first = all[static_cast<std::size_t>(begin)];
  return write_text(call, 5, BytesView(*text).subspan(first, all[static_cast<std::size_t>(end < 0 ? last : end)] - first));
}

Outcome throw_it(NativeCall& call) {
  return call.throws(kStringException, call.short_at(0));
}

constexpr auto kMethods = std::to_array<machine::NativeMethod>({
    {"StringException", "<init>", "(S)V", set_exception_reason},
    {"StringException", "throwIt", "(S)V", throw_it},
    {"StringUtil", "codePointCount", "([BSS)S", count},
    {"StringUtil", "codePointAt", "([BSSS[BS)S", code_point_at},
    {"StringUtil", "codePointBefore", "([BSSS[BS)S", code_point_before},
    {"StringUtil", "offsetByCodePoints", "([BSSSS)S", offset_by_code_points},
    {"StringUtil", "compare", "(Z[BSS[BSS)S", compare},
    {"StringUtil", "indexOf", "([BSS[BSS)S", index_of},
    {"StringUtil", "replace", "([BSS[BSS[BSS[BS)S", replace},
    {"StringUtil", "toLowerCase", "([BSS[BS)S", convert_case<lower>},
    {"StringUtil", "toUpperCase", "([BSS[BS)S", convert_case<upper>},
    {"StringUtil", "trim", "([BSS[BS)S", trim},
    {"StringUtil", "valueOf", "(Z[BS)S", value_of_boolean},
    {"StringUtil", "parseBoolean", "([BSS)Z", parse_boolean},
    {"StringUtil", "valueOf", "(S[BS)S", value_of_short},
    {"StringUtil", "parseShortInteger", "([BSS)S", parse_short},
    {"StringUtil", "valueOf", "([S[BS)S", value_of_long},
    {"StringUtil", "parseLongInteger", "([BSS[SS)S", parse_long},
    {"StringUtil", "convertTo", "([BSS[BSB)S", convert_to},
    {"StringUtil", "convertFrom", "([BSS[BSB)S", convert_from},
    {"StringUtil", "check", "([BSS)Z", check},
    {"StringUtil", "startsWith", "([BSS[BSSS)Z", has_at<false>},
    {"StringUtil", "endsWith", "([BSS[BSSS)Z", has_at<true>},
    {"StringUtil", "substring", "([BSSSS[BS)S", substring},
});

}  // namespace

void add_strings(machine::NativeTable& table) {
  table.add("javacardx/framework/string", kMethods);
}

}  // namespace uicclab::applet::java
