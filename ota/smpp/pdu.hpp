// SPDX-License-Identifier: Apache-2.0
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
  kSubmitMulti = 0x00000021,
  kDataSm = 0x00000103,
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
  kInvalidMessageId = 0x0C,
  kBindFailed = 0x0D,
  kInvalidPassword = 0x0E,
  kQueueFull = 0x14,
  kInvalidDestinationCount = 0x33,
  kInvalidListName = 0x34,
  kInvalidDestinationFlag = 0x40,
  kSubmitFailed = 0x45,
  kInvalidSourceTon = 0x48,
  kInvalidSourceNpi = 0x49,
  kInvalidDestinationTon = 0x50,
  kInvalidDestinationNpi = 0x51,
  kThrottled = 0x58,
  kInvalidSchedule = 0x61,
  kInvalidExpiry = 0x62,
  kTemporaryError = 0x64,  ///< of an ESME that wants the message again
  kInvalidOptionalPart = 0xC0,
  kInvalidParameterLength = 0xC2,
  kInvalidParameterValue = 0xC4,
  kDeliveryFailure = 0xFE,
};

/// message_state (clause 5.2.28).
enum class MessageState : std::uint8_t { kEnroute = 1, kDelivered = 2, kExpired = 3, kUndeliverable = 5 };

/// Values of ton and npi (clauses 5.2.5 and 5.2.6) that something depends on.
inline constexpr std::uint8_t kTonInternational = 0x01;
inline constexpr std::uint8_t kTonName = 0x05;

/// An ESME of an earlier version gets no optional parameters (clause 3.4).
inline constexpr std::uint8_t kVersion34 = 0x34;

/// Bits of esm_class (clause 5.2.12).
inline constexpr std::uint8_t kEsmMode = 0x03;
inline constexpr std::uint8_t kEsmTransaction = 0x02;  ///< of the mode: the response has the result of the message
inline constexpr std::uint8_t kEsmReceipt = 0x04;
inline constexpr std::uint8_t kEsmUdhi = 0x40;

/// Tags of optional parameters (clause 5.3.2).
namespace tag {
inline constexpr std::uint16_t kDestinationSubunit = 0x0005;
inline constexpr std::uint16_t kReceiptedMessageId = 0x001E;
inline constexpr std::uint16_t kSarReference = 0x020C;
inline constexpr std::uint16_t kSarTotal = 0x020E;
inline constexpr std::uint16_t kSarSequence = 0x020F;
inline constexpr std::uint16_t kInterfaceVersion = 0x0210;
inline constexpr std::uint16_t kMessagePayload = 0x0424;
inline constexpr std::uint16_t kDeliveryFailureReason = 0x0425;
inline constexpr std::uint16_t kMessageState = 0x0427;
}  // namespace tag

/// An optional parameter.
struct Parameter {
  std::uint16_t tag = 0;
  Bytes value;
  bool operator==(const Parameter&) const = default;
};

/// Header and body as on the wire.
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

/// submit_sm and deliver_sm (clauses 4.4.1 and 4.6.1); data_sm and submit_multi with what they have of it (clauses 4.7.1 and 4.5.1).
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
  /// Of data_sm, whose text is the optional parameter message_payload.
  static Result<ShortMessage> parse_data(BytesView body);
  Bytes encode() const;

  /// The first one with this tag, or nullptr.
  const Parameter* find(std::uint16_t tag) const;
  bool operator==(const ShortMessage&) const = default;
};

/// submit_multi (clause 4.5.1): a message, and where it goes instead of its destination.
struct SubmitMulti {
  ShortMessage message;
  std::vector<Address> destinations;
  std::vector<std::string> lists;  ///< names of distribution lists

  /// Errors as of ShortMessage; kUnsupported for a dest_flag that is neither an address nor a list.
  static Result<SubmitMulti> parse(BytesView body);
};

/// query_sm (clause 4.8.1).
struct QuerySm {
  std::string message_id;
  Address source;

  static Result<QuerySm> parse(BytesView body);
};

/// One unsuccess_sme of submit_multi_resp (clause 4.5.2).
struct Unsuccessful {
  Address destination;
  Status status = Status::kOk;
  bool operator==(const Unsuccessful&) const = default;
};
Bytes encode_multi_response(std::string_view message_id, const std::vector<Unsuccessful>& failed);

/// query_sm_resp (clause 4.8.2); the final date is empty while the message is on its way.
Bytes encode_query_response(std::string_view message_id, std::string_view final_date, MessageState state, std::uint8_t error);

/// Body of bind_*_resp and submit_sm_resp: a text that ends with 00.
Bytes encode_text(std::string_view text);

}  // namespace uicclab::ota::smpp
