// SPDX-License-Identifier: Apache-2.0
// Access rules: which application of the device may use which application of the card. GlobalPlatform Secure Element Access Control v1.1
// (GPD_SPE_013, SEAC here) chapter 6; PKG-REF-DO and PERM-AR-DO are Android's (UICC carrier privileges). Its clauses and tables are named
// as public implementations name them: the text itself was not at hand.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/ber_tlv.hpp"
#include "core/result.hpp"
#include "core/types.hpp"

namespace uicclab::gp {

/// The access rule application master, ARA-M (SEAC clause 3.1); Android asks this one.
inline constexpr auto kAraMAid = "A00000015141434C00"_h;

/// Data objects of rules and of the commands that read and store them (SEAC tables 4-1 to 6-13).
namespace seac {
inline constexpr ber::Tag kAidRef = 0x4F;
inline constexpr ber::Tag kDefaultSelectedRef = 0xC0;  ///< "AID-REF-DO of length 0 for the implicitly selected application"
inline constexpr ber::Tag kDeviceAppRef = 0xC1;
inline constexpr ber::Tag kPackageRef = 0xCA;
inline constexpr ber::Tag kApduRights = 0xD0;
inline constexpr ber::Tag kNfcRights = 0xD1;
inline constexpr ber::Tag kPermissions = 0xDB;
inline constexpr ber::Tag kRef = 0xE1;
inline constexpr ber::Tag kRefAr = 0xE2;
inline constexpr ber::Tag kAr = 0xE3;
inline constexpr ber::Tag kDeviceConfig = 0xE4;
inline constexpr ber::Tag kAraMConfig = 0xE5;
inline constexpr ber::Tag kInterfaceVersion = 0xE6;

// Commands in STORE DATA (table 5-1).
inline constexpr ber::Tag kStore = 0xF0;
inline constexpr ber::Tag kDelete = 0xF1;
inline constexpr ber::Tag kUpdateRefreshTag = 0xF2;
inline constexpr ber::Tag kGet = 0xF3;
inline constexpr ber::Tag kGetAll = 0xF4;
inline constexpr ber::Tag kGetNext = 0xF5;

// P1 and P2 of GET DATA, and the tags of the answers (tables 4-1 to 4-5).
inline constexpr std::uint16_t kAll = 0xFF40;
inline constexpr std::uint16_t kSpecific = 0xFF50;
inline constexpr std::uint16_t kNext = 0xFF60;
inline constexpr std::uint16_t kRefreshTag = 0xDF20;
inline constexpr std::uint16_t kConfig = 0xDF21;
}  // namespace seac

/// REF-DO (SEAC table 6-5): whom a rule is about.
struct RuleTarget {
  /// The application of the card, by its AID or the beginning of it; empty: all that no other rule names. Nothing: the rule does not say.
  std::optional<Bytes> aid;
  /// Instead of `aid`: the application that a channel begins with.
  bool default_selected = false;
  /// The application of the device, by the hash of its certificate (SHA-1 or SHA-256); empty: all that no other rule names.
  std::optional<Bytes> device_app;
  /// Android: its package too.
  std::optional<std::string> package;

  bool operator==(const RuleTarget&) const = default;
};

/// AR-DO (SEAC table 6-7): what is allowed.
struct AccessRights {
  std::optional<Bytes> apdu;         ///< 00 never, 01 always, or filters: header and mask of four bytes each
  std::optional<Bytes> nfc;          ///< events: 00 never, 01 always
  std::optional<Bytes> permissions;  ///< Android: eight bytes of permission bits

  bool operator==(const AccessRights&) const = default;
};

/// REF-AR-DO (SEAC table 6-6).
struct AccessRule {
  RuleTarget target;
  AccessRights rights;
  bool operator==(const AccessRule&) const = default;
};

/// A rule as it was read: lengths of values are not judged.
struct ReadRule {
  AccessRule rule;
  bool has_unknown = false;  ///< data objects that are not in the tables; they are left out
};

/// The value of a REF-AR-DO. Errors: kMalformed (no REF-DO or AR-DO, an object twice), kTruncated, with the offset.
Result<ReadRule> parse_rule(BytesView ref_ar_do);
/// The value of a REF-DO. Errors as above.
Result<RuleTarget> parse_target(BytesView ref_do);
/// REF-AR-DOs, one after the other. Errors as above; kMalformed for another tag.
Result<std::vector<AccessRule>> parse_rules(BytesView ref_ar_dos);

/// What SEAC tables 6-3 to 6-9 demand of lengths and values, and that a rule names somebody and allows or forbids something.
/// Errors: kRange, kMalformed with the field's name.
Result<void> check_rule(const AccessRule& rule);

/// Whole data objects.
Bytes encode(const RuleTarget& target);
Bytes encode(const AccessRights& rights);
Bytes encode(const AccessRule& rule);
/// REF-AR-DOs, one after the other.
Bytes encode(const std::vector<AccessRule>& rules);

/// A rule as text, field by field, as profiles and command lines have it; nothing: the rule has no such object.
struct RuleText {
  std::optional<std::string> aid;  ///< hexadecimal, "any" (all that no other rule names), "default" (what is selected by default)
  std::optional<std::string> app;  ///< hexadecimal hash, "any"
  std::optional<std::string> package;
  std::optional<std::string> apdu;         ///< "always", "never", or filters "80CA0000/FFFF0000", with blanks between them
  std::optional<std::string> nfc;          ///< "always", "never"
  std::optional<std::string> permissions;  ///< hexadecimal
};

/// What is no word of the above stays hexadecimal, so that an odd rule of a real card can be seen.
RuleText text_of(const AccessRule& rule);
/// Errors: those of check_rule(), kMalformed for a text of another form; they begin with the field's name.
Result<AccessRule> rule_of(const RuleText& text);

}  // namespace uicclab::gp
