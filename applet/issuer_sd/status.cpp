// SPDX-License-Identifier: Apache-2.0
// GET STATUS and SET STATUS: GP clauses 11.4 and 11.10.
#include "applet/issuer_sd/security_domain.hpp"
#include "core/ber_tlv.hpp"

namespace uicclab::applet::issuer_sd {
namespace {

using gp::RegistryEntry;
using gp::StatusOf;

constexpr std::uint8_t kNext = 0x01;  // P2 of GET STATUS (table 11-29)
constexpr std::uint8_t kTlv = 0x02;
constexpr StatusWord kMoreEntries{0x6310};
constexpr std::uint8_t kWithAssociated = 0x60;  // P1 of SET STATUS (table 11-83)

std::optional<StatusOf> status_of(std::uint8_t p1) {
  switch (p1) {
    case 0x80:
    case 0x40:
    case 0x20:
    case 0x10:
      return static_cast<StatusOf>(p1);
    default:
      return std::nullopt;
  }
}

RegistryEntry::Kind kind_of(StatusOf of) {
  switch (of) {
    case StatusOf::kIssuerDomain:
      return RegistryEntry::Kind::kIssuerDomain;
    case StatusOf::kApplications:
      return RegistryEntry::Kind::kApplication;
    default:
      return RegistryEntry::Kind::kLoadFile;
  }
}

/// 4F with the beginning of an AID, or nothing of it; 5C with the tags that the answer shall have.
struct Search {
  BytesView aid;
  BytesView tags;
};
std::optional<Search> parse_search(BytesView data) {
  Search search;
  bool has_aid = false;
  for (ber::Reader reader(data); !reader.empty();) {
    const auto object = reader.next();
    if (!object || (object->tag != 0x4F && object->tag != 0x5C)) return std::nullopt;
    if (object->tag == 0x4F) {
      if (object->value.size() > Aid::kMaxSize) return std::nullopt;
      search.aid = object->value;
      has_aid = true;
    } else {
      search.tags = object->value;
    }
  }
  return has_aid ? std::optional(search) : std::nullopt;
}

/// An entry that no answer could hold, a load file with many modules, becomes several of the same load file, each with some of them.
void add_entry(std::vector<Bytes>& out, const RegistryEntry& entry, bool with_modules, bool tlv, BytesView tags, std::size_t limit) {
  Bytes encoded = tlv ? gp::encode_entry(entry, with_modules, tags) : gp::encode_old_entry(entry, with_modules);
  if (encoded.size() <= limit || !with_modules || entry.modules.size() < 2) {
    out.push_back(std::move(encoded));
    return;
  }
  const auto middle = entry.modules.begin() + static_cast<std::ptrdiff_t>(entry.modules.size() / 2);
  RegistryEntry part = entry;
  part.modules.assign(entry.modules.begin(), middle);
  add_entry(out, part, with_modules, tlv, tags, limit);
  part.modules.assign(middle, entry.modules.end());
  add_entry(out, part, with_modules, tlv, tags, limit);
}

}  // namespace

StatusWord SecurityDomain::get_status(Call& call) {
  const auto of = status_of(call.command.p1);
  const std::uint8_t p2 = call.command.p2;
  if (!of || (p2 & ~(kNext | kTlv)) != 0) return sw::kIncorrectP1P2;
  const auto search = parse_search(call.command.data);
  if (!search) return sw::kIncorrectData;
  const bool tlv = (p2 & kTlv) != 0;
  const auto asked = static_cast<std::uint16_t>(call.command.p1p2() & ~kNext);
  Listing& listing = call.work.listing;
  if ((p2 & kNext) == 0) {
    listing = {asked, {}, 0};
    const bool with_modules = of == StatusOf::kLoadFilesAndModules;
    for (const RegistryEntry& entry : call.card.registry()) {
      if (entry.kind != kind_of(*of) || !entry.aid.begins_with(search->aid)) continue;
      add_entry(listing.entries, entry, with_modules, tlv, search->tags, room(call));
    }
  } else if (listing.p1p2 != asked || listing.next == 0) {
    return sw::kConditionsNotSatisfied;  // next to nothing
  }
  const auto& entries = listing.entries;
  if (listing.next >= entries.size()) {
    listing = {};
    return sw::kReferencedDataNotFound;
  }
  const std::size_t limit = room(call);
  while (listing.next < entries.size()) {
    const Bytes& entry = entries[listing.next];
    // An entry too long for any answer is truncated rather than omitted.
    if (!call.out.empty() && call.out.size() + entry.size() > limit) break;
    append(call.out, BytesView(entry).first(std::min(entry.size(), limit)));
    ++listing.next;
  }
  if (listing.next < entries.size()) return kMoreEntries;
  listing = {};
  return sw::kOk;
}

StatusWord SecurityDomain::set_status(Call& call) {
  const std::uint8_t state = call.command.p2;
  const BytesView data = call.command.data;
  if (call.command.p1 == static_cast<std::uint8_t>(StatusOf::kIssuerDomain)) {
    const auto card_state = gp::card_state_from(state);
    if (!card_state) return sw::kIncorrectP1P2;
    return call.card.set_card_state(*card_state);  // the data field is not looked at (clause 11.10.2.3)
  }
  const bool with_associated = call.command.p1 == kWithAssociated;
  if (call.command.p1 != static_cast<std::uint8_t>(StatusOf::kApplications) && !with_associated) return sw::kIncorrectP1P2;
  const auto aid = Aid::from(data);
  if (!aid) return sw::kIncorrectData;
  return call.card.set_state(*aid, state, with_associated);
}

}  // namespace uicclab::applet::issuer_sd
