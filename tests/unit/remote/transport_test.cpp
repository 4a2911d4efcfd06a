// SPDX-License-Identifier: Apache-2.0
// How responses reach the terminal: T=0, class A0, 91xx; and how much may come in one go. ETSI TS 102 221 clause 7.3; 3GPP TS 51.011 clause
// 9.4; 3GPP TS 31.115 clause 4.4.
#include "core/ber_tlv.hpp"
#include "store/sqlite_store.hpp"
#include "tests/support/cap_maker.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/unit/remote/bench.hpp"

using namespace uicclab;
using namespace uicclab::test;
using ota::ResponseStatus;

namespace {

constexpr const char* kReadSpn =
    "00A4000C026F46"
    "00B0000002";

std::string envelope_apdu(Platform& p, const char* cla, const Bytes& packet) {
  const Bytes data = ota::SmsPpDownload{{}, Platform::message(p.parts(packet).front()).build().value(), {}}.build();
  return std::string(cla) + "C20000" + to_hex(Bytes{static_cast<std::uint8_t>(data.size())}) + to_hex(data);
}

}  // namespace

TEST_CASE("T=0: 61xx, then GET RESPONSE brings the response packet, then 91xx if a message waits") {
  Platform p;
  REQUIRE(p.card.select_protocol(Protocol::kT0));
  ++p.counter;
  CHECK(p.transmit(envelope_apdu(p, "80", p.packet(kReadSpn))) == "6129");
  const std::string response = p.transmit("00C0000029");
  CHECK(response.starts_with("027100"));
  CHECK(response.ends_with("9000"));
  p.spi.second = 0x39;
  ++p.counter;
  const std::string waiting = p.transmit(envelope_apdu(p, "80", p.packet(kReadSpn)));
  REQUIRE(waiting.starts_with("61"));
  CHECK(p.transmit("00C00000" + waiting.substr(2)).substr(2U * std::stoul(waiting.substr(2), nullptr, 16), 2) == "91");
}

TEST_CASE("class A0: 9Fxx, then GET RESPONSE (3GPP TS 51.011 clause 9.4.1)") {
  Platform p;
  ++p.counter;
  CHECK(p.transmit(envelope_apdu(p, "A0", p.packet(kReadSpn))) == "9F29");
  CHECK(p.transmit("A0C0000029").starts_with("027100"));
}

TEST_CASE("the TAR of an application without secured packets counts as unknown (status 09)") {
  profile::Profile profile = profile::default_profile().value();
  const auto usim = std::ranges::find(profile.applications, "usim", &profile::ApplicationSpec::module);
  REQUIRE(usim != profile.applications.end());
  struct Deaf final : applet::Module {
    std::string_view name() const override { return "deaf"; }
    Aid load_file_aid() const override { return Aid::from("F000000001"_h).value(); }
    Aid module_aid() const override { return Aid::from("F00000000101"_h).value(); }
    Result<applet::InitialObjects> personalise(const applet::Parameters&) const override { return applet::InitialObjects{}; }
    Result<applet::Registration> registration(const applet::Parameters&) const override {
      applet::Registration out;
      out.uicc.toolkit.emplace();
      out.uicc.toolkit->tars = {tar("B00199")};
      return out;
    }
    std::unique_ptr<applet::Applet> make() const override {
      struct Silent final : applet::Applet {
        StatusWord process(applet::Context&, const apdu::Command&, Bytes&) override { return sw::kInsNotSupported; }
      };
      return std::make_unique<Silent>();
    }
  };
  profile::ApplicationSpec spec;
  spec.module = "deaf";
  spec.aid = Aid::from("F0000000010101"_h).value();
  spec.in_dir = false;
  profile.applications.push_back(spec);
  auto modules = applet::builtin_modules();
  modules.push_back(std::make_shared<Deaf>());
  Platform p(profile::build_image(profile, modules).value());
  p.to = tar("B00199");
  CHECK(p.send("00").por->packet.status == ResponseStatus::kTarUnknown);
  CHECK(p.send_packet(p.packet("00")).por->packet.status == ResponseStatus::kCntrLow);
}

TEST_CASE("a CAP file of 30 kB is loaded over the air, with parts lost, doubled and out of order (TS 102 226 clause 8.2.1.4)") {
  SeededRandom random(30);
  Platform p;
  p.to = tar("000000");
  // A static array of 30,000 bytes with initial values (JCVM 6.10), whose size the directory has too (6.4).
  auto parts_of_cap = CapMaker{}.sound_contents();
  parts_of_cap[8] = concat({"0005 0001 0001 03 7530"_h, Bytes(30'000, 0x00), "0002 0001 07"_h});
  parts_of_cap[2] = CapMaker::directory(parts_of_cap);
  Bytes& directory = parts_of_cap[2];
  directory[directory.size() - 5] = 0x75;
  directory[directory.size() - 4] = 0x30;
  const Bytes file = ber::encode(0xC4, CapMaker::join(parts_of_cap));
  REQUIRE(file.size() > 30'000);
  CHECK(p.answer("80E60200"
                 "0B"
                 "06F07569636301"
                 "00000000")
            .substr(0, 4) == "0161");
  constexpr std::size_t kBlock = 230;
  std::size_t messages = 0;
  for (std::size_t at = 0, number = 0; at < file.size(); at += kBlock, ++number) {
    const BytesView block = BytesView(file).subspan(at, std::min(kBlock, file.size() - at));
    const bool last = at + kBlock >= file.size();
    ++p.counter;
    const Bytes packet = p.packet(std::string("80E8") + (last ? "80" : "00") + to_hex(Bytes{static_cast<std::uint8_t>(number)}) +
                                  to_hex(Bytes{static_cast<std::uint8_t>(block.size())}) + to_hex(block));
    const auto parts = p.parts(packet);
    std::optional<ota::ReceivedResponse> por;
    // Until it is answered, the network brings parts as they come: some are lost, some twice.
    for (int attempt = 0; !por && attempt < 50; ++attempt) {
      const Told told = p.deliver(Platform::message(parts[random.next() % parts.size()]));
      ++messages;
      por = told.por;
    }
    REQUIRE(por);
    REQUIRE(por->packet.status == ResponseStatus::kOk);
    REQUIRE(por->packet.data.at(1) == (last ? 0x61 : 0x90));
  }
  CHECK(messages > 260);
  CHECK(p.answer("80F22002"
                 "08"
                 "4F06F07569636301"
                 "00C0000000")
            .find("F07569636301") != std::string::npos);
}

TEST_CASE("with state on disk the counter outlives the program: a replay is refused by the card that comes after") {
  const TemporaryFolder folder;
  SeededRandom random{1};
  ManualClock clock;
  Platform maker;
  maker.counter = 7;
  const Bytes packet = maker.packet(kReadSpn);
  const Bytes data = ota::SmsPpDownload{{}, Platform::message(maker.parts(packet).front()).build().value(), {}}.build();
  const apdu::Command command{0x80, 0xC2, 0, 0, data, 256, false};
  for (const ResponseStatus expected : {ResponseStatus::kOk, ResponseStatus::kCntrLow, ResponseStatus::kCntrLow}) {
    const auto state = emulator::SqliteState::open(folder.file("card.db")).value();
    emulator::Card card(default_image(), random, clock, state->store(0, default_image()).value());
    REQUIRE(card.reset());
    REQUIRE(card.select_protocol(Protocol::kT1));
    const auto answer = apdu::parse_response(card.transmit(apdu::encode(command)).value()).value();
    const auto por = ota::parse_response(BytesView(answer.data).subspan(3), maker.spi, maker.keys);
    REQUIRE(por);
    CHECK(por->packet.status == expected);
  }
}
