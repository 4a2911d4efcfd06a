#include "gp/registry_entry.hpp"

#include <algorithm>

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

Result<Aid> aid_in(const ber::Tlv& object) {
  auto aid = Aid::from(object.value);
  if (!aid) return fail(ErrorCode::kRange, "an AID has 5 to 16 bytes", object.offset);
  return aid;
}

Result<RegistryEntry> parse_entry(BytesView value, StatusOf of) {
  RegistryEntry entry;
  const bool files = of == StatusOf::kLoadFiles || of == StatusOf::kLoadFilesAndModules;
  entry.kind = files                           ? RegistryEntry::Kind::kLoadFile
               : of == StatusOf::kIssuerDomain ? RegistryEntry::Kind::kIssuerDomain
                                               : RegistryEntry::Kind::kApplication;
  for (ber::Reader reader(value); !reader.empty();) {
    const auto object = reader.next();
    if (!object) return tl::unexpected(object.error());
    Aid* aid = nullptr;
    Aid module;
    switch (object->tag) {
      case kAid:
        aid = &entry.aid;
        break;
      case kLoadFile:
        aid = &entry.load_file;
        break;
      case kDomain:
        aid = &entry.domain;
        break;
      case kModule:
        aid = &module;
        break;
      case kLifeCycle:  // one byte; older cards add one of bit meanings
        if (object->value.empty()) return fail(ErrorCode::kTruncated, "an empty life cycle state", object->offset);
        entry.life_cycle = object->value.front();
        break;
      case kPrivileges: {
        const BytesView bytes = object->value;
        if (bytes.size() != 1 && bytes.size() != 3) return fail(ErrorCode::kRange, "privileges have one byte or three", object->offset);
        std::uint32_t bits = std::uint32_t{bytes[0]} << 16;
        if (bytes.size() == 3) bits |= (std::uint32_t{bytes[1]} << 8) | bytes[2];
        entry.privileges = Privileges::from_bits(bits);
        break;
      }
      case kImplicitSelection:
        if (object->value.size() != 1) return fail(ErrorCode::kRange, "an implicit selection has one byte", object->offset);
        entry.implicit_selection.push_back(object->value[0]);
        break;
      case kVersion:
        entry.version = to_bytes(object->value);
        break;
      default:
        break;
    }
    if (aid == nullptr) continue;
    const auto value_of = aid_in(*object);
    if (!value_of) return tl::unexpected(value_of.error());
    *aid = *value_of;
    if (object->tag == kModule) entry.modules.push_back(module);
  }
  if (entry.aid.empty()) return fail(ErrorCode::kMalformed, "an entry without an AID");
  return entry;
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
  switch (entry.kind) {
    case RegistryEntry::Kind::kLoadFile:
      return entry.life_cycle == kLoaded ? "LOADED" : "unknown (" + to_hex(BytesView{&entry.life_cycle, 1}) + ")";
    case RegistryEntry::Kind::kIssuerDomain:
      switch (entry.life_cycle) {
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
          return "unknown (" + to_hex(BytesView{&entry.life_cycle, 1}) + ")";
      }
    default:
      break;
  }
  const bool is_domain = entry.privileges.has(Privilege::kSecurityDomain);
  const auto state = static_cast<std::uint8_t>(entry.life_cycle & ~kLockedBit);
  const std::string words = application_state(state, is_domain);
  return is_locked(entry.life_cycle) ? "LOCKED (was " + words + ")" : words;
}

Bytes encode_entry(const RegistryEntry& entry, bool with_modules, BytesView tags) {
  Bytes value;
  const auto put = [&](ber::Tag tag, BytesView bytes) {
    if (listed(tags, tag)) ber::write(value, tag, bytes);
  };
  put(kAid, entry.aid.bytes());
  put(kLifeCycle, BytesView{&entry.life_cycle, 1});
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
  out.lv(entry.aid.bytes()).u8(entry.life_cycle).u8(entry.privileges.encoded().front());
  if (entry.kind == RegistryEntry::Kind::kLoadFile && with_modules) {
    out.u8(static_cast<std::uint8_t>(std::min<std::size_t>(entry.modules.size(), 255)));
    for (std::size_t i = 0; i < entry.modules.size() && i < 255; ++i) out.lv(entry.modules[i].bytes());
  }
  return out.take();
}

Result<std::vector<RegistryEntry>> parse_entries(BytesView data, StatusOf of) {
  std::vector<RegistryEntry> entries;
  for (ber::Reader reader(data); !reader.empty();) {
    const auto object = reader.next();
    if (!object) return tl::unexpected(object.error());
    if (object->tag != kTemplate) return fail(ErrorCode::kMalformed, "not a template E3", object->offset);
    auto entry = parse_entry(object->value, of);
    if (!entry) return fail(entry.error().code, entry.error().text, object->offset + entry.error().offset);
    entries.push_back(*std::move(entry));
  }
  return entries;
}

}  // namespace uicclab::gp
