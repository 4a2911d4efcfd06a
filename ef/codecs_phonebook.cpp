// SPDX-License-Identifier: Apache-2.0
// Files of DF.PHONEBOOK other than EF_ADN and EF_EXT1 (codecs_telephony.cpp): 3GPP TS 31.102 clause 4.4.2.
#include <array>

#include "ef/codec_groups.hpp"

namespace uicclab::ef {
namespace {

constexpr auto kEntryControl = std::to_array<Flag>({{1, "modified"}, {2, "hidden"}});

/// Where a file is: identifier, and SFI if it has one (table 4.1).
Type reference() {
  return exact([](Coder& c) {
    c.field("file", 2, hex());
    c.optional("sfi", 1, number());
  });
}

/// Files of one type, in the order that EF_IAP counts those of type 2 in.
Type references() {
  std::vector<ObjectRow> rows;
  constexpr auto kNames = std::to_array<std::string_view>(
      {"ADN", "IAP", "EXT1", "SNE", "ANR", "PBC", "GRP", "AAS", "GAS", "UID", "EMAIL", "CCP1", "PURI"});  // tags C0 to CC
  for (std::size_t i = 0; i < kNames.size(); ++i) rows.push_back({static_cast<ber::Tag>(0xC0 + i), kNames[i], reference()});
  return objects(std::move(rows), false);
}

/// Type 1: a record for each entry of EF_ADN; 2: by EF_IAP; 3: by a record number in another file.
Type phonebook_reference() {
  return or_empty(objects({{0xA8, "type1", references()}, {0xA9, "type2", references()}, {0xAA, "type3", references()}}));
}

/// The entry of EF_ADN that a record of type 2 belongs to.
void entry(Coder& c, bool by_index) {
  if (!by_index) return;
  c.usually("adn_sfi", "FF"_h, number());
  c.usually("adn_record", "FF"_h, number());
}

Type text_record(std::string_view name, bool by_index) {
  return or_empty(record([name, by_index](Coder& c) {
    c.rest(name, alpha(), by_index ? 2 : 0);
    entry(c, by_index);
  }));
}

Type additional_number(bool by_index) {
  return or_empty(record([by_index](Coder& c) {
    c.field("kind_record", 1, number());
    c.field("number", 12, dialling_number());
    c.usually("capability_record", "FF"_h, number());
    c.usually("extension_record", "FF"_h, number());
    entry(c, by_index);
  }));
}

Type entry_control() {
  return exact([](Coder& c) {
    c.field("control", 1, flags(kEntryControl));
    c.field("application_record", 1, number());  // of EF_DIR, for a hidden entry
  });
}

}  // namespace

std::vector<Codec> phonebook_codecs() {
  return {
      {"EF.PBR", "", "3GPP TS 31.102 clause 4.4.2.1", phonebook_reference()},
      {"EF.IAP", "", "3GPP TS 31.102 clause 4.4.2.2", whole("records", list_of(1, or_empty(number())))},
      {"EF.PBC", "", "3GPP TS 31.102 clause 4.4.2.5", or_empty(entry_control())},
      {"EF.GRP", "", "3GPP TS 31.102 clause 4.4.2.6", or_empty(whole("groups", list_of(1, number(), false)))},
      {"EF.AAS", "", "3GPP TS 31.102 clause 4.4.2.7", text_record("text", false)},
      {"EF.GAS", "", "3GPP TS 31.102 clause 4.4.2.8", text_record("text", false)},
      {"EF.ANR", "", "3GPP TS 31.102 clause 4.4.2.9", additional_number(false)},
      {"EF.ANR", "", "3GPP TS 31.102 clause 4.4.2.9", additional_number(true), true},
      {"EF.SNE", "", "3GPP TS 31.102 clause 4.4.2.10", text_record("name", false)},
      {"EF.SNE", "", "3GPP TS 31.102 clause 4.4.2.10", text_record("name", true), true},
      {"EF.UID", "", "3GPP TS 31.102 clause 4.4.2.12.1", whole("id", number(2))},
      {"EF.PSC", "", "3GPP TS 31.102 clause 4.4.2.12.2", whole("counter", number(4))},
      {"EF.CC", "", "3GPP TS 31.102 clause 4.4.2.12.3", whole("counter", number(2))},
      {"EF.PUID", "", "3GPP TS 31.102 clause 4.4.2.12.4", whole("id", number(2))},
      {"EF.EMAIL", "", "3GPP TS 31.102 clause 4.4.2.13", text_record("address", false)},
      {"EF.EMAIL", "", "3GPP TS 31.102 clause 4.4.2.13", text_record("address", true), true},
  };
}

}  // namespace uicclab::ef
