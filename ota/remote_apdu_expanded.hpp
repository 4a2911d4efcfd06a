// SPDX-License-Identifier: Apache-2.0
// Expanded remote application data: ETSI TS 102 226 clause 5.2; tags: ETSI TS 101 220 clause 7.2.
//
// A command scripting template holds C-APDUs and directions for the session; a response scripting template holds an R-APDU for each
// C-APDU that was executed. Both come with a definite length, or with an indefinite one and an end mark.
#pragma once

#include <optional>
#include <vector>

#include "core/ber_tlv.hpp"
#include "core/status_word.hpp"

namespace uicclab::ota {

/// Tags of templates and of what they hold.
namespace script_tag {
inline constexpr std::uint8_t kCommands = 0xAA;            ///< definite length
inline constexpr std::uint8_t kCommandsIndefinite = 0xAE;  ///< length 80, end mark 00 00
inline constexpr std::uint8_t kResponses = 0xAB;
inline constexpr std::uint8_t kResponsesIndefinite = 0xAF;
inline constexpr std::uint8_t kCApdu = 0x22;
inline constexpr std::uint8_t kRApdu = 0x23;
inline constexpr std::uint8_t kExecuted = 0x80;         ///< number of command data objects executed
inline constexpr std::uint8_t kImmediateAction = 0x81;  ///< in either direction
inline constexpr std::uint8_t kErrorAction = 0x82;
inline constexpr std::uint8_t kScriptChaining = 0x83;  ///< in either direction
inline constexpr std::uint8_t kBadFormat = 0x90;
}  // namespace script_tag

/// Why a script could not be read on (clause 5.2.2).
enum class BadFormat : std::uint8_t { kUnknownTag = 0x01, kWrongLength = 0x02, kLengthNotFound = 0x03 };

/// Place of a script in a chain (clause 5.2.1.4).
enum class ScriptChaining : std::uint8_t {
  kFirst = 0x01,       ///< first; forgotten at reset
  kSubsequent = 0x02,  ///< more follow
  kLast = 0x03,        ///< none follows
  kFirstKeptOverReset = 0x11
};

/// What became of it (clause 5.2.2).
enum class ChainingResult : std::uint8_t { kNoPreviousScript = 0x01, kNotSupported = 0x02, kUnableToProcess = 0x03 };

/// One data object of a template. In a command script: kCApdu, kImmediateAction, kErrorAction or kScriptChaining.
struct ScriptObject {
  std::uint8_t tag = script_tag::kCApdu;
  Bytes value;
  bool operator==(const ScriptObject&) const = default;
};

/// What an immediate or an error action asks for (clauses 5.2.1.2 and 5.2.1.3).
struct ScriptAction {
  enum class Kind {
    kNone,              ///< error action without value: none from here on
    kProactiveSession,  ///< 81: proactive commands of the script may be sent
    kEarlyResponse,     ///< 82: the response goes out before the script is executed
    kRecord,            ///< a record of EF_RMA
    kProactiveCommand   ///< the value is the command
  };
  Kind kind = Kind::kNone;
  std::uint8_t record = 0;  ///< 1 to 127
  Bytes command;

  /// Errors: kRange for a value that has no meaning with this tag.
  static Result<ScriptAction> from(const ScriptObject& object);
  bool operator==(const ScriptAction&) const = default;
};

/// The first byte distinguishes expanded data (AA, AE) from compact data, where it is a CLA (clause 5.3).
bool is_expanded(BytesView data);

/// A command script.
struct ExpandedScript {
  bool indefinite = false;
  std::vector<ScriptObject> commands;
  /// Set if what follows `commands` cannot be read. They are good and are executed before the receiver answers so.
  std::optional<BadFormat> broken;

  /// Errors: kMalformed if it is no command scripting template at all.
  static Result<ExpandedScript> parse(BytesView data);
  /// Throws SystemError for a tag that is not allowed in a command script.
  Bytes build() const;
  /// Clause 5.2.1.4, from the first object. Errors: kRange for a value that is reserved. Nothing without such an object.
  Result<std::optional<ScriptChaining>> chaining() const;
};

/// A response script as its receiver sees it.
struct ExpandedResponse {
  bool indefinite = false;
  std::optional<std::uint32_t> executed;  ///< only with a definite length
  std::vector<ScriptObject> objects;      ///< all others in order: kRApdu and the rest

  /// Errors, with the offset: kMalformed for another template, an R-APDU under two bytes, or an invalid count; kTruncated; kTrailing;
  /// kUnsupported for an unknown tag.
  static Result<ExpandedResponse> parse(BytesView data);
  /// Throws SystemError for a tag that is not allowed in a response script.
  Bytes build() const;
  bool operator==(const ExpandedResponse&) const = default;
};

/// Puts a response together within a limit, object by object.
class ExpandedResponseBuilder {
 public:
  /// A template that holds nothing but its count, and room for a bad format.
  static constexpr std::size_t kMinimum = 12;

  /// Throws SystemError for a limit under kMinimum.
  ExpandedResponseBuilder(bool indefinite, std::size_t limit);

  /// An R-APDU. False: it did not fit; as much of the data as does was taken, with status 62F1 if the status fits at all, and the script
  /// has to end here (clause 5.2.2).
  bool add_r_apdu(BytesView data, StatusWord status);
  /// Other objects, which are short; false if one does not fit and was left out.
  bool add(std::uint8_t tag, BytesView value);
  /// There is always room for one of it.
  void add_bad_format(BadFormat reason);

  /// The template, with the number of command objects executed if the length is definite. At most `limit` bytes.
  Bytes finish(std::uint32_t executed) const;

 private:
  std::size_t size_with(std::size_t more) const;

  bool m_indefinite;
  std::size_t m_limit;
  Bytes m_objects;
  bool m_reserve = true;
};

}  // namespace uicclab::ota
