// SPDX-License-Identifier: Apache-2.0
// 3GPP TS 31.102 clause 4.4.2: EF_PBR (4.4.2.1, table 4.1), lengths of the other files (4.4.2.2 to 4.4.2.15).
#include "ef/phonebook.hpp"

#include <algorithm>
#include <array>

#include "core/ber_tlv.hpp"
#include "core/hex.hpp"
#include "core/types.hpp"

namespace uicclab::ef {
namespace {

constexpr ber::Tag kByIndex = 0xA9;  // type 2: found by EF_IAP, and with a way back to the entry of EF_ADN in its last two bytes

struct Kind {
  ber::Tag tag;
  std::string_view name;
};
constexpr auto kKinds = std::to_array<Kind>({{0xC0, "EF.ADN"},
                                             {0xC1, "EF.IAP"},
                                             {0xC2, "EF.EXT1"},
                                             {0xC3, "EF.SNE"},
                                             {0xC4, "EF.ANR"},
                                             {0xC5, "EF.PBC"},
                                             {0xC6, "EF.GRP"},
                                             {0xC7, "EF.AAS"},
                                             {0xC8, "EF.GAS"},
                                             {0xC9, "EF.UID"},
                                             {0xCA, "EF.EMAIL"},
                                             {0xCB, "EF.CCP1"},
                                             {0xCC, "EF.PURI"}});

/// Identifiers that cards usually have: those of the example in TS 31.102 annex G, which GSMA's TS.48 has too, then those of the TCA
/// profile templates.
struct Usual {
  std::uint16_t first;
  std::uint16_t last;
  std::string_view name;
  bool by_index = false;
};
constexpr auto kUsual = std::to_array<Usual>({
    {0x4F3A, 0x4F3A, "EF.ADN"},       {0x4F09, 0x4F09, "EF.PBC"},         {0x4F11, 0x4F11, "EF.ANR", true}, {0x4F12, 0x4F12, "EF.EXT1"},
    {0x4F13, 0x4F13, "EF.ANR", true}, {0x4F14, 0x4F14, "EF.EMAIL", true}, {0x4F15, 0x4F15, "EF.IAP"},       {0x4F16, 0x4F16, "EF.UID"},
    {0x4F19, 0x4F19, "EF.SNE"},       {0x4F3D, 0x4F3D, "EF.CCP1"},        {0x4F4B, 0x4F4B, "EF.AAS"},       {0x4F4C, 0x4F4C, "EF.GRP"},
    {0x4F4D, 0x4F4D, "EF.GAS"},       {0x4F51, 0x4F51, "EF.EMAIL"},       {0x4F38, 0x4F3F, "EF.EXT1"},      {0x4F40, 0x4F47, "EF.AAS"},
    {0x4F48, 0x4F4F, "EF.GAS"},       {0x4F50, 0x4F57, "EF.IAP"},         {0x4F58, 0x4F5F, "EF.ADN"},       {0x4F60, 0x4F67, "EF.PBC"},
    {0x4F68, 0x4F6F, "EF.ANR"},       {0x4F70, 0x4F77, "EF.PURI"},        {0x4F78, 0x4F7F, "EF.EMAIL"},     {0x4F80, 0x4F87, "EF.SNE"},
    {0x4F88, 0x4F8F, "EF.UID"},       {0x4F90, 0x4F97, "EF.GRP"},         {0x4F98, 0x4F9F, "EF.CCP1"},
});

/// Bytes that a record of the file can have.
struct Lengths {
  std::string_view name;
  std::size_t least;
  std::size_t most;
};
constexpr std::size_t kAny = 255;
// An entry has up to ten groups, and fewer than 13 files that EF_IAP leads to: no card needs more. Addresses and texts shorter than that
// are none.
constexpr std::size_t kMostPlaces = 12;
constexpr auto kLengths = std::to_array<Lengths>({{"EF.ADN", 14, kAny},
                                                  {"EF.IAP", 1, kMostPlaces},
                                                  {"EF.EXT1", 13, 13},
                                                  {"EF.ANR", 15, 17},
                                                  {"EF.PBC", 2, 2},
                                                  {"EF.GRP", 1, kMostPlaces},
                                                  {"EF.UID", 2, 2},
                                                  {"EF.EMAIL", kMostPlaces + 1, kAny},
                                                  {"EF.CCP1", 15, kAny}});

std::optional<std::uint16_t> number_of(std::string_view fid) {
  const auto bytes = from_hex(fid);
  if (!bytes || bytes->size() != 2) return std::nullopt;
  return static_cast<std::uint16_t>(((*bytes)[0] << 8) | (*bytes)[1]);
}

std::string text_of(std::uint16_t fid) {
  return to_hex(Fid{fid});
}

bool can_be(std::string_view name, const Shape& shape) {
  if (shape.structure != Structure::kLinear) return false;
  const auto known = std::ranges::find(kLengths, name, &Lengths::name);
  return known == kLengths.end() || (shape.record_length >= known->least && shape.record_length <= known->most);
}

}  // namespace

bool is_phonebook(std::string_view directory) {
  return directory.ends_with("/5F3A");
}

void Phonebook::add_reference(BytesView record) {
  for (ber::Reader types(record); !types.empty() && types.rest()[0] != 0xFF && types.rest()[0] != 0x00;) {
    const auto type = types.next();
    if (!type) return;
    if (type->tag < 0xA8 || type->tag > 0xAA) continue;
    for (ber::Reader files(type->value); !files.empty();) {
      const auto file = files.next();
      if (!file) break;
      const auto kind = std::ranges::find(kKinds, file->tag, &Kind::tag);
      if (kind == kKinds.end() || file->value.size() < 2) continue;
      const std::string fid = to_hex(file->value.first(2));
      const auto [known, added] = m_references.try_emplace(fid, FileName{kind->name, type->tag == kByIndex});
      if (added) m_order.push_back(fid);
      if (known->second.name != kind->name) known->second = {};
    }
  }
}

FileName Phonebook::name(std::string_view fid, std::optional<Shape> shape) const {
  if (const auto known = m_references.find(fid); known != m_references.end()) return known->second;
  const auto number = number_of(fid);
  if (!number) return {};
  FileName found;
  bool any = false;
  for (const Usual& one : kUsual) {
    if (*number < one.first || *number > one.last) continue;
    any = true;
    if (shape && !can_be(one.name, *shape)) continue;
    if (!found.name.empty() && found.name != one.name) return {};
    if (found.name.empty()) found = {one.name, one.by_index};
  }
  // Of all files that are the card's to number, one alone has records of 13 bytes and nothing else.
  const bool extension = !any && *number >> 8 == 0x4F && shape && shape->structure == Structure::kLinear && shape->record_length == 13;
  return extension ? FileName{"EF.EXT1"} : found;
}

std::optional<std::string> Phonebook::fid(std::string_view name) const {
  for (const std::string& one : m_order) {
    if (m_references.find(one)->second.name == name) return one;
  }
  const auto usual = std::ranges::find(kUsual, name, &Usual::name);
  return usual == kUsual.end() || m_references.contains(text_of(usual->first)) ? std::nullopt : std::optional(text_of(usual->first));
}

std::vector<std::string> Phonebook::fids() const {
  std::vector<std::string> out = m_order;
  for (const Usual& one : kUsual) {
    for (std::uint16_t fid = one.first; fid <= one.last; ++fid) {
      if (std::string text = text_of(fid); std::ranges::find(out, text) == out.end()) out.push_back(std::move(text));
    }
  }
  return out;
}

}  // namespace uicclab::ef
