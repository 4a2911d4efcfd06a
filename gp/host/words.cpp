// SPDX-License-Identifier: Apache-2.0
#include "gp/host/words.hpp"

#include <array>

#include "core/apdu.hpp"
#include "core/ber_tlv.hpp"
#include "gp/install.hpp"
#include "gp/registry_entry.hpp"

namespace uicclab::gp::host {
namespace {

constexpr std::uint8_t kGetData = 0xCA;
constexpr std::uint8_t kGetStatus = 0xF2;
constexpr std::uint8_t kInstall = 0xE6;
constexpr std::uint8_t kDelete = 0xE4;
constexpr std::uint8_t kPutKey = 0xD8;
constexpr std::uint8_t kSetStatus = 0xF0;
constexpr std::uint8_t kStoreData = 0xE2;
constexpr std::uint8_t kLoad = 0xE8;

struct Name {
  std::uint8_t ins;
  std::string_view name;
  std::string_view clause;  ///< where its status words are defined
};
constexpr auto kNames = std::to_array<Name>({{0x50, "INITIALIZE UPDATE", "Amendment D clause 7.1.1"},
                                             {0x82, "EXTERNAL AUTHENTICATE", "Amendment D clause 7.1.2"},
                                             {0x7A, "BEGIN R-MAC SESSION", "Amendment D clause 7.1.3"},
                                             {0x78, "END R-MAC SESSION", "Amendment D clause 7.1.4"},
                                             {apdu::kSelect, "SELECT", "GP clause 11.9.3.2"},
                                             {kGetData, "GET DATA", "GP clause 11.3.3.2"},
                                             {kGetStatus, "GET STATUS", "GP clause 11.4.3.2"},
                                             {kSetStatus, "SET STATUS", "GP clause 11.10.3.2"},
                                             {kInstall, "INSTALL", "GP clause 11.5.3.2"},
                                             {kLoad, "LOAD", "GP clause 11.6.3.2"},
                                             {kDelete, "DELETE", "GP clause 11.2.3.2"},
                                             {kPutKey, "PUT KEY", "GP clause 11.8.3.2"},
                                             {kStoreData, "STORE DATA", "GP clause 11.11.3.2"}});

struct Meaning {
  std::uint8_t ins;
  std::uint16_t status;
  std::string_view text;
};
// What a status word says after this command and not after others.
constexpr auto kMeanings = std::to_array<Meaning>({
    {0x50, 0x6A88, "the card has no such key version"},
    {0x50, 0x6982, "the card refuses a secure channel: its keys may be locked after wrong attempts"},
    {0x50, 0x6983, "the keys are locked after too many wrong attempts"},
    {0x50, 0x6985, "no secure channel in this state, or the sequence counter is used up"},
    {0x50, 0x6700, "wrong length: the card may need a challenge of 16 bytes (S16)"},
    {0x82, 0x6300, "the card does not accept the host cryptogram: its ENC or MAC key differs"},
    {0x82, 0x6982, "the card does not accept the MAC, or refuses this security level"},
    {0x82, 0x6A86, "the card does not offer this security level"},
    {apdu::kSelect, 0x6A82, "there is no application with this AID"},
    {apdu::kSelect, 0x6283, "the card is in state CARD_LOCKED"},
    {kGetStatus, 0x6310, "more entries follow with GET STATUS [get next]"},
    {kGetStatus, 0x6A88, "there is nothing of this kind"},
    {kSetStatus, 0x6985, "this change of state is not allowed from the state it is in, or not to this security domain"},
    {kSetStatus, 0x6A88, "there is no application with this AID"},
    {kInstall, 0x6985, "conditions of use not satisfied: the AID is in use already, or the security domain may not do this"},
    {kInstall, 0x6A80, "the card does not accept the data: privileges or install parameters"},
    {kInstall, 0x6A81, "function not supported: the card cannot run this module, or accepts no token"},
    {kInstall, 0x6A84, "not enough memory"},
    {kInstall, 0x6A88, "there is no such load file, module, application or security domain"},
    {kLoad, 0x6985, "no INSTALL [for load] before, a DAP that a domain demands is missing, or one that no domain can verify"},
    {kLoad, 0x6A80, "the card finds the load file not sound, or its hash or a DAP wrong"},
    {kLoad, 0x6A84, "not enough memory"},
    {kLoad, 0x6A86, "a block out of order"},
    {kDelete, 0x6985, "something on the card depends on it, or it cannot be deleted"},
    {kDelete, 0x6A82, "there is no such application"},
    {kDelete, 0x6A88, "there is no such object or key"},
    {kDelete, 0x6200, "deleted, its memory is not free yet"},
    {kPutKey, 0x9484, "the card does not support this type of key"},
    {kPutKey, 0x9485, "a key check value is wrong: the DEK that the keys were ciphered with is not the card's"},
    {kPutKey, 0x6A80, "the card does not accept the data: the new key version may be there already"},
    {kPutKey, 0x6A84, "no room for more keys"},
    {kPutKey, 0x6A88, "there is no such key version to replace"},
    {kStoreData, 0x6A88, "there is no such data object or application"},
    {kStoreData, 0x6A80, "the card does not accept the data"},
});

struct Form {
  std::uint8_t p1;
  std::string_view name;
};
constexpr auto kForms = std::to_array<Form>({{install::kLoad, "for load"},
                                             {install::kInstall, "for install"},
                                             {install::kMakeSelectable, "for make selectable"},
                                             {install::kInstall | install::kMakeSelectable, "for install and make selectable"},
                                             {install::kExtradition, "for extradition"},
                                             {install::kPersonalization, "for personalization"},
                                             {install::kRegistryUpdate, "for registry update"}});

std::string named(std::string_view what, BytesView bytes) {
  return bytes.empty() ? "" : ", " + std::string(what) + " " + to_hex(bytes);
}

std::string describe_install(const apdu::Command& command) {
  if (command.p1 == install::kLoad) {
    const auto fields = InstallForLoad::parse(command.data);
    if (!fields) return "";
    return named("load file", fields->load_file.bytes()) + named("into domain", fields->domain.bytes()) + named("hash", fields->hash) +
           named("parameters", fields->parameters) + (fields->token.empty() ? "" : ", with a token");
  }
  const auto fields = InstallFields::parse(command.data);
  if (!fields) return "";
  const bool to_domain = command.p1 == install::kExtradition || command.p1 == install::kRegistryUpdate;
  std::string out = named(to_domain ? "to domain" : "load file", fields->first.bytes()) + named("module", fields->second.bytes()) +
                    named("application", fields->third.bytes());
  if (fields->privileges) out += ", privileges " + words(*fields->privileges);
  return out + named("parameters", fields->parameters) + (fields->token.empty() ? "" : ", with a token");
}

std::string describe_delete(const apdu::Command& command) {
  const auto which = DeleteData::parse(command.data);
  if (!which) return "";
  std::string out;
  if (!which->aid.empty()) out += named("object", which->aid.bytes());
  if (which->key_version) out += ", key version " + hex_byte(which->key_version->value);
  if (which->key_id) out += ", key identifier " + hex_byte(*which->key_id);
  return out + ((command.p2 & 0x80) != 0 ? ", with its dependants" : "");
}

std::string describe_put_key(const apdu::Command& command) {
  std::string out = command.p1 == 0 ? ", new keys" : ", replacing key version " + hex_byte(command.p1 & 0x7F);
  if (!command.data.empty()) out += ", as key version " + hex_byte(command.data.front());
  return out + ", from key identifier " + hex_byte(command.p2 & 0x7F) + ((command.p2 & 0x80) != 0 ? ", several keys" : ", one key") +
         " (key data not shown)";
}

std::string describe_status(const apdu::Command& command) {
  struct Of {
    std::uint8_t p1;
    std::string_view what;
  };
  constexpr auto kOf = std::to_array<Of>({{0x80, "of the card (issuer security domain)"},
                                          {0x40, "of applications and security domains"},
                                          {0x20, "of load files"},
                                          {0x10, "of load files and their modules"},
                                          {0x60, "of a security domain and what is associated with it"}});
  const auto of = std::ranges::find(kOf, command.p1, &Of::p1);
  std::string out = of == kOf.end() ? "" : " " + std::string(of->what);
  if (command.ins != kSetStatus) return out;
  RegistryEntry entry;
  entry.kind = command.p1 == 0x80 ? RegistryEntry::Kind::kIssuerDomain : RegistryEntry::Kind::kApplication;
  entry.life_cycle = command.p2;
  const bool lock_bit = entry.kind == RegistryEntry::Kind::kApplication;
  out += lock_bit ? (is_locked(command.p2) ? ", locked" : ", not locked") : ", " + life_cycle_words(entry);
  return out + named("of", command.data);
}

}  // namespace

std::string hex_byte(std::uint8_t value) {
  return to_hex(BytesView{&value, 1});
}

std::string command_name(const apdu::Command& plain) {
  const auto found = std::ranges::find(kNames, plain.ins, &Name::ins);
  if (found == kNames.end()) return "INS " + hex_byte(plain.ins);
  std::string out(found->name);
  if (plain.ins == kInstall) {
    const auto form = std::ranges::find(kForms, plain.p1, &Form::p1);
    if (form != kForms.end()) out += " [" + std::string(form->name) + "]";
  } else if (plain.ins == kGetData) {
    out += " " + (plain.p1 == 0 ? "" : hex_byte(plain.p1)) + hex_byte(plain.p2);
  }
  return out;
}

std::string describe(const apdu::Command& plain) {
  const std::string name = command_name(plain);
  switch (plain.ins) {
    case kInstall:
      return name + describe_install(plain);
    case kDelete:
      return name + describe_delete(plain);
    case kPutKey:
      return name + describe_put_key(plain);
    case kGetStatus:
    case kSetStatus:
      return name + describe_status(plain);
    case apdu::kSelect:
      return name + (plain.data.empty() ? ", the default application" : named("AID", plain.data));
    case kLoad:
    case kStoreData:
      return name + ", block " + std::to_string(plain.p2) + ((plain.p1 & 0x80) != 0 ? " (the last)" : "") + ", " +
             std::to_string(plain.data.size()) + " bytes";
    case 0x50:
      return name + (plain.p1 == 0 ? ", default key version" : ", key version " + hex_byte(plain.p1));
    case 0x82:
      return name + ", security level " + hex_byte(plain.p1);
    default:
      return name + (plain.data.empty() ? "" : ", " + std::to_string(plain.data.size()) + " bytes");
  }
}

std::string_view meaning_after(const apdu::Command& plain, StatusWord status) {
  const auto special =
      std::ranges::find_if(kMeanings, [&](const Meaning& one) { return one.ins == plain.ins && one.status == status.value; });
  return special == kMeanings.end() ? meaning(status) : special->text;
}

std::string_view clause_of(const apdu::Command& plain) {
  const auto name = std::ranges::find(kNames, plain.ins, &Name::ins);
  return name == kNames.end() ? std::string_view() : name->clause;
}

std::string explain(const apdu::Command& plain, StatusWord status) {
  const std::string_view clause = clause_of(plain);
  return to_hex(status) + ": " + std::string(meaning_after(plain, status)) + (clause.empty() ? "" : " (" + std::string(clause) + ")");
}

bool only_reads(const apdu::Command& plain) {
  return plain.ins == apdu::kSelect || plain.ins == kGetData || plain.ins == kGetStatus;
}

}  // namespace uicclab::gp::host
