// SPDX-License-Identifier: Apache-2.0
// The fields of a payload, by what the object is: docs/formats/mcim.md.
#include <algorithm>

#include "core/identity.hpp"
#include "core/reader.hpp"
#include "core/utf8.hpp"
#include "mcim/object.hpp"

namespace uicclab::mcim {
namespace {

using crypto::SecretBytes;
using crypto::WipedBytes;

enum Field : std::uint8_t { kNonce = 1, kImsi, kKi, kAlgorithm, kOpc, kTarget, kToken, kNotAfter, kConstants, kNewToken, kMncDigits };
constexpr crypto::ExposeSecret kPack{"a subscription is packed for its device"};

constexpr std::uint32_t bit(Field field) {
  return 1U << field;
}
constexpr std::uint32_t kOfEveryObject = bit(kNonce) | bit(kTarget) | bit(kToken) | bit(kNotAfter);
constexpr std::uint32_t kOfAnAlgorithm = bit(kAlgorithm) | bit(kOpc) | bit(kConstants);

constexpr std::size_t kMostTarget = 255;  // as long as a profile may name a card

struct TagRule {
  Tag tag;
  const char* name;
  std::uint32_t needed;
  std::uint32_t allowed;
};
constexpr auto kTagRules = std::to_array<TagRule>({
    {Tag::kMcim, "an MCIM", bit(kNonce) | bit(kImsi) | bit(kKi) | bit(kAlgorithm),
     kOfEveryObject | kOfAnAlgorithm | bit(kImsi) | bit(kKi) | bit(kMncDigits)},
    {Tag::kAlgorithm, "an algorithm", bit(kNonce) | bit(kAlgorithm), kOfEveryObject | kOfAnAlgorithm},
    {Tag::kUpdate, "an update", bit(kNonce), kOfEveryObject | kOfAnAlgorithm | bit(kImsi) | bit(kKi) | bit(kMncDigits)},
    {Tag::kToken, "a token", bit(kNonce) | bit(kNewToken), kOfEveryObject | bit(kNewToken)},
});

/// Sizes in bytes: of Ki, one or two of them; of OPc or TOPc, 0 if there is none; of the constants.
struct AlgorithmRule {
  Algorithm algorithm;
  const char* name;
  std::size_t ki, long_ki, opc, constants;
};
constexpr auto kAlgorithmRules = std::to_array<AlgorithmRule>({
    {Algorithm::kMilenage, "Milenage (TS 35.206)", 16, 16, 16, 85},
    {Algorithm::kTuak, "TUAK (TS 35.231)", 16, 32, 32, 5},
    {Algorithm::kXor, "XOR (TS 34.108)", 16, 16, 0, 1},
});

constexpr auto kFieldNames = std::to_array<const char*>({"", "nonce", "IMSI", "Ki", "algorithm", "OPc", "target", "token",
                                                         "end of validity", "constants", "new token", "number of MNC digits"});

bool is_imsi(std::string_view imsi) {
  return imsi.size() >= 6 && imsi.size() <= 15 && all_digits(imsi);
}

/// One of these lengths in bytes (TS 35.231 clause 6.1).
bool is_length(std::uint8_t value, std::initializer_list<int> allowed) {
  return std::ranges::find(allowed, value) != allowed.end();
}
/// Milenage: r1 to r5, c1 to c5. TUAK: iterations, lengths of RES, MAC, CK and IK. XOR: length of RES.
bool are_constants(Algorithm algorithm, BytesView c) {
  switch (algorithm) {
    case Algorithm::kMilenage:
      return std::ranges::all_of(c.first(5), [](std::uint8_t rotation) { return rotation < 128; });
    case Algorithm::kTuak:
      return c[0] >= 1 && is_length(c[1], {4, 8, 16, 32}) && is_length(c[2], {8, 16, 32}) && is_length(c[3], {16, 32}) &&
             is_length(c[4], {16, 32});
    default:
      return c[0] >= 4 && c[0] <= 16;
  }
}

std::uint32_t fields_of(const Subscription& s) {
  const auto one = [](Field field, bool there) { return there ? bit(field) : 0U; };
  return bit(kNonce) | one(kImsi, !s.imsi.empty()) | one(kKi, !s.ki.empty()) | one(kAlgorithm, s.algorithm != Algorithm::kKept) |
         one(kOpc, !s.opc.empty()) | one(kTarget, !s.target.empty()) | one(kToken, !s.token.empty()) |
         one(kNotAfter, s.not_after.has_value()) | one(kConstants, !s.constants.empty()) | one(kNewToken, !s.new_token.empty()) |
         one(kMncDigits, s.mnc_digits != 0);
}

std::string list_of(std::uint32_t fields) {
  std::string out;
  for (std::size_t i = 1; i < kFieldNames.size(); ++i) {
    if ((fields >> i & 1U) == 0) continue;
    if (!out.empty()) out += ", ";
    out += kFieldNames[i];
  }
  return out;
}

Result<void> check_algorithm(const Subscription& s) {
  const auto rule = std::ranges::find(kAlgorithmRules, s.algorithm, &AlgorithmRule::algorithm);
  if (rule == kAlgorithmRules.end()) return fail(ErrorCode::kRefused, "no such algorithm");
  const std::string name = rule->name;
  if (!s.ki.empty() && s.ki.size() != rule->ki && s.ki.size() != rule->long_ki) {
    return fail(ErrorCode::kRefused,
                name + " needs a Ki of " + std::to_string(rule->ki) + " bytes, this one has " + std::to_string(s.ki.size()));
  }
  if (s.opc.size() != rule->opc) {
    const std::string wanted = rule->opc == 0 ? "no OPc" : "an OPc or TOPc of " + std::to_string(rule->opc) + " bytes";
    const std::string found = s.opc.empty() ? "none" : std::to_string(s.opc.size()) + " bytes";
    return fail(ErrorCode::kRefused, name + " needs " + wanted + ", found " + found);
  }
  if (s.constants.empty()) return {};
  if (s.constants.size() != rule->constants) {
    return fail(ErrorCode::kRefused,
                name + " has constants of " + std::to_string(rule->constants) + " bytes, found " + std::to_string(s.constants.size()));
  }
  if (!are_constants(s.algorithm, s.constants)) return fail(ErrorCode::kRefused, "constants that " + name + " does not allow");
  return {};
}

void number(WipedBytes& out, std::uint64_t value, std::size_t size) {
  for (std::size_t i = size; i-- > 0;) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}
void field(WipedBytes& out, Field tag, BytesView value) {
  if (value.size() > 0xFFFF) throw SystemError("an MCIM field of more than 65535 bytes");
  if (value.empty()) return;
  out.push_back(tag);
  number(out, value.size(), 2);
  out.insert(out.end(), value.begin(), value.end());
}

bool take_secret(SecretBytes& out, BytesView value) {
  if (value.size() > SecretBytes::kCapacity) return false;
  out = SecretBytes(value);
  return true;
}

/// One field, which is not empty, into the subscription; false if its value is invalid.
bool take(Subscription& out, std::uint8_t tag, BytesView value) {
  switch (tag) {
    case kNonce:
      if (value.size() != out.nonce.size()) return false;
      std::ranges::copy(value, out.nonce.begin());
      return true;
    case kImsi:
      out.imsi.assign(value.begin(), value.end());
      return is_imsi(out.imsi);
    case kKi:
      return take_secret(out.ki, value);
    case kAlgorithm:
      if (value.size() != 1 || value[0] < 1 || value[0] > 3) return false;
      out.algorithm = static_cast<Algorithm>(value[0]);
      return true;
    case kOpc:
      return take_secret(out.opc, value);
    case kTarget:
      if (first_non_utf8(value)) return false;
      out.target.assign(value.begin(), value.end());
      return true;
    case kToken:
      return take_secret(out.token, value);
    case kNotAfter:
      if (value.size() != 8 || (value[0] & 0x80) != 0) return false;
      out.not_after = std::chrono::sys_seconds(std::chrono::seconds(static_cast<std::int64_t>(*ByteReader(value).number(8))));
      return true;
    case kConstants:
      out.constants = to_bytes(value);
      return true;
    case kNewToken:
      return take_secret(out.new_token, value);
    case kMncDigits:
      out.mnc_digits = value[0];
      return value.size() == 1;
    default:
      return false;  // of a newer format: better no subscription than half a one
  }
}

}  // namespace

Result<void> check(const Subscription& s) {
  const auto rule = std::ranges::find(kTagRules, s.tag, &TagRule::tag);
  if (rule == kTagRules.end()) return fail(ErrorCode::kRefused, "no such kind of object");
  const std::uint32_t fields = fields_of(s);
  if (const std::uint32_t missing = rule->needed & ~fields) {
    return fail(ErrorCode::kRefused, std::string(rule->name) + " needs: " + list_of(missing));
  }
  if (const std::uint32_t extra = fields & ~rule->allowed) {
    return fail(ErrorCode::kRefused, std::string(rule->name) + " must not have: " + list_of(extra));
  }
  if (s.tag == Tag::kUpdate && (fields & ~kOfEveryObject) == 0) return fail(ErrorCode::kRefused, "an update that changes nothing");
  if (s.target.size() > kMostTarget) return fail(ErrorCode::kRefused, "a target has up to 255 bytes");
  if (!s.imsi.empty() && !is_imsi(s.imsi)) return fail(ErrorCode::kRefused, "an IMSI is 6 to 15 digits");
  if (s.mnc_digits != 0 && (s.imsi.empty() || s.mnc_digits < 2 || s.mnc_digits > 3)) {
    return fail(ErrorCode::kRefused, "an MNC has 2 or 3 digits, and is that of an IMSI in the same object");
  }
  if (s.algorithm != Algorithm::kKept) return check_algorithm(s);
  // Keys are changed together: OPc belongs to its Ki, and both to an algorithm.
  if (const std::uint32_t alone = fields & (bit(kKi) | bit(kOpc) | bit(kConstants))) {
    return fail(ErrorCode::kRefused, list_of(alone) + " without an algorithm");
  }
  return {};
}

WipedBytes encode_subscription(const Subscription& s) {
  if (const auto good = check(s); !good) throw SystemError("encode_subscription: " + good.error().text);
  const auto one_byte = [](std::uint8_t value) { return value == 0 ? Bytes() : Bytes{value}; };
  WipedBytes out;
  field(out, kNonce, s.nonce);
  field(out, kImsi, as_bytes(s.imsi));
  field(out, kKi, s.ki.expose(kPack));
  field(out, kAlgorithm, one_byte(static_cast<std::uint8_t>(s.algorithm)));
  field(out, kOpc, s.opc.expose(kPack));
  field(out, kTarget, as_bytes(s.target));
  field(out, kToken, s.token.expose(kPack));
  if (s.not_after)
    field(out, kNotAfter, ByteWriter().number(static_cast<std::uint64_t>(s.not_after->time_since_epoch().count()), 8).view());
  field(out, kConstants, s.constants);
  field(out, kNewToken, s.new_token.expose(kPack));
  field(out, kMncDigits, one_byte(s.mnc_digits));
  return out;
}

Result<Subscription> parse_subscription(BytesView payload, Tag tag) {
  Subscription out;
  out.tag = tag;
  out.algorithm = Algorithm::kKept;
  ByteReader reader(payload);
  std::uint8_t last = 0;
  bool nonce = false;
  while (!reader.empty()) {
    const std::size_t start = reader.offset();
    const auto field_tag = reader.u8();
    const auto size = reader.u16();
    const auto value = size ? reader.bytes(*size) : std::nullopt;
    if (!value) return fail(ErrorCode::kTruncated, "a field that does not end", start);
    // In rising order: none comes twice.
    if (*field_tag <= last || value->empty() || !take(out, *field_tag, *value)) {
      return fail(ErrorCode::kMalformed, "field " + std::to_string(*field_tag), start);
    }
    last = *field_tag;
    nonce = nonce || *field_tag == kNonce;
  }
  if (!nonce) return fail(ErrorCode::kMalformed, "a payload without a nonce");
  if (const auto good = check(out); !good) return tl::unexpected(good.error());
  return out;
}

}  // namespace uicclab::mcim
