// SPDX-License-Identifier: Apache-2.0
// Command and response packets: ETSI TS 102 225 clauses 5.1 and 5.2; 3GPP TS 31.115 clause 4.
#include "core/enum_table.hpp"
#include "ota/explain/explaining.hpp"
#include "ota/remote_apdu_expanded.hpp"
#include "ota/secured_packet_layout.hpp"
#include "ota/secured_packet_response.hpp"

namespace uicclab::ota {
namespace {

const std::string kCommand = "ETSI TS 102 225 5.1";
const std::string kResponse = "ETSI TS 102 225 5.2";
constexpr std::size_t kBareChl = 13;
constexpr std::size_t kBareRhl = 10;
constexpr auto kCheckNames =
    enum_table<Check::kDs, std::string_view>({{Check::kNone, ""}, {Check::kRc, "RC"}, {Check::kCc, "CC"}, {Check::kDs, "DS"}});

std::string algorithm_of(std::uint8_t indicator, bool kid) {
  switch (indicator & 0x0F) {
    case 0x00:
      return "implicitly known";
    case 0x01:
      return "DES CBC";
    case 0x05:
      return "3DES CBC, two keys";
    case 0x09:
      return "3DES CBC, three keys";
    case 0x0D:
      return kid ? "reserved" : "DES ECB";
    case 0x02:
      return kid ? "AES CMAC" : "AES CBC";
    case 0x03:
      return "proprietary";
    default:
      return "reserved";
  }
}

std::string version_of(std::uint8_t indicator) {
  return (indicator >> 4) == 0 ? ", no key version" : ", key version " + std::to_string(indicator >> 4);
}

std::string_view counter_mode(const Spi& spi) {
  switch (spi.counter_mode()) {
    case CounterMode::kNone:
      return "no counter";
    case CounterMode::kUnchecked:
      return "counter not checked";
    case CounterMode::kHigher:
      return "counter must be higher";
    case CounterMode::kOneHigher:
      return "counter must be one higher";
  }
  return "";
}

/// What deciphering and checking with the keys at hand gave.
struct Unlocked {
  Bytes bytes;           ///< of the packet, deciphered if it could be
  bool readable = true;  ///< nothing is ciphered any more
  std::string note;      ///< on the check, or why nothing could be read
  std::optional<Error> wrong;
};

Unlocked unlock(BytesView packet, const PacketLayout& layout, bool ciphered, Check kind, std::size_t check_size, PacketKeys* keys) {
  Unlocked out{to_bytes(packet), true, {}, {}};
  PacketProtection protection;
  if (ciphered) {
    const auto cipher = keys != nullptr ? keys->cipher() : fail(ErrorCode::kNotFound, "how it was sent is not known");
    if (!cipher) {
      out.readable = false;
      out.note = "ciphered: " + cipher.error().text;
      return out;
    }
    protection.cipher = *cipher;
  }
  std::string unchecked;
  if (kind != Check::kNone && check_size != 0) {
    const auto check = keys != nullptr ? keys->check(kind) : fail(ErrorCode::kNotFound, "how it was sent is not known");
    if (check && (*check)->has_size(check_size)) {
      protection.check = *check;
    } else {
      unchecked = "not checked: " + (check ? "not the size that the algorithm needs" : check.error().text);
    }
  }
  protection.check_size = check_size;
  switch (open(out.bytes, layout, protection)) {
    case Opened::kOk:
      out.note = protection.check != nullptr ? "right" : unchecked;
      break;
    case Opened::kPartOfBlock:
      out.readable = false;
      out.note = "ciphered: a part of a block";
      out.wrong = Error{ErrorCode::kMalformed, "the ciphered part is not made of whole blocks", layout.clear};
      break;
    case Opened::kCheckFailed:
      out.note = "WRONG";
      out.wrong = Error{ErrorCode::kMismatch, "the " + std::string(kCheckNames[kind]) + " is wrong", layout.check()};
      break;
    case Opened::kPaddingTooLong:
      out.note = protection.check != nullptr ? "right" : unchecked;
      out.wrong = Error{ErrorCode::kMalformed, "PCNTR gives more padding than the packet has", layout.pcntr()};
      break;
  }
  return out;
}

/// Length field of two octets: the packet that it announces, which has to end where the bytes do.
void check_length(FieldReader& fields, std::uint16_t length, std::string_view name) {
  fields.say(std::to_string(length) + " octets follow");
  if (length > fields.remaining()) {
    fields.fail(ErrorCode::kTruncated,
                std::string(name) + " says " + std::to_string(length) + " octets, " + std::to_string(fields.remaining()) + " are there", 2);
  } else if (length < fields.remaining()) {
    fields.fail(ErrorCode::kTrailing, std::to_string(fields.remaining() - length) + " octets more than " + std::string(name) + " says", 2);
  }
}

/// Behind the fixed fields: check, data, padding. `say` takes the data apart.
template <typename Say>
void tail(FieldReader& fields, const Unlocked& open, Check kind, std::size_t check_size, std::size_t padding, const std::string& clause,
          std::string name, Content content, std::vector<Field>& out, Say say) {
  if (check_size != 0) {
    const auto check = kCheckNames[kind];
    fields.take(check.empty() ? "RC/CC/DS" : std::string(check), clause, check_size, open.note);
  }
  // A check that failed often means another key: what was deciphered then is noise.
  if (open.wrong) {
    if (!fields.rest(name + " and padding", clause).empty()) fields.last().content = Content::kUnread;
    return;
  }
  const std::size_t at = fields.offset();
  const BytesView data = fields.view().first(fields.remaining() - padding);
  if (!data.empty()) {
    Field& field = Explaining::group(out, std::move(name), clause, at, data);
    field.content = content;
    say(data, at, field.parts);
  }
  fields.skip(data.size());
  fields.rest("padding", clause);
}

}  // namespace

std::string meaning_of_spi1(std::uint8_t spi1) {
  const Spi spi{spi1, 0};
  constexpr std::string_view kChecks[] = {"no check", "RC", "CC", "DS"};
  return std::string(kChecks[spi1 & 0x03]) + (spi.ciphered() ? ", ciphered, " : ", not ciphered, ") + std::string(counter_mode(spi)) +
         ((spi1 & 0xE0) != 0 ? ", reserved bits set" : "");
}

std::string meaning_of_spi2(std::uint8_t spi2) {
  const Spi spi{0, spi2};
  constexpr std::string_view kPor[] = {"no PoR", "PoR always", "PoR on error", "PoR mode reserved"};
  constexpr std::string_view kChecks[] = {"no check", "RC", "CC", "DS"};
  std::string text(kPor[spi2 & 0x03]);
  if (spi.por() != PorMode::kNever) {
    text += ", " + std::string(kChecks[(spi2 >> 2) & 0x03]) + (spi.por_ciphered() ? ", ciphered" : ", not ciphered") +
            (spi.por_by_submit() ? ", by SMS-SUBMIT" : ", by SMS-DELIVER-REPORT");
  }
  return text + ((spi2 & 0xC0) != 0 ? ", reserved bits set" : "");
}

std::string meaning_of_kic(std::uint8_t kic) {
  return algorithm_of(kic, false) + version_of(kic);
}

std::string meaning_of_kid(std::uint8_t kid, Check check) {
  if (check != Check::kRc) return algorithm_of(kid, true) + version_of(kid);
  const std::uint8_t low = kid & 0x0F;
  return low == 0x01 ? "CRC-16" : low == 0x05 ? "CRC-32" : low == 0x00 ? "implicitly known" : "reserved";
}

void Explaining::command_packet(BytesView bytes, std::size_t base, std::vector<Field>& out) {
  Field& packet = group(out, "command packet", "3GPP TS 31.115 4.2", base, bytes);
  packet.content = Content::kPacket;
  FieldReader fields = reader(bytes, base, packet.parts);
  const auto cpl = fields.u16("CPL", kCommand);
  if (cpl) check_length(fields, *cpl, "CPL");
  const auto chl = fields.u8("CHL", kCommand);
  if (chl && (*chl < kBareChl || *chl > fields.remaining())) fields.fail(ErrorCode::kMalformed, "a CHL that does not fit", 1);
  if (fields.failed()) return;
  fields.say(std::to_string(*chl) + " octets, " + std::to_string(*chl - kBareChl) + " of them the check");
  SentWith sent;
  sent.spi.first = *fields.u8("SPI1", "ETSI TS 102 225 5.1.1", meaning_of_spi1(bytes[3]));
  sent.spi.second = *fields.u8("SPI2", "ETSI TS 102 225 5.1.1", meaning_of_spi2(bytes[4]));
  sent.kic = *fields.u8("KIc", "ETSI TS 102 225 5.1.2", meaning_of_kic(bytes[5]));
  sent.kid = *fields.u8("KID", "ETSI TS 102 225 5.1.3", meaning_of_kid(bytes[6], sent.spi.check()));
  std::ranges::copy(*fields.take("TAR", kCommand, sent.tar.value.size()), sent.tar.value.begin());
  owner.m_sent = sent;

  std::optional<PacketKeys> keys;
  if (owner.m_keys) {
    keys.emplace(owner.m_keys(sent.kic, sent.kid));
  } else {
    keys.emplace(sent.kic, sent.kid, OtaKeySet{});
  }
  const std::size_t check_size = *chl - kBareChl;
  const Unlocked open = unlock(bytes, kCommandLayout, sent.spi.ciphered(), sent.spi.check(), check_size, &*keys);
  if (open.wrong && !wrong) wrong = Error{open.wrong->code, open.wrong->text, base + open.wrong->offset};
  if (!open.readable) {
    group(packet.parts, "CNTR to data", kCommand, fields.offset(), fields.view(), open.note).content = Content::kCiphered;
    return;
  }
  std::optional<Error> no_error;  // what is here was measured above
  FieldReader inner(BytesView(open.bytes).subspan(kCommandLayout.clear), base + kCommandLayout.clear, packet.parts, no_error);
  inner.take("CNTR", "ETSI TS 102 225 5.1.4", Cntr::kSize, std::to_string(read_cntr(open.bytes, kCommandLayout).value));
  const std::size_t padding = *inner.u8("PCNTR", kCommand);
  inner.say(std::to_string(padding) + " octets of padding");
  tail(inner, open, sent.spi.check(), check_size, padding, kCommand, "secured data", Content::kScript, packet.parts,
       [&](BytesView data, std::size_t at, std::vector<Field>& parts) { command_script(data, at, sent.tar, parts); });
}

void Explaining::response_packet(BytesView bytes, std::size_t base, std::vector<Field>& out) {
  Field& packet = group(out, "response packet", "3GPP TS 31.115 4.4", base, bytes);
  packet.content = Content::kPacket;
  FieldReader fields = reader(bytes, base, packet.parts);
  const auto rpl = fields.u16("RPL", kResponse);
  if (rpl) check_length(fields, *rpl, "RPL");
  const auto rhl = fields.u8("RHL", kResponse);
  if (rhl && (*rhl < kBareRhl || *rhl > fields.remaining())) fields.fail(ErrorCode::kMalformed, "an RHL that does not fit", 1);
  if (fields.failed()) return;
  const std::size_t check_size = *rhl - kBareRhl;
  fields.say(std::to_string(*rhl) + " octets, " + std::to_string(check_size) + " of them the check");
  fields.take("TAR", kResponse, 3);

  const auto& sent = owner.m_sent;
  // A bare status is neither ciphered nor checked, whatever was asked for (table 5, status 06).
  const bool bare = check_size == 0 && bytes.size() == kResponseLayout.clear + kResponseLayout.fixed;
  std::optional<PacketKeys> keys;
  if (sent) keys.emplace(owner.m_keys ? owner.m_keys(sent->kic, sent->kid) : PacketKeys(sent->kic, sent->kid, {}));
  const Spi spi = sent && !bare ? sent->spi : Spi{};
  Unlocked open = unlock(bytes, kResponseLayout, spi.por_ciphered(), spi.por_check(), check_size, keys ? &*keys : nullptr);
  if (!sent && check_size != 0) open.note = "not checked: the SPI of the command is not known";
  if (open.wrong && !wrong) {
    // Without the SPI of the command it is a guess that nothing is ciphered.
    if (sent || open.wrong->code == ErrorCode::kMismatch) {
      wrong = Error{open.wrong->code, open.wrong->text, base + open.wrong->offset};
    } else {
      open.readable = false;
      open.note = "reads as ciphered: the SPI and keys of the command are needed";
    }
  }
  if (!open.readable) {
    const Content content = spi.por_ciphered() ? Content::kCiphered : Content::kUnread;
    group(packet.parts, "CNTR to data", kResponse, fields.offset(), fields.view(), open.note).content = content;
    return;
  }
  std::optional<Error> no_error;  // what is here was measured above
  FieldReader inner(BytesView(open.bytes).subspan(kResponseLayout.clear), base + kResponseLayout.clear, packet.parts, no_error);
  inner.take("CNTR", kResponse, Cntr::kSize, std::to_string(read_cntr(open.bytes, kResponseLayout).value));
  const std::size_t padding = *inner.u8("PCNTR", kResponse);
  inner.say(std::to_string(padding) + " octets of padding");
  const std::uint8_t status = *inner.u8("status", "ETSI TS 102 225 table 5");
  inner.say(std::string(meaning(static_cast<ResponseStatus>(status))));
  tail(inner, open, spi.por_check(), check_size, padding, kResponse, "response data", Content::kResponse, packet.parts,
       [&](BytesView data, std::size_t at, std::vector<Field>& parts) { response_script(data, at, parts); });
}

}  // namespace uicclab::ota
