// SPDX-License-Identifier: Apache-2.0
// Access rules: ETSI TS 102 221 clause 9.2; ISO/IEC 7816-4 clause 5.4.3. Which key must be satisfied for which operation on a file.
#pragma once

#include <vector>

#include "core/result.hpp"
#include "uicc/file.hpp"

namespace uicclab::uicc {

/// Access mode bits of an EF (clause 9.2.2, table for EFs).
namespace ef_access {
inline constexpr std::uint8_t kRead = 0x01;
inline constexpr std::uint8_t kUpdate = 0x02;
inline constexpr std::uint8_t kWrite = 0x04;
inline constexpr std::uint8_t kDeactivate = 0x08;
inline constexpr std::uint8_t kActivate = 0x10;
inline constexpr std::uint8_t kTerminate = 0x20;
inline constexpr std::uint8_t kDelete = 0x40;
}  // namespace ef_access

/// Access mode bits of a DF (clause 9.2.2, table for DFs).
namespace df_access {
inline constexpr std::uint8_t kDeleteChild = 0x01;
inline constexpr std::uint8_t kCreateEf = 0x02;
inline constexpr std::uint8_t kCreateDf = 0x04;
inline constexpr std::uint8_t kDeactivate = 0x08;
inline constexpr std::uint8_t kActivate = 0x10;
inline constexpr std::uint8_t kTerminate = 0x20;
inline constexpr std::uint8_t kDeleteSelf = 0x40;
}  // namespace df_access

/// What is asked of a rule: an access mode bit, or a command that has none (INCREASE 32, RESIZE D4), described by its header.
struct Access {
  std::uint8_t mode = 0;
  std::uint8_t cla = 0, ins = 0, p1 = 0, p2 = 0;

  static constexpr Access of_mode(std::uint8_t bit) { return {bit, 0, 0, 0, 0}; }
  static constexpr Access of_command(std::uint8_t cla, std::uint8_t ins) { return {0, cla, ins, 0, 0}; }
};

/// All that a secure channel can protect: both directions, integrity and confidentiality (security level 33).
inline constexpr std::uint8_t kFullProtection = 0x33;

/// A security condition.
struct Condition {
  enum class Kind : std::uint8_t { kAlways, kNever, kKey, kSecureMessaging, kAny, kAll, kNone };
  Kind kind = Kind::kNever;
  KeyReference key;              ///< kKey
  std::vector<Condition> parts;  ///< kAny (OR), kAll (AND), kNone (NOT)
  std::uint8_t level = 0;        ///< kSecureMessaging: what the secure channel must protect (applet::SecureChannel::level())

  /// `satisfied(KeyReference)` says whether a key's condition is met; `protection` is what the command's secure channel protects.
  template <typename Satisfied>
  bool holds(const Satisfied& satisfied, std::uint8_t protection) const {
    const auto part_holds = [&](const Condition& part) { return part.holds(satisfied, protection); };
    switch (kind) {
      case Kind::kAlways:
        return true;
      case Kind::kNever:
        return false;
      case Kind::kKey:
        return satisfied(key);
      case Kind::kSecureMessaging:
        return (level & ~protection) == 0;
      case Kind::kAny:
        return std::ranges::any_of(parts, part_holds);
      case Kind::kAll:
        return std::ranges::all_of(parts, part_holds);
      case Kind::kNone:
        return std::ranges::none_of(parts, part_holds);
    }
    return false;
  }
  bool operator==(const Condition&) const = default;
};

/// A parsed rule. An operation that no clause names is never allowed (clause 9.2.1).
class AccessRule {
 public:
  /// Expanded format (clause 9.2.4): pairs of AM_DO and SC_DOs, as in an EF_ARR record; FF padding at the end.
  /// Errors: kMalformed, kTruncated, kUnsupported (a condition that needs secure messaging), with the offset.
  static Result<AccessRule> from_expanded(BytesView bytes);
  /// Compact format (clause 9.2.3): AM byte and one SC byte for each bit set, from the highest.
  static Result<AccessRule> from_compact(BytesView bytes);

  /// Null if no clause fits.
  const Condition* find(const Access& access) const;

  /// Calls `visit(KeyReference)` for every key that the rule names.
  template <typename Visit>
  void for_each_key(const Visit& visit) const {
    for (const Clause& clause : m_clauses) visit_keys(clause.condition, visit);
  }

 private:
  struct Clause {
    std::uint8_t modes = 0;       ///< access mode byte (tag 80), or 0
    std::uint8_t header_tag = 0;  ///< 81-8F: which header bytes `header` holds
    Bytes header;
    Condition condition;
  };

  template <typename Visit>
  static void visit_keys(const Condition& condition, const Visit& visit) {
    if (condition.kind == Condition::Kind::kKey) visit(condition.key);
    for (const Condition& part : condition.parts) visit_keys(part, visit);
  }

  std::vector<Clause> m_clauses;
};

}  // namespace uicclab::uicc
