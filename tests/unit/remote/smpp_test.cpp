// SMPP 3.4: the codec, the session as a state machine, and the way of a packet through the message centre to the card and back.
#include "ota/packet_sender.hpp"
#include "ota/smpp/session.hpp"
#include "tests/unit/remote/bench.hpp"

using namespace uicclab;
using namespace uicclab::test;
namespace ota = uicclab::ota;
namespace smpp = uicclab::ota::smpp;
using smpp::Command;
using smpp::Pdu;
using smpp::Session;
using smpp::Status;

namespace {

constexpr std::string_view kNumber = "491710000001";

Bytes pdu(Command command, std::uint32_t sequence, Bytes body = {}) {
  return Pdu{static_cast<std::uint32_t>(command), 0, sequence, std::move(body)}.encode();
}

Bytes bind(Command command = Command::kBindTransceiver, const std::string& password = "secret") {
  return pdu(command, 1, smpp::Bind{"lab", password, "", 0x34, {}}.encode());
}

/// A submit_sm for the card.
smpp::ShortMessage message(Bytes text) {
  smpp::ShortMessage out;
  out.source = {1, 1, "491710000000"};
  out.destination = {1, 1, std::string(kNumber)};
  out.esm_class = smpp::kEsmUdhi;
  out.protocol_id = 0x7F;
  out.data_coding = 0xF6;
  out.text = std::move(text);
  return out;
}

/// Card, centre and one session.
struct Bench {
  SeededRandom random{1};
  ManualClock clock;
  emulator::Card card{default_image(), random, clock};
  ota::SmsTerminal terminal{card, ota::Address::from_number("+491710000099").value()};
  smpp::MessageCentre centre;
  ota::MemoryCounters counters;
  ota::PacketSender sender{
      {{{0x16, 0x39}, 0x22, 0x22, tar("B00140")}, ota::Address::from_number("+491710000000").value(), {}, 8, 1, {}}, keys_2(), counters};
  std::vector<smpp::ShortMessage> routed;
  Session::Host host;
  Session session;

  explicit Bench(Session::Limits limits = {}) : session(host, clock, limits) {
    REQUIRE(card.reset());
    REQUIRE(terminal.start());
    centre.add_card("+" + std::string(kNumber), terminal);
    host.authenticate = [](const smpp::Bind& bind) { return bind.password == "secret" ? Status::kOk : Status::kInvalidPassword; };
    host.submit = [this](const smpp::ShortMessage& submitted) { return centre.submit(submitted); };
    host.route = [this](const std::string&, std::vector<smpp::ShortMessage> messages) { append_all(messages); };
  }
  void append_all(std::vector<smpp::ShortMessage>& messages) {
    for (auto& one : messages) routed.push_back(std::move(one));
  }

  std::vector<Pdu> exchange(const Bytes& bytes) {
    session.receive(bytes);
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

  ota::PreparedPacket packet(std::string_view script) { return sender.prepare(hex(script)).value(); }
  static Bytes user_data(const ota::SmsDeliver& deliver) { return deliver.body.user_data; }
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

}  // namespace

TEST_CASE("PDUs read as they were written, and from a stream in any pieces (SMPP 3.4 clause 3.2)") {
  smpp::ShortMessage all = message(hex("0270000001"));
  all.service_type = "CMT";
  all.validity = "000001000000000R";
  all.parameters = {{smpp::tag::kSarReference, {0, 1}}, {0x1400, {}}};
  CHECK(smpp::ShortMessage::parse(all.encode()).value() == all);
  const smpp::Bind request{"fifteen-letters", "eightlet", "vma", 0x34, {1, 1, "49*"}};
  CHECK(smpp::Bind::parse(request.encode()).value() == request);
  const Bytes both = concat({pdu(Command::kEnquireLink, 5), pdu(Command::kSubmitSm, 6, all.encode())});
  Bytes stream;
  std::vector<Pdu> read;
  for (const std::uint8_t byte : both) {
    stream.push_back(byte);
    while (auto next = smpp::take_pdu(stream).value()) read.push_back(*std::move(next));
  }
  REQUIRE(read.size() == 2);
  CHECK(read[1].body == all.encode());
  CHECK(stream.empty());
}

TEST_CASE("Bodies cut anywhere, texts without end or too long are refused") {
  smpp::ShortMessage all = message(hex("0270000001"));
  all.parameters = {{smpp::tag::kMessagePayload, {1, 2, 3}}};
  const Bytes body = all.encode();
  const std::size_t bare = body.size() - 7;  // without the parameter it is whole, too
  for (std::size_t size = 0; size < body.size(); ++size) {
    CAPTURE(size);
    CHECK(smpp::ShortMessage::parse(BytesView(body).first(size)).has_value() == (size == bare));
  }
  CHECK(smpp::Bind::parse(smpp::Bind{"sixteen-letters!", "", "", 0x34, {}}.encode()).error().code == ErrorCode::kRange);
  all.text = Bytes(255, 0);
  CHECK(smpp::ShortMessage::parse(all.encode()).error().code == ErrorCode::kRange);
  for (const std::string_view wrong : {"00000000", "0000000F", "00020000", "FFFFFFFF"}) {
    Bytes stream = hex(wrong);
    CHECK_FALSE(smpp::take_pdu(stream));
  }
}

TEST_CASE("Bind: once, with the right password; before it nothing but enquire_link is answered (clause 2.2)") {
  Bench bench;
  CHECK(bench.status(pdu(Command::kEnquireLink, 1)) == Status::kOk);
  CHECK(bench.submit(message({})) == Status::kWrongBindStatus);
  CHECK(bench.status(pdu(Command::kUnbind, 1)) == Status::kWrongBindStatus);
  CHECK(bench.status(pdu(Command::kBindReceiver, 1, {1, 2, 3})) == Status::kBindFailed);
  const auto answers = bench.exchange(bind());
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].body == hex("756963636C616200 0210000134"));
  CHECK(bench.status(bind()) == Status::kAlreadyBound);
  CHECK(bench.status(pdu(Command::kUnbind, 9)) == Status::kOk);
  CHECK(bench.session.state() == Session::State::kClosed);
  CHECK(bench.exchange(pdu(Command::kEnquireLink, 1)).empty());
  Bench wrong;
  CHECK(wrong.status(bind(Command::kBindTransceiver, "guess")) == Status::kInvalidPassword);
  CHECK(wrong.session.state() == Session::State::kClosed);
}

TEST_CASE("What is not known gets a generic_nack; a length that is none ends the session (clause 4.3)") {
  Bench bench;
  for (const std::uint32_t command : {0x00U, 0x0BU, 0x21U, 0x103U, 0x7FFFFFFFU}) {
    const auto answers = bench.exchange(Pdu{command, 0, 77, {}}.encode());
    REQUIRE(answers.size() == 1);
    CHECK(answers[0] == Pdu{0x80000000, 0x03, 77, {}});
  }
  CHECK(bench.exchange(Pdu{0x80000004, 0, 1, {}}.encode()).empty());
  const auto answers = bench.exchange(hex("0000000C00000015"));
  REQUIRE(answers.size() == 1);
  CHECK(answers[0] == Pdu{0x80000000, 0x02, 0, {}});
  CHECK(bench.session.state() == Session::State::kClosed);
}

TEST_CASE("A secured packet goes to the card and its response comes back, whatever the way it is cut (TS 31.115 4)") {
  const std::string script = "00A40004026F46" + [] {
    std::string more;
    for (int i = 0; i < 15; ++i) more += "00D6000011" + std::string(34, '4');
    return more;
  }() + "00B0000011";
  enum class Way { kParts, kPayload, kSar };
  for (const Way way : {Way::kParts, Way::kPayload, Way::kSar}) {
    CAPTURE(static_cast<int>(way));
    Bench bench;
    CHECK(bench.status(bind()) == Status::kOk);
    const auto packet = bench.packet(script);
    REQUIRE(packet.messages.size() == 3);
    const Bytes whole = concat({hex("027000"), packet.packet});
    std::vector<Pdu> answers;
    const auto send = [&](const smpp::ShortMessage& one) {
      for (Pdu& answer : bench.exchange(pdu(Command::kSubmitSm, 7, one.encode()))) answers.push_back(std::move(answer));
      CHECK(answers.back().status == 0);
    };
    if (way == Way::kParts) {
      for (const auto& deliver : packet.messages) send(message(Bench::user_data(deliver)));
    } else if (way == Way::kPayload) {
      smpp::ShortMessage one = message({});
      one.parameters = {{smpp::tag::kMessagePayload, whole}};
      send(one);
    } else {
      // The platform cuts; the first part alone has the security header.
      for (std::uint8_t i = 0; i < 4; ++i) {
        const std::size_t begin = 120U * i;
        smpp::ShortMessage one = message(to_bytes(BytesView(whole).subspan(begin, std::min<std::size_t>(120, whole.size() - begin))));
        if (i != 0) one.esm_class = 0;
        one.parameters = {{smpp::tag::kSarReference, {0x12, 0x34}},
                          {smpp::tag::kSarTotal, {4}},
                          {smpp::tag::kSarSequence, {static_cast<std::uint8_t>(i + 1)}}};
        if (begin < whole.size()) send(one);
      }
    }
    const ota::Delivery delivery = bench.judge(packet, answers);
    REQUIRE_MESSAGE(delivery.is_proof(), ota::meaning(delivery));
    CHECK(to_hex(delivery.response->packet.data) == "119000" + std::string(34, '4'));
  }
}

TEST_CASE("Who may not receive has it routed to who does; a receiver may not submit (clause 2.2)") {
  Bench bench;
  CHECK(bench.status(bind(Command::kBindTransmitter)) == Status::kOk);
  CHECK(bench.submit(message(Bench::user_data(bench.packet("00A40004026F07").messages[0]))) == Status::kOk);
  CHECK(bench.routed.size() == 2);  // 0B in the report, then the response proper
  CHECK_FALSE(bench.session.deliver(bench.routed[0]));
  Bench receiver;
  CHECK(receiver.status(bind(Command::kBindReceiver)) == Status::kOk);
  CHECK(receiver.submit(message({})) == Status::kWrongBindStatus);
  CHECK(receiver.session.deliver(bench.routed[0]));
}

TEST_CASE("Window, queue and rate have their limits (clause 2.7)") {
  Bench bench({2, 3, 4});
  CHECK(bench.status(bind()) == Status::kOk);
  std::size_t taken = 0;
  for (int i = 0; i < 10; ++i) taken += bench.session.deliver(message({1})) ? 1U : 0U;
  CHECK(taken == 5);  // two on their way, three in the queue
  Bytes output = bench.session.take_output();
  std::size_t seen = 0;
  for (int round = 0; round < 5; ++round) {
    while (auto next = smpp::take_pdu(output).value()) {
      ++seen;
      bench.session.receive(Pdu{0x80000005, 0, next->sequence, {0}}.encode());
      bench.session.receive(Pdu{0x80000005, 0, 4711, {0}}.encode());  // answers nothing
    }
    output = bench.session.take_output();
  }
  CHECK(seen == 5);
  for (int i = 0; i < 4; ++i) CHECK(bench.submit(message({})) == Status::kInvalidParameterValue);
  CHECK(bench.submit(message({})) == Status::kThrottled);
  bench.clock.advance(std::chrono::seconds(1));
  CHECK(bench.submit(message({})) != Status::kThrottled);
}

TEST_CASE("What cannot be delivered is refused in the response, and nothing is executed") {
  Bench bench;
  CHECK(bench.status(bind()) == Status::kOk);
  const Bytes good = Bench::user_data(bench.packet("00A40004026F07").messages[0]);
  const auto with = [&](auto change) {
    smpp::ShortMessage one = message(good);
    change(one);
    return bench.submit(one);
  };
  CHECK(with([](auto& m) { m.destination.digits = "123"; }) == Status::kInvalidDestination);
  CHECK(with([](auto& m) { m.source.digits = "lab"; }) == Status::kInvalidSource);
  CHECK(with([](auto& m) { m.protocol_id = 0; }) == Status::kSubmitFailed);
  CHECK(with([](auto& m) { m.data_coding = 0x00; }) == Status::kSubmitFailed);
  // Octets of no class are the card's only if protocol_id says so.
  CHECK(with([](auto& m) { m.data_coding = 0x04; }) == Status::kOk);
  CHECK(with([](auto& m) { m.data_coding = 0x02; }) == Status::kOk);
  CHECK(with([](auto& m) { m.data_coding = 0x04, m.protocol_id = 0; }) == Status::kSubmitFailed);
  CHECK(with([](auto& m) { m.text = Bytes{0x05, 0x70}; }) == Status::kInvalidParameterValue);
  CHECK(with([](auto& m) { m.parameters = {{smpp::tag::kMessagePayload, {1}}}; }) == Status::kInvalidParameterValue);
  CHECK(with([](auto& m) { m.parameters = {{smpp::tag::kSarReference, {0, 1}}}; }) == Status::kInvalidParameterValue);
  CHECK(with([](auto& m) {
          m.parameters = {{smpp::tag::kSarReference, {0, 1}}, {smpp::tag::kSarTotal, {2}}, {smpp::tag::kSarSequence, {3}}};
        }) == Status::kInvalidParameterValue);
  // The card saw none of them: its counter is still free.
  CHECK(bench.submit(message(good)) == Status::kOk);
}

TEST_CASE("Delivery receipts say what became of the message, if they are wanted (clause 5.2.17, appendix B)") {
  Bench bench;
  CHECK(bench.status(bind()) == Status::kOk);
  for (const std::uint8_t wanted : {std::uint8_t{0}, std::uint8_t{1}, std::uint8_t{2}}) {
    smpp::ShortMessage one = message(Bench::user_data(bench.packet("00A40004026F07").messages[0]));
    one.registered_delivery = wanted;
    std::size_t receipts = 0;
    for (const Pdu& answer : bench.exchange(pdu(Command::kSubmitSm, 7, one.encode()))) {
      if (answer.command != static_cast<std::uint32_t>(Command::kDeliverSm)) continue;
      bench.session.receive(Pdu{0x80000005, 0, answer.sequence, {0}}.encode());
      const auto delivered = smpp::ShortMessage::parse(answer.body).value();
      if (delivered.esm_class != smpp::kEsmReceipt) continue;
      ++receipts;
      const std::string text(delivered.text.begin(), delivered.text.end());
      CHECK(text.find("stat:DELIVRD") != std::string::npos);
      CHECK(delivered.find(smpp::tag::kMessageState)->value == Bytes{2});
    }
    CHECK(receipts == (wanted == 1 ? 1 : 0));
  }
}
