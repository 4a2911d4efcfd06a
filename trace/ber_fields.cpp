// SPDX-License-Identifier: Apache-2.0
// Values: ETSI TS 102 221 clauses 11.1.1.4 (FCP), 9.3 and 9.5 (PINs, security attributes); GPCS clauses 11.1.1, 11.1.2, 11.4.3 (registry).
#include "trace/ber_fields.hpp"

#include <algorithm>

#include "core/reader.hpp"
#include "core/types.hpp"
#include "ef/followed_selection.hpp"
#include "gp/registry_entry.hpp"
#include "script/fields.hpp"

namespace uicclab::trace {
namespace {

constexpr std::size_t kMaxDepth = 16;

std::string hex_tag(ber::Tag tag) {
  Bytes bytes;
  for (int shift = 24; shift >= 0; shift -= 8) {
    const auto byte = static_cast<std::uint8_t>(tag >> shift);
    if (byte != 0 || !bytes.empty() || shift == 0) bytes.push_back(byte);
  }
  return to_hex(bytes);
}

std::string number(BytesView value, const std::string& unit) {
  const auto read = ByteReader(value).number(value.size());
  return read ? std::to_string(*read) + unit : "";
}

std::string file_size(BytesView value) {
  return number(value, " bytes");
}

std::string descriptor(BytesView value) {
  if (value.empty()) return "";
  std::string out = (value[0] & 0x40) != 0 ? "shareable " : "";
  switch (value[0] & 0x3F) {
    case 0x01:
      out += "transparent EF";
      break;
    case 0x02:
      out += "linear fixed EF";
      break;
    case 0x06:
      out += "cyclic EF";
      break;
    case 0x38:
      out += "DF or ADF";
      break;
    case 0x39:
      out += "BER-TLV EF";
      break;
    default:
      out += "file of another type";
      break;
  }
  if ((value[0] & 0x38) == 0x08) out += ", internal EF";
  if (value.size() == 5) out += ", " + std::to_string(value[4]) + " records of " + std::to_string((value[2] << 8) | value[3]) + " bytes";
  return out;
}

std::string fid(BytesView value) {
  if (value.size() != 2) return "";
  const std::string hex = to_hex(value);
  return hex == "3F00" ? "MF" : hex == "7FFF" ? "current application" : "";
}

std::string aid(BytesView value) {
  return value.size() < 5 ? "" : ef::name_of_path(ef::path_of_aid(value));
}

std::string short_identifier(BytesView value) {
  if (value.empty()) return "none";
  return value.size() == 1 ? "SFI " + std::to_string(value[0] >> 3) : "";
}

std::string life_cycle(BytesView value) {
  if (value.size() != 1) return "";
  const std::uint8_t state = value[0];
  if (state == 0) return "no information";
  if (state == 0x01) return "creation";
  if (state == 0x03) return "initialisation";
  if ((state & 0xFD) == 0x05) return "operational, activated";
  if ((state & 0xFD) == 0x04) return "operational, deactivated";
  if ((state & 0xFC) == 0x0C) return "terminated";
  return "proprietary";
}

std::string arr(BytesView value) {
  if (value.size() == 3) return "record " + std::to_string(value[2]) + " of " + to_hex(value.first(2));
  if (value.size() < 4 || value.size() % 2 != 0) return "";
  std::string out = to_hex(value.first(2)) + ":";
  for (std::size_t i = 2; i + 1 < value.size(); i += 2) {
    out += " record " + std::to_string(value[i + 1]) + " in security environment " + std::to_string(value[i]);
  }
  return out;
}

std::string key_reference(BytesView value) {
  if (value.size() != 1) return "";
  const int reference = value[0];
  if (reference >= 0x01 && reference <= 0x08) return "PIN" + std::to_string(reference);
  if (reference == 0x11) return "universal PIN";
  if (reference >= 0x81 && reference <= 0x88) return "PIN2 of application " + std::to_string(reference - 0x80);
  if (reference >= 0x0A && reference <= 0x0E) return "ADM" + std::to_string(reference - 9);
  if (reference >= 0x8A && reference <= 0x8E) return "ADM" + std::to_string(reference - 0x8A + 6);
  return "";
}

std::string characteristics(BytesView value) {
  if (value.empty()) return "";
  std::string out = (value[0] & 0x01) != 0 ? "clock stop allowed" : "clock stop not allowed";
  switch (value[0] & 0x70) {
    case 0x10:
      out += ", class A";
      break;
    case 0x20:
      out += ", class B";
      break;
    case 0x30:
      out += ", classes A and B";
      break;
    case 0x70:
      out += ", classes A, B and C";
      break;
    default:
      break;
  }
  return out;
}

std::string privileges(BytesView value) {
  const auto parsed = gp::Privileges::parse(value);
  return parsed ? gp::words(*parsed) : "";
}

std::string registry_state(BytesView value) {
  if (value.size() != 1) return "";
  gp::RegistryEntry entry;
  entry.life_cycle = value[0];
  return gp::life_cycle_words(entry);
}

std::string text(BytesView value) {
  const bool printable = std::ranges::all_of(value, [](std::uint8_t c) { return c >= 0x20 && c < 0x7F; });
  return printable && !value.empty() ? "\"" + std::string(value.begin(), value.end()) + "\"" : "";
}

std::string key_information(BytesView value) {
  if (value.size() < 4) return "";
  std::string out = "key " + to_hex(value.first(1)) + " of version " + to_hex(value.subspan(1, 1));
  if (value[2] == 0x88) out += ", AES";
  if (value[2] == 0x80) out += ", DES";
  return value[2] == 0xFF ? out : out + ", " + std::to_string(value[3]) + " bytes";
}

struct Value {
  std::string_view path;
  std::string (*meaning)(BytesView value);
};
constexpr auto kValues = std::to_array<Value>({
    {"62/80", file_size},
    {"62/81", file_size},
    {"62/82", descriptor},
    {"62/83", fid},
    {"62/84", aid},
    {"62/88", short_identifier},
    {"62/8A", life_cycle},
    {"62/8B", arr},
    {"62/A5/80", characteristics},
    {"62/A5/83", file_size},
    {"62/A5/85", file_size},
    {"62/A5/86", file_size},
    {"62/C6/83", key_reference},
    {"84", aid},
    {"6F/84", aid},
    {"6F/A5/9F65", file_size},
    {"61/4F", aid},
    {"61/50", text},
    {"E3/4F", aid},
    {"E3/C4", aid},
    {"E3/CC", aid},
    {"E3/84", aid},
    {"E3/C5", privileges},
    {"E3/9F70", registry_state},
    {"E0/C0", key_information},
    {"4F", aid},
});

void append_at(std::vector<Field>& out, BytesView bytes, std::size_t base, const std::string& path, std::size_t depth) {
  ber::Reader reader(bytes);
  while (!reader.empty()) {
    const std::size_t at = reader.offset();
    const auto object = reader.next();
    if (!object) {
      out.push_back({"(" + object.error().text + ")", "", base + at, to_bytes(bytes.subspan(at)), "", {}});
      return;
    }
    const std::string tag = hex_tag(object->tag);
    const std::string below = path.empty() ? tag : path + "/" + tag;
    std::string name = script::field_name(below);
    if (name.empty()) name = path.empty() && tag == "84" ? "DF name (AID)" : "object " + tag;
    out.push_back({std::move(name), "", base + at, to_bytes(object->value), meaning_of_object(below, object->value), {}});
    if (object->constructed() && depth < kMaxDepth) {
      const auto inside = base + static_cast<std::size_t>(object->value.data() - bytes.data());
      // `out` may move while its own parts are made
      std::vector<Field> parts;
      append_at(parts, object->value, inside, below, depth + 1);
      out.back().parts = std::move(parts);
    }
  }
}

}  // namespace

std::string meaning_of_object(const std::string& path, BytesView value) {
  const auto found = std::ranges::find(kValues, path, &Value::path);
  return found == kValues.end() ? std::string() : found->meaning(value);
}

bool is_ber(BytesView bytes) {
  if (bytes.empty()) return false;
  ber::Reader reader(bytes);
  while (!reader.empty()) {
    if (!reader.next()) return false;
  }
  return true;
}

void append_objects(std::vector<Field>& out, BytesView bytes, std::size_t base, const std::string& path) {
  append_at(out, bytes, base, path, 0);
}

}  // namespace uicclab::trace
