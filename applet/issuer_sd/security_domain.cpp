// SPDX-License-Identifier: Apache-2.0
#include "applet/issuer_sd/security_domain.hpp"

#include <array>

#include "applet/issuer_sd/application_channel.hpp"
#include "applet/remote_management/script.hpp"
#include "core/ber_tlv.hpp"
#include "gp/card_data.hpp"

namespace uicclab::applet::issuer_sd {
namespace {

constexpr std::uint8_t kLongestCommandData = 0xFF;
/// Bytes of answer to a command in a secured packet: what fits a response in the report of one short message, with a CC and ciphered.
constexpr std::size_t kRemoteRoom = 120;

/// What must have happened before a command.
enum class Needs : std::uint8_t { kNothing, kSession };

// Card life cycle states that a command is for, from OP_READY on (GP table 11-1).
enum class UpTo : std::uint8_t { kSecured, kLocked, kTerminated };

bool allows(UpTo last, gp::CardState state) {
  switch (state) {
    case gp::CardState::kTerminated:
      return last == UpTo::kTerminated;
    case gp::CardState::kLocked:
      return last != UpTo::kSecured;
    default:
      return true;
  }
}

}  // namespace

struct SecurityDomain::Row {
  std::uint8_t ins;
  Needs needs;
  UpTo up_to;
  Handler handler;
};

const SecurityDomain::Row* SecurityDomain::row(std::uint8_t ins) {
  static constexpr auto kRows = std::to_array<Row>({
      {0x50, Needs::kNothing, UpTo::kLocked, &SecurityDomain::initialize_update},
      {0x82, Needs::kNothing, UpTo::kLocked, &SecurityDomain::external_authenticate},
      {0x7A, Needs::kSession, UpTo::kLocked, &SecurityDomain::begin_r_mac},
      {0x78, Needs::kSession, UpTo::kLocked, &SecurityDomain::end_r_mac},
      {0xCA, Needs::kNothing, UpTo::kTerminated, &SecurityDomain::get_data},
      {0xF2, Needs::kSession, UpTo::kLocked, &SecurityDomain::get_status},
      {0xF0, Needs::kSession, UpTo::kLocked, &SecurityDomain::set_status},
      {0xE6, Needs::kSession, UpTo::kSecured, &SecurityDomain::install_content},
      {0xE8, Needs::kSession, UpTo::kSecured, &SecurityDomain::load},
      {0xE4, Needs::kSession, UpTo::kSecured, &SecurityDomain::remove},
      {0xD8, Needs::kSession, UpTo::kSecured, &SecurityDomain::put_key},
      {0xE2, Needs::kSession, UpTo::kSecured, &SecurityDomain::store_data},
  });
  const auto found = std::ranges::find(kRows, ins, &Row::ins);
  return found == kRows.end() ? nullptr : &*found;
}

void SecurityDomain::forget() {
  session().terminate();
  forget_work();
}

void SecurityDomain::forget_work() {
  m_work = {};
}

/// The FCI of the profile as long as it names this domain: STORE DATA may give it another AID (GP clause 11.11.2.3).
Bytes SecurityDomain::told_fci(Context& context) {
  Bytes given = Settings::decode(context.load(kSettingsSlot)).fci;
  const auto name = ber::find_path(given, {gp::kFci, gp::kFciName});
  if (name && equal(*name, context.aid().bytes())) return given;
  return gp::encode_fci(context.aid(), kLongestCommandData);
}

StatusWord SecurityDomain::select(Context& context, Bytes& out) {
  CardManager* card = context.card_manager();
  if (card == nullptr) return sw::kConditionsNotSatisfied;
  if (m_channel == context.channel()) forget();
  out = told_fci(context);
  switch (card->card_state()) {
    case gp::CardState::kLocked:
      return sw::kFileDeactivated;  // GP clause 11.9.3.2: 6283
    case gp::CardState::kTerminated:
      return sw::kFileTerminated;
    default:
      return sw::kOk;
  }
}

void SecurityDomain::deselect(Context& context) {
  if (m_channel == context.channel()) forget();
}

std::size_t SecurityDomain::room(const Call& call) const {
  if (call.context.secured_by()) return kRemoteRoom;
  const apdu::Command& command = call.command;
  return scp03::max_response_data(session().level(), m_mode, command.extended && command.le.value_or(0) > 256);
}

StatusWord SecurityDomain::dispatch(const Row& row, Call& call) {
  if (!allows(row.up_to, call.card.card_state())) return sw::kConditionsNotSatisfied;
  if (row.needs == Needs::kSession && !has_session(call.context) && !call.context.secured_by()) return sw::kSecurityStatusNotSatisfied;
  return (this->*row.handler)(call);
}

/// A command of the domain's own instructions on the channel of a session goes through it, whether it is secured or not: the session
/// refuses what is not as its level demands. Others in plain (toolkit commands on the same channel) leave the session alone.
StatusWord SecurityDomain::process(Context& context, const apdu::Command& command, Bytes& out) {
  CardManager* card = context.card_manager();
  if (card == nullptr) return sw::kConditionsNotSatisfied;
  if (context.secured_by()) return process_remote(context, *card, command, out);
  const bool secured = apdu::is_secured(command.cla);
  const Row* wanted = row(command.ins);
  if (wanted == nullptr && !secured) return sw::kInsNotSupported;
  const bool get_data = command.ins == 0xCA;
  if (!apdu::is_proprietary(command.cla) && !secured && !get_data) return sw::kClaNotSupported;

  const bool opening = (command.ins == scp03::ins::kInitializeUpdate && !secured) || command.ins == scp03::ins::kExternalAuthenticate;
  const bool on_channel = m_channel == context.channel();
  if (!opening && (secured || (on_channel && session().is_open()))) {
    if (!on_channel) return sw::kConditionsNotSatisfied;
    const auto plain = session().unwrap(command);
    if (!plain) {
      forget_work();
      return plain.error();
    }
    if (command.ins == scp03::ins::kInitializeUpdate) {
      // A new session begins in the old one, which still protects the answer (GP clause E.5.1, Amd D clause 7.1.1).
      auto old = std::move(m_session);
      const Bytes data = to_bytes(plain->data);
      apdu::Command begin = *plain;
      begin.data = data;
      Call call{context, *card, begin, out, m_work};
      const StatusWord status = initialize_update(call);
      if (!status.is_success()) out.clear();
      std::visit([&](auto& one) { one.wrap(out, status); }, old);
      return status;
    }
    StatusWord status = sw::kInsNotSupported;
    if (wanted != nullptr) {
      Call call{context, *card, *plain, out, m_work};
      status = dispatch(*wanted, call);
    }
    if (!status.is_success()) out.clear();
    session().wrap(out, status);
    return status;
  }
  if (wanted == nullptr) return sw::kInsNotSupported;
  Call call{context, *card, command, out, m_work};
  return dispatch(*wanted, call);
}

/// The packet is the secure channel, and what SCP03 and SCP02 have of commands is not for it (TS 102 226 clause 8.2).
StatusWord SecurityDomain::process_remote(Context& context, CardManager& card, const apdu::Command& command, Bytes& out) {
  constexpr std::array<std::uint8_t, 4> kOfSessions{0x50, 0x82, 0x7A, 0x78};
  const Row* wanted = row(command.ins);
  if (wanted == nullptr || std::ranges::find(kOfSessions, command.ins) != kOfSessions.end()) return sw::kInsNotSupported;
  if (!apdu::is_proprietary(command.cla)) return sw::kClaNotSupported;
  Call call{context, card, command, out, m_remote_work};
  return dispatch(*wanted, call);
}

std::unique_ptr<SecureChannel> SecurityDomain::make_secure_channel() const {
  return std::make_unique<ApplicationChannel>();
}

std::optional<Bytes> SecurityDomain::on_remote_request(Context& context, const RemoteRequest& request) {
  return remote_management::run_script(context, request, ota::CommandSet::kApplications);
}

}  // namespace uicclab::applet::issuer_sd
