// SPDX-License-Identifier: Apache-2.0
#include "ota/ota_port.hpp"

#include "core/apdu.hpp"
#include "core/ber_tlv.hpp"
#include "uicc/file_facts.hpp"

namespace uicclab::ota {
namespace {

constexpr std::uint8_t kVerify = 0x20;
constexpr std::uint8_t kSearch = 0xA2;
constexpr std::uint8_t kIncrease = 0x32;
constexpr std::uint8_t kReadBinary = 0xB0;
constexpr std::uint8_t kReadRecord = 0xB2;
constexpr std::uint8_t kStatus = 0xF2;
constexpr std::uint8_t kP2Mask = 0x0C;
constexpr std::uint8_t kNoData = 0x0C;  // P2 of SELECT (ETSI TS 102 221 clause 11.1.1)

/// Carrying it out twice does no harm.
bool is_harmless(std::uint8_t ins) {
  return ins == apdu::kSelect || ins == kSearch || ins == kStatus;
}

/// The command with its shortest coding.
Bytes coded(apdu::Command command, BytesView data, std::optional<std::uint32_t> le) {
  command.data = data;
  command.le = le;
  command.extended = false;
  return apdu::encode(command);
}

StatusWord status_of(ResponseStatus status) {
  switch (status) {
    case ResponseStatus::kCheckFailed:
    case ResponseStatus::kCipheringError:
    case ResponseStatus::kUnidentifiedSecurityError:
    case ResponseStatus::kInsufficientSecurityLevel:
      return sw::kSecurityStatusNotSatisfied;
    case ResponseStatus::kCntrLow:
    case ResponseStatus::kCntrHigh:
    case ResponseStatus::kCntrBlocked:
      return sw::kConditionsNotSatisfied;
    case ResponseStatus::kTarUnknown:
      return sw::kFileNotFound;
    case ResponseStatus::kMemory:
      return sw::kNotEnoughMemory;
    default:
      return sw::kNoPreciseDiagnosis;
  }
}

}  // namespace

OtaPort::OtaPort(CardPort& card, PacketSender& sender, Settings settings, Log log)
    : m_card(card), m_sender(sender), m_settings(std::move(settings)), m_log(std::move(log)), m_terminal(card, m_settings.service_centre) {}

Result<Atr> OtaPort::reset() {
  m_steps.clear();
  m_waiting.clear();
  m_protocol = Protocol::kT0;
  auto atr = m_card.reset();
  if (!atr) return atr;
  m_on = true;
  if (auto started = m_terminal.start(); !started) return tl::unexpected(started.error());
  return atr;
}

void OtaPort::power_off() {
  m_on = false;
  m_steps.clear();
  m_waiting.clear();
  m_card.power_off();
}

/// The protocol of those above is this port's own: the card below has sent its profile already and keeps the one it has.
Result<void> OtaPort::select_protocol(Protocol protocol) {
  m_protocol = protocol;
  return {};
}

Result<Bytes> OtaPort::transmit(BytesView bytes) {
  if (!m_on) return fail(ErrorCode::kIo, "the card is off");
  const auto status_only = [](StatusWord status) { return Bytes{status.sw1(), status.sw2()}; };
  const auto command = apdu::parse(bytes);
  if (!command) return status_only(sw::kWrongLength);
  if (apdu::channel_of(command->cla) != 0) return status_only(sw::kChannelNotSupported);
  if (const auto refused = apdu::refuse_unless_plain(command->cla)) return status_only(*refused);
  if (command->extended) return status_only(sw::kWrongLength);  // no extended commands in scripts (ETSI TS 102 226 clause 5.1)
  if (command->ins == apdu::kGetResponse) return get_response(*command);
  m_waiting.clear();
  auto response = carry_out(*command, bytes);
  if (!response) return tl::unexpected(response.error());
  return present(*command, *std::move(response));
}

Result<apdu::Response> OtaPort::carry_out(const apdu::Command& command, BytesView bytes) {
  const bool files = m_settings.commands == CommandSet::kFiles;
  if (!files && command.ins == apdu::kSelect) return select_domain(command);
  const bool outgoing = is_outgoing(bytes, m_settings.commands);
  if (outgoing && !command.data.empty()) return apdu::Response{{}, sw::kWrongLength};
  const bool selects = files && command.ins == apdu::kSelect;
  // A client under T=0 that wants the answer often says no Le. What was selected shows in the FCP alone, so it is always asked for.
  const bool answers = !files || command.ins == kSearch || command.ins == kIncrease;
  const bool wants = !outgoing && (selects || answers || command.kind() == apdu::Case::k4);
  apdu::Command sent = command;
  const bool hides_fcp = selects && !command.data.empty() && (command.p2 & kP2Mask) == kNoData;
  if (hides_fcp) sent.p2 = static_cast<std::uint8_t>((command.p2 & ~kP2Mask) | 0x04);
  auto response = run(sent, wants);
  // Commands of a script are those of T=0, with an exact Le; to a client under T=1 Le is a limit (ISO/IEC 7816-3 clause 12.1).
  const bool shorter = response && response->status.sw1() == 0x6C && response->status.sw2() != 0;
  if (shorter && outgoing && m_protocol == Protocol::kT1 && sent.le && response->status.sw2() < *sent.le) {
    sent.le = response->status.sw2();
    response = run(sent, wants);
    const bool reads = command.ins == kReadBinary || command.ins == kReadRecord;
    if (response && reads && !command.le_is_maximum() && response->status == sw::kOk) response->status = sw::kEndOfFile;
  }
  if (!response) return response;
  if (files && response->status.is_success()) remember(command, response->data);
  if (hides_fcp) response->data.clear();
  return response;
}

/// One script: the steps to where the client is, then the command.
Result<apdu::Response> OtaPort::run(const apdu::Command& command, bool wants_data) {
  const bool expanded = m_settings.format == ScriptFormat::kExpanded;
  std::vector<Bytes> script;
  const auto add_steps = [&] {
    for (const Step& step : m_steps) script.emplace_back(step.command.begin(), step.command.end());
  };
  add_steps();
  const std::size_t before = script.size();
  const bool asks = command.kind() == apdu::Case::k2;
  const auto le = asks ? command.le : wants_data ? std::optional(256U) : std::nullopt;
  script.push_back(coded(command, command.data, le));
  auto outcome = send(script, script.back());
  for (Bytes& one : script) crypto::wipe(one);
  if (!outcome) return tl::unexpected(outcome.error());
  const apdu::Response* last = outcome->last();
  if (last == nullptr) return apdu::Response{{}, sw::kNoPreciseDiagnosis};
  if (outcome->executed <= before) {
    // The way there is gone: a file was deleted, a PIN changed.
    m_steps.clear();
    return apdu::Response{{}, sw::kConditionsNotSatisfied};
  }
  if (expanded || outcome->executed == before + 1) return *last;
  // The last one was GET RESPONSE; the command before it succeeded, or the script would have ended.
  if (last->status.is_success()) return *last;
  if (last->status.sw1() != 0x6C) return apdu::Response{{}, sw::kOk};  // there was no answer
  if (!is_harmless(command.ins)) return apdu::Response{{}, sw::kMoreData};
  script.clear();
  add_steps();
  script.push_back(coded(command, command.data, last->status.sw2() == 0 ? 256U : last->status.sw2()));
  outcome = send(script, script.back());
  for (Bytes& one : script) crypto::wipe(one);
  if (!outcome) return tl::unexpected(outcome.error());
  return outcome->last() == nullptr ? apdu::Response{{}, sw::kNoPreciseDiagnosis} : *outcome->last();
}

Result<ScriptOutcome> OtaPort::send(const std::vector<Bytes>& script, BytesView command) {
  const auto data = build_script(script, m_settings.commands, m_settings.format);
  if (!data) {
    ScriptOutcome refused;
    refused.executed = static_cast<std::uint32_t>(script.size());
    refused.responses.push_back({{}, sw::kWrongLength});
    return refused;
  }
  const auto packet = m_sender.prepare(*data);
  if (!packet) return fail(ErrorCode::kIo, packet.error().text);
  const auto delivery = m_sender.send(*packet, m_terminal);
  if (!delivery) return tl::unexpected(delivery.error());
  if (m_log) m_log(command, *delivery);
  if (!delivery->response || delivery->unreadable) return fail(ErrorCode::kIo, "over the air: " + meaning(*delivery));
  if (!delivery->is_proof()) {
    ScriptOutcome refused;
    refused.executed = static_cast<std::uint32_t>(script.size());
    refused.responses.push_back({{}, status_of(delivery->response->packet.status)});
    return refused;
  }
  auto outcome = read_script_response(delivery->response->packet.data);
  if (!outcome) return fail(ErrorCode::kIo, "over the air: " + outcome.error().text);
  return outcome;
}

/// Remote application management has no SELECT: its TAR is the selection. GP clause 11.9.3: FCI with the AID.
apdu::Response OtaPort::select_domain(const apdu::Command& command) const {
  const bool named = command.data.empty() || (command.data.size() <= m_settings.domain.size() &&
                                              equal(command.data, BytesView(m_settings.domain).first(command.data.size())));
  if (command.p1 != 0x04 || !named) return {{}, sw::kFileNotFound};
  const Bytes inside = concat({ber::encode(0x84, m_settings.domain), ber::encode(0xA5, ber::encode(0x9F65, "FF"_h))});
  return {ber::encode(0x6F, inside), sw::kOk};
}

/// What the next scripts have to do first.
void OtaPort::remember(const apdu::Command& command, BytesView fcp) {
  const auto step = [&](bool file) {
    apdu::Command again = command;
    if (command.ins == apdu::kSelect) again.p2 = static_cast<std::uint8_t>(command.p2 | kNoData);
    Bytes bytes = coded(again, command.data, std::nullopt);
    m_steps.push_back({crypto::to_wiped(bytes), file});
    crypto::wipe(bytes);
  };
  if (command.ins == kVerify && !command.data.empty()) {
    const auto of_same_key = [&](const Step& one) { return one.command[1] == kVerify && one.command[3] == command.p2; };
    std::erase_if(m_steps, of_same_key);
    // In front, so that a selection from the MF does not forget it.
    step(false);
    std::rotate(m_steps.begin(), m_steps.end() - 1, m_steps.end());
    return;
  }
  if (command.ins != apdu::kSelect) return;
  const bool from_mf = command.p1 == 0x08 || command.p1 == 0x04 || command.data.empty() || equal(command.data, "3F00"_h);
  const auto is_selection = [](const Step& one) { return one.command[1] == apdu::kSelect; };
  if (from_mf) {
    std::erase_if(m_steps, is_selection);
  } else if (!m_steps.empty() && m_steps.back().file) {
    m_steps.pop_back();
  }
  step(uicc::FileFacts::from(fcp).is_ef());
}

Bytes OtaPort::present(const apdu::Command& command, apdu::Response response) {
  const bool waits = m_protocol == Protocol::kT0 || !command.le;
  if (!command.data.empty() && !response.data.empty() && waits) {
    m_waiting = std::move(response.data);
    m_waiting_status = response.status;
    const StatusWord status = sw::bytes_available(m_waiting.size());
    return {status.sw1(), status.sw2()};
  }
  return concat({response.data, std::array{response.status.sw1(), response.status.sw2()}});
}

/// ETSI TS 102 221 clause 7.3.1.1; under T=1 Le is a limit.
Bytes OtaPort::get_response(const apdu::Command& command) {
  if (m_waiting.empty()) return {sw::kNoPreciseDiagnosis.sw1(), sw::kNoPreciseDiagnosis.sw2()};
  const std::size_t size = command.le.value_or(256U);
  if (size > m_waiting.size() && !command.le_is_maximum() && m_protocol == Protocol::kT0) {
    const StatusWord exact = sw::exact_length(m_waiting.size());
    return {exact.sw1(), exact.sw2()};
  }
  const std::size_t now = std::min(size, m_waiting.size());
  Bytes out = to_bytes(BytesView(m_waiting).first(now));
  m_waiting.erase(m_waiting.begin(), m_waiting.begin() + static_cast<std::ptrdiff_t>(now));
  const StatusWord status = m_waiting.empty() ? m_waiting_status : sw::bytes_available(m_waiting.size());
  append(out, std::array{status.sw1(), status.sw2()});
  return out;
}

}  // namespace uicclab::ota
