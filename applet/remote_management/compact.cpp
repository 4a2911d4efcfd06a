// SPDX-License-Identifier: Apache-2.0
// Compact format: ETSI TS 102 226 clause 5.1. Commands are executed as over T=0: one with data in both directions answers 61xx, and
// GET RESPONSE behind it fetches the answer.
#include <utility>

#include "applet/remote_management/runner.hpp"
#include "core/apdu.hpp"

namespace uicclab::applet::remote_management {
namespace {

/// An answer that waits for GET RESPONSE; empty: none does.
struct Waiting {
  Bytes data;
  StatusWord status;
};

StatusWord get_response(const apdu::Command& command, Waiting& waiting, Bytes& out) {
  const Waiting answer = std::exchange(waiting, Waiting{});
  if (answer.data.empty()) return sw::kNoPreciseDiagnosis;
  if (command.p1p2() != 0) return sw::kIncorrectP1P2;
  const std::size_t size = command.le_is_maximum() ? std::min<std::size_t>(answer.data.size(), 256) : *command.le;
  if (size > answer.data.size()) return sw::exact_length(answer.data.size());
  const BytesView data = answer.data;
  append(out, data.first(size));
  if (size == data.size()) return answer.status;
  waiting = {to_bytes(data.subspan(size)), answer.status};
  return sw::bytes_available(waiting.data.size());
}

}  // namespace

Bytes run_compact(Runner& runner, const RemoteRequest& request) {
  const auto script = ota::CompactScript::parse(request.data, runner.set());
  if (script.commands.empty() && !script.broken) return {};
  ota::CompactResponse response;
  Waiting waiting;
  bool goes_on = true;
  for (const BytesView bytes : script.commands) {
    if (!goes_on || response.executed == 0xFF) break;
    const bool outgoing = ota::is_outgoing(bytes, runner.set());
    apdu::Command command{bytes[0], bytes[1], bytes[2], bytes[3], {}, {}, false};
    if (outgoing) {
      command.le = bytes[4] == 0 ? 256U : bytes[4];
    } else {
      command.data = bytes.subspan(5);
    }
    ++response.executed;
    response.data.clear();
    if (command.ins == apdu::kGetResponse) {
      response.status = get_response(command, waiting, response.data);
    } else {
      waiting = {};
      response.status = runner.run(command, response.data);
      if (!outgoing && !response.data.empty()) {
        waiting.data.swap(response.data);
        waiting.status = response.status;
        const std::size_t size = waiting.data.size();
        response.status = command.cla == kGsmClass ? sw::gsm_bytes_available(size) : sw::bytes_available(size);
      }
    }
    goes_on = Runner::goes_on(response.status);
  }
  if (goes_on && script.broken && response.executed < 0xFF) {
    ++response.executed;
    response.status = sw::kWrongLength;
    response.data.clear();
  }
  return response.build(std::max<std::size_t>(request.room, 3));
}

}  // namespace uicclab::applet::remote_management
