// SPDX-License-Identifier: Apache-2.0
// A card behind secured short messages: plain commands in, each as a packet to the card below. ETSI TS 102 226 clauses 5, 7 and 8.
#pragma once

#include <functional>

#include "core/crypto/wiped_bytes.hpp"
#include "ota/packet_sender.hpp"
#include "ota/remote_script.hpp"

namespace uicclab::ota {

/// Every command is a separate script, and each script starts with nothing selected and nothing verified. So that a client
/// does not notice, the port repeats the SELECT and VERIFY PIN commands that led to where the client is before each command.
///
/// What differs from a card all the same:
/// - the record pointer starts again: READ RECORD in the modes next and previous sees the first and the last record only;
/// - a PIN that was changed elsewhere since costs one try, when its VERIFY is repeated;
/// - in the compact format the length of an answer is not known beforehand: GET RESPONSE asks for all there is. A card that wants to
///   be asked for the exact length is asked once more if the command changes nothing; else the answer is lost and the status is 62F1;
/// - one channel; no class A0; what remote management does not have (AUTHENTICATE, MANAGE CHANNEL, FETCH...) the card refuses.
class OtaPort final : public CardPort {
 public:
  struct Settings {
    CommandSet commands = CommandSet::kFiles;
    ScriptFormat format = ScriptFormat::kCompact;
    /// Of the issuer security domain, which remote application management cannot select: SELECT of it is answered here.
    Bytes domain;
    Address service_centre;
  };
  /// Told of every packet: what it was sent for, and what became of it.
  using Log = std::function<void(BytesView command, const Delivery& delivery)>;

  /// `card` and `sender` outlive this object.
  OtaPort(CardPort& card, PacketSender& sender, Settings settings, Log log = {});

  /// Of the card below, which gets a terminal profile with short messages.
  Result<Atr> reset() override;
  /// A packet that the card refuses is a status word: 6982 for its security, 6985 for its counter, 6A82 for an unknown TAR, 6A84 for
  /// memory, 6F00 for the rest. Errors: kIo also if no response came back that can be trusted.
  Result<Bytes> transmit(BytesView command) override;
  void power_off() override;
  Result<void> select_protocol(Protocol protocol) override;
  Protocol protocol() const override { return m_protocol; }

 private:
  struct Step {
    crypto::WipedBytes command;
    bool file = false;  ///< selects an EF: a further selection below the same directory makes it needless
  };

  Result<apdu::Response> carry_out(const apdu::Command& command, BytesView bytes);
  Result<ScriptOutcome> send(const std::vector<Bytes>& script, BytesView command);
  Result<apdu::Response> run(const apdu::Command& command, bool wants_data);
  apdu::Response select_domain(const apdu::Command& command) const;
  void remember(const apdu::Command& command, BytesView fcp);
  Bytes present(const apdu::Command& command, apdu::Response response);
  Bytes get_response(const apdu::Command& command);

  CardPort& m_card;
  PacketSender& m_sender;
  Settings m_settings;
  Log m_log;
  SmsTerminal m_terminal;
  Protocol m_protocol = Protocol::kT0;
  bool m_on = false;
  std::vector<Step> m_steps;  ///< to where the client is
  Bytes m_waiting;            ///< for GET RESPONSE
  StatusWord m_waiting_status;
};

}  // namespace uicclab::ota
