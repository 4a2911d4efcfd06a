// SPDX-License-Identifier: Apache-2.0
// STORE DATA that the applet's security domain passes on (GP clause 7.3.3): the whole command lies in the APDU buffer. It is no command to
// the applet, which is not selected: there is no APDU object, and no memory of CLEAR_ON_DESELECT.
#include "applet/java/globalplatform/globalplatform.hpp"
#include "applet/java/session_call.hpp"

namespace uicclab::applet::java {

namespace machine = jcvm::machine;
using machine::Cell;
using machine::Lifetime;

/// An applet with neither interface takes no personalization: 6985.
StatusWord Session::personalize(applet::Context& context, const apdu::Command& store_data, Bytes& out) {
  constexpr std::size_t kHeader = 5;
  constexpr std::uint32_t kMostOut = 256;
  CodeServices& services = *context.code();
  const Call call(*this, services, &context);
  const auto instance = m_store.instance(services.self().value_or(0));
  const bool answers = instance && m_machine->is_a(instance->applet, kPersonalization);
  if (!answers && !(instance && m_machine->is_a(instance->applet, kApplication))) return sw::kConditionsNotSatisfied;
  if (store_data.data.size() > kBuffer - kHeader) return sw::kWrongLength;
  make_apdu();
  m_apdu = {};
  fill_apdu_buffer(store_data, false);
  m_machine->heap().write_now(*m_machine->heap().find(m_apdu_buffer), kHeader, store_data.data);
  std::vector<Cell> arguments{Cell::reference(m_apdu_buffer), Cell::of(0),
                              Cell::of(static_cast<std::int16_t>(kHeader + store_data.data.size()))};
  Ref output = machine::kNull;
  if (answers) {
    output = m_machine->make_array(jcvm::code::kTypeByte, kMostOut, machine::kRuntime, Lifetime::kSession);
    m_machine->heap().grant(output, machine::kGlobalArray);
    arguments.insert(arguments.end(), {Cell::reference(output), Cell::of(0)});
  }
  std::optional<std::int16_t> length;
  const StatusWord answer = run(
      machine::kRuntime,
      [&](machine::Thread& thread) {
        return m_machine->call_interface(thread, instance->applet, answers ? kPersonalization : kApplication, 0, arguments);
      },
      answers ? &length : nullptr);
  if (length && *length > 0 && answer.is_success()) {
    append(out, BytesView(m_machine->heap().find(output)->body).first(std::min<std::size_t>(kMostOut, static_cast<std::size_t>(*length))));
  }
  if (output != machine::kNull) m_machine->heap().erase(output);
  if (std::exchange(m_deletion, false)) collect();
  return answer;
}

}  // namespace uicclab::applet::java
