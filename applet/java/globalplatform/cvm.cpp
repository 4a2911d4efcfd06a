// SPDX-License-Identifier: Apache-2.0
// CVM: the card's global PIN (GP clause 8.2). Value, limit and tries persist, beside every transaction; whether it was submitted and found
// right is known until the reset. What changes it takes the privilege CVM Management.
#include "applet/java/globalplatform/globalplatform.hpp"
#include "core/crypto/secret.hpp"

namespace uicclab::applet::java {

namespace machine = jcvm::machine;
using machine::NativeCall;
using machine::Outcome;
using State = Session::PinState;

namespace {

enum Format : std::uint8_t { kNoValue = 0, kAscii = 1, kBcd = 2, kHex = 3 };
constexpr std::int16_t kSuccess = 0;
constexpr std::int16_t kFailure = -1;

/// As it is kept: limit, tries, format, length, value; always of the same size.
struct Pin {
  static constexpr std::size_t kMost = 32;

  std::int8_t limit = 0;
  std::int8_t tries = 0;
  std::uint8_t format = kNoValue;
  Bytes value;

  bool is_active() const { return limit > 0 && format != kNoValue; }
  bool is_blocked() const { return is_active() && tries == 0; }
};

Pin read(NativeCall& call) {
  Pin pin;
  const auto record = session_of(call).store().global_pin();
  if (!record) return pin;
  constexpr std::size_t kFixed = 4;
  if (record->size() != kFixed + Pin::kMost || (*record)[3] > Pin::kMost) throw SystemError("the record of the global PIN is damaged");
  pin.limit = static_cast<std::int8_t>((*record)[0]);
  pin.tries = static_cast<std::int8_t>((*record)[1]);
  pin.format = (*record)[2];
  pin.value = to_bytes(record->subspan(kFixed, (*record)[3]));
  return pin;
}

void keep(NativeCall& call, const Pin& pin, State state) {
  Bytes record{static_cast<std::uint8_t>(pin.limit), static_cast<std::uint8_t>(pin.tries), pin.format,
               static_cast<std::uint8_t>(pin.value.size())};
  append(record, pin.value);
  record.resize(record.size() + Pin::kMost - pin.value.size());
  session_of(call).store().keep_global_pin(record);
  session_of(call).global_pin_state() = state;
}

State state_of(NativeCall& call) {
  return session_of(call).global_pin_state();
}

/// The digits as bytes 0 to 9; nothing if there is something else.
std::optional<Bytes> digits(std::uint8_t format, BytesView value) {
  Bytes out;
  if (format == kAscii) {
    for (const std::uint8_t byte : value) {
      if (byte < '0' || byte > '9') return std::nullopt;
      out.push_back(static_cast<std::uint8_t>(byte - '0'));
    }
    return out;
  }
  if (format != kBcd) return std::nullopt;
  for (std::size_t i = 0; i < 2 * value.size(); ++i) {
    const auto digit = static_cast<std::uint8_t>(i % 2 == 0 ? value[i / 2] >> 4 : value[i / 2] & 0x0F);
    const bool is_pad = digit == 0x0F && i + 1 == 2 * value.size();
    if (is_pad) break;
    if (digit > 9) return std::nullopt;
    out.push_back(digit);
  }
  return out;
}

/// Formats are converted where they can be (CVM.verify()).
bool matches(const Pin& pin, std::uint8_t format, BytesView given) {
  if (format == pin.format) return crypto::constant_time_equal(pin.value, given);
  const auto stored = digits(pin.format, pin.value);
  const auto submitted = digits(format, given);
  return stored && submitted && crypto::constant_time_equal(*stored, *submitted);
}

/// The argument is a global array (CVM): any other one is not of this object's context. Empty: return failed().
std::optional<BytesView> global_array(NativeCall& call) {
  const machine::Object* const array = call.object_at(0);
  if (array == nullptr) return std::nullopt;
  if (!array->has(machine::kGlobalArray)) {
    (void)call.throws(machine::kSecurityException);
    return std::nullopt;
  }
  return call.read_array(0, call.short_at(1), call.byte_at(2));
}

Outcome is_active(NativeCall& call) {
  return call.returns(boolean(read(call).is_active()));
}

Outcome is_submitted(NativeCall& call) {
  return call.returns(boolean(state_of(call) != State::kNotSubmitted && !read(call).is_blocked()));
}

Outcome is_verified(NativeCall& call) {
  return call.returns(boolean(state_of(call) == State::kVerified && !read(call).is_blocked()));
}

Outcome is_blocked(NativeCall& call) {
  return call.returns(boolean(read(call).is_blocked()));
}

Outcome tries_remaining(NativeCall& call) {
  return call.returns(std::int16_t{read(call).tries});
}

Outcome update(NativeCall& call) {
  const auto given = global_array(call);
  if (!given) return call.failed();
  const auto format = static_cast<std::uint8_t>(call.byte_at(3));
  const bool is_known = format >= kAscii && format <= kHex;
  const bool is_consistent = is_known && !given->empty() && given->size() <= Pin::kMost && (format != kBcd || digits(kBcd, *given));
  if (!is_consistent || !caller_has(call, gp::Privilege::kCvmManagement)) return call.returns(boolean(false));
  Pin pin = read(call);
  pin.format = format;
  pin.value = to_bytes(*given);
  pin.tries = pin.limit;
  keep(call, pin, State::kNotSubmitted);
  return call.returns(boolean(true));
}

Outcome reset_state(NativeCall& call) {
  const Pin pin = read(call);
  if (!pin.is_active() || pin.is_blocked()) return call.returns(boolean(false));
  session_of(call).global_pin_state() = State::kNotSubmitted;
  return call.returns(boolean(true));
}

template <bool kBlock>
Outcome set_tries(NativeCall& call) {
  Pin pin = read(call);
  if (!pin.is_active() || !caller_has(call, gp::Privilege::kCvmManagement)) return call.returns(boolean(false));
  pin.tries = kBlock ? std::int8_t{0} : pin.limit;
  keep(call, pin, State::kNotSubmitted);
  return call.returns(boolean(true));
}

Outcome set_try_limit(NativeCall& call) {
  const std::int8_t limit = call.byte_at(0);
  if (limit < 1 || !caller_has(call, gp::Privilege::kCvmManagement)) return call.returns(boolean(false));
  Pin pin = read(call);
  pin.limit = pin.tries = limit;
  keep(call, pin, State::kNotSubmitted);
  return call.returns(boolean(true));
}

/// The try is counted before anything else is looked at: whatever exception follows, the comparison has failed.
Outcome verify(NativeCall& call) {
  Pin pin = read(call);
  if (!pin.is_active() || pin.is_blocked()) return call.returns(kFailure);
  --pin.tries;
  keep(call, pin, State::kWrong);
  const auto given = global_array(call);
  if (!given) return call.failed();
  if (!matches(pin, static_cast<std::uint8_t>(call.byte_at(3)), *given)) return call.returns(kFailure);
  pin.tries = pin.limit;
  keep(call, pin, State::kVerified);
  return call.returns(kSuccess);
}

constexpr auto kMethods = std::to_array<machine::NativeMethod>({
    {"CVM", "isActive", "()Z", is_active},
    {"CVM", "isSubmitted", "()Z", is_submitted},
    {"CVM", "isVerified", "()Z", is_verified},
    {"CVM", "isBlocked", "()Z", is_blocked},
    {"CVM", "getTriesRemaining", "()B", tries_remaining},
    {"CVM", "update", "([BSBB)Z", update},
    {"CVM", "resetState", "()Z", reset_state},
    {"CVM", "blockState", "()Z", set_tries<true>},
    {"CVM", "resetAndUnblockState", "()Z", set_tries<false>},
    {"CVM", "setTryLimit", "(B)Z", set_try_limit},
    {"CVM", "verify", "([BSBB)S", verify},
});

}  // namespace

void add_global_pin(machine::NativeTable& table) {
  table.layout(kGlobalPlatform, "CVM", {.numbers = 1});
  table.add(kGlobalPlatform, kMethods);
}

}  // namespace uicclab::applet::java
