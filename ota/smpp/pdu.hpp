// Protocol data units of SMPP: Short Message Peer to Peer Protocol Specification v3.4 clauses 3.2, 4 and 5.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace uicclab::ota::smpp {

/// Clause 5.1.2.1. A response has bit 31 set.
enum class Command : std::uint32_t {
  kGenericNack = 0x80000000,
  kBindReceiver = 0x00000001,
  kBindTransmitter = 0x00000002,
  kQuerySm = 0x00000003,
  kSubmitSm = 0x00000004,
  kDeliverSm = 0x00000005,
  kUnbind = 0x00000006,
  kBindTransceiver = 0x00000009,
  kEnquireLink = 0x00000015,
};
constexpr std::uint32_t kResponseBit = 0x80000000;

/// Clause 5.1.3.
enum class Status : std::uint32_t {
  kOk = 0x00,
  kInvalidMessageLength = 0x01,
  kInvalidCommandLength = 0x02,
  kInvalidCommandId = 0x03,
  kWrongBindStatus = 0x04,
  kAlreadyBound = 0x05,
  kSystemError = 0x08,
  kInvalidSource = 0x0A,
  kInvalidDestination = 0x0B,
  kBindFailed = 0x0D,
  kInvalidPassword = 0x0E,
  kQueueFull = 0x14,
  kSubmitFailed = 0x45,
  kThrottled = 0x58,
  kInvalidOptionalPart = 0xC0,
  kInvalidParameterLength = 0xC2,
  kInvalidParameterValue = 0xC4,
};

/// Bits of esm_class (clause 5.2.12).
inline constexpr std::uint8_t kEsmReceipt = 0x04;
inline constexpr std::uint8_t kEsmUdhi = 0x40;

/// Tags of optional parameters (clause 5.3.2).
namespace tag {
inline constexpr std::uint16_t kReceiptedMessageId = 0x001E;
inline constexpr std::uint16_t kSarReference = 0x020C;
inline constexpr std::uint16_t kSarTotal = 0x020E;
inline constexpr std::uint16_t kSarSequence = 0x020F;
inline constexpr std::uint16_t kInterfaceVersion = 0x0210;
inline constexpr std::uint16_t kMessagePayload = 0x0424;
inline constexpr std::uint16_t kMessageState = 0x0427;
}  // namespace tag

/// An optional parameter.
struct Parameter {
  std::uint16_t tag = 0;
  Bytes value;
  bool operator==(const Parameter&) const = default;
};

/// Header and body as it stands on the wire.
struct Pdu {
  static constexpr std::size_t kHeaderSize = 16;
  /// Our limit: a short_message, a payload of 64 kB in optional parameters, and the rest.
  static constexpr std::size_t kMaxSize = std::size_t{68} * 1024;

  std::uint32_t command = 0;
  std::uint32_t status = 0;
  std::uint32_t sequence = 0;
  Bytes body;

  Bytes encode() const;
  bool operator==(const Pdu&) const = default;
};

/// Takes the first PDU off a stream. Nothing: more bytes are needed. Errors: kRange for a length that no PDU has; the stream is lost then.
Result<std::optional<Pdu>> take_pdu(Bytes& stream);

/// An address with its type of number and numbering plan (clauses 5.2.5 to 5.2.9).
struct Address {
  std::uint8_t ton = 0;
  std::uint8_t npi = 0;
  std::string digits;
  bool operator==(const Address&) const = default;
};

/// bind_receiver, bind_transmitter, bind_transceiver (clause 4.1).
struct Bind {
  std::string system_id;  ///< up to 15 characters
  std::string password;   ///< up to 8
  std::string system_type;
  std::uint8_t interface_version = 0x34;
  Address range;

  /// Errors, with the offset: kTruncated, kRange for a text that is too long.
  static Result<Bind> parse(BytesView body);
  Bytes encode() const;
  bool operator==(const Bind&) const = default;
};

/// submit_sm and deliver_sm (clauses 4.4.1 and 4.6.1).
struct ShortMessage {
  std::string service_type;
  Address source;
  Address destination;
  std::uint8_t esm_class = 0;
  std::uint8_t protocol_id = 0;
  std::uint8_t priority = 0;
  std::string schedule;
  std::string validity;
  std::uint8_t registered_delivery = 0;
  std::uint8_t replace_if_present = 0;
  std::uint8_t data_coding = 0;
  std::uint8_t default_message = 0;
  Bytes text;  ///< short_message, up to 254
  std::vector<Parameter> parameters;

  /// Errors, with the offset: kTruncated; kRange for a text that is too long.
  static Result<ShortMessage> parse(BytesView body);
  Bytes encode() const;

  /// The first one with this tag, or nullptr.
  const Parameter* find(std::uint16_t tag) const;
  bool operator==(const ShortMessage&) const = default;
};

/// Body of bind_*_resp and submit_sm_resp: a text that ends with 00.
Bytes encode_text(std::string_view text);

}  // namespace uicclab::ota::smpp
