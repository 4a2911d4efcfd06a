// SPDX-License-Identifier: Apache-2.0
// VERIFY, CHANGE, DISABLE, ENABLE and UNBLOCK PIN: ETSI TS 102 221 clauses 9.5 and 11.1.9 to 11.1.13.
#include "core/crypto/secret.hpp"
#include "emulator/commands/handlers.hpp"

namespace uicclab::emulator::commands {
namespace {

constexpr std::size_t kPinSize = 8;

struct PinTarget {
  KeyReference key;
  FileId adf;
  ObjectId object;
  PinRecord pin;
};

std::optional<PinTarget> find_pin(const Execution& e) {
  PinTarget target;
  target.key = KeyReference{e.command.p2};
  target.adf = e.channel.adf_or_mf();
  if (target.key.is_local()) {
    const auto scope = e.files().scope_of(target.key, e.channel.directory);
    if (!scope && !e.channel.adf) return std::nullopt;
    target.adf = scope.value_or(target.adf);
  }
  target.object = pin_object(target.key, target.adf);
  const auto object = e.session.nvm().read(target.object);
  const auto pin = object ? decode_pin(*object) : std::nullopt;
  if (!pin) return std::nullopt;
  target.pin = *pin;
  return target;
}

void set_value(std::array<std::uint8_t, kPinSize>& value, BytesView bytes) {
  std::copy_n(bytes.begin(), kPinSize, value.begin());
}

/// May this become the value of the PIN? What an ADM's is, is its owner's affair.
bool is_acceptable(const Execution& e, KeyReference key, BytesView value) {
  const auto low = static_cast<std::uint8_t>(key.value & 0x7F);
  const bool adm = low >= 0x0A && low <= 0x0E;
  return adm || e.session.nvm().image().settings().choices.any_pin_value || is_pin_value(value);
}

void save(const Execution& e, const PinTarget& target) {
  e.session.nvm().write(target.object, encode_pin(target.pin));
}

/// Compares what the terminal presents. The try is counted and committed before the comparison, so that cutting the power gains nothing;
/// a right value sets the counter back with the rest of the command. Nothing: it was right.
std::optional<StatusWord> present_pin(Execution& e, PinTarget& target, BytesView candidate) {
  if (target.pin.tries == 0) return sw::kAuthenticationBlocked;
  --target.pin.tries;
  e.session.nvm().write_now(target.object, encode_pin(target.pin));
  if (!crypto::constant_time_equal(candidate, target.pin.value)) {
    e.security.revoke(target.key, target.adf);
    return sw::tries_left(target.pin.tries);
  }
  target.pin.tries = target.pin.max_tries;
  return std::nullopt;
}

void accept(Execution& e, const PinTarget& target) {
  save(e, target);
  e.security.set_verified(target.key, target.adf, true);
}

}  // namespace

StatusWord verify_pin(Execution& e) {
  if (e.command.p1 != 0) return sw::kIncorrectP1P2;
  auto target = find_pin(e);
  if (!target) return sw::kReferencedDataNotFound;
  if (e.command.data.empty()) return sw::tries_left(target->pin.tries);  // the counter is asked for
  if (e.command.data.size() != kPinSize) return sw::kWrongLength;
  if (target->pin.tries == 0) return sw::kAuthenticationBlocked;
  if (!target->pin.enabled) return sw::kReferencedDataInvalidated;
  if (const auto refused = present_pin(e, *target, e.command.data)) return *refused;
  accept(e, *target);
  return sw::kOk;
}

StatusWord change_pin(Execution& e) {
  if (e.command.p1 != 0) return sw::kIncorrectP1P2;
  auto target = find_pin(e);
  if (!target) return sw::kReferencedDataNotFound;
  if (e.command.data.size() != 2 * kPinSize) return sw::kWrongLength;
  if (target->pin.tries == 0) return sw::kAuthenticationBlocked;
  if (!target->pin.enabled) return sw::kReferencedDataInvalidated;
  if (!is_acceptable(e, target->key, e.command.data.subspan(kPinSize))) return sw::kIncorrectData;  // costs no try
  if (const auto refused = present_pin(e, *target, e.command.data.first(kPinSize))) return *refused;
  set_value(target->pin.value, e.command.data.subspan(kPinSize));
  accept(e, *target);
  return sw::kOk;
}

StatusWord disable_pin(Execution& e) {
  // P1 00: disable; bit 8 and the universal PIN's reference: use that instead (table 11.21).
  const bool use_universal = e.command.p1 == (0x80 | kUniversalPin.value);
  if (e.command.p1 != 0 && !use_universal) return sw::kIncorrectP1P2;
  auto target = find_pin(e);
  if (!target) return sw::kReferencedDataNotFound;
  if (e.command.data.size() != kPinSize) return sw::kWrongLength;
  if (!target->pin.can_be_disabled) return sw::kConditionsNotSatisfied;
  if (use_universal && (target->key == kUniversalPin || !e.session.nvm().read(pin_object(kUniversalPin, kMfId)))) {
    return sw::kReferencedDataNotFound;
  }
  if (target->pin.tries == 0) return sw::kAuthenticationBlocked;
  if (!target->pin.enabled) return sw::kReferencedDataInvalidated;
  if (const auto refused = present_pin(e, *target, e.command.data)) return *refused;
  target->pin.enabled = false;
  target->pin.replaced_by_universal = use_universal;
  save(e, *target);
  // The PIN itself is not verified any more: what replaces it decides from now on.
  e.security.set_verified(target->key, target->adf, false);
  return sw::kOk;
}

StatusWord enable_pin(Execution& e) {
  if (e.command.p1 != 0) return sw::kIncorrectP1P2;
  auto target = find_pin(e);
  if (!target) return sw::kReferencedDataNotFound;
  if (e.command.data.size() != kPinSize) return sw::kWrongLength;
  if (target->pin.tries == 0) return sw::kAuthenticationBlocked;
  if (target->pin.enabled) return sw::kConditionsNotSatisfied;
  if (const auto refused = present_pin(e, *target, e.command.data)) return *refused;
  target->pin.enabled = true;
  target->pin.replaced_by_universal = false;
  accept(e, *target);
  return sw::kOk;
}

StatusWord unblock_pin(Execution& e) {
  if (e.command.p1 != 0) return sw::kIncorrectP1P2;
  auto target = find_pin(e);
  if (!target || target->pin.max_puk_tries == 0) return sw::kReferencedDataNotFound;
  PinRecord& pin = target->pin;
  if (e.command.data.empty()) return sw::tries_left(pin.puk_tries);
  if (e.command.data.size() != 2 * kPinSize) return sw::kWrongLength;
  if (pin.puk_tries == 0) return sw::kAuthenticationBlocked;
  if (!is_acceptable(e, target->key, e.command.data.subspan(kPinSize))) return sw::kIncorrectData;
  --pin.puk_tries;
  e.session.nvm().write_now(target->object, encode_pin(pin));
  if (!crypto::constant_time_equal(e.command.data.first(kPinSize), pin.puk)) return sw::tries_left(pin.puk_tries);
  pin.puk_tries = pin.max_puk_tries;
  pin.tries = pin.max_tries;
  pin.enabled = true;
  pin.replaced_by_universal = false;
  set_value(pin.value, e.command.data.subspan(kPinSize));
  accept(e, *target);
  return sw::kOk;
}

}  // namespace uicclab::emulator::commands
