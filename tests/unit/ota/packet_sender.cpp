// SPDX-License-Identifier: Apache-2.0
// The sender's side against a card that is written here: what it makes of good, bad, late and foreign answers.
#include "ota/packet_sender.hpp"

#include "core/ber_tlv.hpp"
#include "core/comprehension_tlv.hpp"
#include "ota/remote_script.hpp"
#include "ota/sms_download.hpp"
#include "tests/unit/ota/packet_vectors.hpp"

using namespace uicclab;
using namespace uicclab::ota;
using namespace uicclab::test;

namespace {

constexpr Tar kTar{{0xB0, 0x01, 0x40}};
const Address kPlatform = Address::from_number("+491710000000").value();

PacketKeys keys() {
  return PacketKeys(0x22, 0x22, {aes_key(Bytes(16, 0x41)), aes_key(Bytes(16, 0x42))});
}

/// A card under T=0 that takes packets and answers what it is told to.
class RemoteCard final : public CardPort {
 public:
  ResponseStatus status = ResponseStatus::kOk;
  Bytes data = to_bytes("0190000102030405060708"_h);
  bool silent = false;
  bool other_cntr = false;
  bool spoil = false;        ///< flips a bit of the response
  std::size_t executed = 0;  ///< packets opened
  std::vector<Bytes> terminal_responses;
  Bytes profile;

  Result<Atr> reset() override { return Atr{0x3B, 0x00}; }
  void power_off() override {}
  Result<Bytes> transmit(BytesView command) override {
    switch (command[1]) {
      case 0x10:
        profile = to_bytes(command.subspan(5));
        return with_status({}, sw::kOk);
      case 0xC2:
        return envelope(command.subspan(5, command[4]));
      case 0xC0:
        return with_status(std::exchange(m_waiting, {}), after());
      case 0x12:
        return with_status(m_proactive.empty() ? Bytes() : m_proactive.front(), sw::kOk);
      case 0x14:
        terminal_responses.push_back(to_bytes(command.subspan(5)));
        m_proactive.erase(m_proactive.begin());
        return with_status({}, after());
      default:
        return with_status({}, sw::kInsNotSupported);
    }
  }
  void queue(Bytes command) { m_proactive.push_back(std::move(command)); }

 private:
  static Bytes with_status(BytesView bytes, StatusWord status) { return concat({bytes, std::array{status.sw1(), status.sw2()}}); }
  StatusWord after() const { return m_proactive.empty() ? sw::kOk : sw::proactive_pending(m_proactive.front().size()); }

  Result<Bytes> envelope(BytesView bytes) {
    const auto deliver = SmsDeliver::parse(SmsPpDownload::parse(bytes).value().tpdu).value();
    const auto added = m_parts.add(deliver.originator, deliver.body.parsed_user_data().value());
    if (!added.message) return with_status({}, sw::kOk);
    PacketKeys mine = keys();
    const auto clear = ClearCommand::parse(added.message->payload).value();
    auto opened = open_command(clear, mine, {m_last, 0, {}});
    if (opened.status == ResponseStatus::kOk) {
      m_last = *opened.commit;
      ++executed;
    }
    if (silent || !opened.answer) return with_status({}, after());
    if (other_cntr) opened.cntr.value += 1;
    const ResponseStatus told = opened.status == ResponseStatus::kOk ? status : opened.status;
    const bool submit = clear.header.spi.por_by_submit();
    Bytes response = answer_command(clear, opened, told, told == ResponseStatus::kOk ? data : Bytes(), &mine).value();
    if (spoil) response.back() ^= 1;
    if (submit) {
      const auto parts = split({{{iei::kResponsePacket, {}}}, response}, 3).value();
      for (const UserData& part : parts) {
        SmsSubmit message;
        message.destination = deliver.originator;
        REQUIRE(message.body.set_user_data(part));
        SendShortMessage command;
        command.tpdu = message.build().value();
        queue(command.build());
      }
      response = answer_command(clear, opened, ResponseStatus::kBySubmit, {}, &mine).value();
    }
    m_waiting = concat({kHeader, response});
    return with_status({}, sw::bytes_available(m_waiting.size()));
  }

  static constexpr auto kHeader = "027100"_h;
  ManualClock m_clock;
  Reassembler m_parts{m_clock};
  Cntr m_last;
  Bytes m_waiting;
  std::vector<Bytes> m_proactive;
};

struct Link {
  RemoteCard card;
  SmsTerminal terminal{card, Address::from_number("+491710000099").value()};
  MemoryCounters counters;
  PacketSender sender;

  explicit Link(Spi spi) : sender({{spi, 0x22, 0x22, kTar}, kPlatform, {}, 8, 1, {}}, keys(), counters) {}
  Delivery send(BytesView data) { return sender.send(sender.prepare(data).value(), terminal).value(); }
};

}  // namespace

TEST_CASE("A packet goes out in envelopes and its response is read from the report (TS 31.115 4.2, 4.4)") {
  Link link({0x16, 0x19});
  REQUIRE(link.terminal.start());
  CHECK((link.card.profile[0] & 0x02) != 0);  // SMS-PP data download (TS 31.111 5.2)
  const Delivery one = link.send("00A40004026F07"_h);
  CHECK(one.is_proof());
  CHECK(one.messages == 1);
  CHECK(one.response->packet.data == to_bytes("0190000102030405060708"_h));
  CHECK(one.response->protected_as_asked);
  CHECK(meaning(one) == "PoR OK");
  const Delivery many = link.send(Bytes(1000, 0x00));
  CHECK(many.messages == 8);
  CHECK(many.is_proof());
  CHECK(many.cntr.value == 2);
  CHECK(link.card.executed == 2);
}

TEST_CASE("A response by SMS-SUBMIT takes the place of the report 0B, also in parts (TS 31.115 4.4)") {
  Link link({0x16, 0x39});
  link.card.data = concat({"019000"_h, Bytes(400, 0x77)});
  const Delivery delivery = link.send("00B0000000"_h);
  CHECK(delivery.by_submit);
  REQUIRE(delivery.is_proof());
  CHECK(delivery.response->packet.data == link.card.data);
  REQUIRE(link.card.terminal_responses.size() == 4);
  // TERMINAL RESPONSE: details as fetched, terminal to card, performed (TS 102 223 6.8).
  CHECK(link.card.terminal_responses[0] == to_bytes("8103011300 82028281 830100"_h));
}

TEST_CASE("Other proactive commands are answered too: MORE TIME performed, the rest beyond the terminal (TS 102 223 6.8)") {
  Link link({0x16, 0x19});
  link.card.queue(to_bytes("D009 8103010200 82028182"_h));
  link.card.queue(to_bytes("D009 8103012100 82028102"_h));
  link.card.queue(to_bytes("D003 0A0B0C"_h));
  CHECK(link.send("00B0000000"_h).is_proof());
  REQUIRE(link.card.terminal_responses.size() == 3);
  CHECK(link.card.terminal_responses[0].back() == 0x00);
  CHECK(link.card.terminal_responses[1].back() == 0x30);
  CHECK(link.card.terminal_responses[2].back() == 0x30);
}

TEST_CASE("No proof: silence, an error status, a wrong check, an answer to another packet") {
  Link link({0x16, 0x19});
  link.card.status = ResponseStatus::kTarUnknown;
  Delivery delivery = link.send("00B0000000"_h);
  CHECK_FALSE(delivery.is_proof());
  CHECK(delivery.response->packet.status == ResponseStatus::kTarUnknown);
  link.card.status = ResponseStatus::kOk;
  link.card.silent = true;
  delivery = link.send("00B0000000"_h);
  CHECK_FALSE(delivery.is_proof());
  CHECK(meaning(delivery) == "no response");
  link.card.silent = false;
  link.card.spoil = true;
  delivery = link.send("00B0000000"_h);
  CHECK_FALSE(delivery.is_proof());
  CHECK(delivery.unreadable);
  link.card.spoil = false;
  link.card.other_cntr = true;
  delivery = link.send("00B0000000"_h);
  CHECK_FALSE(delivery.is_proof());
  CHECK(delivery.unreadable->code == ErrorCode::kMismatch);
}

TEST_CASE("A packet sent twice is executed once, and the second response says counter low (TS 102 225 5.1.4)") {
  Link link({0x16, 0x19});
  const PreparedPacket packet = link.sender.prepare("00B0000000"_h).value();
  CHECK(link.sender.send(packet, link.terminal).value().is_proof());
  const Delivery again = link.sender.send(packet, link.terminal).value();
  CHECK_FALSE(again.is_proof());
  CHECK(again.response->packet.status == ResponseStatus::kCntrLow);
  CHECK(link.card.executed == 1);
}

TEST_CASE("A counter is used once, under each key version for itself, and never FF FF FF FF FF (TS 102 225 5.1.4)") {
  MemoryCounters counters(Cntr{Cntr::kMax - 3});
  CHECK(counters.next(1).value().value == Cntr::kMax - 2);
  CHECK(counters.next(1).value().value == Cntr::kMax - 1);
  CHECK(counters.next(1).error().code == ErrorCode::kRange);
  CHECK(counters.next(2).value().value == Cntr::kMax - 2);
}

TEST_CASE("As many bytes as room() returns fit, with any padding") {
  for (const Spi spi : {Spi{0x00, 0x00}, Spi{0x12, 0x00}, Spi{0x16, 0x00}}) {
    Link link(spi);
    for (std::size_t messages = 1; messages < 5; ++messages) {
      CHECK(link.sender.prepare(Bytes(link.sender.room(messages), 0x11)).value().messages.size() <= messages);
      CHECK(link.sender.prepare(Bytes(link.sender.room(messages) + 16, 0x11)).value().messages.size() == messages + 1);
    }
  }
}

TEST_CASE("Script responses in both formats read as the same (TS 102 226 5.1.2, 5.2.2)") {
  const ScriptOutcome compact = read_script_response("029000AABB"_h).value();
  CHECK(compact.executed == 2);
  CHECK(compact.last()->data == to_bytes("AABB"_h));
  const ScriptOutcome expanded = read_script_response("AB0B 800102 23029000 23026A82"_h).value();
  CHECK(expanded.executed == 2);
  REQUIRE(expanded.responses.size() == 2);
  CHECK(expanded.last()->status == sw::kFileNotFound);
  CHECK(read_script_response("AB06 800100 900101"_h).value().bad_format == BadFormat::kUnknownTag);
  CHECK(read_script_response("009000"_h).value().last() == nullptr);
  for (const Bytes& wrong : {Bytes{}, Bytes{0x01}, Bytes{0xAB}, Bytes{0xAB, 0x02, 0x23, 0x00}}) CHECK_FALSE(read_script_response(wrong));
  const std::vector<Bytes> commands{to_bytes("00A40004026F07"_h), to_bytes("00B0000009"_h)};
  CHECK(build_script(commands, CommandSet::kFiles, ScriptFormat::kExpanded).value() ==
        to_bytes("AA10 220700A40004026F07 220500B0000009"_h));
  CHECK(build_script(commands, CommandSet::kFiles, ScriptFormat::kCompact).value() == to_bytes("00A40004026F07 00B0000009"_h));
  CHECK(build_script({Bytes{0x00}}, CommandSet::kFiles, ScriptFormat::kExpanded).error().offset == 0);
}
