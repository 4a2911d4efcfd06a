// SPDX-License-Identifier: Apache-2.0
// OwnerPIN, and what OwnerPINBuilder makes: the tries left are written beside every transaction while a PIN is checked, the flag is gone
// with the reset.
#include "applet/java/framework/framework.hpp"

namespace uicclab::applet::java {

namespace machine = jcvm::machine;
using machine::kOwnerPIN;
using machine::Lifetime;
using machine::NativeCall;
using machine::Outcome;

namespace {

constexpr machine::ApiClass kOwnerPINx{"javacard/framework", 253};
constexpr machine::ApiClass kPredecrement{"javacard/framework", 254};
constexpr std::int16_t kIllegalPinValue = 1;
constexpr std::int16_t kIllegalPinState = 2;
// References
constexpr unsigned kValue = 0;  ///< byte[]: length, PIN
constexpr unsigned kFlags = 1;  ///< byte[2]
// Numbers follow them.
constexpr unsigned kLimit = 2;
constexpr unsigned kTries = 3;
// Bytes of the flags
constexpr std::size_t kValidated = 0;
constexpr std::size_t kDecremented = 1;  ///< of OwnerPINxWithPredecrement
/// decrementTriesRemaining() was called: before a check that counts, or with no try left.
enum Decremented : std::uint8_t { kNotCalled, kTryLeft, kBlocked };

/// The class whose cells `self` has: no object of one is of the other.
machine::ApiClass holder(NativeCall& call) {
  return call.machine().is_a(call.self(), kOwnerPIN) ? kOwnerPIN : kOwnerPINx;
}

machine::Object& part(NativeCall& call, unsigned cell) {
  machine::Object* const object = call.heap().find(call.reference_in(call.self(), holder(call), cell));
  if (object == nullptr) throw SystemError("a PIN object has lost a part of it");
  return *object;
}

/// Whoever calls a constructor that was not run.
bool is_made(NativeCall& call) {
  return call.reference_in(call.self(), holder(call), kFlags) != machine::kNull;
}

std::uint8_t flag(NativeCall& call, std::size_t which) {
  return part(call, kFlags).body[which];
}

void set_flag(NativeCall& call, std::size_t which, std::uint8_t value) {
  call.heap().write_now(part(call, kFlags), which, std::array{value});
}

bool is_validated(NativeCall& call) {
  return flag(call, kValidated) != 0;
}

/// Whatever does so ends what decrementTriesRemaining() began.
void validate(NativeCall& call, bool valid) {
  set_flag(call, kValidated, valid ? 1 : 0);
  set_flag(call, kDecremented, kNotCalled);
}

std::int32_t number(NativeCall& call, unsigned cell) {
  return call.number_in(call.self(), holder(call), cell);
}

void count_down(NativeCall& call) {
  call.set_number_now(call.self(), holder(call), kTries, number(call, kTries) - 1);
}

void restore_tries(NativeCall& call) {
  call.set_number_now(call.self(), holder(call), kTries, number(call, kLimit));
}

/// False: return failed().
bool make_parts(NativeCall& call, machine::Ref pin, machine::ApiClass of, std::int8_t limit, std::int8_t size) {
  const machine::Context owner = call.heap().find(pin)->owner;
  const auto value = call.make_array(jcvm::code::kTypeByte, size + 1, owner);
  if (!value || !call.set_reference(pin, of, kValue, *value)) return false;
  const auto flags = call.make_array(jcvm::code::kTypeByte, 2, owner, Lifetime::kClearOnReset);
  if (!flags || !call.set_reference(pin, of, kFlags, *flags)) return false;
  return call.set_number(pin, of, kLimit, limit) && call.set_number(pin, of, kTries, limit);
}

Outcome make(NativeCall& call) {
  const std::int8_t limit = call.byte_at(0);
  const std::int8_t size = call.byte_at(1);
  if (limit < 1 || size < 1) return call.throws(machine::kPINException, kIllegalPinValue);
  return make_parts(call, call.self(), kOwnerPIN, limit, size) ? call.returns() : call.failed();
}

/// Whatever exception follows, the try counts and the PIN is not validated.
Outcome compare(NativeCall& call) {
  const auto given = call.read_array(0, call.short_at(1), call.byte_at(2));
  if (!given) return call.failed();
  const BytesView stored = part(call, kValue).body;
  std::uint8_t difference = given->size() == stored[0] ? 0 : 1;
  for (std::size_t i = 0; i < given->size() && i < stored[0]; ++i) difference |= static_cast<std::uint8_t>((*given)[i] ^ stored[1 + i]);
  if (difference != 0) return call.returns(boolean(false));
  restore_tries(call);
  validate(call, true);
  return call.returns(boolean(true));
}

Outcome check(NativeCall& call) {
  if (!is_made(call)) return call.throws(machine::kPINException, kIllegalPinValue);
  validate(call, false);
  if (number(call, kTries) == 0) return call.returns(boolean(false));
  count_down(call);
  return compare(call);
}

Outcome check_after_decrement(NativeCall& call) {
  if (!is_made(call)) return call.throws(machine::kPINException, kIllegalPinState);
  const std::uint8_t before = flag(call, kDecremented);
  if (before == kNotCalled) return call.throws(machine::kPINException, kIllegalPinState);
  validate(call, false);
  return before == kTryLeft ? compare(call) : call.returns(boolean(false));
}

Outcome decrement(NativeCall& call) {
  if (!is_made(call)) return call.throws(machine::kPINException, kIllegalPinState);
  validate(call, false);
  const bool may = number(call, kTries) > 0;
  if (may) count_down(call);
  set_flag(call, kDecremented, may ? kTryLeft : kBlocked);
  return call.returns(static_cast<std::int16_t>(number(call, kTries)));
}

/// Value and counter are part of an open transaction.
Outcome update(NativeCall& call) {
  if (!is_made(call)) return call.throws(machine::kPINException, kIllegalPinValue);
  const auto given = call.read_array(0, call.short_at(1), call.byte_at(2));
  if (!given) return call.failed();
  machine::Object& value = part(call, kValue);
  if (given->size() >= value.length) return call.throws(machine::kPINException, kIllegalPinValue);
  Bytes bytes{static_cast<std::uint8_t>(given->size())};
  append(bytes, *given);
  if (!call.heap().write(value, 0, bytes)) return call.throws(machine::kTransactionException, machine::kTransactionBufferFull);
  if (!call.set_number(call.self(), holder(call), kTries, number(call, kLimit))) return call.failed();
  validate(call, false);
  return call.returns();
}

Outcome tries_remaining(NativeCall& call) {
  return call.returns(static_cast<std::int16_t>(number(call, kTries)));
}

Outcome validated(NativeCall& call) {
  return call.returns(boolean(is_made(call) && is_validated(call)));
}

Outcome set_validated(NativeCall& call) {
  if (is_made(call)) validate(call, call.boolean_at(0));
  return call.returns();
}

Outcome reset(NativeCall& call) {
  if (!is_made(call)) return call.returns();
  const bool was = is_validated(call);
  validate(call, false);
  if (was) restore_tries(call);
  return call.returns();
}

Outcome reset_and_unblock(NativeCall& call) {
  if (is_made(call)) {
    restore_tries(call);
    validate(call, false);
  }
  return call.returns();
}

// OwnerPINx: what is set belongs to an open transaction.

Outcome try_limit(NativeCall& call) {
  return call.returns(static_cast<std::int16_t>(number(call, kLimit)));
}

Outcome set_numbers(NativeCall& call, std::int8_t limit, std::int8_t tries) {
  if (!is_made(call)) return call.throws(machine::kPINException, kIllegalPinState);
  if (!call.set_number(call.self(), holder(call), kLimit, limit) || !call.set_number(call.self(), holder(call), kTries, tries)) {
    return call.failed();
  }
  validate(call, false);
  return call.returns();
}

Outcome set_try_limit(NativeCall& call) {
  const std::int8_t limit = call.byte_at(0);
  return limit < 1 ? call.throws(machine::kPINException, kIllegalPinValue) : set_numbers(call, limit, limit);
}

Outcome set_tries_remaining(NativeCall& call) {
  const std::int8_t tries = call.byte_at(0);
  const auto limit = static_cast<std::int8_t>(number(call, kLimit));
  return tries < 0 || tries > limit ? call.throws(machine::kPINException, kIllegalPinValue) : set_numbers(call, limit, tries);
}

Outcome build(NativeCall& call) {
  constexpr auto kKinds = std::to_array<machine::ApiClass>({kOwnerPIN, kOwnerPINx, kPredecrement});
  const std::int8_t limit = call.byte_at(0);
  const std::int8_t size = call.byte_at(1);
  const std::int8_t kind = call.byte_at(2);
  if (limit < 1 || size < 1 || kind < 1 || static_cast<std::size_t>(kind) > kKinds.size()) {
    return call.throws(machine::kPINException, kIllegalPinValue);
  }
  const auto pin = call.make(kKinds[static_cast<std::size_t>(kind - 1)], call.caller());
  if (!pin || !make_parts(call, *pin, kind == 1 ? kOwnerPIN : kOwnerPINx, limit, size)) return call.failed();
  return call.returns_reference(*pin);
}

constexpr auto kMethods = std::to_array<machine::NativeMethod>({
    {"OwnerPIN", "<init>", "(BB)V", make},
    {"OwnerPIN", "check", "([BSB)Z", check},
    {"OwnerPIN", "getTriesRemaining", "()B", tries_remaining},
    {"OwnerPIN", "getValidatedFlag", "()Z", validated},
    {"OwnerPIN", "isValidated", "()Z", validated},
    {"OwnerPIN", "reset", "()V", reset},
    {"OwnerPIN", "resetAndUnblock", "()V", reset_and_unblock},
    {"OwnerPIN", "setValidatedFlag", "(Z)V", set_validated},
    {"OwnerPIN", "update", "([BSB)V", update},
    {"OwnerPINBuilder", "buildOwnerPIN", "(BBB)Ljavacard/framework/PIN;", build},
    {"OwnerPINxObject", "check", "([BSB)Z", check},
    {"OwnerPINxObject", "getTriesRemaining", "()B", tries_remaining},
    {"OwnerPINxObject", "isValidated", "()Z", validated},
    {"OwnerPINxObject", "reset", "()V", reset},
    {"OwnerPINxObject", "update", "([BSB)V", update},
    {"OwnerPINxObject", "getTryLimit", "()B", try_limit},
    {"OwnerPINxObject", "setTryLimit", "(B)V", set_try_limit},
    {"OwnerPINxObject", "setTriesRemaining", "(B)V", set_tries_remaining},
    {"PredecrementObject", "check", "([BSB)Z", check_after_decrement},
    {"PredecrementObject", "decrementTriesRemaining", "()B", decrement},
});

}  // namespace

void add_owner_pin(machine::NativeTable& table) {
  table.layout("javacard/framework", "OwnerPIN", {.references = 2, .numbers = 2});
  table.layout("javacard/framework", "OwnerPINxObject", {.references = 2, .numbers = 2});
  table.add("javacard/framework", kMethods);
}

}  // namespace uicclab::applet::java
