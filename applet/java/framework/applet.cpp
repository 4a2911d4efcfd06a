// SPDX-License-Identifier: Apache-2.0
// Applet and AID.
#include "applet/java/framework/framework.hpp"

namespace uicclab::applet::java {

namespace machine = jcvm::machine;
using machine::kAid;
using machine::NativeCall;
using machine::Outcome;

namespace {

constexpr std::int16_t kIllegalAid = 4;
constexpr std::int16_t kFunctionNotSupported = 0x6A81;
constexpr std::size_t kRid = 5;

// Applet

Outcome nothing(NativeCall& call) {
  return call.returns();
}

Outcome no_install(NativeCall& call) {
  return call.throws(machine::kISOException, kFunctionNotSupported);
}

Outcome register_default(NativeCall& call) {
  return session_of(call).register_applet(call.self(), std::nullopt) ? call.returns() : call.throws(machine::kSystemException, kIllegalAid);
}

Outcome register_named(NativeCall& call) {
  const std::int8_t length = call.byte_at(2);
  const auto name = call.read_array(0, call.short_at(1), length);
  if (!name) return call.failed();
  if (!Aid::from(*name)) return call.throws(machine::kSystemException, machine::kIllegalValue);
  const Bytes copy = to_bytes(*name);
  return session_of(call).register_applet(call.self(), copy) ? call.returns() : call.throws(machine::kSystemException, kIllegalAid);
}

Outcome selecting_applet(NativeCall& call) {
  return call.returns(boolean(session_of(call).is_selecting()));
}

Outcome reselecting_applet(NativeCall& call) {
  return call.returns(boolean(session_of(call).is_reselecting()));
}

Outcome yes(NativeCall& call) {
  return call.returns(std::int16_t{1});
}

Outcome null(NativeCall& call) {
  return call.returns_reference(machine::kNull);
}

// AID: its length, and up to 16 bytes

BytesView bytes_of(NativeCall& call, machine::Ref aid) {
  const BytesView all = call.bytes_in(aid, kAid);
  return all.subspan(1, all[0]);
}

Outcome make_aid(NativeCall& call) {
  const std::int8_t length = call.byte_at(2);
  const auto bytes = call.read_array(0, call.short_at(1), length);
  if (!bytes) return call.failed();
  if (!Aid::from(*bytes)) return call.throws(machine::kSystemException, machine::kIllegalValue);
  Bytes value{static_cast<std::uint8_t>(length)};
  append(value, *bytes);
  return call.set_bytes(call.self(), kAid, 0, value) ? call.returns() : call.failed();
}

Outcome equals_object(NativeCall& call) {
  const machine::Ref other = call.reference_at(0);
  if (other == machine::kNull) return call.returns(boolean(false));
  if (call.object(other) == nullptr) return call.failed();
  return call.returns(boolean(call.machine().is_a(other, kAid) && equal(bytes_of(call, call.self()), bytes_of(call, other))));
}

Outcome rid_equals(NativeCall& call) {
  const machine::Ref other = call.reference_at(0);
  if (other == machine::kNull) return call.returns(boolean(false));
  if (call.object(other) == nullptr) return call.failed();
  const BytesView own = bytes_of(call, call.self());
  const BytesView theirs = bytes_of(call, other);
  // Without its constructor an AID has no bytes.
  return call.returns(boolean(own.size() >= kRid && theirs.size() >= kRid && equal(own.first(kRid), theirs.first(kRid))));
}

template <bool kPartial>
Outcome equals_bytes(NativeCall& call) {
  if (call.reference_at(0) == machine::kNull) return call.returns(boolean(false));
  const auto bytes = call.read_array(0, call.short_at(1), call.byte_at(2));
  if (!bytes) return call.failed();
  BytesView own = bytes_of(call, call.self());
  if (bytes->size() > own.size()) return call.returns(boolean(false));
  if (kPartial) own = own.first(bytes->size());
  return call.returns(boolean(equal(own, *bytes)));
}

Outcome get_bytes(NativeCall& call) {
  const Bytes own = to_bytes(bytes_of(call, call.self()));
  return call.write_array(0, call.short_at(1), own) ? call.returns(static_cast<std::int16_t>(own.size())) : call.failed();
}

Outcome get_partial_bytes(NativeCall& call) {
  const Bytes own = to_bytes(bytes_of(call, call.self()));
  const std::int32_t offset = call.short_at(0);
  std::int32_t length = call.byte_at(3);
  const auto size = static_cast<std::int32_t>(own.size());
  if (offset < 0 || length < 0 || offset > size || offset + length > size) return call.throws(machine::kArrayIndexOutOfBoundsException);
  if (length == 0) length = size - offset;
  const auto part = BytesView(own).subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(length));
  return call.write_array(1, call.short_at(2), part) ? call.returns(static_cast<std::int16_t>(length)) : call.failed();
}

constexpr auto kMethods = std::to_array<machine::NativeMethod>({
    {"Applet", "<init>", "()V", nothing},
    {"Applet", "install", "([BSB)V", no_install},
    {"Applet", "register", "()V", register_default},
    {"Applet", "register", "([BSB)V", register_named},
    {"Applet", "selectingApplet", "()Z", selecting_applet},
    {"Applet", "deselect", "()V", nothing},
    {"Applet", "reSelectingApplet", "()Z", reselecting_applet},
    {"Applet", "getShareableInterfaceObject", "(Ljavacard/framework/AID;B)Ljavacard/framework/Shareable;", null},
    {"Applet", "select", "()Z", yes},
    {"AID", "<init>", "([BSB)V", make_aid},
    {"AID", "equals", "(Ljava/lang/Object;)Z", equals_object},
    {"AID", "RIDEquals", "(Ljavacard/framework/AID;)Z", rid_equals},
    {"AID", "equals", "([BSB)Z", equals_bytes<false>},
    {"AID", "getBytes", "([BS)B", get_bytes},
    {"AID", "partialEquals", "([BSB)Z", equals_bytes<true>},
    {"AID", "getPartialBytes", "(S[BSB)B", get_partial_bytes},
});

}  // namespace

void add_applet_and_aid(machine::NativeTable& table) {
  constexpr std::uint16_t kAidBytes = 1 + Aid::kMaxSize;
  table.layout("javacard/framework", "AID", {.bytes = kAidBytes});
  table.add("javacard/framework", kMethods);
}

}  // namespace uicclab::applet::java
