// SPDX-License-Identifier: Apache-2.0
// SMS-DELIVER and SMS-SUBMIT: 3GPP TS 23.040 clauses 9.2.2.1, 9.2.2.2 and 9.2.3.
#include "ota/explain/explaining.hpp"
#include "ota/sms_text.hpp"
#include "ota/sms_tpdu.hpp"

namespace uicclab::ota {
namespace {

std::string tp(std::string_view clause) {
  return "3GPP TS 23.040 9.2.3." + std::string(clause);
}

struct Flag {
  std::uint8_t mask;
  std::string_view name;
  std::string_view clause;
  std::string_view set;
  std::string_view clear;
};

constexpr Flag kDeliverFlags[] = {
    {0x04, "TP-MMS", "2", "no more messages wait", "more messages wait"},
    {0x08, "TP-LP", "28", "forwarded or spawned", "not forwarded"},
    {0x20, "TP-SRI", "4", "a status report is wanted", "no status report"},
    {0x40, "TP-UDHI", "23", "the user data begins with a header", "no user data header"},
    {0x80, "TP-RP", "17", "reply path", "no reply path"},
};
constexpr Flag kSubmitFlags[] = {
    {0x04, "TP-RD", "25", "duplicates are rejected", "duplicates are accepted"},
    {0x20, "TP-SRR", "5", "a status report is wanted", "no status report"},
    {0x40, "TP-UDHI", "23", "the user data begins with a header", "no user data header"},
    {0x80, "TP-RP", "17", "reply path", "no reply path"},
};

/// The first octet, with its bits as parts.
std::optional<std::uint8_t> first_octet(FieldReader& fields, std::string_view type, std::span<const Flag> flags) {
  const auto first = fields.u8("first octet", tp("1"));
  if (!first) return std::nullopt;
  Field& octet = fields.last();
  const Bytes byte{*first};
  octet.parts.push_back({"TP-MTI", tp("1"), octet.offset, byte, std::string(type), {}});
  for (const Flag& flag : flags) {
    const bool set = (*first & flag.mask) != 0;
    octet.parts.push_back({std::string(flag.name), tp(flag.clause), octet.offset, byte, std::string(set ? flag.set : flag.clear), {}});
  }
  return first;
}

/// An address field; the bytes are looked at by read_address() itself.
Address address(FieldReader& fields, std::string name, std::string clause) {
  if (fields.failed()) return {};
  ByteReader reader(fields.view());
  const auto read = read_address(reader);
  if (!read) {
    fields.fail(read.error().code, name + ": " + read.error().text);
    return {};
  }
  fields.take(std::move(name), std::move(clause), reader.offset(), read->text());
  return *read;
}

std::string meaning_of_pid(std::uint8_t value) {
  switch (value) {
    case pid::kShortMessage:
      return "a plain short message";
    case pid::kAnsi136:
      return "ANSI-136 R-DATA";
    case pid::kMeDataDownload:
      return "ME data download";
    case pid::kMeDepersonalisation:
      return "ME depersonalisation";
    case pid::kSimDataDownload:
      return "(U)SIM data download";
    default:
      return "";
  }
}

std::string meaning_of_dcs(std::uint8_t dcs) {
  const DataCoding coding = data_coding(dcs);
  std::string text = coding.alphabet == Alphabet::k8Bit   ? "8 bit data"
                     : coding.alphabet == Alphabet::kUcs2 ? "UCS-2"
                                                          : "GSM 7 bit alphabet";
  if (coding.compressed) text += ", compressed";
  if (coding.message_class) text += ", class " + std::to_string(static_cast<int>(*coding.message_class));
  if (coding.message_class == MessageClass::kSim) text += " (for the card)";
  return text;
}

/// TP-SCTS: semi-octets swapped, the time zone in quarters of an hour with its sign in bit 4 (clause 9.2.3.11).
std::string meaning_of_timestamp(BytesView bytes) {
  const auto digits = [&](std::size_t i) { return std::string{to_hex(bytes.subspan(i, 1))[1], to_hex(bytes.subspan(i, 1))[0]}; };
  const int quarters = (bytes[6] & 0x07) * 10 + (bytes[6] >> 4);
  return "20" + digits(0) + "-" + digits(1) + "-" + digits(2) + " " + digits(3) + ":" + digits(4) + ":" + digits(5) + " UTC" +
         ((bytes[6] & 0x08) != 0 ? "-" : "+") + std::to_string(quarters / 4) +
         (quarters % 4 == 0 ? "" : ":" + std::to_string(quarters % 4 * 15));
}

}  // namespace

void Explaining::deliver(BytesView bytes, std::size_t base, std::vector<Field>& out) {
  FieldReader fields = reader(bytes, base, out);
  const auto first = first_octet(fields, "SMS-DELIVER", kDeliverFlags);
  if (!first) return;
  if ((*first & 0x03) != 0) return fields.fail(ErrorCode::kMalformed, "TP-MTI is not that of an SMS-DELIVER", 1);
  const Address originator = address(fields, "TP-OA", tp("7"));
  if (const auto value = fields.u8("TP-PID", tp("9"))) fields.say(meaning_of_pid(*value));
  const auto dcs = fields.u8("TP-DCS", tp("10"));
  if (dcs) fields.say(meaning_of_dcs(*dcs));
  if (const auto time = fields.take("TP-SCTS", tp("11"), 7)) fields.say(meaning_of_timestamp(*time));
  if (dcs) body(fields, (*first & 0x40) != 0, *dcs, originator);
}

void Explaining::submit(BytesView bytes, std::size_t base, std::vector<Field>& out) {
  FieldReader fields = reader(bytes, base, out);
  const auto first = first_octet(fields, "SMS-SUBMIT", kSubmitFlags);
  if (!first) return;
  if ((*first & 0x03) != 1) return fields.fail(ErrorCode::kMalformed, "TP-MTI is not that of an SMS-SUBMIT", 1);
  const auto format = static_cast<ValidityFormat>((*first >> 3) & 0x03);
  Field& octet = fields.last();
  octet.parts.push_back(
      {"TP-VPF", tp("3"), octet.offset, {*first}, format == ValidityFormat::kNone ? "no validity period" : "validity period", {}});
  fields.u8("TP-MR", tp("6"));
  const Address destination = address(fields, "TP-DA", tp("8"));
  if (const auto value = fields.u8("TP-PID", tp("9"))) fields.say(meaning_of_pid(*value));
  const auto dcs = fields.u8("TP-DCS", tp("10"));
  if (dcs) fields.say(meaning_of_dcs(*dcs));
  if (format != ValidityFormat::kNone) fields.take("TP-VP", tp("12"), format == ValidityFormat::kRelative ? 1 : 7);
  if (dcs) body(fields, (*first & 0x40) != 0, *dcs, destination);
}

void Explaining::modem_pdu(BytesView bytes, std::size_t base, std::vector<Field>& out) {
  const std::string clause = "3GPP TS 27.005 3.1, TS 24.011 8.2.5.1";
  FieldReader fields = reader(bytes, base, out);
  const auto length = fields.u8("SCA length", clause);
  if (!length) return;
  if (*length == 0) fields.say("the service centre of the modem");
  if (*length != 0) {
    const auto value = fields.take("SCA", clause, *length);
    if (!value) return;
    const auto address = parse_address_value(*value);
    if (!address) return fields.fail(address.error().code, "SCA: " + address.error().text, *length);
    fields.say(address->text());
  }
  const BytesView tpdu = fields.view();
  if (tpdu.empty()) return fields.fail(ErrorCode::kTruncated, "no TPDU after the address of the service centre");
  if ((tpdu[0] & 0x03) == 0x01) return submit(tpdu, fields.offset(), out);
  return deliver(tpdu, fields.offset(), out);
}

void Explaining::body(FieldReader& fields, bool has_header, std::uint8_t dcs, const Address& peer) {
  const auto udl = fields.u8("TP-UDL", tp("16"));
  if (!udl) return;
  const std::size_t size = user_data_octets(dcs, *udl);
  const bool octets = data_coding(dcs).alphabet != Alphabet::kGsm7;
  fields.say(std::to_string(*udl) + (octets ? " octets" : " septets"));
  if (size > kMaxUserData) return fields.fail(ErrorCode::kRange, "TP-UDL of more than 140 octets", 1);
  const std::size_t at = fields.offset();
  const auto data = fields.take("TP-UD", tp("24"), size);
  if (!data) return;
  Field& field = fields.last();
  field.content = Content::kFrame;
  TpduBody text{.dcs = dcs, .has_header = has_header, .user_data = to_bytes(*data), .septets = octets ? std::uint8_t{0} : *udl};
  if (const auto message = text_of(text)) field.meaning = message->text;
  if (octets || !has_header) user_data(*data, at, has_header, peer, field.parts);
  fields.end("the user data");
}

void Explaining::user_data(BytesView bytes, std::size_t base, bool has_header, const Address& peer, std::vector<Field>& out) {
  const std::string clause = tp("24");
  FieldReader fields = reader(bytes, base, out);
  if (has_header) {
    const auto udhl = fields.u8("UDHL", clause, "length of the header");
    if (!udhl) return;
    const std::size_t at = fields.offset();
    const auto header = fields.take("UDH", clause, *udhl);
    if (!header) return;
    std::vector<Field>& elements = fields.last().parts;
    FieldReader inner = reader(*header, at, elements);
    while (inner.remaining() != 0 && !inner.failed()) {
      const auto id = inner.u8("IEI", clause);
      const auto length = inner.u8("IEIDL", clause);
      if (id)
        elements[elements.size() - (length ? 2 : 1)].meaning = *id == iei::kConcatenated8    ? "concatenated, 8 bit reference"
                                                               : *id == iei::kConcatenated16 ? "concatenated, 16 bit reference"
                                                               : *id == iei::kCommandPacket  ? "command packet (3GPP TS 31.115 4.2)"
                                                               : *id == iei::kResponsePacket ? "response packet (3GPP TS 31.115 4.4)"
                                                               : *id == iei::kPorts8 || *id == iei::kPorts16 ? "ports"
                                                                                                             : "";
      if (length && *length != 0) inner.take("IEID", clause, *length);
      if (!inner.failed() && id && (*id == iei::kConcatenated8 || *id == iei::kConcatenated16)) {
        UserData one;
        one.header.push_back({*id, *length != 0 ? elements.back().bytes : Bytes()});
        const auto place = concatenation_of(one);
        elements.back().meaning = place ? "reference " + std::to_string(place->reference) + ", part " + std::to_string(place->sequence) +
                                              " of " + std::to_string(place->total)
                                        : "no place that can be: ignored";
      }
    }
    if (wrong) return;
  }
  const auto data = parse_user_data(bytes, has_header);
  if (!data) return;
  if (data->payload.empty()) return;
  const std::size_t at = fields.offset();
  if (!concatenation_of(*data)) return message(data->payload, *data, at, out);
  fields.rest("part of the message", "3GPP TS 23.040 9.2.3.24.1");
  fields.last().content = Content::kPart;
  const auto added = owner.m_parts.add(peer, *data);
  if (added.event == Reassembler::Event::kDuplicate) fields.last().meaning = "was there before";
  if (!added.message) return;
  // Offsets below count from the beginning of what was put together.
  Field& whole = group(out, "the whole message", "3GPP TS 23.040 9.2.3.24.1", 0, added.message->payload, "put together from its parts");
  whole.content = Content::kWhole;
  message(added.message->payload, *added.message, 0, whole.parts);
}

void Explaining::message(BytesView payload, const UserData& data, std::size_t base, std::vector<Field>& out) {
  if (data.find(iei::kCommandPacket) != nullptr) {
    command_packet(payload, base, out);
  } else if (data.find(iei::kResponsePacket) != nullptr) {
    response_packet(payload, base, out);
  } else {
    group(out, "data", "", base, payload);
  }
}

}  // namespace uicclab::ota
