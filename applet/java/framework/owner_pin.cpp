// SPDX-License-Identifier: Apache-2.0
// OwnerPIN: the tries left are written beside every transaction, the flag is gone with the reset.
#include "applet/java/framework/framework.hpp"

namespace uicclab::applet::java {

namespace machine = jcvm::machine;
using machine::kOwnerPIN;
using machine::Lifetime;
using machine::NativeCall;
using machine::Outcome;

namespace {

constexpr std::int16_t kIllegalPinValue = 1;
// References
constexpr unsigned kValue = 0;  ///< byte[]: length, PIN
constexpr unsigned kFlag = 1;   ///< boolean[1]
// Numbers follow them.
constexpr unsigned kLimit = 2;
constexpr unsigned kTries = 3;

machine::Object& part(NativeCall& call, unsigned cell) {
  machine::Object* const object = call.heap().find(call.reference_in(call.self(), kOwnerPIN, cell));
  if (object == nullptr) throw SystemError("an OwnerPIN has lost a part of it");
  return *object;
}

/// Whoever calls a constructor that was not run.
bool is_made(NativeCall& call) {
  return call.reference_in(call.self(), kOwnerPIN, kFlag) != machine::kNull;
}

bool is_validated(NativeCall& call) {
  return part(call, kFlag).body[0] != 0;
}

void validate(NativeCall& call, bool valid) {
  const std::array<std::uint8_t, 1> flag{static_cast<std::uint8_t>(valid ? 1 : 0)};
  call.heap().write_now(part(call, kFlag), 0, flag);
}

std::int32_t tries(NativeCall& call) {
  return call.number_in(call.self(), kOwnerPIN, kTries);
}

void restore_tries(NativeCall& call) {
  call.set_number_now(call.self(), kOwnerPIN, kTries, call.number_in(call.self(), kOwnerPIN, kLimit));
}

Outcome make(NativeCall& call) {
  const std::int8_t limit = call.byte_at(0);
  const std::int8_t size = call.byte_at(1);
  if (limit < 1 || size < 1) return call.throws(machine::kPINException, kIllegalPinValue);
  const machine::Context owner = call.heap().find(call.self())->owner;
  const auto value = call.make_array(jcvm::code::kTypeByte, size + 1, owner);
  if (!value || !call.set_reference(call.self(), kOwnerPIN, kValue, *value)) return call.failed();
  const auto flag = call.make_array(jcvm::code::kTypeBoolean, 1, owner, Lifetime::kClearOnReset);
  if (!flag || !call.set_reference(call.self(), kOwnerPIN, kFlag, *flag)) return call.failed();
  if (!call.set_number(call.self(), kOwnerPIN, kLimit, limit) || !call.set_number(call.self(), kOwnerPIN, kTries, limit)) {
    return call.failed();
  }
  return call.returns();
}

/// The try is counted before anything is looked at, whatever exception follows.
Outcome check(NativeCall& call) {
  if (!is_made(call)) return call.throws(machine::kPINException, kIllegalPinValue);
  validate(call, false);
  if (tries(call) == 0) return call.returns(boolean(false));
  call.set_number_now(call.self(), kOwnerPIN, kTries, tries(call) - 1);
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

Outcome update(NativeCall& call) {
  if (!is_made(call)) return call.throws(machine::kPINException, kIllegalPinValue);
  const auto given = call.read_array(0, call.short_at(1), call.byte_at(2));
  if (!given) return call.failed();
  machine::Object& value = part(call, kValue);
  if (given->size() >= value.length) return call.throws(machine::kPINException, kIllegalPinValue);
  Bytes bytes{static_cast<std::uint8_t>(given->size())};
  append(bytes, *given);
  if (!call.heap().write(value, 0, bytes)) return call.throws(machine::kTransactionException, machine::kTransactionBufferFull);
  restore_tries(call);
  validate(call, false);
  return call.returns();
}

Outcome tries_remaining(NativeCall& call) {
  return call.returns(static_cast<std::int16_t>(tries(call)));
}

Outcome validated(NativeCall& call) {
  return call.returns(boolean(is_made(call) && is_validated(call)));
}

Outcome set_validated(NativeCall& call) {
  if (is_made(call)) validate(call, call.boolean_at(0));
  return call.returns();
}

Outcome reset(NativeCall& call) {
  if (is_made(call) && is_validated(call)) {
    restore_tries(call);
    validate(call, false);
  }
  return call.returns();
}

Outcome reset_and_unblock(NativeCall& call) {
  if (is_made(call)) {
    restore_tries(call);
    validate(call, false);
  }
  return call.returns();
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
});

}  // namespace

void add_owner_pin(machine::NativeTable& table) {
  table.layout("javacard/framework", "OwnerPIN", {.references = 2, .numbers = 2});
  table.add("javacard/framework", kMethods);
}

}  // namespace uicclab::applet::java
