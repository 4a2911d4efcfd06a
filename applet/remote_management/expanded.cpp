// SPDX-License-Identifier: Apache-2.0
// Expanded format: ETSI TS 102 226 clause 5.2.
#include "applet/remote_management/runner.hpp"
#include "core/ber_tlv.hpp"
#include "ota/remote_apdu_expanded.hpp"

namespace uicclab::applet::remote_management {
namespace {

namespace tag = ota::script_tag;
using ota::ScriptAction;
using ota::ScriptChaining;

/// EF_RMA in DF.TELECOM.
constexpr auto kRemoteActions = "7F10 6F53"_h;
constexpr ber::Tag kProactiveCommand = 0xD0;     // ETSI TS 102 223 clause 9.2
constexpr std::uint8_t kSuspensionError = 0x01;  // value of an immediate action response

class ExpandedRun {
 public:
  ExpandedRun(Runner& runner, Context& context, const ota::ExpandedScript& script, std::size_t room)
      : m_runner(runner), m_context(context), m_script(script), m_response(script.indefinite, room) {}

  Bytes run() {
    if (!enter()) return m_response.finish(0);
    for (const ota::ScriptObject& object : m_script.commands) {
      ++m_executed;
      if (!carry_out(object)) return finish();
    }
    if (m_script.broken) m_response.add_bad_format(*m_script.broken);
    return finish();
  }

 private:
  /// Clause 5.2.1.4: what the script goes on from.
  bool enter() {
    const auto chaining = m_script.chaining();
    const auto refuse = [&](ota::ChainingResult reason) {
      m_response.add(tag::kScriptChaining, std::array{static_cast<std::uint8_t>(reason)});
      return false;
    };
    if (!chaining) return refuse(ota::ChainingResult::kUnableToProcess);
    RemoteCommands& commands = m_runner.commands();
    if (!*chaining) {
      commands.begin();
      return true;
    }
    switch (**chaining) {
      case ScriptChaining::kFirst:
        commands.begin();
        m_keep = true;
        return true;
      case ScriptChaining::kFirstKeptOverReset:
        return refuse(ota::ChainingResult::kNotSupported);
      case ScriptChaining::kSubsequent:
      case ScriptChaining::kLast:
        if (!commands.resume()) return refuse(ota::ChainingResult::kNoPreviousScript);
        m_keep = **chaining == ScriptChaining::kSubsequent;
        return true;
    }
    return refuse(ota::ChainingResult::kUnableToProcess);
  }

  /// False: the script ends here.
  bool carry_out(const ota::ScriptObject& object) {
    switch (object.tag) {
      case tag::kCApdu:
        return command(object.value);
      case tag::kImmediateAction:
        return immediate(object);
      case tag::kErrorAction: {
        const auto action = ScriptAction::from(object);
        m_on_error = action ? *action : ScriptAction{};
        return true;
      }
      default:
        return true;  // script chaining, which enter() has seen
    }
  }

  bool command(BytesView bytes) {
    Bytes out;
    const auto parsed = apdu::parse(bytes);
    const StatusWord status = parsed ? m_runner.run(*parsed, out) : sw::kWrongLength;
    if (!m_early && !m_response.add_r_apdu(out, status)) return false;
    if (Runner::goes_on(status)) return true;
    perform(m_on_error);
    return false;
  }

  bool immediate(const ota::ScriptObject& object) {
    const auto action = ScriptAction::from(object);
    if (action && action->kind == ScriptAction::Kind::kEarlyResponse) {
      m_early = m_response.finish(m_executed);
      return true;
    }
    if (action && (action->kind == ScriptAction::Kind::kProactiveSession || perform(*action))) return true;
    if (!m_early) m_response.add(tag::kImmediateAction, std::array{kSuspensionError});
    return false;
  }

  /// The proactive command of an action goes to the terminal: its own, or that of a record of EF_RMA.
  bool perform(const ScriptAction& action) {
    if (action.kind == ScriptAction::Kind::kProactiveCommand) return m_context.toolkit().send(action.command);
    if (action.kind != ScriptAction::Kind::kRecord) return false;
    const auto record = m_context.files().read_record(kRemoteActions, action.record);
    if (!record) return false;
    const auto command = ber::first(*record);  // FF fills the record
    return command && command->tag == kProactiveCommand && m_context.toolkit().send(command->whole);
  }

  Bytes finish() {
    if (m_keep) m_runner.commands().keep();
    return m_early ? *m_early : m_response.finish(m_executed);
  }

  Runner& m_runner;
  Context& m_context;
  const ota::ExpandedScript& m_script;
  ota::ExpandedResponseBuilder m_response;
  std::uint32_t m_executed = 0;
  ScriptAction m_on_error;
  std::optional<Bytes> m_early;  ///< the response that goes out before the rest is carried out
  bool m_keep = false;
};

}  // namespace

Bytes run_expanded(Runner& runner, Context& context, const RemoteRequest& request) {
  const auto script = ota::ExpandedScript::parse(request.data);
  if (!script) return {};
  const std::size_t room = std::max(request.room, ota::ExpandedResponseBuilder::kMinimum);
  return ExpandedRun(runner, context, *script, room).run();
}

}  // namespace uicclab::applet::remote_management
