// SPDX-License-Identifier: Apache-2.0
#include "gp/registry_entry.hpp"

#include <algorithm>
#include <array>

#include "core/ber_tlv.hpp"
#include "core/reader.hpp"

namespace uicclab::gp {
namespace {

constexpr ber::Tag kTemplate = 0xE3;
constexpr ber::Tag kAid = 0x4F;
constexpr ber::Tag kLifeCycle = 0x9F70;
constexpr ber::Tag kPrivileges = 0xC5;
constexpr ber::Tag kLoadFile = 0xC4;
constexpr ber::Tag kDomain = 0xCC;
constexpr ber::Tag kVersion = 0xCE;
constexpr ber::Tag kModule = 0x84;
constexpr ber::Tag kImplicitSelection = 0xCF;

/// Is `tag` in the list of 5C? The list holds tags of one or two bytes.
bool listed(BytesView tags, ber::Tag tag) {
  if (tags.empty()) return true;
  for (std::size_t i = 0; i < tags.size(); ++i) {
    ber::Tag one = tags[i];
    if ((one & 0x1F) == 0x1F && i + 1 < tags.size()) one = (one << 8) | tags[++i];
    if (one == tag) return true;
  }
  return false;
}

RegistryEntry::Kind kind_of(StatusOf of) {
  if (of == StatusOf::kLoadFiles || of == StatusOf::kLoadFilesAndModules) return RegistryEntry::Kind::kLoadFile;
  return of == StatusOf::kIssuerDomain ? RegistryEntry::Kind::kIssuerDomain : RegistryEntry::Kind::kApplication;
}

std::string count(BytesView bytes) {
  return std::to_string(bytes.size()) + (bytes.size() == 1 ? " byte" : " bytes");
}

/// Empty if the object is as table 11-36 has it, else what is wrong with it; then nothing of it is taken.
std::string take_aid(BytesView value, Aid& aid) {
  auto read = Aid::from(value);
  if (!read) return "has " + count(value) + ", an AID has 5 to 16";
  aid = *read;
  return "";
}

std::string take_modules(BytesView value, std::vector<Aid>& modules) {
  Aid module;
  std::string wrong = take_aid(value, module);
  if (wrong.empty()) modules.push_back(module);
  return wrong;
}

std::string take_life_cycle(BytesView value, RegistryEntry& entry) {
  if (value.empty()) return "has no byte";
  entry.life_cycle = value.front();  // older cards add a byte of bit meanings
  return "";
}

std::string take_privileges(BytesView value, RegistryEntry& entry) {
  if (value.size() != 1 && value.size() != 3) return "has " + count(value) + ", not 1 or 3";
  std::uint32_t bits = std::uint32_t{value[0]} << 16;
  if (value.size() == 3) bits |= (std::uint32_t{value[1]} << 8) | value[2];
  entry.privileges = Privileges::from_bits(bits);
  return "";
}

struct Field {
  ber::Tag tag;
  std::string_view name;
  std::string (*take)(BytesView value, RegistryEntry& entry);
};
constexpr auto kFields = std::to_array<Field>(
    {{kAid, "AID (4F)", [](BytesView value, RegistryEntry& entry) { return take_aid(value, entry.aid); }},
     {kLifeCycle, "life cycle state (9F70)", take_life_cycle},
     {kPrivileges, "privileges (C5)", take_privileges},
     {kLoadFile, "load file (C4)", [](BytesView value, RegistryEntry& entry) { return take_aid(value, entry.load_file); }},
     {kDomain, "security domain (CC)", [](BytesView value, RegistryEntry& entry) { return take_aid(value, entry.domain); }},
     {kVersion, "version (CE)",
      [](BytesView value, RegistryEntry& entry) {
        entry.version = to_bytes(value);
        return std::string();
      }},
     {kModule, "module (84)", [](BytesView value, RegistryEntry& entry) { return take_modules(value, entry.modules); }},
     {kImplicitSelection, "implicit selection (CF)", [](BytesView value, RegistryEntry& entry) {
        if (value.size() != 1) return "has " + count(value) + ", not 1";
        entry.implicit_selection.push_back(value[0]);
        return std::string();
      }}});

/// A load file with more modules than an answer holds comes as several entries, one behind the other.
void keep(RegistryEntry entry, RegistryAnswer& out) {
  RegistryEntry* last = out.entries.empty() ? nullptr : &out.entries.back();
  if (last == nullptr || entry.kind != RegistryEntry::Kind::kLoadFile || last->kind != entry.kind || last->aid != entry.aid) {
    out.entries.push_back(std::move(entry));
    return;
  }
  last->modules.insert(last->modules.end(), entry.modules.begin(), entry.modules.end());
}

/// Adds the entry, unless it is not clear which one it is.
void read_entry(const ber::Tlv& whole, StatusOf of, RegistryAnswer& out) {
  RegistryEntry entry;
  entry.kind = kind_of(of);
  std::vector<std::string> wrong;
  for (ber::Reader reader(whole.value); !reader.empty();) {
    const auto object = reader.next();
    if (!object) {
      wrong.push_back("breaks off: " + object.error().text);
      break;
    }
    const auto field = std::ranges::find(kFields, object->tag, &Field::tag);
    if (field == kFields.end()) continue;
    const std::string what = field->take(object->value, entry);
    if (!what.empty()) wrong.push_back(std::string(field->name) + " " + what);
  }
  const std::string which = "entry " + (entry.aid.empty() ? to_hex(whole.whole) : to_hex(entry.aid.bytes()));
  for (const std::string& what : wrong) out.oddities.push_back(which + ": " + what);
  if (!entry.aid.empty()) {
    keep(std::move(entry), out);
  } else if (wrong.empty()) {
    out.oddities.push_back(which + ": it has no AID (4F)");
  }
}

std::string application_state(std::uint8_t state, bool is_domain) {
  if (state == kInstalled) return "INSTALLED";
  if (state == kSelectable) return "SELECTABLE";
  if (is_domain && state == kPersonalized) return "PERSONALIZED";
  const std::string hex = "(" + to_hex(BytesView{&state, 1}) + ")";
  return is_selectable(state) ? "SELECTABLE " + hex : "unknown " + hex;
}

}  // namespace

std::string life_cycle_words(const RegistryEntry& entry) {
  if (!entry.life_cycle) return "unknown";
  const std::uint8_t value = *entry.life_cycle;
  const std::string unknown = "unknown (" + to_hex(BytesView{&value, 1}) + ")";
  switch (entry.kind) {
    case RegistryEntry::Kind::kLoadFile:
      return value == kLoaded ? "LOADED" : unknown;
    case RegistryEntry::Kind::kIssuerDomain:
      switch (value) {
        case 0x01:
          return "OP_READY";
        case 0x07:
          return "INITIALIZED";
        case 0x0F:
          return "SECURED";
        case 0x7F:
          return "CARD_LOCKED";
        case 0xFF:
          return "TERMINATED";
        default:
          return unknown;
      }
    default:
      break;
  }
  const bool is_domain = entry.privileges.has(Privilege::kSecurityDomain);
  const std::string words = application_state(static_cast<std::uint8_t>(value & ~kLockedBit), is_domain);
  return is_locked(value) ? "LOCKED (was " + words + ")" : words;
}

Bytes encode_entry(const RegistryEntry& entry, bool with_modules, BytesView tags) {
  Bytes value;
  const auto put = [&](ber::Tag tag, BytesView bytes) {
    if (listed(tags, tag)) ber::write(value, tag, bytes);
  };
  put(kAid, entry.aid.bytes());
  if (entry.life_cycle) put(kLifeCycle, BytesView{&*entry.life_cycle, 1});
  if (entry.kind != RegistryEntry::Kind::kLoadFile) {
    put(kPrivileges, entry.privileges.encoded());
    for (const std::uint8_t one : entry.implicit_selection) put(kImplicitSelection, BytesView{&one, 1});
    if (!entry.load_file.empty()) put(kLoadFile, entry.load_file.bytes());
  } else {
    if (!entry.version.empty()) put(kVersion, entry.version);
    if (with_modules) {
      for (const Aid& module : entry.modules) put(kModule, module.bytes());
    }
  }
  if (!entry.domain.empty()) put(kDomain, entry.domain.bytes());
  return ber::encode(kTemplate, value);
}

Bytes encode_old_entry(const RegistryEntry& entry, bool with_modules) {
  ByteWriter out;
  out.lv(entry.aid.bytes()).u8(entry.life_cycle.value_or(0)).u8(entry.privileges.encoded().front());
  if (entry.kind == RegistryEntry::Kind::kLoadFile && with_modules) {
    out.u8(static_cast<std::uint8_t>(std::min<std::size_t>(entry.modules.size(), 255)));
    for (std::size_t i = 0; i < entry.modules.size() && i < 255; ++i) out.lv(entry.modules[i].bytes());
  }
  return out.take();
}

void read_entries(BytesView data, StatusOf of, RegistryAnswer& out) {
  for (ber::Reader reader(data); !reader.empty();) {
    const BytesView rest = reader.rest();
    const auto object = reader.next();
    if (!object) {
      out.oddities.push_back("the answer breaks off at " + to_hex(rest) + ": " + object.error().text);
      return;
    }
    if (object->tag == kTemplate) {
      read_entry(*object, of, out);
    } else {
      out.oddities.push_back("not an entry (E3): " + to_hex(object->whole));
    }
  }
}

void read_old_entries(BytesView data, StatusOf of, RegistryAnswer& out) {
  for (ByteReader reader(data); !reader.empty();) {
    const BytesView rest = reader.rest();
    RegistryEntry entry;
    entry.kind = kind_of(of);
    const auto name = reader.lv();
    const auto state = reader.u8();
    const auto privileges = reader.u8();
    bool whole = name && state && privileges;
    std::vector<BytesView> modules;
    if (whole && of == StatusOf::kLoadFilesAndModules) {
      const auto many = reader.u8();
      for (unsigned i = 0; whole && i < many.value_or(0); ++i) {
        const auto module = reader.lv();
        whole = module.has_value();
        if (whole) modules.push_back(*module);
      }
      whole = whole && many;
    }
    if (!whole) {
      out.oddities.push_back("the answer breaks off at " + to_hex(rest));
      return;
    }
    std::string wrong = take_aid(*name, entry.aid);
    for (const BytesView module : modules) {
      if (wrong.empty()) wrong = take_modules(module, entry.modules);
    }
    if (!wrong.empty()) {
      out.oddities.push_back("entry " + to_hex(rest.first(rest.size() - reader.remaining())) + ": an AID in it " + wrong);
    }
    if (entry.aid.empty()) continue;
    entry.life_cycle = *state;
    if (entry.kind != RegistryEntry::Kind::kLoadFile) entry.privileges = Privileges::from_bits(std::uint32_t{*privileges} << 16);
    keep(std::move(entry), out);
  }
}

}  // namespace uicclab::gp
