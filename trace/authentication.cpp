// SPDX-License-Identifier: Apache-2.0
#include "trace/authentication.hpp"

namespace uicclab::trace {
namespace {

using ota::FieldReader;

constexpr const char* kClause = "3GPP TS 31.102 7.1.2";

enum Context : std::uint8_t { kGsm = 0, k3g = 1, kVgcs = 2, kGba = 4, kMbms = 5, kLocalKey = 6 };

bool is_gsm(const apdu::Command& command) {
  return command.cla == 0xA0 || (command.p2 & 0x07) == kGsm;
}

/// A length and so many bytes.
void lengthy(FieldReader& fields, const std::string& name) {
  const auto size = fields.u8("length of " + name, kClause);
  if (size && *size > 0) fields.take(name, kClause, *size);
}

void tell(const std::optional<Error>& wrong, std::vector<std::string>& notes) {
  if (wrong) notes.push_back(wrong->text + " at byte " + std::to_string(wrong->offset));
}

}  // namespace

std::string context_of_authenticate(const apdu::Command& command) {
  if (command.cla == 0xA0) return "";
  switch (command.p2 & 0x07) {
    case kGsm:
      return "GSM context";
    case k3g:
      return "3G context";
    case kVgcs:
      return "VGCS/VBS context";
    case kGba:
      return "GBA context";
    case kMbms:
      return "MBMS context";
    case kLocalKey:
      return "local key establishment";
    default:
      return "";
  }
}

void append_authenticate(std::vector<ota::Field>& out, const apdu::Command& command, std::size_t base, std::vector<std::string>& notes) {
  std::optional<Error> wrong;
  FieldReader fields(command.data, base, out, wrong);
  if (command.cla == 0xA0) {
    fields.take("RAND", "3GPP TS 51.011 9.2.16", 16);
    fields.end("RAND");
  } else if (is_gsm(command)) {
    lengthy(fields, "RAND");
    fields.end("RAND");
  } else if ((command.p2 & 0x07) == k3g) {
    lengthy(fields, "RAND");
    lengthy(fields, "AUTN");
    fields.end("AUTN");
  } else if ((command.p2 & 0x07) == kGba && command.ins == 0x88) {
    const auto tag = fields.u8("tag", kClause);
    if (tag && *tag == 0xDD) {
      fields.say("bootstrapping");
      lengthy(fields, "RAND");
      lengthy(fields, "AUTN");
      fields.end("AUTN");
    } else if (tag && *tag == 0xDE) {
      fields.say("NAF derivation");
      lengthy(fields, "NAF_ID");
      lengthy(fields, "IMPI");
      fields.end("IMPI");
    } else {
      fields.rest("data", kClause);
    }
  } else {
    fields.rest("data", kClause);
  }
  tell(wrong, notes);
}

void append_authenticate_answer(std::vector<ota::Field>& out, const apdu::Command& command, BytesView data,
                                std::vector<std::string>& notes) {
  std::optional<Error> wrong;
  FieldReader fields(data, 0, out, wrong);
  if (command.cla == 0xA0) {
    fields.take("SRES", "3GPP TS 51.011 9.2.16", 4);
    fields.take("Kc", "3GPP TS 51.011 9.2.16", 8);
    fields.end("Kc");
  } else if (is_gsm(command)) {
    lengthy(fields, "SRES");
    lengthy(fields, "Kc");
    fields.end("Kc");
  } else {
    const auto tag = fields.u8("tag", kClause);
    if (tag && *tag == 0xDC) {
      fields.say("synchronisation failure");
      lengthy(fields, "AUTS");
      fields.end("AUTS");
    } else if (tag && *tag == 0xDB && (command.p2 & 0x07) == k3g) {
      fields.say("success");
      lengthy(fields, "RES");
      lengthy(fields, "CK");
      lengthy(fields, "IK");
      if (fields.remaining() != 0) lengthy(fields, "Kc");
      fields.end("the keys");
    } else if (tag && *tag == 0xDB && (command.p2 & 0x07) == kGba) {
      fields.say("success");
      lengthy(fields, !command.data.empty() && command.data[0] == 0xDE ? "Ks_ext_NAF" : "RES");
      fields.end("the answer");
    } else {
      fields.rest("data", kClause);
    }
  }
  tell(wrong, notes);
}

}  // namespace uicclab::trace
