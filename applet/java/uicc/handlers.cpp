// SPDX-License-Identifier: Apache-2.0
// Where the list of a handler is: with the activation, or in the applet's own objects.
#include "applet/java/uicc/toolkit.hpp"

namespace uicclab::applet::java {

namespace machine = jcvm::machine;
using machine::NativeCall;
using machine::Outcome;

namespace {

// The cells of a handler that is an applet's own, after its buffer.
constexpr unsigned kBuffer = 0;
enum Number : unsigned { kLength = 1, kTag, kSelected, kSelectedOffset, kSelectedLength };
constexpr std::uint8_t kNumbers = 5;
enum : std::int32_t { kNone, kFound, kFoundRequired };

machine::ApiClass class_of(NativeCall& call, machine::Ref handler) {
  return call.machine().is_a(handler, kBerTlvEditHandler) ? kBerTlvEditHandler : kEditHandler;
}

std::size_t count_in(NativeCall& call, machine::Ref handler, unsigned cell) {
  return static_cast<std::size_t>(call.number_in(handler, class_of(call, handler), cell));
}

}  // namespace

bool Handler::is_handler(NativeCall& call, machine::Ref object) {
  return session_of(call).handler_kind(object) || is_native(call, object, kEditHandler) || is_native(call, object, kBerTlvEditHandler);
}

Handler::Handler(NativeCall& call, machine::Ref handler) : m_call(call), m_handler(handler) {
  Session& session = session_of(call);
  if (const auto kind = session.handler_kind(handler)) {
    Activation* const now = session.activation();
    m_list = now == nullptr ? nullptr : now->list(*kind);
    if (m_list == nullptr) toolkit_refuses(call, kHandlerNotAvailable);
    return;
  }
  read();
  m_list = &m_own;
}

void Handler::read() {
  const machine::Object* buffer = m_call.heap().find(m_call.reference_in(m_handler, class_of(m_call, m_handler), kBuffer));
  if (buffer == nullptr) return;
  m_own.capacity = buffer->body.size();
  m_own.bytes = to_bytes(BytesView(buffer->body).first(std::min(count_in(m_call, m_handler, kLength), m_own.capacity)));
  m_own.tag = static_cast<std::uint8_t>(count_in(m_call, m_handler, kTag));
  const auto state = static_cast<std::int32_t>(count_in(m_call, m_handler, kSelected));
  if (state == kNone) return;
  const TlvList::Element element{count_in(m_call, m_handler, kSelectedOffset), count_in(m_call, m_handler, kSelectedLength),
                                 state == kFoundRequired};
  // A commit buffer that was full in keep() leaves numbers that do not belong together.
  const std::size_t size = m_own.bytes.size();
  if (element.offset <= size && element.length <= size - element.offset) m_own.selected = element;
}

bool Handler::keep() {
  if (m_list != &m_own) return true;
  const machine::Ref self = m_handler;
  const machine::ApiClass of = class_of(m_call, self);
  machine::Object* buffer = m_call.heap().find(m_call.reference_in(self, of, kBuffer));
  if (buffer == nullptr) return true;
  if (!equal(BytesView(buffer->body).first(m_own.bytes.size()), m_own.bytes) && !m_call.heap().write(*buffer, 0, m_own.bytes)) {
    m_call.throws(machine::kTransactionException, machine::kTransactionBufferFull);
    return false;
  }
  const auto element = m_own.selected.value_or(TlvList::Element{});
  const std::array<std::pair<unsigned, std::int32_t>, kNumbers> numbers{{
      {kLength, static_cast<std::int32_t>(m_own.bytes.size())},
      {kTag, m_own.tag},
      {kSelected, !m_own.selected                  ? kNone
                  : element.comprehension_required ? kFoundRequired
                                                   : kFound},
      {kSelectedOffset, static_cast<std::int32_t>(element.offset)},
      {kSelectedLength, static_cast<std::int32_t>(element.length)},
  }};
  return std::ranges::all_of(numbers, [&](const auto& one) {
    return m_call.number_in(self, of, one.first) == one.second || m_call.set_number(self, of, one.first, one.second);
  });
}

std::optional<machine::Ref> make_handler(NativeCall& call, machine::ApiClass of, std::int16_t capacity, BytesView content) {
  const Bytes copy = to_bytes(content);
  const auto buffer = call.make_array(jcvm::code::kTypeByte, capacity, call.caller());
  if (!buffer) return std::nullopt;
  const auto handler = call.make(of, call.caller());
  if (!handler || !call.set_reference(*handler, of, kBuffer, *buffer)) return std::nullopt;
  if (!call.heap().write(*call.heap().find(*buffer), 0, copy)) {
    call.throws(machine::kTransactionException, machine::kTransactionBufferFull);
    return std::nullopt;
  }
  return call.set_number(*handler, of, kLength, static_cast<std::int32_t>(copy.size())) ? handler : std::nullopt;
}

std::optional<BytesView> element_of(NativeCall& call, TlvList& list, std::uint8_t tag, std::size_t least) {
  const auto found = list.find(tag);
  if (!found) {
    toolkit_refuses(call, kUnavailableElement);
    return std::nullopt;
  }
  if (found->length < least) {
    toolkit_refuses(call, kOutOfTlvBoundaries);
    return std::nullopt;
  }
  return list.value(*found);
}

namespace {

constexpr std::uint8_t kItemIdentifierTag = 0x10;
constexpr std::uint8_t kChannelStatusTag = 0x38;
constexpr std::uint8_t kChannelBits = 0x07;

}  // namespace

Outcome item_identifier(NativeCall& call) {
  Handler list(call);
  if (!list) return call.failed();
  const auto value = element_of(call, *list, kItemIdentifierTag, 1);
  return value ? call.returns(static_cast<std::int16_t>(static_cast<std::int8_t>(value->front()))) : call.failed();
}

Outcome channel_identifier(NativeCall& call) {
  Handler list(call);
  if (!list) return call.failed();
  const auto value = element_of(call, *list, kChannelStatusTag, 1);
  return value ? call.returns(static_cast<std::int16_t>(value->front() & kChannelBits)) : call.failed();
}

Outcome channel_status(NativeCall& call) {
  Handler list(call);
  if (!list) return call.failed();
  for (unsigned occurrence = 1;; ++occurrence) {
    const auto found = list->find(kChannelStatusTag, occurrence);
    if (!found) return toolkit_refuses(call, kUnavailableElement);
    const BytesView value = list->value(*found);
    if (value.empty() || (value[0] & kChannelBits) != call.byte_at(0)) continue;
    if (value.size() < 2) return toolkit_refuses(call, kOutOfTlvBoundaries);
    return call.returns(static_cast<std::int16_t>(value[0] << 8 | value[1]));
  }
}

void add_toolkit(machine::NativeTable& table) {
  table.layout(kUsimToolkitPackage, "USATEnvelopeHandler", {});
  for (const std::string_view name : {"EnvelopeResponseHandler", "ProactiveHandler", "ProactiveResponseHandler"}) {
    table.layout(kToolkitPackage, name, {});
  }
  for (const std::string_view name : {"EditHandler", "BERTLVEditHandler"}) {
    table.layout(kToolkitPackage, name, {.references = 1, .numbers = kNumbers});
  }
  add_view_handlers(table);
  add_edit_handlers(table);
  add_envelope_handlers(table);
  add_usat_envelope_handler(table);
  add_proactive_handlers(table);
  add_toolkit_registry(table);
  add_terminal_profile(table);
  add_handler_builder(table);
  add_sim_toolkit(table);
}

}  // namespace uicclab::applet::java
