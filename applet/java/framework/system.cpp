// SPDX-License-Identifier: Apache-2.0
// JCSystem.
#include "applet/java/framework/framework.hpp"

namespace uicclab::applet::java {

namespace machine = jcvm::machine;
using machine::Cell;
using machine::Lifetime;
using machine::NativeCall;
using machine::Outcome;

namespace {

constexpr std::int16_t kVersion = 0x0300;  // the newest API that this is whole enough for: Java Card 3.0
constexpr std::uint32_t kMostShort = 0x7FFF;

std::int16_t at_most_short(std::uint32_t value) {
  return static_cast<std::int16_t>(std::min(value, kMostShort));
}

Outcome aid_of(NativeCall& call, std::optional<machine::Context> context) {
  const auto instance = context ? session_of(call).instance_of(*context) : std::nullopt;
  return call.returns_reference(instance ? instance->aid : machine::kNull);
}

// Transactions: JCRE chapter 7

Outcome begin_transaction(NativeCall& call) {
  if (call.heap().in_transaction()) return call.throws(machine::kTransactionException, machine::kTransactionInProgress);
  call.heap().begin();
  return call.returns();
}

Outcome commit_transaction(NativeCall& call) {
  if (!call.heap().in_transaction()) return call.throws(machine::kTransactionException, machine::kTransactionNotInProgress);
  call.heap().commit();
  return call.returns();
}

Outcome abort_transaction(NativeCall& call) {
  if (!call.heap().in_transaction()) return call.throws(machine::kTransactionException, machine::kTransactionNotInProgress);
  session_of(call).abort_transaction();
  return call.returns();
}

Outcome transaction_depth(NativeCall& call) {
  return call.returns(boolean(call.heap().in_transaction()));
}

Outcome unused_commit_capacity(NativeCall& call) {
  return call.returns(at_most_short(call.heap().unused_commit_capacity()));
}

Outcome max_commit_capacity(NativeCall& call) {
  return call.returns(at_most_short(call.heap().commit_capacity()));
}

// Applets

Outcome get_aid(NativeCall& call) {
  return aid_of(call, call.caller());
}

Outcome previous_aid(NativeCall& call) {
  return aid_of(call, call.previous());
}

Outcome lookup_aid(NativeCall& call) {
  const auto bytes = call.read_array(0, call.short_at(1), call.byte_at(2));
  if (!bytes) return call.failed();
  const auto instance = session_of(call).instance_named(*bytes);
  return call.returns_reference(instance ? instance->aid : machine::kNull);
}

std::optional<Instance> instance_with(NativeCall& call, machine::Ref aid) {
  const BytesView all = call.bytes_in(aid, machine::kAid);
  return session_of(call).instance_named(all.subspan(1, all[0]));
}

Outcome shareable_object(NativeCall& call) {
  constexpr std::uint8_t kGetShareable = 5;
  constexpr std::uint8_t kAsked = 1;
  if (call.step() == kAsked) return call.returns_reference(call.caught() != machine::kNull ? machine::kNull : call.result().ref());
  const machine::Ref server = call.reference_at(0);
  if (call.object(server) == nullptr) return call.failed();
  const auto instance = instance_with(call, server);
  if (!instance) return call.returns_reference(machine::kNull);
  const auto client = session_of(call).instance_of(call.caller());
  const std::array<Cell, 2> arguments{Cell::reference(client ? client->aid : machine::kNull), Cell::of(call.byte_at(1))};
  return call.calls_virtual(instance->applet, machine::kApplet, kGetShareable, arguments, kAsked, NativeCall::Catch::kAll);
}

Outcome is_applet_active(NativeCall& call) {
  const machine::Ref aid = call.reference_at(0);
  if (call.object(aid) == nullptr) return call.failed();
  const auto instance = instance_with(call, aid);
  return call.returns(boolean(instance && session_of(call).is_active(instance->context)));
}

Outcome assigned_channel(NativeCall& call) {
  return call.returns(static_cast<std::int16_t>(session_of(call).context().channel().value));
}

Outcome version(NativeCall& call) {
  return call.returns(kVersion);
}

// Memory

/// Empty: an exception was chosen.
std::optional<Lifetime> transient(NativeCall& call, std::int8_t event) {
  if (event == 1) return Lifetime::kClearOnReset;
  if (event != 2) {
    call.throws(machine::kSystemException, machine::kIllegalValue);
    return std::nullopt;
  }
  if (call.selected() && call.selected()->package == call.caller().package) return Lifetime::kClearOnDeselect;
  call.throws(machine::kSystemException, machine::kIllegalTransient);
  return std::nullopt;
}

template <jcvm::code::ArrayType kType>
Outcome make_transient(NativeCall& call) {
  const auto lifetime = transient(call, call.byte_at(1));
  if (!lifetime) return call.failed();
  const auto array = kType == jcvm::code::kTypeReferences
                         ? call.make_object_array(machine::kObject, call.short_at(0), call.caller(), *lifetime)
                         : call.make_array(kType, call.short_at(0), call.caller(), *lifetime);
  return array ? call.returns_reference(*array) : call.failed();
}

Outcome is_transient(NativeCall& call) {
  const machine::Object* object = call.heap().find(call.reference_at(0));
  if (object == nullptr) return call.returns(std::int16_t{0});
  const Lifetime lifetime = object->lifetime == Lifetime::kSession ? Lifetime::kClearOnReset : object->lifetime;
  return call.returns(static_cast<std::int16_t>(lifetime));
}

Outcome available_memory(NativeCall& call) {
  const std::int8_t type = call.byte_at(0);
  if (type < 0 || type > 2) return call.throws(machine::kSystemException, machine::kIllegalValue);
  return call.returns(at_most_short(call.heap().free(call.caller(), static_cast<Lifetime>(type))));
}

Outcome deletion_supported(NativeCall& call) {
  return call.returns(boolean(true));
}

/// Before the next command (JCRE clause 7.6 and JCSystem.requestObjectDeletion).
Outcome request_deletion(NativeCall& call) {
  session_of(call).request_deletion();
  return call.returns();
}

constexpr auto kMethods = std::to_array<machine::NativeMethod>({
    {"JCSystem", "abortTransaction", "()V", abort_transaction},
    {"JCSystem", "beginTransaction", "()V", begin_transaction},
    {"JCSystem", "commitTransaction", "()V", commit_transaction},
    {"JCSystem", "getAID", "()Ljavacard/framework/AID;", get_aid},
    {"JCSystem", "getAppletShareableInterfaceObject", "(Ljavacard/framework/AID;B)Ljavacard/framework/Shareable;", shareable_object},
    {"JCSystem", "getMaxCommitCapacity", "()S", max_commit_capacity},
    {"JCSystem", "getPreviousContextAID", "()Ljavacard/framework/AID;", previous_aid},
    {"JCSystem", "getTransactionDepth", "()B", transaction_depth},
    {"JCSystem", "getUnusedCommitCapacity", "()S", unused_commit_capacity},
    {"JCSystem", "getVersion", "()S", version},
    {"JCSystem", "isTransient", "(Ljava/lang/Object;)B", is_transient},
    {"JCSystem", "lookupAID", "([BSB)Ljavacard/framework/AID;", lookup_aid},
    {"JCSystem", "makeTransientBooleanArray", "(SB)[Z", make_transient<jcvm::code::kTypeBoolean>},
    {"JCSystem", "makeTransientByteArray", "(SB)[B", make_transient<jcvm::code::kTypeByte>},
    {"JCSystem", "makeTransientObjectArray", "(SB)[Ljava/lang/Object;", make_transient<jcvm::code::kTypeReferences>},
    {"JCSystem", "makeTransientShortArray", "(SB)[S", make_transient<jcvm::code::kTypeShort>},
    {"JCSystem", "getAvailableMemory", "(B)S", available_memory},
    {"JCSystem", "isObjectDeletionSupported", "()Z", deletion_supported},
    {"JCSystem", "requestObjectDeletion", "()V", request_deletion},
    {"JCSystem", "getAssignedChannel", "()B", assigned_channel},
    {"JCSystem", "isAppletActive", "(Ljavacard/framework/AID;)Z", is_applet_active},
});

}  // namespace

Outcome make_transient_ints(NativeCall& call) {
  return make_transient<jcvm::code::kTypeInt>(call);
}

void add_system(machine::NativeTable& table) {
  table.add("javacard/framework", kMethods);
}

}  // namespace uicclab::applet::java
