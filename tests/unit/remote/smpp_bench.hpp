// SPDX-License-Identifier: Apache-2.0
// A card, a message centre and one session before it, for the SMPP tests.
#pragma once

#include "ota/packet_sender.hpp"
#include "ota/smpp/session.hpp"
#include "tests/unit/remote/bench.hpp"

namespace uicclab::test {

namespace smpp = uicclab::ota::smpp;
using smpp::Command;
using smpp::Pdu;
using smpp::Session;
using smpp::Status;

constexpr std::string_view kNumber = "491710000001";
/// 2024-06-07 08:09:10 UTC.
constexpr std::chrono::milliseconds kNow{1'717'747'750'000};

inline Bytes pdu(Command command, std::uint32_t sequence, Bytes body = {}) {
  return Pdu{static_cast<std::uint32_t>(command), 0, sequence, std::move(body)}.encode();
}

inline Bytes bind(Command command = Command::kBindTransceiver, const std::string& password = "secret", std::uint8_t version = 0x34) {
  return pdu(command, 1, smpp::Bind{"lab", password, "", version, {}}.encode());
}

inline Bytes response(const Pdu& to, Status status = Status::kOk) {
  return Pdu{to.command | 0x80000000, static_cast<std::uint32_t>(status), to.sequence, {0}}.encode();
}

/// A submit_sm for the card.
inline smpp::ShortMessage message(Bytes text) {
  smpp::ShortMessage out;
  out.source = {1, 1, "491710000000"};
  out.destination = {1, 1, std::string(kNumber)};
  out.esm_class = smpp::kEsmUdhi;
  out.protocol_id = 0x7F;
  out.data_coding = 0xF6;
  out.text = std::move(text);
  return out;
}

/// One session at a centre.
struct Client {
  Session session;

  Client(const Session::Host& host, const Clock& clock, Session::Limits limits = {}) : session(host, clock, limits) {}

  std::vector<Pdu> exchange(const Bytes& bytes) {
    session.receive(bytes);
    return output();
  }
  std::vector<Pdu> output() {
    session.send_waiting();
    Bytes output = session.take_output();
    std::vector<Pdu> out;
    while (auto next = smpp::take_pdu(output).value()) out.push_back(*std::move(next));
    CHECK(output.empty());
    return out;
  }
  Status status(const Bytes& bytes) {
    const auto answers = exchange(bytes);
    REQUIRE(!answers.empty());
    return static_cast<Status>(answers[0].status);
  }
  Status submit(const smpp::ShortMessage& one) { return status(pdu(Command::kSubmitSm, 7, one.encode())); }
  bool is_closed() const { return session.state() == Session::State::kClosed; }
};

/// Card, centre, and a session.
struct SmppBench {
  SeededRandom random{1};
  ManualClock clock;
  ManualClock wall;
  emulator::Card card{default_image(), random, clock};
  /// Whatever the terminal brings to the card.
  struct Watch : CardPort {
    CardPort& card;
    std::vector<Bytes> envelopes;
    Bytes says;  ///< instead of the card
    explicit Watch(CardPort& below) : card(below) {}
    Result<Atr> reset() override { return card.reset(); }
    Result<Bytes> transmit(BytesView command) override {
      const bool envelope = command.size() > 1 && command[1] == 0xC2;
      if (envelope) envelopes.push_back(to_bytes(command));
      if (envelope && !says.empty()) return says;
      return card.transmit(command);
    }
    void power_off() override { card.power_off(); }
  } port{card};
  ota::SmsTerminal terminal{port, ota::Address::from_number("+491710000099").value()};
  smpp::MessageCentre centre;
  ota::MemoryCounters counters;
  ota::PacketSender sender{
      {{{0x16, 0x39}, 0x22, 0x22, tar("B00140")}, ota::Address::from_number("+491710000000").value(), {}, 8, 1, {}}, keys_2(), counters};
  std::vector<std::string> log;
  Session::Host host;
  Client client;

  explicit SmppBench(Session::Limits limits = {}, smpp::MessageCentre::Limits centre_limits = {})
      : centre(wall, centre_limits, [this](const std::string& line) { log.push_back(line); }),
        host(Session::host_of(centre)),
        client(host, clock, limits) {
    wall.advance(kNow);
    REQUIRE(card.reset());
    REQUIRE(terminal.start());
    centre.add_card("+" + std::string(kNumber), terminal);
    host.authenticate = [](const smpp::Bind& bind) { return bind.password == "secret" ? Status::kOk : Status::kInvalidPassword; };
    host.log = [this](const std::string& line) { log.push_back(line); };
  }

  std::vector<Pdu> exchange(const Bytes& bytes) { return client.exchange(bytes); }
  Status status(const Bytes& bytes) { return client.status(bytes); }
  Status submit(const smpp::ShortMessage& one) { return client.submit(one); }
  smpp::Mailbox& mailbox() { return centre.mailbox("lab"); }

  ota::PreparedPacket packet(std::string_view script) { return sender.prepare(hex(script)).value(); }
  static Bytes user_data(const ota::SmsDeliver& deliver) { return deliver.body.user_data; }
  /// A message that the card answers by SMS-DELIVER-REPORT: one short message back.
  smpp::ShortMessage simple() { return message(user_data(report_sender.prepare(hex("00A40004026F07")).value().messages[0])); }
  ota::PacketSender report_sender{
      {{{0x16, 0x19}, 0x22, 0x22, tar("B00140")}, ota::Address::from_number("+491710000000").value(), {}, 8, 1, {}}, keys_2(), counters};
  /// The SMS-DELIVER that the card got last.
  ota::SmsDeliver last_deliver() const {
    REQUIRE(!port.envelopes.empty());
    const Bytes& envelope = port.envelopes.back();
    const auto download = ota::SmsPpDownload::parse(BytesView(envelope).subspan(5, envelope[4]));
    REQUIRE(download);
    return ota::SmsDeliver::parse(download->tpdu).value();
  }

  /// What the deliver_sm among these say to this packet.
  ota::Delivery judge(const ota::PreparedPacket& packet, const std::vector<Pdu>& pdus) {
    ota::SmsTerminal::Report report;
    std::vector<Bytes> submits;
    for (const Pdu& one : pdus) {
      if (one.command != static_cast<std::uint32_t>(Command::kDeliverSm)) continue;
      const auto delivered = smpp::ShortMessage::parse(one.body).value();
      CHECK(delivered.esm_class == smpp::kEsmUdhi);
      CHECK(delivered.source.digits == kNumber);
      CHECK(delivered.destination.digits == "491710000000");
      if (report.user_data.empty()) report.user_data = delivered.text;
      ota::SmsSubmit submit;
      submit.destination = sender.settings().originator;
      submit.body.has_header = true;
      submit.body.user_data = delivered.text;
      submits.push_back(submit.build().value());
    }
    return sender.judge(packet, report, submits);
  }
};

}  // namespace uicclab::test
