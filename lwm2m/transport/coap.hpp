// SPDX-License-Identifier: Apache-2.0
// CoAP messages: RFC 7252 clause 3 (format), 3.1 (options), 5.10 (option numbers), 12.1 (codes). Block-wise transfer: RFC 7959 clause 2.2.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace uicclab::lwm2m::coap {

enum class Type : std::uint8_t { kConfirmable = 0, kNonConfirmable = 1, kAcknowledgement = 2, kReset = 3 };

/// c.dd as one byte: class in the upper three bits.
struct Code {
  std::uint8_t value = 0;
  constexpr std::uint8_t kind() const { return static_cast<std::uint8_t>(value >> 5); }
  constexpr std::uint8_t detail() const { return value & 0x1F; }
  constexpr bool is_request() const { return kind() == 0 && detail() != 0; }
  constexpr bool is_success() const { return kind() == 2; }
  constexpr bool operator==(const Code&) const = default;
};
constexpr Code code_of(unsigned kind, unsigned detail) {
  return {static_cast<std::uint8_t>(kind << 5 | detail)};
}
inline constexpr Code kEmpty{0};
inline constexpr Code kGet = code_of(0, 1), kPost = code_of(0, 2), kPut = code_of(0, 3), kDelete = code_of(0, 4);
inline constexpr Code kCreated = code_of(2, 1), kDeleted = code_of(2, 2), kChanged = code_of(2, 4), kContent = code_of(2, 5);
inline constexpr Code kContinue = code_of(2, 31);
inline constexpr Code kBadRequest = code_of(4, 0), kNotFound = code_of(4, 4), kMethodNotAllowed = code_of(4, 5);
inline constexpr Code kBadOption = code_of(4, 2), kNotAcceptable = code_of(4, 6), kForbidden = code_of(4, 3);
inline constexpr Code kIncomplete = code_of(4, 8), kPreconditionFailed = code_of(4, 12), kTooLarge = code_of(4, 13);
inline constexpr Code kUnsupportedFormat = code_of(4, 15);

/// "4.00 Bad Request"; "2.17" for one without a name.
std::string name(Code code);

namespace option {
inline constexpr std::uint16_t kUriHost = 3, kObserve = 6, kUriPort = 7, kLocationPath = 8, kUriPath = 11, kContentFormat = 12,
                               kUriQuery = 15, kAccept = 17, kBlock2 = 23, kBlock1 = 27, kSize2 = 28, kSize1 = 60;
/// One that is not understood makes a request bad (RFC 7252 clause 5.4.6).
constexpr bool is_critical(std::uint16_t number) {
  return (number & 1) != 0;
}
}  // namespace option
namespace format {
inline constexpr std::uint16_t kText = 0, kLinkFormat = 40, kOpaque = 42, kSenmlJson = 110, kSenmlCbor = 112, kLwm2mTlv = 11542;
/// What LwM2M servers sent for TLV before 11542 was assigned.
inline constexpr std::uint16_t kOldTlv = 1542;
}  // namespace format

struct Option {
  std::uint16_t number = 0;
  Bytes value;
  bool operator==(const Option&) const = default;
};

struct Message {
  Type type = Type::kConfirmable;
  Code code;
  std::uint16_t id = 0;
  Bytes token;                  ///< up to 8 bytes
  std::vector<Option> options;  ///< in the order of their numbers
  Bytes payload;

  /// Adds it after those of the same number.
  void add(std::uint16_t number, BytesView value);
  void add(std::uint16_t number, std::string_view text) { add(number, as_bytes(text)); }
  /// In as few bytes as it takes; 0 is no byte (RFC 7252 clause 3.2).
  void add_number(std::uint16_t number, std::uint32_t value);
  /// The first one; nothing if there is none.
  const Option* find(std::uint16_t number) const;
  /// Its number. Nothing also for more than four bytes.
  std::optional<std::uint32_t> number_in(std::uint16_t number) const;
  /// All values of a repeatable one as texts.
  std::vector<std::string> texts(std::uint16_t number) const;

  bool operator==(const Message&) const = default;
};

/// A critical option that this house does not understand in such a message, or a second one of an option that comes once (RFC 7252 clauses
/// 5.4.1, 5.4.5); nothing if all are fine.
std::optional<std::uint16_t> unknown_critical(const Message& message);

/// Each option is as long as RFC 7252 table 4 allows. Errors: kRange, which names the option and its length.
Result<void> check_lengths(const Message& message);

/// An answer; the text, for people, is its diagnostic payload (RFC 7252 clause 5.5.2). Whoever sends it adds type, identifier and token.
Message answer_of(Code code, std::string_view diagnostic = {});

/// A message without content, of that type (clause 4.1).
Message empty_message(Type type, std::uint16_t id);

/// A path as options: "rd/5a3f" or "/3/0".
void add_path(Message& message, std::string_view path);

/// The path of a request, "/3/0"; "/" without one.
std::string path_of(const Message& message);

/// Numbers of an LwM2M path of up to four; nothing for anything else. "/" and no path are none.
std::optional<std::vector<std::uint16_t>> numbers_of(const std::vector<std::string>& path);

/// Errors: kTruncated; kUnsupported for another version than 1; kMalformed for a token over 8 bytes, a reserved length, an empty message
/// with something in it, a payload marker without payload, an option number over 65535; the offset gives the place.
Result<Message> parse(BytesView datagram);
/// Throws SystemError for a token over 8 bytes, options out of order, or an option over 65804 bytes.
Bytes encode(const Message& message);

/// Block1 and Block2 (RFC 7959 clause 2.2).
struct Block {
  std::uint32_t number = 0;
  bool more = false;
  std::uint8_t size_exponent = 6;  ///< 16 << this bytes, 0 to 6
  std::size_t size() const { return std::size_t{16} << size_exponent; }
  bool operator==(const Block&) const = default;
};
/// Nothing for the reserved size 7 and for more than three bytes.
std::optional<Block> block_in(const Message& message, std::uint16_t number);
void add_block(Message& message, std::uint16_t number, const Block& block);

/// The largest block of this message that fits a datagram of `room` bytes with header, token, options and a block option (RFC 7959 clause
/// 2.2; RFC 7252 clause 4.6). The smallest, 16 bytes, where none fits.
std::uint8_t block_exponent_for(const Message& message, std::size_t room);

}  // namespace uicclab::lwm2m::coap
