// SPDX-License-Identifier: Apache-2.0
// Numbers, short messages and voice groups: 3GPP TS 31.102 clauses 4.2 and 4.4.2; 3GPP TS 51.011 clause 10.5.
#include <algorithm>
#include <array>

#include "ef/codec_groups.hpp"
#include "ef/short_message.hpp"

namespace uicclab::ef {
namespace {

constexpr auto kParameters =
    std::to_array<Flag>({{1, "destination"}, {2, "service centre"}, {3, "protocol"}, {4, "coding"}, {5, "validity"}});
constexpr auto kMemory = std::to_array<Choice>({{0xFF, "available"}, {0xFE, "exceeded"}});
constexpr auto kExtensions = std::to_array<Flag>({{1, "called party subaddress"}, {2, "additional data"}});
constexpr auto kForwarding = std::to_array<Flag>({{1, "voice"}, {2, "fax"}, {3, "data"}, {4, "SMS"}, {5, "all"}});
constexpr auto kWaiting = std::to_array<Flag>({{1, "voicemail"}, {2, "fax"}, {3, "email"}, {4, "other"}, {5, "videomail"}});
constexpr auto kPriorities = std::to_array<Flag>({{1, "A"}, {2, "B"}, {3, "0"}, {4, "1"}, {5, "2"}, {6, "3"}, {7, "4"}});

/// Name, number, and where capabilities and the rest of a long number are (3GPP TS 31.102 clause 4.4.2.3). `behind`: bytes of another
/// field.
void number_with_name(Coder& c, std::size_t behind) {
  c.rest("name", alpha(), 14 + behind);
  c.field("number", 12, dialling_number());
  c.usually("capability_record", "FF"_h, number());
  c.usually("extension_record", "FF"_h, number());
}

Type number_record() {
  return or_empty(record([](Coder& c) { number_with_name(c, 0); }));
}

Type barred_number() {
  return or_empty(record([](Coder& c) {
    number_with_name(c, 1);
    c.field("comparison", 1, hex());
  }));
}

/// Parameters that are there have a bit that is 0.
Type absent_bits(const Type& type) {
  return {[type](BytesView bytes) {
            const auto turned = static_cast<std::uint8_t>(~bytes[0]);
            return type.decode(BytesView(&turned, 1));
          },
          [type](const Value& value, std::optional<std::size_t> size) {
            auto bytes = type.encode(value, size);
            if (bytes) bytes->front() = static_cast<std::uint8_t>(~bytes->front());
            return bytes;
          }};
}

Type message_parameters() {
  return or_empty(record([](Coder& c) {
    c.rest("name", alpha(), 28);
    c.field("present", 1, absent_bits(flags(kParameters)));
    c.field("destination", 12, dialling_number(NumberLength::kDigits));
    c.field("service_centre", 12, dialling_number());
    c.field("protocol", 1, hex());
    c.field("coding", 1, hex());
    c.field("validity", 1, hex());
  }));
}

Type message_status() {
  return record([](Coder& c) {
    c.field("last_reference", 1, number());
    c.field("memory", 1, choice(kMemory));
  });
}

Type extension() {
  return or_empty(record([](Coder& c) {
    c.field("type", 1, flags(kExtensions));
    c.field("data", 11, hex());
    c.usually("next_record", "FF"_h, number());
  }));
}

Type mailbox_identifier() {
  return record([](Coder& c) {
    for (const auto* name : {"voicemail", "fax", "email", "other"}) c.field(name, 1, number());
    c.optional("videocall", 1, number());
  });
}

Type waiting_messages() {
  return or_empty(record([](Coder& c) {
    c.field("waiting", 1, flags(kWaiting));
    for (const auto* name : {"voicemail", "fax", "email", "other"}) c.field(name, 1, number());
    c.optional("videomail", 1, number());
  }));
}

Type call_forwarding() {
  return or_empty(record([](Coder& c) {
    c.field("profile", 1, number());
    c.field("forwarded", 1, flags(kForwarding));
    c.field("number", 12, dialling_number());
    c.usually("capability_record", "FF"_h, number());
    c.usually("extension_record", "FF"_h, number());
  }));
}

Type priorities() {
  return exact([](Coder& c) {
    c.field("levels", 1, flags(kPriorities));
    c.optional("fast_set_up", 1, flags(kPriorities));
  });
}

}  // namespace

std::vector<Codec> telephony_codecs() {
  std::vector<Codec> out{
      {"EF.ADN", "", "3GPP TS 31.102 clause 4.4.2.3", number_record()},
      {"EF.FDN", "", "3GPP TS 31.102 clause 4.2.24", number_record()},
      {"EF.MSISDN", "", "3GPP TS 31.102 clause 4.2.26", number_record()},
      {"EF.SDN", "", "3GPP TS 31.102 clause 4.2.29", number_record()},
      {"EF.MBDN", "", "3GPP TS 31.102 clause 4.2.60", number_record()},
      {"EF.LND", "", "3GPP TS 51.011 clause 10.5.9", number_record()},
      {"EF.BDN", "", "3GPP TS 31.102 clause 4.2.44", barred_number()},
      {"EF.SMS", "", "3GPP TS 31.102 clause 4.2.25", short_message()},
      {"EF.SMSP", "", "3GPP TS 31.102 clause 4.2.27", message_parameters()},
      {"EF.SMSS", "", "3GPP TS 31.102 clause 4.2.28", message_status()},
      {"EF.MBI", "", "3GPP TS 31.102 clause 4.2.62", mailbox_identifier()},
      {"EF.MWIS", "", "3GPP TS 31.102 clause 4.2.63", waiting_messages()},
      {"EF.CFIS", "", "3GPP TS 31.102 clause 4.2.64", call_forwarding()},
      {"EF.eMLPP", "", "3GPP TS 31.102 clause 4.2.39", priorities()},
      {"EF.AAeM", "", "3GPP TS 31.102 clause 4.2.40", priorities()},
      {"EF.CBMI", "", "3GPP TS 31.102 clause 4.2.14", whole("identifiers", list_of(2, or_empty(hex())))},
      {"EF.CBMID", "", "3GPP TS 31.102 clause 4.2.20", whole("identifiers", list_of(2, or_empty(hex())))},
      {"EF.CBMIR", "", "3GPP TS 31.102 clause 4.2.22", whole("ranges", list_of(4, or_empty(hex())))},
      {"EF.ACM", "", "3GPP TS 31.102 clause 4.2.9", whole("units", number())},
      {"EF.ACMmax", "", "3GPP TS 31.102 clause 4.2.7", whole("units", number())},
  };
  add_all(out, {"EF.EXT1", "EF.EXT2", "EF.EXT3", "EF.EXT4", "EF.EXT5", "EF.EXT6", "EF.EXT7", "EF.EXT8"}, "3GPP TS 31.102 clause 4.4.2.4",
          extension());
  add_all(out, {"EF.VGCS", "EF.VBS"}, "3GPP TS 31.102 clause 4.2.73", whole("groups", list_of(4, or_empty(digits()))));
  add_all(out, {"EF.VGCSS", "EF.VBSS"}, "3GPP TS 31.102 clause 4.2.74", whole("active", services({})));
  return out;
}

}  // namespace uicclab::ef
