// SPDX-License-Identifier: Apache-2.0
#include <sstream>

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/gsmtap.hpp"
#include "core/status_word.hpp"
#include "core/trace_text.hpp"

using namespace uicclab;
using namespace uicclab::literals;
using namespace std::chrono_literals;

namespace {

constexpr auto kSelect = "00A40004023F00"_h;
constexpr auto kAnswer = "6115"_h;
constexpr auto kAtr = "3B021450"_h;

TraceEvent exchange(BytesView command = kSelect, BytesView answer = kAnswer) {
  TraceEvent event{};
  event.kind = TraceEvent::Kind::kExchange;
  event.time = 12345ms;
  event.command = command;
  event.answer = answer;
  return event;
}

TraceEvent event_of(TraceEvent::Kind kind) {
  TraceEvent event{};
  event.kind = kind;
  return event;
}

TraceEvent reset() {
  auto event = event_of(TraceEvent::Kind::kReset);
  event.answer = kAtr;
  return event;
}

}  // namespace

TEST_CASE("GSMTAP: an exchange is one packet of type SIM, command and answer in one") {
  CHECK(to_hex(*gsmtap_packet(exchange())) ==
        "02040400000000000000000000000000"
        "00A40004023F006115");
  CHECK(to_hex(*gsmtap_packet(reset())) ==
        "02040400000000000000000001000000"
        "3B021450");
}

TEST_CASE("GSMTAP: data that is not a frame, or does not fit into a datagram, gives no packet") {
  CHECK_FALSE(gsmtap_packet(event_of(TraceEvent::Kind::kPowerOff)));
  CHECK_FALSE(gsmtap_packet(event_of(TraceEvent::Kind::kError)));
  const Bytes just(65507 - 16 - 2, 0x00);
  CHECK(gsmtap_packet(exchange(just)));
  const Bytes over(65507 - 16 - 1, 0x00);
  CHECK_FALSE(gsmtap_packet(exchange(over)));
}

TEST_CASE("pcap: a file header, then IPv4 and UDP in front of each packet") {
  std::ostringstream out;
  PcapTrace trace(out, 1'700'000'000'000ms);
  trace.on_event(exchange());
  auto second = exchange();
  second.card = 1;
  trace.on_event(second);
  trace.on_event(event_of(TraceEvent::Kind::kPowerOff));
  const std::string file = std::move(out).str();
  const auto hex = to_hex(as_bytes(file));
  CHECK(hex.substr(0, 48) ==
        "A1B2C3D4"
        "00020004"
        "00000000"
        "00000000"
        "00040000"
        "00000065");
  const std::string packet = "0204040000000000000000000000000000A40004023F006115";
  // 1,700,012.345 s; 53 bytes; total length 0035 and checksum of RFC 1071; port C000 = 49152 to 1279 = 4729
  CHECK(hex.substr(48, 32) ==
        "6553F10C"
        "000543A8"
        "00000035"
        "00000035");
  CHECK(hex.substr(80, 106) ==
        "4500003500000000"
        "40117CB6"
        "7F0000017F000001"
        "C00012790021"
        "0000" +
            packet);
  CHECK(hex.substr(186 + 32 + 40, 8) == "C0011279");
  CHECK(hex.size() == 48 + 2 * (32 + 106));
}

TEST_CASE("GSMTAP: live packets go to a UDP port on loopback") {
  const int socket = ::socket(AF_INET, SOCK_DGRAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  REQUIRE(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
  REQUIRE(::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  {
    GsmtapUdp trace(ntohs(address.sin_port));
    trace.on_event(event_of(TraceEvent::Kind::kPowerOff));
    trace.on_event(exchange());
  }
  std::array<std::uint8_t, 100> buffer{};
  const auto got = ::recv(socket, buffer.data(), buffer.size(), MSG_DONTWAIT);
  ::close(socket);
  REQUIRE(got > 0);
  CHECK(to_hex(BytesView(buffer).first(static_cast<std::size_t>(got))) == to_hex(*gsmtap_packet(exchange())));
  GsmtapUdp nobody(ntohs(address.sin_port));
  CHECK_NOTHROW(nobody.on_event(exchange()));
  CHECK_NOTHROW(nobody.on_event(exchange()));  // the first one brought back "port unreachable"
}

TEST_CASE("trace: lines for people and for programs") {
  std::ostringstream text;
  std::ostringstream json;
  TextTrace people(text);
  JsonTrace programs(json);
  TraceGroup both({&people, &programs});

  both.on_event(reset());
  both.on_event(exchange());
  both.on_event(exchange("00B0000003"_h, "A1A2A39000"_h));
  both.on_event(exchange("00"_h, "90"_h));
  both.on_event(event_of(TraceEvent::Kind::kPowerOff));
  auto failed = event_of(TraceEvent::Kind::kError);
  failed.text = "the \"reader\"\n\\ is gone";
  failed.card = 3;
  both.on_event(failed);
  failed.command = kSelect;
  both.on_event(failed);

  const std::string ok(meaning(sw::kOk));
  const std::string available(meaning(StatusWord{0x6115}));
  CHECK(text.str() ==
        "0.000 reset -> 3B021450\n"
        "12.345 00A40004023F00 -> 6115 " +
            available +
            "\n"
            "12.345 00B0000003 -> A1A2A3 9000 " +
            ok +
            "\n"
            "12.345 00 -> 90 (no status word)\n"
            "0.000 power off\n"
            "card 3 0.000 reset failed: the \"reader\"\\n\\ is gone\n"
            "card 3 0.000 00A40004023F00 failed: the \"reader\"\\n\\ is gone\n");
  CHECK(
      json.str() ==
      "{\"time_ms\":0,\"card\":0,\"event\":\"reset\",\"atr\":\"3B021450\"}\n"
      "{\"time_ms\":12345,\"card\":0,\"event\":\"exchange\",\"command\":\"00A40004023F00\",\"data\":\"\",\"sw\":\"6115\"}\n"
      "{\"time_ms\":12345,\"card\":0,\"event\":\"exchange\",\"command\":\"00B0000003\",\"data\":\"A1A2A3\",\"sw\":\"9000\"}\n"
      "{\"time_ms\":12345,\"card\":0,\"event\":\"exchange\",\"command\":\"00\",\"data\":\"90\"}\n"
      "{\"time_ms\":0,\"card\":0,\"event\":\"power_off\"}\n"
      "{\"time_ms\":0,\"card\":3,\"event\":\"error\",\"text\":\"the \\\"reader\\\"\\u000a\\\\ is gone\"}\n"
      "{\"time_ms\":0,\"card\":3,\"event\":\"error\",\"command\":\"00A40004023F00\",\"text\":\"the \\\"reader\\\"\\u000a\\\\ is gone\"}\n");
}
