// SPDX-License-Identifier: Apache-2.0
#include "uicc/access_rule.hpp"

#include <bit>

#include "core/ber_tlv.hpp"

namespace uicclab::uicc {
namespace {

// Security condition data objects, ISO/IEC 7816-4 table 33, ETSI TS 102 221 clause 9.2.4.
enum : ber::Tag {
  kAlways = 0x90,
  kNever = 0x97,
  kConditionByte = 0x9E,
  kAuthentication = 0xA4,
  kChecksum = 0xB4,
  kConfidentiality = 0xB8,
  kOr = 0xA0,
  kNot = 0xA7,
  kAnd = 0xAF
};
constexpr int kMaxDepth = 8;

Condition key_condition(std::uint8_t key) {
  return {Condition::Kind::kKey, KeyReference{key}, {}};
}

Result<Condition> from_condition_byte(std::uint8_t byte, std::size_t offset) {
  if (byte == 0x00) return Condition{Condition::Kind::kAlways, {}, {}};
  if (byte == 0xFF) return Condition{Condition::Kind::kNever, {}, {}};
  if ((byte & 0x40) != 0) return fail(ErrorCode::kUnsupported, "a security condition byte that asks for secure messaging", offset);
  // The standard leaves to the card which key "external" and "user authentication" mean: here ADM1 and the application PIN, or the one
  // whose key reference is in the low bits, as cards in the field have it: 11 is PIN 1, 1A is ADM1.
  const auto named = static_cast<std::uint8_t>(byte & 0x0F);
  Condition condition{(byte & 0x80) != 0 ? Condition::Kind::kAll : Condition::Kind::kAny, {}, {}};
  if ((byte & 0x20) != 0) condition.parts.push_back(key_condition(named != 0 ? named : std::uint8_t{0x0A}));
  if ((byte & 0x10) != 0) condition.parts.push_back(key_condition(named != 0 ? named : std::uint8_t{0x01}));
  if (condition.parts.empty()) return fail(ErrorCode::kMalformed, "a security condition byte without a condition", offset);
  return condition;
}

/// Secure messaging (ISO/IEC 7816-4 table 33): a control reference template whose usage qualifier (95, table 35) says the directions.
/// Here it is the secure channel of GlobalPlatform, and the directions are those of its security level.
Result<Condition> from_secure_messaging(const ber::Tlv& tlv, std::size_t at) {
  constexpr std::uint8_t kCommand = 0x10;
  constexpr std::uint8_t kResponse = 0x20;
  const auto usage = ber::only(tlv.value, 0x95);
  if (!usage || usage->value.size() != 1) {
    return fail(ErrorCode::kUnsupported, "a secure messaging condition has a usage qualifier (95) and nothing else", at);
  }
  const std::uint8_t directions = usage->value[0];
  if (directions == 0 || (directions & ~(kCommand | kResponse)) != 0) {
    return fail(ErrorCode::kUnsupported, "a usage qualifier that is not of secure messaging", at);
  }
  Condition condition{Condition::Kind::kSecureMessaging, {}, {}};
  const bool checksum = tlv.tag == kChecksum;
  if ((directions & kCommand) != 0) condition.level |= checksum ? 0x01 : 0x02;
  if ((directions & kResponse) != 0) condition.level |= checksum ? 0x10 : 0x20;
  return condition;
}

Result<Condition> parse_condition(const ber::Tlv& tlv, std::size_t base, int depth);

Result<Condition> parse_template(const ber::Tlv& tlv, Condition::Kind kind, std::size_t base, int depth) {
  if (depth >= kMaxDepth) return fail(ErrorCode::kMalformed, "security conditions nested too deep", base + tlv.offset);
  const std::size_t inner = base + tlv.offset + (tlv.whole.size() - tlv.value.size());
  Condition condition{kind, {}, {}};
  ber::Reader reader(tlv.value);
  while (!reader.empty()) {
    const auto part = reader.next();
    if (!part) return fail(part.error().code, part.error().text, inner + part.error().offset);
    auto parsed = parse_condition(*part, inner, depth + 1);
    if (!parsed) return parsed;
    condition.parts.push_back(std::move(*parsed));
  }
  if (condition.parts.empty()) return fail(ErrorCode::kMalformed, "an empty template of security conditions", base + tlv.offset);
  return condition;
}

Result<Condition> parse_condition(const ber::Tlv& tlv, std::size_t base, int depth) {
  const std::size_t at = base + tlv.offset;
  switch (tlv.tag) {
    case kAlways:
      return Condition{Condition::Kind::kAlways, {}, {}};
    case kNever:
      return Condition{Condition::Kind::kNever, {}, {}};
    case kConditionByte:
      if (tlv.value.size() != 1) return fail(ErrorCode::kMalformed, "a security condition byte has one byte", at);
      return from_condition_byte(tlv.value[0], at);
    case kAuthentication: {
      const auto key = ber::find(tlv.value, 0x83);
      if (!key || key->size() != 1) return fail(ErrorCode::kMalformed, "a control reference template (A4) without a key reference", at);
      return key_condition((*key)[0]);
    }
    case kChecksum:
    case kConfidentiality:
      return from_secure_messaging(tlv, at);
    case kOr:
      return parse_template(tlv, Condition::Kind::kAny, base, depth);
    case kAnd:
      return parse_template(tlv, Condition::Kind::kAll, base, depth);
    case kNot:
      return parse_template(tlv, Condition::Kind::kNone, base, depth);
    default:
      return fail(ErrorCode::kUnsupported, "a security condition of unknown tag", at);
  }
}

bool is_access_mode(ber::Tag tag) {
  return tag >= 0x80 && tag <= 0x8F;
}

std::size_t header_bytes(ber::Tag tag) {
  std::size_t count = 0;
  for (unsigned bit = 8; bit != 0; bit >>= 1) count += (tag & bit) != 0 ? 1 : 0;
  return count;
}

}  // namespace

Result<AccessRule> AccessRule::from_expanded(BytesView bytes) {
  AccessRule rule;
  std::vector<Clause> open;  // AM_DOs that wait for their SC_DO
  bool condition_seen = false;
  ber::Reader reader(bytes);
  while (!reader.empty() && reader.rest()[0] != 0xFF) {
    const auto tlv = reader.next();
    if (!tlv) return tl::unexpected(tlv.error());
    if (is_access_mode(tlv->tag)) {
      if (condition_seen) {
        std::ranges::move(open, std::back_inserter(rule.m_clauses));
        open.clear();
        condition_seen = false;
      }
      Clause clause;
      if (tlv->tag == 0x80) {
        if (tlv->value.size() != 1) return fail(ErrorCode::kMalformed, "an access mode has one byte", tlv->offset);
        clause.modes = tlv->value[0];
      } else {
        if (tlv->value.empty() || tlv->value.size() % header_bytes(tlv->tag) != 0) {
          return fail(ErrorCode::kMalformed, "a command description of the wrong length", tlv->offset);
        }
        clause.header_tag = static_cast<std::uint8_t>(tlv->tag);
        clause.header = to_bytes(tlv->value);
      }
      open.push_back(std::move(clause));
      continue;
    }
    if (open.empty()) return fail(ErrorCode::kMalformed, "a security condition before any access mode", tlv->offset);
    auto condition = parse_condition(*tlv, 0, 0);
    if (!condition) return tl::unexpected(condition.error());
    for (Clause& clause : open) {
      if (!condition_seen) {
        clause.condition = *condition;
      } else if (clause.condition.kind == Condition::Kind::kAny) {  // several SC_DOs in a row: one of them is enough
        clause.condition.parts.push_back(*condition);
      } else {
        clause.condition = Condition{Condition::Kind::kAny, {}, {clause.condition, *condition}};
      }
    }
    condition_seen = true;
  }
  if (!open.empty() && !condition_seen) return fail(ErrorCode::kTruncated, "an access mode without a security condition", reader.offset());
  std::ranges::move(open, std::back_inserter(rule.m_clauses));
  return rule;
}

Result<AccessRule> AccessRule::from_compact(BytesView bytes) {
  if (bytes.empty()) return fail(ErrorCode::kTruncated, "an access mode byte is missing");
  AccessRule rule;
  std::size_t at = 1;
  std::uint8_t highest = 0x40;
  if ((bytes[0] & 0x80) != 0) {
    // Bits 7 to 4 are proprietary, bits 3 to 1 keep their meaning; the last conditions are theirs (ISO/IEC 7816-4 clause 5.4.3.1).
    const auto own = static_cast<std::size_t>(std::popcount(static_cast<std::uint8_t>(bytes[0] & 0x07)));
    const auto all = static_cast<std::size_t>(std::popcount(bytes[0]));
    if (bytes.size() != all && bytes.size() != all + 1)
      return fail(ErrorCode::kMalformed, "as many security condition bytes as access mode bits");
    at = bytes.size() - own;
    highest = 0x04;
  }
  for (std::uint8_t bit = highest; bit != 0; bit = static_cast<std::uint8_t>(bit >> 1)) {
    if ((bytes[0] & bit) == 0) continue;
    if (at >= bytes.size()) return fail(ErrorCode::kTruncated, "fewer security condition bytes than access mode bits", at);
    auto condition = from_condition_byte(bytes[at], at);
    if (!condition) return tl::unexpected(condition.error());
    Clause clause;
    clause.modes = bit;
    clause.condition = std::move(*condition);
    rule.m_clauses.push_back(std::move(clause));
    ++at;
  }
  if (at != bytes.size()) return fail(ErrorCode::kTrailing, "more security condition bytes than access mode bits", at);
  return rule;
}

const Condition* AccessRule::find(const Access& access) const {
  const std::uint8_t wanted[4] = {access.cla, access.ins, access.p1, access.p2};
  for (const Clause& clause : m_clauses) {
    if (access.mode != 0) {
      if ((clause.modes & access.mode) != 0) return &clause.condition;
      continue;
    }
    if (clause.header_tag == 0) continue;
    // Tags 81-8F say which of CLA (8), INS (4), P1 (2) and P2 (1) are in each description.
    const std::size_t stride = header_bytes(clause.header_tag);
    for (std::size_t start = 0; start < clause.header.size(); start += stride) {
      bool fits = true;
      std::size_t at = start;
      for (unsigned i = 0; i < 4; ++i) {
        if ((clause.header_tag & (8U >> i)) != 0) fits = fits && clause.header[at++] == wanted[i];
      }
      if (fits) return &clause.condition;
    }
  }
  return nullptr;
}

}  // namespace uicclab::uicc
