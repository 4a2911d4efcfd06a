// SPDX-License-Identifier: Apache-2.0
// Messages on their way to the card: parts, messages that are for nobody, cell broadcasts. 3GPP TS 31.111 clauses 7.1.1 and 7.1.2; 3GPP
// TS 23.040 clause 9.2.3.24; 3GPP TS 31.115 clauses 4.3 and 5.
#include "tests/unit/remote/bench.hpp"

using namespace uicclab;
using namespace uicclab::test;
using ota::ResponseStatus;

namespace {

/// A script of more than one short message: EF_ADN gets names.
std::string long_script() {
  std::string script = "00A40804047F106F3A";
  for (const char* record : {"01", "02", "03", "04", "05", "06"}) {
    script += std::string("00DC") + record + "041C" + to_hex(Bytes(28, 0x41));
  }
  return script;
}

std::string adn(Platform& p) {
  p.transmit("00A40804047F106F3A");
  return p.transmit("00B206041C");
}

}  // namespace

TEST_CASE("parts of a packet: in any order, doubled, executed once when the last is there (TS 23.040 clause 9.2.3.24.1)") {
  Platform p;
  p.to = tar("B00120");
  p.counter = 1;
  const auto parts = p.parts(p.packet(long_script()));
  REQUIRE(parts.size() == 2);
  const std::string before = adn(p);
  for (const std::size_t i : {1U, 1U}) {
    const Told told = p.deliver(Platform::message(parts[i]));
    CHECK(told.status == sw::kOk);
    CHECK(told.report.empty());
    CHECK(adn(p) == before);
  }
  const Told whole = p.deliver(Platform::message(parts[0]));
  REQUIRE(whole.por);
  CHECK(to_hex(whole.por->packet.data) == "079000");
  CHECK(adn(p) != before);
  // Late doubles do nothing; all parts once more are a replay.
  CHECK(p.deliver(Platform::message(parts[0])).report.empty());
  CHECK(p.deliver(Platform::message(parts[1])).por->packet.status == ResponseStatus::kCntrLow);
}

TEST_CASE("parts are dropped at reset and after ten minutes (the card's choice), and then start again") {
  Platform p;
  p.to = tar("B00120");
  p.counter = 1;
  const auto parts = p.parts(p.packet(long_script()));
  SUBCASE("reset") {
    p.deliver(Platform::message(parts[0]));
    p.restart();
  }
  SUBCASE("time") {
    p.deliver(Platform::message(parts[0]));
    p.clock.advance(std::chrono::minutes(11));
  }
  CHECK(p.deliver(Platform::message(parts[1])).report.empty());
  CHECK(p.deliver(Platform::message(parts[0])).por->packet.status == ResponseStatus::kOk);
}

TEST_CASE("parts of many messages that never end: the memory of the card stays bounded") {
  Platform p;
  for (std::uint16_t reference = 0; reference < 256; ++reference) {
    ota::UserData part;
    part.header.push_back(ota::Concatenation{false, reference, 200, 1}.element());
    part.payload = Bytes(130, 0x55);
    CHECK(p.deliver(Platform::message(part)).status == sw::kOk);
  }
  CHECK(p.answer("00A4000C026F07") == "019000");
}

TEST_CASE("a message of class 2 that is not for the card lies in EF_SMS, received and unread (TS 31.102 clause 4.2.25)") {
  Platform p;
  ota::SmsDeliver deliver = Platform::message({{}, hex("48656C6C6F")});
  deliver.body.pid = 0x00;
  CHECK(p.deliver(deliver).status == sw::kOk);
  p.transmit("00A4040C07A0000000871002");
  p.transmit("00A4000C026F3C");
  const std::string tpdu = to_hex(deliver.build().value());
  CHECK(p.transmit("00B20104B0").starts_with("03069194710700F0" + tpdu + "FFFF"));
  for (int i = 2; i <= 10; ++i) CHECK(p.deliver(deliver).status == sw::kOk);
  CHECK(p.deliver(deliver).status == sw::kNotEnoughMemory);
  deliver.body.dcs = 0x04;  // 8 bit without a class: for the terminal
  CHECK(p.deliver(deliver).status == sw::kFunctionNotSupported);
}

TEST_CASE("a message for the card that is not a secured packet and that no application accepts (TS 31.111 clause 7.1.1)") {
  Platform p;
  CHECK(p.deliver(Platform::message({{}, hex("0102")})).status == sw::kFunctionNotSupported);
}

TEST_CASE("malformed data is refused and changes nothing: template, TPDU, header, packet") {
  Platform p;
  CHECK(p.envelope(hex("D100")).status == sw::kIncorrectData);
  CHECK(p.envelope(hex("D1068202838106FF")).status == sw::kIncorrectData);
  CHECK(p.envelope(ota::SmsPpDownload{{}, hex("0102"), {}}.build()).status == sw::kIncorrectData);
  ota::SmsDeliver deliver = Platform::message({{}, hex("FF")});
  deliver.body.has_header = true;
  CHECK(p.deliver(deliver).status == sw::kIncorrectData);
  p.counter = 1;
  const Bytes packet = p.packet("00A4000C026F07");
  for (std::size_t size = 0; size < packet.size(); ++size) {
    CAPTURE(size);
    const Told told = p.send_packet(Bytes(packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(size)));
    CHECK(told.status == sw::kNoPreciseDiagnosis);
    CHECK(told.report.empty());
  }
  CHECK(p.send_packet(packet).por->packet.status == ResponseStatus::kOk);
}

TEST_CASE("a secured cell broadcast is joined from its pages and executed, without a response (TS 31.115 clause 5)") {
  Platform p;
  p.to = tar("B00120");
  p.counter = 1;
  const Bytes packet = p.packet(long_script());
  const std::string before = adn(p);
  const auto pages = static_cast<std::uint8_t>((packet.size() + 81) / 82);
  REQUIRE(pages == 3);
  const auto send = [&](std::uint8_t number, std::uint16_t identifier) {
    const BytesView rest = BytesView(packet).subspan((number - 1U) * 82U);
    const ota::CellBroadcastPage page{0x0010, identifier, 0x55,
                                      number, pages,      to_bytes(rest.first(std::min<std::size_t>(82, rest.size())))};
    return p.envelope(ota::CellBroadcastDownload{page.build().value(), {}}.build());
  };
  CHECK(send(1, 0x1000).status == sw::kFunctionNotSupported);  // not a secured one
  for (const std::uint8_t number : std::initializer_list<std::uint8_t>{3, 1}) CHECK(send(number, 0x1080).status == sw::kOk);
  CHECK(adn(p) == before);
  const Told told = send(2, 0x1080);
  CHECK(told.status == sw::kOk);
  CHECK(told.report.empty());
  CHECK(adn(p) != before);
  CHECK(p.envelope(hex("D20D8202838106FF")).status == sw::kIncorrectData);
}
