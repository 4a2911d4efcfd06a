// SPDX-License-Identifier: Apache-2.0
#include "gp/access_rules.hpp"

#include <algorithm>

namespace uicclab::gp {
namespace {

constexpr std::size_t kMaxPackage = 127;
constexpr std::size_t kSha1 = 20;
constexpr std::size_t kSha256 = 32;
constexpr std::size_t kFilter = 8;
constexpr std::size_t kPermissionsSize = 8;

/// Each object of `objects` once; false for one that `take` does not know.
Result<bool> read_objects(BytesView objects, const auto& take) {
  bool all_known = true;
  for (ber::Reader reader(objects); !reader.empty();) {
    const auto object = reader.next();
    if (!object) return tl::unexpected(object.error());
    const auto known = take(*object);
    if (!known) return fail(known.error().code, known.error().text, object->offset + known.error().offset);
    all_known = all_known && *known;
  }
  return all_known;
}

template <typename T>
Result<bool> set_once(std::optional<T>& field, T value) {
  if (field) return fail(ErrorCode::kMalformed, "a data object twice");
  field = std::move(value);
  return true;
}

Result<bool> read_target(BytesView ref_do, RuleTarget& out) {
  return read_objects(ref_do, [&](const ber::Tlv& object) -> Result<bool> {
    switch (object.tag) {
      case seac::kAidRef:
        return set_once(out.aid, to_bytes(object.value));
      case seac::kDefaultSelectedRef:
        if (out.default_selected) return fail(ErrorCode::kMalformed, "a data object twice");
        if (!object.value.empty()) return fail(ErrorCode::kMalformed, "C0 has no value");
        return out.default_selected = true;
      case seac::kDeviceAppRef:
        return set_once(out.device_app, to_bytes(object.value));
      case seac::kPackageRef:
        return set_once(out.package, std::string(object.value.begin(), object.value.end()));
      default:
        return false;
    }
  });
}

Result<bool> read_rights(BytesView ar_do, AccessRights& out) {
  return read_objects(ar_do, [&](const ber::Tlv& object) -> Result<bool> {
    switch (object.tag) {
      case seac::kApduRights:
        return set_once(out.apdu, to_bytes(object.value));
      case seac::kNfcRights:
        return set_once(out.nfc, to_bytes(object.value));
      case seac::kPermissions:
        return set_once(out.permissions, to_bytes(object.value));
      default:
        return false;
    }
  });
}

bool is_yes_or_no(BytesView value) {
  return value.size() == 1 && value[0] <= 1;
}

}  // namespace

Result<ReadRule> parse_rule(BytesView ref_ar_do) {
  ReadRule out;
  std::optional<RuleTarget> target;
  std::optional<AccessRights> rights;
  const auto known = read_objects(ref_ar_do, [&](const ber::Tlv& object) -> Result<bool> {
    if (object.tag != seac::kRef && object.tag != seac::kAr) return false;
    const bool is_target = object.tag == seac::kRef;
    if (is_target ? target.has_value() : rights.has_value()) return fail(ErrorCode::kMalformed, "a data object twice");
    return is_target ? read_target(object.value, target.emplace()) : read_rights(object.value, rights.emplace());
  });
  if (!known) return tl::unexpected(known.error());
  if (!target || !rights) return fail(ErrorCode::kMalformed, target ? "a rule without AR-DO (E3)" : "a rule without REF-DO (E1)");
  return ReadRule{{*std::move(target), *std::move(rights)}, !*known};
}

Result<RuleTarget> parse_target(BytesView ref_do) {
  RuleTarget out;
  if (const auto read = read_target(ref_do, out); !read) return tl::unexpected(read.error());
  return out;
}

Result<std::vector<AccessRule>> parse_rules(BytesView ref_ar_dos) {
  std::vector<AccessRule> rules;
  for (ber::Reader reader(ref_ar_dos); !reader.empty();) {
    const auto object = reader.next();
    if (!object) return tl::unexpected(object.error());
    if (object->tag != seac::kRefAr) return fail(ErrorCode::kMalformed, "not a REF-AR-DO (E2)", object->offset);
    auto one = parse_rule(object->value);
    if (!one) return fail(one.error().code, one.error().text, object->offset + one.error().offset);
    rules.push_back(std::move(one->rule));
  }
  return rules;
}

Result<void> check_rule(const AccessRule& rule) {
  const auto& [target, rights] = rule;
  const auto refuse = [](const char* text) { return fail(ErrorCode::kRange, text); };
  if (!target.aid && !target.default_selected && !target.device_app) {
    return fail(ErrorCode::kMalformed, "a rule names an application of the card (aid), of the device (app), or both");
  }
  if (target.aid && target.default_selected) return fail(ErrorCode::kMalformed, "aid: either an AID or the default application");
  if (target.aid && !target.aid->empty() && (target.aid->size() < Aid::kMinSize || target.aid->size() > Aid::kMaxSize)) {
    return refuse("aid: must be 5 to 16 bytes, or none for all applications");
  }
  if (target.device_app && !target.device_app->empty() && target.device_app->size() != kSha1 && target.device_app->size() != kSha256) {
    return refuse("app: must be a SHA-1 of 20 bytes or a SHA-256 of 32, or none for all applications");
  }
  if (target.package && (target.package->empty() || target.package->size() > kMaxPackage))
    return refuse("package: must be 1 to 127 characters");
  if (!rights.apdu && !rights.nfc && !rights.permissions) {
    return fail(ErrorCode::kMalformed, "a rule must have apdu, nfc or permissions");
  }
  if (rights.apdu && !is_yes_or_no(*rights.apdu) && (rights.apdu->empty() || rights.apdu->size() % kFilter != 0)) {
    return refuse("apdu: must be always, never, or filters of 8 bytes");
  }
  if (rights.nfc && !is_yes_or_no(*rights.nfc)) return refuse("nfc: must be always or never");
  if (rights.permissions && rights.permissions->size() != kPermissionsSize) return refuse("permissions: must be 8 bytes");
  return {};
}

Bytes encode(const RuleTarget& target) {
  Bytes value;
  if (target.aid) ber::write(value, seac::kAidRef, *target.aid);
  if (target.default_selected) ber::write(value, seac::kDefaultSelectedRef, {});
  if (target.device_app) ber::write(value, seac::kDeviceAppRef, *target.device_app);
  if (target.package) ber::write(value, seac::kPackageRef, as_bytes(*target.package));
  return ber::encode(seac::kRef, value);
}

Bytes encode(const AccessRights& rights) {
  Bytes value;
  if (rights.apdu) ber::write(value, seac::kApduRights, *rights.apdu);
  if (rights.nfc) ber::write(value, seac::kNfcRights, *rights.nfc);
  if (rights.permissions) ber::write(value, seac::kPermissions, *rights.permissions);
  return ber::encode(seac::kAr, value);
}

Bytes encode(const AccessRule& rule) {
  Bytes value = encode(rule.target);
  append(value, encode(rule.rights));
  return ber::encode(seac::kRefAr, value);
}

Bytes encode(const std::vector<AccessRule>& rules) {
  Bytes out;
  for (const AccessRule& rule : rules) append(out, encode(rule));
  return out;
}

}  // namespace uicclab::gp
