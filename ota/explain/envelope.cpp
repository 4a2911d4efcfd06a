// SPDX-License-Identifier: Apache-2.0
// ENVELOPE (SMS-PP download) and SEND SHORT MESSAGE: 3GPP TS 31.111 clauses 7.1.1 and 6.4.10, ETSI TS 102 223 clause 8.
#include "core/ber_tlv.hpp"
#include "core/comprehension_tlv.hpp"
#include "core/status_word.hpp"
#include "ota/explain/explaining.hpp"

namespace uicclab::ota {
namespace {

constexpr std::uint16_t kCommandDetails = 0x01;
constexpr std::uint16_t kDevices = 0x02;
constexpr std::uint16_t kAlphaIdentifier = 0x05;
constexpr std::uint16_t kAddress = 0x06;
constexpr std::uint16_t kTpdu = 0x0B;

std::string device(std::uint8_t value) {
  switch (value) {
    case 0x81:
      return "UICC";
    case 0x82:
      return "terminal";
    case 0x83:
      return "network";
    default:
      return to_hex(std::array{value});
  }
}

/// The data objects of a template; the TPDU among them is taken apart by `tpdu`.
template <typename Tpdu>
void objects(Explaining& explaining, BytesView bytes, std::size_t base, std::vector<Field>& out, Tpdu tpdu) {
  ctlv::Reader reader(bytes);
  while (!reader.empty() && !explaining.wrong) {
    const auto object = reader.next();
    if (!object) {
      explaining.wrong = Error{object.error().code, "data object: " + object.error().text, base + object.error().offset};
      return;
    }
    const BytesView value = object->value;
    const std::size_t at = base + static_cast<std::size_t>(value.data() - bytes.data());
    Field& field = Explaining::group(out, "object " + to_hex(std::array{static_cast<std::uint8_t>(object->tag)}), "", base + object->offset,
                                     value, object->comprehension_required ? "unknown, comprehension required" : "unknown");
    const auto is = [&](std::string name, std::string clause, std::string meaning) {
      field.name = std::move(name);
      field.clause = std::move(clause);
      field.meaning = std::move(meaning);
    };
    if (object->tag == kDevices) {
      is("device identities", "ETSI TS 102 223 8.7", value.size() == 2 ? device(value[0]) + " to " + device(value[1]) : "not two");
    } else if (object->tag == kAddress) {
      const auto address = parse_address_value(value);
      is("address", "ETSI TS 102 223 8.1", address ? address->text() : "empty");
    } else if (object->tag == kCommandDetails) {
      is("command details", "ETSI TS 102 223 8.6", value.size() == 3 && value[1] == 0x13 ? "SEND SHORT MESSAGE" : "another command");
    } else if (object->tag == kAlphaIdentifier) {
      is("alpha identifier", "ETSI TS 102 223 8.2", "");
    } else if (object->tag == kTpdu) {
      is("SMS TPDU", "ETSI TS 102 223 8.13", "");
      tpdu(value, at, field.parts);
    }
  }
}

/// Tag and length of the template; its inside, or nothing.
std::optional<BytesView> inside(FieldReader& fields, std::uint8_t tag, std::string name, std::string clause) {
  const auto first = fields.u8(std::move(name), std::move(clause));
  if (!first) return std::nullopt;
  if (*first != tag) {
    fields.fail(ErrorCode::kMalformed, "the tag is not " + to_hex(std::array{tag}), 1);
    return std::nullopt;
  }
  const auto length = fields.u8("length", "ETSI TS 101 220 7.1.2");
  if (!length) return std::nullopt;
  std::size_t size = *length;
  if (size == 0x81) {
    const auto more = fields.u8("length", "ETSI TS 101 220 7.1.2");
    if (!more) return std::nullopt;
    size = *more;
  } else if (size > 0x7F) {
    fields.fail(ErrorCode::kMalformed, "a length form other than one byte or 81", 1);
    return std::nullopt;
  }
  if (size > fields.remaining()) {
    fields.fail(ErrorCode::kTruncated,
                "the template of " + std::to_string(size) + " bytes ends after " + std::to_string(fields.remaining()));
    return std::nullopt;
  }
  return fields.view().first(size);
}

}  // namespace

void Explaining::envelope(BytesView bytes, std::size_t base, std::vector<Field>& out) {
  FieldReader fields = reader(bytes, base, out);
  if (is_envelope_command(bytes)) {
    fields.take("ENVELOPE", bytes[0] == kGsmClass ? "3GPP TS 51.011 9.2.20" : "ETSI TS 102 221 11.2.2", 4, "CLA INS P1 P2");
    const auto lc = fields.u8("Lc", "ETSI TS 102 221 10.1.5");
    if (lc && *lc > fields.remaining()) return fields.fail(ErrorCode::kTruncated, "fewer bytes than Lc says", 1);
    if (lc && fields.remaining() > std::size_t{*lc} + 1) return fields.fail(ErrorCode::kTrailing, "bytes after Lc and Le");
  }
  const auto objects_here = inside(fields, 0xD1, "SMS-PP download", "3GPP TS 31.111 7.1.1.2");
  if (!objects_here) return;
  objects(*this, *objects_here, fields.offset(), out,
          [this](BytesView tpdu, std::size_t at, std::vector<Field>& parts) { deliver(tpdu, at, parts); });
  const std::size_t behind = fields.remaining() - objects_here->size();
  const bool le = base == 0 && behind == 1 && bytes[0] != 0xD1;
  if (behind != 0 && !le && !wrong) wrong = Error{ErrorCode::kTrailing, "bytes after the template", fields.offset() + objects_here->size()};
}

void Explaining::proactive_command(BytesView bytes, std::size_t base, std::vector<Field>& out) {
  FieldReader fields = reader(bytes, base, out);
  const auto objects_here = inside(fields, 0xD0, "proactive command", "ETSI TS 102 223 6.6.9");
  if (!objects_here) return;
  objects(*this, *objects_here, fields.offset(), out,
          [this](BytesView tpdu, std::size_t at, std::vector<Field>& parts) { submit(tpdu, at, parts); });
  if (wrong) return;
  fields.skip(objects_here->size());
  if (fields.remaining() == 2) {
    if (const auto status = fields.u16("SW1 SW2", "ETSI TS 102 221 10.2")) fields.say(std::string(meaning(StatusWord{*status})));
  }
  fields.end("the template");
}

}  // namespace uicclab::ota
