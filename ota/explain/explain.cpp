// SPDX-License-Identifier: Apache-2.0
#include "ota/explain/explain.hpp"

#include "core/reader.hpp"
#include "core/status_word.hpp"
#include "ota/explain/explaining.hpp"
#include "ota/sms_tpdu.hpp"

namespace uicclab::ota {
namespace {

/// A packet of this length field and of a header length that fits its kind (CHL 13, RHL 10, and the octets of a check).
bool is_packet(BytesView bytes, unsigned bare) {
  if (bytes.size() < bare + 3 || *ByteReader(bytes).u16() + 2U != bytes.size()) return false;
  const int check = bytes[2] - static_cast<int>(bare);
  return check == 0 || check == 2 || check == 4 || check == 8;
}

/// A user data header that brings a packet or a part of one.
bool is_user_data(BytesView bytes) {
  const auto data = parse_user_data(bytes, true);
  return data && (data->find(iei::kCommandPacket) != nullptr || data->find(iei::kResponsePacket) != nullptr || concatenation_of(*data));
}

bool is_tpdu(BytesView bytes) {
  return SmsDeliver::parse(bytes) || SmsSubmit::parse(bytes);
}

/// The address of a service centre in front: a count of octets, and a type whose bit 8 is 1. No SMS-DELIVER begins so, since its second
/// octet counts the digits of TP-OA; what reads as a TPDU to its end is one.
bool is_modem_pdu(BytesView bytes) {
  if (bytes.size() < 2 || is_tpdu(bytes)) return false;
  const std::size_t size = bytes[0];
  if (size >= bytes.size()) return false;
  if (is_tpdu(bytes.subspan(size + 1))) return size == 0 || parse_address_value(bytes.subspan(1, size)).has_value();
  constexpr std::size_t kShortest = 2, kLongest = 11;
  return (bytes[0] & 0x03) != 0x01 && size >= kShortest && size <= kLongest && (bytes[1] & 0x80) != 0;
}

MessageKind guess(BytesView bytes) {
  if (bytes.empty()) return MessageKind::kGuess;
  if (bytes[0] == 0xD1 || is_envelope_command(bytes)) return MessageKind::kEnvelope;
  if (bytes[0] == 0xD0) return MessageKind::kProactiveCommand;
  if (bytes[0] == 0xAA || bytes[0] == 0xAE) return MessageKind::kCommandScript;
  if (bytes[0] == 0xAB || bytes[0] == 0xAF) return MessageKind::kResponseScript;
  if (is_packet(bytes, 13)) return MessageKind::kCommandPacket;
  if (is_packet(bytes, 10)) return MessageKind::kResponsePacket;
  if (is_user_data(bytes)) return MessageKind::kUserData;
  if (is_modem_pdu(bytes)) return MessageKind::kModemPdu;
  if ((bytes[0] & 0x03) == 0x00) return MessageKind::kDeliver;
  if ((bytes[0] & 0x03) == 0x01) return MessageKind::kSubmit;
  return MessageKind::kGuess;
}

/// User data with the status word that the card sent behind it: the response to ENVELOPE.
std::optional<StatusWord> status_behind(BytesView bytes) {
  const auto data = parse_user_data(bytes, true);
  if (!data || data->find(iei::kResponsePacket) == nullptr || data->payload.size() < 4) return std::nullopt;
  if (*ByteReader(data->payload).u16() + 4U != data->payload.size()) return std::nullopt;
  return StatusWord{*ByteReader(bytes.last(2)).u16()};
}

}  // namespace

Explainer::Explainer(KeySource keys, std::optional<SentWith> known) : m_keys(std::move(keys)), m_sent(known) {}

Explanation Explainer::explain(BytesView message, MessageKind kind) {
  if (kind == MessageKind::kGuess) kind = guess(message);
  Explaining at{*this, {}};
  Explanation out;
  if (message.empty()) return {"nothing", {}, Error{ErrorCode::kTruncated, "an empty message", 0}};
  switch (kind) {
    case MessageKind::kGuess:
      out.what = "unknown";
      at.wrong = Error{ErrorCode::kMalformed, "neither an ENVELOPE, a proactive command, a TPDU, user data nor a secured packet", 0};
      break;
    case MessageKind::kEnvelope:
      out.what = "ENVELOPE (SMS-PP download)";
      at.envelope(message, 0, out.fields);
      break;
    case MessageKind::kProactiveCommand:
      out.what = "proactive command";
      at.proactive_command(message, 0, out.fields);
      break;
    case MessageKind::kDeliver:
      out.what = "SMS-DELIVER";
      at.deliver(message, 0, out.fields);
      break;
    case MessageKind::kSubmit:
      out.what = "SMS-SUBMIT";
      at.submit(message, 0, out.fields);
      break;
    case MessageKind::kModemPdu:
      out.what = "TPDU after the address of a service centre";
      at.modem_pdu(message, 0, out.fields);
      break;
    case MessageKind::kUserData: {
      out.what = "user data";
      const auto status = status_behind(message);
      const BytesView data = status ? message.first(message.size() - 2) : message;
      at.user_data(data, 0, true, Address(), out.fields);
      if (!status) break;
      Explaining::group(out.fields, "SW1 SW2", "ETSI TS 102 221 10.2", data.size(), message.last(2), std::string(meaning(*status)));
      break;
    }
    case MessageKind::kCommandPacket:
      out.what = "command packet";
      at.command_packet(message, 0, out.fields);
      break;
    case MessageKind::kResponsePacket:
      out.what = "response packet";
      at.response_packet(message, 0, out.fields);
      break;
    case MessageKind::kCommandScript:
      out.what = "command script";
      at.command_script(message, 0, m_sent ? m_sent->tar : Tar{{0xB0, 0x00, 0x00}}, out.fields);
      break;
    case MessageKind::kResponseScript:
      out.what = "response script";
      at.response_script(message, 0, out.fields);
      break;
  }
  out.wrong = std::move(at.wrong);
  return out;
}

}  // namespace uicclab::ota
