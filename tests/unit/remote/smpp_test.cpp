// SPDX-License-Identifier: Apache-2.0
// SMPP 3.4: the codec, the session as a state machine, and the way of a packet through the message centre to the card and back.
#include "tests/unit/remote/smpp_bench.hpp"

using namespace uicclab;
using namespace uicclab::test;

namespace ota = uicclab::ota;

using Bench = SmppBench;

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
  CHECK(bench.client.is_closed());
  CHECK(bench.exchange(pdu(Command::kEnquireLink, 1)).empty());
  Bench wrong;
  CHECK(wrong.status(bind(Command::kBindTransceiver, "guess")) == Status::kInvalidPassword);
  CHECK(wrong.client.is_closed());
}

TEST_CASE("Unknown commands get a generic_nack; an invalid length ends the session (clause 4.3)") {
  Bench bench;
  for (const std::uint32_t command : {0x00U, 0x0BU, 0x07U, 0x102U, 0x7FFFFFFFU}) {
    const auto answers = bench.exchange(Pdu{command, 0, 77, {}}.encode());
    REQUIRE(answers.size() == 1);
    CHECK(answers[0] == Pdu{0x80000000, 0x03, 77, {}});
  }
  CHECK(bench.exchange(Pdu{0x80000004, 0, 1, {}}.encode()).empty());
  const auto answers = bench.exchange(hex("0000000C00000015"));
  REQUIRE(answers.size() == 1);
  CHECK(answers[0] == Pdu{0x80000000, 0x02, 0, {}});
  CHECK(bench.client.is_closed());
}

TEST_CASE("A secured packet goes to the card and its response comes back, for every way of splitting it (TS 31.115 4)") {
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

TEST_CASE("Messages for a client that may not receive are kept for a receiver; a receiver may not submit (clause 2.2)") {
  Bench bench;
  CHECK(bench.status(bind(Command::kBindTransmitter)) == Status::kOk);
  CHECK(bench.submit(message(Bench::user_data(bench.packet("00A40004026F07").messages[0]))) == Status::kOk);
  CHECK(bench.mailbox().size() == 2);  // 0B in the report, then the response proper
  CHECK(bench.client.output().empty());
  Client receiver(bench.host, bench.clock);
  CHECK(receiver.exchange(bind(Command::kBindReceiver)).size() == 3);
  CHECK(receiver.submit(message({})) == Status::kWrongBindStatus);
}

TEST_CASE("A connection submits no more than its rate (clause 2.7: ESME_RTHROTTLED)") {
  Bench bench({.window = 2, .messages_per_second = 4});
  CHECK(bench.status(bind()) == Status::kOk);
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
  CHECK(with([](auto& m) { m.source = {5, 0, "twelve chars"}; }) == Status::kInvalidSource);
  CHECK(with([](auto& m) { m.source = {5, 0, "\xFF"}; }) == Status::kInvalidSource);
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
      bench.client.session.receive(response(answer));
      const auto delivered = smpp::ShortMessage::parse(answer.body).value();
      if (delivered.esm_class != smpp::kEsmReceipt) continue;
      ++receipts;
      const std::string text(delivered.text.begin(), delivered.text.end());
      CHECK(text == "id:2 sub:001 dlvrd:001 submit date:2406070809 done date:2406070809 stat:DELIVRD err:000 text:");
      CHECK(delivered.find(smpp::tag::kMessageState)->value == Bytes{2});
    }
    CHECK(receipts == (wanted == 1 ? 1 : 0));
  }
}

TEST_CASE(
    "The originator of the TPDU is the source address, whatever it is (SMPP 3.4 clauses 4.4.1, 5.2.5, 5.2.6; TS 23.040 clause 9.1.2.5)") {
  Bench bench;
  CHECK(bench.status(bind()) == Status::kOk);
  struct Example {
    smpp::Address source;
    const char* bytes;  // TP-OA
  };
  for (const Example& e : {Example{{1, 1, "491710000000"}, "0C91947101000000"}, Example{{0, 1, "+491710000000"}, "0C91947101000000"},
                           Example{{0, 0, "0170"}, "04801007"}, Example{{2, 8, "0170"}, "04A81007"}, Example{{0, 0, ""}, "0080"},
                           Example{{1, 1, ""}, "0091"}, Example{{5, 1, "1234"}, "07D131D98C06"}, Example{{5, 0, "1234"}, "07D031D98C06"},
                           Example{{5, 0, "Design@Home"}, "14D0C4F23C7D760390EF7619"}, Example{{6, 9, "12"}, "02E921"}}) {
    CAPTURE(e.bytes);
    smpp::ShortMessage one = bench.simple();
    one.source = e.source;
    CHECK(bench.submit(one) == Status::kOk);
    ByteWriter writer;
    ota::write_address(writer, bench.last_deliver().originator);
    CHECK(to_hex(writer.view()) == std::string(e.bytes));
  }
  const std::size_t seen = bench.port.envelopes.size();
  const auto with = [&](smpp::Address source, smpp::Address destination) {
    smpp::ShortMessage one = bench.simple();
    one.source = std::move(source);
    one.destination = std::move(destination);
    return bench.submit(one);
  };
  const smpp::Address card{1, 1, std::string(kNumber)};
  for (const std::uint8_t reserved : {std::uint8_t{7}, std::uint8_t{8}, std::uint8_t{0x11}, std::uint8_t{0xFF}}) {
    CHECK(with({reserved, 1, "49"}, card) == Status::kInvalidSourceTon);
    CHECK(with(card, {reserved, 1, card.digits}) == Status::kInvalidDestinationTon);
  }
  for (const std::uint8_t reserved : {std::uint8_t{2}, std::uint8_t{0x0F}, std::uint8_t{0x11}, std::uint8_t{0xFF}}) {
    CHECK(with({1, reserved, "49"}, card) == Status::kInvalidSourceNpi);
    CHECK(with(card, {1, reserved, card.digits}) == Status::kInvalidDestinationNpi);
  }
  CHECK(with({0, 18, "49"}, card) == Status::kInvalidSourceNpi);  // WAP client: no plan of a TP-OA
  CHECK(bench.port.envelopes.size() == seen);
}

TEST_CASE("TP-SCTS is the time of submission (TS 23.040 clause 9.2.3.11)") {
  Bench bench;
  CHECK(bench.status(bind()) == Status::kOk);
  CHECK(bench.submit(bench.simple()) == Status::kOk);
  CHECK(to_hex(bench.last_deliver().timestamp) == "42607080900100");
}

TEST_CASE("An ESME before 3.4 gets no optional parameters (SMPP 3.4 clause 3.4)") {
  for (const std::uint8_t version : {std::uint8_t{0x00}, std::uint8_t{0x33}, std::uint8_t{0x34}, std::uint8_t{0x50}}) {
    CAPTURE(static_cast<int>(version));
    const bool new_enough = version >= 0x34;
    Bench bench;
    CHECK(to_hex(bench.exchange(bind(Command::kBindTransceiver, "secret", version))[0].body) ==
          std::string("756963636C616200") + (new_enough ? "0210000134" : ""));
    smpp::ShortMessage one = bench.simple();
    one.registered_delivery = 1;
    const auto answers = bench.exchange(pdu(Command::kSubmitSm, 7, one.encode()));
    REQUIRE(answers.size() == 3);
    const auto receipt = smpp::ShortMessage::parse(answers[2].body).value();
    CHECK(receipt.esm_class == smpp::kEsmReceipt);
    CHECK(receipt.parameters.size() == (new_enough ? 2 : 0));
  }
}

TEST_CASE("data_sm goes to the card by its class or dest_addr_subunit; a transaction returns its result (clauses 4.7, 5.2.12, 5.3.2.1)") {
  Bench bench;
  CHECK(bench.status(bind()) == Status::kOk);
  const auto data_sm = [&](const Bytes& text, std::uint8_t esm_class, std::uint8_t data_coding, BytesView more) {
    ByteWriter body;
    body.u8(0).u8(1).u8(1).bytes(smpp::encode_text("491710000000")).u8(1).u8(1).bytes(smpp::encode_text(kNumber));
    body.u8(esm_class)
        .u8(0)
        .u8(data_coding)
        .u16(smpp::tag::kMessagePayload)
        .u16(static_cast<std::uint16_t>(text.size()))
        .bytes(text)
        .bytes(more);
    return bench.exchange(pdu(Command::kDataSm, 3, body.take()));
  };
  auto answers = data_sm(bench.simple().text, 0x40, 0xF6, {});
  REQUIRE(answers.size() == 2);
  CHECK(answers[0] == Pdu{0x80000103, 0, 3, smpp::encode_text("1")});
  CHECK(data_sm(bench.simple().text, 0x40, 0x04, "0005 0001 03"_h)[0].status == 0);
  CHECK(bench.last_deliver().body.pid == 0x7F);
  CHECK(data_sm(bench.simple().text, 0x40, 0x04, {})[0].status == 0x45);  // for the terminal
  CHECK(data_sm(bench.simple().text, 0x42, 0xF6, {})[0].status == 0);
  bench.port.says = hex("6A80");
  answers = data_sm(bench.simple().text, 0x42, 0xF6, {});
  CHECK(answers[0].status == 0xFE);
  CHECK(to_hex(answers[0].body) == "34000425000102");
  CHECK(bench.exchange(pdu(Command::kDataSm, 3, {0, 1}))[0].status == 0x01);
}

TEST_CASE("submit_multi goes to each card under one id, and names those that it did not reach (clause 4.5)") {
  Bench bench;
  SeededRandom random{2};
  emulator::Card second_card(default_image(), random, bench.clock);
  ota::SmsTerminal second(second_card, ota::Address::from_number("+491710000099").value());
  REQUIRE(second_card.reset());
  REQUIRE(second.start());
  bench.centre.add_card("491710000002", second);
  CHECK(bench.status(bind()) == Status::kOk);
  const auto submit_multi = [&](std::size_t count, std::string_view destinations, const Bytes& text) {
    ByteWriter body;
    body.u8(0).u8(1).u8(1).bytes(smpp::encode_text("491710000000")).u8(static_cast<std::uint8_t>(count)).bytes(hex(destinations));
    body.bytes("407F00 0000 01 00F600"_h).lv(text);  // esm_class, protocol_id, ...; a receipt
    return bench.exchange(pdu(Command::kSubmitMulti, 4, body.take()));
  };
  const std::string first = "010101" + to_hex(as_bytes("491710000001")) + "00";
  const std::string next = "010101" + to_hex(as_bytes("491710000002")) + "00";
  const std::string nobody = "010101" + to_hex(as_bytes("123")) + "00";
  auto answers = submit_multi(3, first + nobody + next, bench.simple().text);
  REQUIRE(answers.size() == 5);  // a response and a receipt of each
  CHECK(to_hex(answers[0].body) == "310001" + nobody.substr(2) + "0000000B");
  CHECK(smpp::ShortMessage::parse(answers[1].body)->source.digits == "491710000001");
  CHECK(smpp::ShortMessage::parse(answers[3].body)->source.digits == "491710000002");
  CHECK(submit_multi(1, nobody, bench.simple().text)[0].status == 0x0B);
  CHECK(submit_multi(0, "", bench.simple().text)[0].status == 0x33);
  CHECK(submit_multi(1, "02" + to_hex(as_bytes("list")) + "00", bench.simple().text)[0].status == 0x34);
  CHECK(submit_multi(1, "03" + to_hex(as_bytes("list")) + "00", bench.simple().text)[0].status == 0x40);
  CHECK(submit_multi(2, first, bench.simple().text)[0].status != 0);
}

TEST_CASE("Of a message that the card refused, the receipt and query_sm contain TP-FCS (TS 23.040 clause 9.2.3.22)") {
  struct Example {
    const char* status;
    unsigned cause;
  };
  for (const Example& e : {Example{"9300", 0xD4}, Example{"6A80", 0xD5}}) {
    Bench bench;
    CHECK(bench.status(bind()) == Status::kOk);
    bench.port.says = hex(e.status);
    smpp::ShortMessage one = bench.simple();
    one.registered_delivery = 2;
    const auto answers = bench.exchange(pdu(Command::kSubmitSm, 7, one.encode()));
    REQUIRE(answers.size() == 2);
    const Bytes text = smpp::ShortMessage::parse(answers[1].body).value().text;
    CHECK(std::string(text.begin(), text.end()).find("stat:UNDELIV err:" + std::to_string(e.cause)) != std::string::npos);
    const auto* record = bench.centre.query("lab", {"1", {1, 1, "491710000000"}});
    REQUIRE(record != nullptr);
    CHECK(record->state == smpp::MessageState::kUndeliverable);
    CHECK(record->error == e.cause);
  }
}
