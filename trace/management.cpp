// SPDX-License-Identifier: Apache-2.0
// GPCS clauses 11.2, 11.4, 11.5, 11.8 and 11.10; Amendment D clause 7.1.
#include "trace/management.hpp"

#include "core/ber_tlv.hpp"
#include "ef/followed_selection.hpp"
#include "gp/install.hpp"
#include "scp03/protocol.hpp"
#include "trace/ber_fields.hpp"

namespace uicclab::trace {
namespace {

using ota::Field;
using ota::FieldReader;

constexpr std::uint8_t kInitializeUpdate = scp03::ins::kInitializeUpdate;
constexpr std::uint8_t kExternalAuthenticate = scp03::ins::kExternalAuthenticate;
constexpr std::uint8_t kInstall = 0xE6;
constexpr std::uint8_t kPutKey = 0xD8;
constexpr std::uint8_t kSetStatus = 0xF0;
constexpr std::uint8_t kGetStatus = 0xF2;

std::string aid_words(BytesView aid) {
  return aid.size() < 5 ? std::string() : ef::name_of_path(ef::path_of_aid(aid));
}

/// A length and so many bytes; nothing is appended for an empty value.
std::optional<BytesView> lengthy(FieldReader& fields, const std::string& name, const char* clause) {
  if (fields.failed() || fields.remaining() == 0) return std::nullopt;
  const std::size_t size = fields.view()[0];
  fields.skip(1);
  if (size == 0) return BytesView();
  return fields.take(name, clause, size);
}

void aid(FieldReader& fields, const std::string& name, const char* clause) {
  const auto value = lengthy(fields, name, clause);
  if (value && !value->empty()) fields.say(aid_words(*value));
}

void install(FieldReader& fields, const apdu::Command& command) {
  constexpr const char* kClause = "GPCS 11.5.2.3";
  if (command.p1 == gp::install::kLoad) {
    aid(fields, "load file AID", kClause);
    aid(fields, "security domain AID", kClause);
    lengthy(fields, "load file data block hash", kClause);
  } else {
    const bool to_domain = (command.p1 & (gp::install::kExtradition | gp::install::kRegistryUpdate)) != 0;
    aid(fields, to_domain ? "security domain AID" : "load file AID", kClause);
    aid(fields, "module AID", kClause);
    aid(fields, "application AID", kClause);
    const auto privileges = lengthy(fields, "privileges", kClause);
    if (privileges && !privileges->empty()) fields.say(meaning_of_object("E3/C5", *privileges));
  }
  const auto parameters = lengthy(fields, "parameters", kClause);
  if (parameters && is_ber(*parameters)) {
    Field& field = fields.last();
    append_objects(field.parts, field.bytes, field.offset, "install");
  }
  lengthy(fields, "token", kClause);
  fields.rest("data", kClause);
}

void put_key(FieldReader& fields) {
  constexpr const char* kClause = "GPCS 11.8.2.3";
  fields.u8("new key version", kClause);
  fields.rest("keys", kClause);
}

}  // namespace

void append_management(std::vector<Field>& out, const apdu::Command& command, std::size_t base) {
  std::optional<Error> wrong;
  FieldReader fields(command.data, base, out, wrong);
  switch (command.ins) {
    case kInitializeUpdate:
      fields.rest("host challenge", "GPCS Amendment D 7.1.1");
      break;
    case kExternalAuthenticate:
      // Cryptogram and C-MAC are as long as each other: 8 bytes, 16 in S16 mode.
      fields.take("host cryptogram", "GPCS Amendment D 7.1.2", command.data.size() / 2);
      fields.rest("C-MAC", "GPCS Amendment D 6.2.4");
      break;
    case kInstall:
      install(fields, command);
      break;
    case kPutKey:
      put_key(fields);
      break;
    case kSetStatus:
      fields.rest("AID", "GPCS 11.10.2.3", aid_words(command.data));
      break;
    default:
      append_objects(out, command.data, base);
      break;
  }
}

void append_management_answer(std::vector<Field>& out, const apdu::Command& command, BytesView data) {
  std::optional<Error> wrong;
  FieldReader fields(data, 0, out, wrong);
  if (command.ins == kInitializeUpdate) {
    constexpr const char* kClause = "GPCS Amendment D 7.1.1.6";
    fields.take("key diversification data", kClause, 10);
    fields.u8("key version", kClause);
    const auto protocol = fields.u8("protocol", kClause);
    if (protocol && *protocol == 0x02) {
      fields.take("sequence counter", "GPCS E.5.1.6", 2);
      fields.take("card challenge", "GPCS E.5.1.6", 6);
      fields.rest("card cryptogram", "GPCS E.5.1.6");
      return;
    }
    const auto i = fields.u8("i", kClause);
    if (!i) return;
    const std::size_t size = scp03::Mode{*i}.mac_size();
    fields.take("card challenge", kClause, size);
    fields.take("card cryptogram", kClause, size);
    fields.rest("sequence counter", kClause);
    return;
  }
  if (command.ins == kPutKey) {
    fields.u8("key version", "GPCS 11.8.3.1");
    fields.rest("key check values", "GPCS 11.8.3.1");
    return;
  }
  if (command.ins == kGetStatus && is_ber(data)) return append_objects(out, data, 0);
  fields.rest("data", "");
}

}  // namespace uicclab::trace
