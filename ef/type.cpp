// SPDX-License-Identifier: Apache-2.0
#include "ef/type.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>

#include "core/hex.hpp"
#include "core/identity.hpp"
#include "core/reader.hpp"

namespace uicclab::ef {
namespace {

std::string names_of(const std::vector<ObjectRow>& rows) {
  std::string out;
  for (const ObjectRow& row : rows) out += (out.empty() ? "" : ", ") + std::string(row.name);
  return out;
}

bool is_filler(BytesView bytes) {
  return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0xFF; });
}

/// Checks or makes the size of an encoding; `fill` goes behind it.
Coded<Bytes> sized(Bytes bytes, std::optional<std::size_t> size, std::optional<std::uint8_t> fill = std::nullopt) {
  if (!size || bytes.size() == *size) return bytes;
  if (bytes.size() > *size || !fill) {
    return faulty(ErrorCode::kRange, "is " + std::to_string(bytes.size()) + " bytes, should be " + std::to_string(*size));
  }
  bytes.resize(*size, *fill);
  return bytes;
}

Coded<Bytes> bytes_of_hex(const Value& value) {
  const std::string* given = value.text();
  const auto bytes = given == nullptr ? Result<Bytes>(fail(ErrorCode::kMalformed, "")) : from_hex(*given);
  if (!bytes) return faulty(ErrorCode::kMalformed, "must be hexadecimal digits");
  return *bytes;
}

/// "0x1F" or "31".
std::optional<std::uint64_t> parsed_number(std::string_view text) {
  const bool hexadecimal = text.starts_with("0x");
  if (hexadecimal) text.remove_prefix(2);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, hexadecimal ? 16 : 10);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

std::optional<std::uint64_t> number_of(const Value& value) {
  if (const auto* number = value.number()) return *number;
  return value.text() == nullptr ? std::nullopt : parsed_number(*value.text());
}

std::uint64_t number_in(BytesView bytes) {
  std::uint64_t number = 0;
  for (const std::uint8_t byte : bytes) number = (number << 8) | byte;
  return number;
}

Coded<Bytes> bytes_of_number(std::uint64_t number, std::optional<std::size_t> size) {
  const std::size_t wide = size.value_or(1);
  if (wide > 8) return faulty(ErrorCode::kRange, "is a number of more than eight bytes");
  if (wide < 8 && number >> (8 * wide) != 0) return faulty(ErrorCode::kRange, "is too large for " + std::to_string(wide) + " bytes");
  return ByteWriter().number(number, wide).take();
}

constexpr std::string_view kDialling = "0123456789*#p?eF";

Coded<Bytes> bytes_of_digits(std::string_view text, bool dialling) {
  Bytes halves;
  for (const char c : text) {
    const auto at = kDialling.find(c);
    if (at > (dialling ? 14U : 9U)) return faulty(ErrorCode::kMalformed, std::string("'") + c + "' is not a digit");
    halves.push_back(static_cast<std::uint8_t>(at));
  }
  if (halves.size() % 2 == 1) halves.push_back(0x0F);
  Bytes out;
  for (std::size_t i = 0; i < halves.size(); i += 2) out.push_back(static_cast<std::uint8_t>((halves[i + 1] << 4) | halves[i]));
  return out;
}

std::string object_name(ber::Tag tag) {
  Bytes bytes;
  for (int shift = 16; shift >= 0; shift -= 8) {
    if (tag >> shift != 0) bytes.push_back(static_cast<std::uint8_t>(tag >> shift));
  }
  return "tag " + to_hex(bytes);
}

}  // namespace

tl::unexpected<Fault> within(const Fault& fault, std::string_view name, std::size_t offset) {
  Fault out = fault;
  out.field = std::string(name) + (fault.field.empty() ? "" : "." + fault.field);
  out.offset += offset;
  return tl::unexpected<Fault>(std::move(out));
}

Type hex() {
  return {[](BytesView bytes) -> Coded<Value> { return to_hex(bytes); },
          [](const Value& value, std::optional<std::size_t> size) -> Coded<Bytes> {
            auto bytes = bytes_of_hex(value);
            return bytes ? sized(*std::move(bytes), size) : bytes;
          }};
}

Type number(std::size_t size_without) {
  return {[](BytesView bytes) -> Coded<Value> {
            if (bytes.empty() || bytes.size() > 8)
              return faulty(ErrorCode::kRange, "is a number of " + std::to_string(bytes.size()) + " bytes");
            return number_in(bytes);
          },
          [size_without](const Value& value, std::optional<std::size_t> size) -> Coded<Bytes> {
            const auto number = number_of(value);
            if (!number) return faulty(ErrorCode::kMalformed, "must be a number");
            return bytes_of_number(*number, size.value_or(size_without));
          }};
}

Type digits(bool dialling) {
  return {[dialling](BytesView bytes) -> Coded<Value> {
            std::string out;
            bool ended = false;
            for (std::size_t i = 0; i < bytes.size(); ++i) {
              for (const int half : {bytes[i] & 0x0F, bytes[i] >> 4}) {
                if (half == 0x0F) {
                  ended = true;
                } else if (ended) {
                  return faulty(ErrorCode::kMalformed, "a digit after the filler", i);
                } else if (half > (dialling ? 14 : 9)) {
                  return faulty(ErrorCode::kMalformed, "a half-byte that is no digit", i);
                } else {
                  out += kDialling[static_cast<std::size_t>(half)];
                }
              }
            }
            return out;
          },
          [dialling](const Value& value, std::optional<std::size_t> size) -> Coded<Bytes> {
            if (value.text() == nullptr) return faulty(ErrorCode::kMalformed, "must be a text of digits");
            auto bytes = bytes_of_digits(*value.text(), dialling);
            return bytes ? sized(*std::move(bytes), size, 0xFF) : bytes;
          }};
}

Type plmn() {
  return {[](BytesView bytes) -> Coded<Value> {
            if (bytes.size() != 3) return faulty(ErrorCode::kMalformed, "a PLMN has three bytes");
            if (is_filler(bytes)) return Value();
            const std::array<int, 6> halves{bytes[0] & 0x0F, bytes[0] >> 4, bytes[1] & 0x0F, bytes[2] & 0x0F, bytes[2] >> 4, bytes[1] >> 4};
            constexpr std::array<std::size_t, 6> kPlaces{0, 0, 1, 2, 2, 1};
            std::string out;
            for (std::size_t i = 0; i < halves.size(); ++i) {
              if (halves[i] == 0x0F && i == 5) break;
              if (halves[i] > 9 && halves[i] != 0x0D) return faulty(ErrorCode::kMalformed, "a half-byte that is no digit", kPlaces[i]);
              out += halves[i] == 0x0D ? 'D' : static_cast<char>('0' + halves[i]);
              if (i == 2) out += '-';
            }
            return out;
          },
          [](const Value& value, std::optional<std::size_t>) -> Coded<Bytes> {
            if (value.is_null()) return Bytes(3, 0xFF);
            std::string given = value.text() == nullptr ? "" : *value.text();
            if (given.size() > 3 && given[3] == '-') given.erase(3, 1);
            const auto half = [&](std::size_t i) { return i >= given.size() ? 0x0F : given[i] == 'D' ? 0x0D : given[i] - '0'; };
            const bool good = (given.size() == 5 || given.size() == 6) &&
                              std::ranges::all_of(given, [](char c) { return c == 'D' || (c >= '0' && c <= '9'); });
            if (!good) return faulty(ErrorCode::kMalformed, "must be a country and a network: 001-01");
            const auto byte = [&](std::size_t low, std::size_t high) { return static_cast<std::uint8_t>((half(high) << 4) | half(low)); };
            return Bytes{byte(0, 1), byte(2, 5), byte(3, 4)};
          }};
}

Type choice(std::span<const Choice> choices) {
  return {[choices](BytesView bytes) -> Coded<Value> {
            const std::uint64_t number = number_in(bytes);
            const auto found = std::ranges::find(choices, number, &Choice::number);
            if (found != choices.end()) return found->name;
            return "0x" + to_hex(bytes);
          },
          [choices](const Value& value, std::optional<std::size_t> size) -> Coded<Bytes> {
            const auto found = value.text() == nullptr ? choices.end() : std::ranges::find(choices, *value.text(), &Choice::name);
            if (found != choices.end()) return bytes_of_number(found->number, size);
            if (const auto number = number_of(value)) return bytes_of_number(*number, size);
            std::string names;
            for (const Choice& one : choices) names += (names.empty() ? "" : ", ") + std::string(one.name);
            return faulty(ErrorCode::kMalformed, "must be one of " + names + ", or a number such as 0x1F");
          }};
}

Type flags(std::span<const Flag> flags) {
  return {[flags](BytesView bytes) -> Coded<Value> {
            List out;
            for (unsigned bit = 1; bit <= bytes.size() * 8; ++bit) {
              if ((bytes[bytes.size() - 1 - (bit - 1) / 8] >> ((bit - 1) % 8) & 1) == 0) continue;
              const auto found = std::ranges::find(flags, bit, &Flag::bit);
              out.emplace_back(found == flags.end() ? "bit " + std::to_string(bit) : std::string(found->name));
            }
            return out;
          },
          [flags](const Value& value, std::optional<std::size_t> size) -> Coded<Bytes> {
            Bytes out(size.value_or(1), 0);
            if (value.list() == nullptr) return faulty(ErrorCode::kMalformed, "must be a list of names");
            for (const Value& one : *value.list()) {
              const std::string name = one.text() == nullptr ? "" : *one.text();
              const auto found = std::ranges::find(flags, name, &Flag::name);
              const auto numbered = name.starts_with("bit ") ? parsed_number(std::string_view(name).substr(4)) : std::nullopt;
              const std::uint64_t bit = found != flags.end() ? found->bit : numbered.value_or(0);
              if (bit == 0 || bit > out.size() * 8)
                return faulty(ErrorCode::kMalformed, "'" + name + "' is not known; also possible is \"bit N\"");
              out[out.size() - 1 - (bit - 1) / 8] |= static_cast<std::uint8_t>(1U << ((bit - 1) % 8));
            }
            return out;
          }};
}

Type services(std::span<const std::string_view> names) {
  return {[names](BytesView bytes) -> Coded<Value> {
            List out;
            for (std::size_t n = 0; n < bytes.size() * 8; ++n) {
              if ((bytes[n / 8] >> (n % 8) & 1) == 0) continue;
              out.emplace_back(std::to_string(n + 1) + (n < names.size() ? " " + std::string(names[n]) : ""));
            }
            return out;
          },
          [](const Value& value, std::optional<std::size_t> size) -> Coded<Bytes> {
            if (value.list() == nullptr) return faulty(ErrorCode::kMalformed, "must be a list of numbers");
            Bytes out(size.value_or(0), 0);
            for (const Value& one : *value.list()) {
              const auto number =
                  one.text() == nullptr ? number_of(one) : parsed_number(std::string_view(*one.text()).substr(0, one.text()->find(' ')));
              if (!number || *number == 0 || *number > 2048) return faulty(ErrorCode::kMalformed, "a service has a number from 1 on");
              const std::size_t at = static_cast<std::size_t>((*number - 1) / 8);
              if (size && at >= *size)
                return faulty(ErrorCode::kRange, "service " + std::to_string(*number) + " is after the end of the file");
              if (at >= out.size()) out.resize(at + 1, 0);
              out[at] |= static_cast<std::uint8_t>(1U << ((*number - 1) % 8));
            }
            return out;
          }};
}

Type or_empty(Type type) {
  return {[type](BytesView bytes) -> Coded<Value> { return is_filler(bytes) ? Coded<Value>(Value()) : type.decode(bytes); },
          [type](const Value& value, std::optional<std::size_t> size) -> Coded<Bytes> {
            return value.is_null() ? Coded<Bytes>(Bytes(size.value_or(0), 0xFF)) : type.encode(value, size);
          }};
}

Type behind_length(Type type) {
  return {[type](BytesView bytes) -> Coded<Value> {
            if (bytes.empty() || std::size_t{bytes[0]} + 1 > bytes.size())
              return faulty(ErrorCode::kTruncated, "is shorter than its length says");
            const BytesView behind = bytes.subspan(1U + bytes[0]);
            if (!is_filler(behind)) return faulty(ErrorCode::kTrailing, "bytes after the length", 1U + bytes[0]);
            auto value = type.decode(bytes.subspan(1, bytes[0]));
            if (!value) value.error().offset += 1;
            return value;
          },
          [type](const Value& value, std::optional<std::size_t> size) -> Coded<Bytes> {
            auto bytes = type.encode(value, std::nullopt);
            if (!bytes) return bytes;
            if (bytes->size() > 0xFF) return faulty(ErrorCode::kRange, "is longer than 255 bytes");
            return sized(ByteWriter().lv(*bytes).take(), size, 0xFF);
          }};
}

Type list_of(std::size_t size, Type element, bool padded) {
  return {[size, element, padded](BytesView bytes) -> Coded<Value> {
            List out;
            std::size_t told = 0;
            for (std::size_t at = 0; at + size <= bytes.size(); at += size) {
              auto value = element.decode(bytes.subspan(at, size));
              if (!value) return within(value.error(), std::to_string(out.size()), at);
              out.push_back(*std::move(value));
              if (!out.back().is_null()) told = out.size();
            }
            const std::size_t end = out.size() * size;
            if (end != bytes.size() && !(padded && is_filler(bytes.subspan(end))))
              return faulty(ErrorCode::kTrailing, "bytes after the last whole element", end);
            if (padded) out.resize(told);
            return out;
          },
          [size, element, padded](const Value& value, std::optional<std::size_t> whole) -> Coded<Bytes> {
            if (value.list() == nullptr) return faulty(ErrorCode::kMalformed, "must be a list");
            Bytes out;
            for (std::size_t i = 0; i < value.list()->size(); ++i) {
              const auto bytes = element.encode((*value.list())[i], size);
              if (!bytes) return within(bytes.error(), std::to_string(i), 0);
              append(out, *bytes);
            }
            return sized(std::move(out), whole, padded ? std::optional<std::uint8_t>(0xFF) : std::nullopt);
          }};
}

Type objects(std::vector<ObjectRow> rows, bool padded) {
  const auto shared = std::make_shared<const std::vector<ObjectRow>>(std::move(rows));
  return {[shared, padded](BytesView bytes) -> Coded<Value> {
            Value out{Members()};
            for (ber::Reader reader(bytes); !reader.empty();) {
              if (padded && (reader.rest()[0] == 0xFF || reader.rest()[0] == 0x00)) {
                const BytesView rest = reader.rest();
                if (std::ranges::adjacent_find(rest, std::not_equal_to<>()) != rest.end()) {
                  return faulty(ErrorCode::kTrailing, "neither a data object nor padding", reader.offset());
                }
                break;
              }
              const auto one = reader.next();
              if (!one) return faulty(one.error().code, one.error().text, one.error().offset);
              const auto row = std::ranges::find(*shared, one->tag, &ObjectRow::tag);
              std::string name = row == shared->end() ? object_name(one->tag) : std::string(row->name);
              auto value = (row == shared->end() ? hex() : row->type).decode(one->value);
              if (!value) return within(value.error(), name, one->offset + one->whole.size() - one->value.size());
              if (out.find(name) != nullptr) {
                std::size_t which = 2;
                while (out.find(name + ":" + std::to_string(which)) != nullptr) ++which;
                name += ":" + std::to_string(which);
              }
              out.set(name, *std::move(value));
            }
            return out;
          },
          [shared](const Value& value, std::optional<std::size_t> size) -> Coded<Bytes> {
            if (value.members() == nullptr) return faulty(ErrorCode::kMalformed, "must have data objects by name");
            Bytes out;
            for (const auto& [name, one] : *value.members()) {
              const std::string_view plain = std::string_view(name).substr(0, name.find(':'));
              const auto row = std::ranges::find(*shared, plain, &ObjectRow::name);
              const auto tag = plain.starts_with("tag ") ? from_hex(plain.substr(4)) : Result<Bytes>(Bytes());
              if (row == shared->end() && (!tag || tag->empty() || tag->size() > 3))
                return within({ErrorCode::kNotFound, "", "no such field; the fields are: " + names_of(*shared)}, name, 0);
              const auto bytes = (row == shared->end() ? hex() : row->type).encode(one, std::nullopt);
              if (!bytes) return within(bytes.error(), name, 0);
              ber::write(out, row == shared->end() ? static_cast<ber::Tag>(number_in(*tag)) : row->tag, *bytes);
            }
            return sized(std::move(out), size, 0xFF);
          }};
}

Type groups_of(std::vector<ObjectRow> rows) {
  const ber::Tag first = rows.front().tag;
  const Type group = objects(std::move(rows), false);
  return {[first, group](BytesView bytes) -> Coded<Value> {
            List out;
            std::size_t begin = 0;
            const auto close = [&](std::size_t end) -> Coded<Value> {
              auto value = group.decode(bytes.subspan(begin, end - begin));
              if (!value) return within(value.error(), std::to_string(out.size()), begin);
              out.push_back(*std::move(value));
              begin = end;
              return Value();
            };
            for (ber::Reader reader(bytes); !reader.empty();) {
              const auto one = reader.next();
              if (!one) return faulty(one.error().code, one.error().text, one.error().offset);
              if (one->tag != first || one->offset == begin) continue;
              if (auto closed = close(one->offset); !closed) return closed;
            }
            if (begin != bytes.size()) {
              if (auto closed = close(bytes.size()); !closed) return closed;
            }
            return out;
          },
          [group](const Value& value, std::optional<std::size_t>) -> Coded<Bytes> {
            if (value.list() == nullptr) return faulty(ErrorCode::kMalformed, "must be a list");
            Bytes out;
            for (std::size_t i = 0; i < value.list()->size(); ++i) {
              const auto bytes = group.encode((*value.list())[i], std::nullopt);
              if (!bytes) return within(bytes.error(), std::to_string(i), 0);
              append(out, *bytes);
            }
            return out;
          }};
}

}  // namespace uicclab::ef
