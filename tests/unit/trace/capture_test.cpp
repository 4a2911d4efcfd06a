// SPDX-License-Identifier: Apache-2.0
// Capture files of both formats, byte orders and resolutions; what is broken is refused with its place.
#include "trace/capture.hpp"

#include <sstream>

#include <doctest/doctest.h>

#include "core/gsmtap.hpp"
#include "core/reader.hpp"
#include "trace/datagram.hpp"
#include "trace/source.hpp"

using namespace uicclab;
using namespace uicclab::trace;
using namespace std::chrono_literals;

namespace {

/// Numbers of one byte order.
struct Writer {
  bool little = false;
  Bytes out = {};
  Writer& n(std::uint64_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * (little ? i : size - 1 - i))));
    return *this;
  }
  Writer& u16(std::uint16_t value) { return n(value, 2); }
  Writer& u32(std::uint32_t value) { return n(value, 4); }
  Writer& bytes(BytesView view) {
    append(out, view);
    return *this;
  }
};

Bytes pcap_header(bool little, std::uint32_t magic, std::uint32_t link) {
  return Writer{little}.u32(magic).u16(2).u16(4).u32(0).u32(0).u32(65535).u32(link).out;
}

Bytes pcap_packet(bool little, std::uint32_t seconds, std::uint32_t fraction, BytesView packet) {
  const auto size = static_cast<std::uint32_t>(packet.size());
  return Writer{little}.u32(seconds).u32(fraction).u32(size).u32(size).bytes(packet).out;
}

Bytes block(bool little, std::uint32_t type, BytesView body) {
  Bytes whole = to_bytes(body);
  whole.resize((whole.size() + 3) / 4 * 4);
  const auto length = static_cast<std::uint32_t>(whole.size() + 12);
  return Writer{little}.u32(type).u32(length).bytes(whole).u32(length).out;
}

Bytes section(bool little) {
  return block(little, 0x0A0D0D0A, Writer{little}.u32(0x1A2B3C4D).u16(1).u16(0).n(~std::uint64_t{0}, 8).out);
}

Bytes interface(bool little, std::uint16_t link, std::optional<std::uint8_t> resolution = std::nullopt) {
  Writer body{little};
  body.u16(link).u16(0).u32(65535);
  if (resolution) body.u16(9).u16(1).bytes(Bytes{*resolution, 0, 0, 0}).u16(0).u16(0);
  return block(little, 1, body.out);
}

Bytes enhanced(bool little, std::uint32_t index, std::uint64_t ticks, BytesView packet) {
  const auto size = static_cast<std::uint32_t>(packet.size());
  Writer body{little};
  body.u32(index).u32(static_cast<std::uint32_t>(ticks >> 32)).u32(static_cast<std::uint32_t>(ticks)).u32(size).u32(size).bytes(packet);
  return block(little, 6, body.out);
}

struct Reading {
  std::vector<Packet> packets;
  std::optional<Error> error;
};

Reading read(BytesView file) {
  std::istringstream in(std::string(file.begin(), file.end()));
  CaptureReader reader(in);
  Reading out;
  while (true) {
    auto packet = reader.next();
    if (!packet) {
      out.error = packet.error();
      CHECK_FALSE(reader.next().value());  // an error ends it
      return out;
    }
    if (!*packet) return out;
    out.packets.push_back(**packet);
  }
}

constexpr auto kPacket = "0102030405"_h;

/// An IPv4 datagram from 127.0.0.1:49152 to :4729, of our own writer, without the headers of the capture.
Bytes ip_packet(BytesView command, BytesView answer) {
  std::ostringstream out;
  PcapTrace pcap(out);
  TraceEvent event{};
  event.kind = TraceEvent::Kind::kExchange;
  event.command = command;
  event.answer = answer;
  pcap.on_event(event);
  return to_bytes(as_bytes(out.str()).subspan(24 + 16));
}

}  // namespace

TEST_CASE("pcap: both byte orders, micro- and nanoseconds") {
  for (const bool little : {false, true}) {
    const auto micro = read(concat({pcap_header(little, 0xA1B2C3D4, 101), pcap_packet(little, 10, 250, kPacket)}));
    REQUIRE(micro.packets.size() == 1);
    CHECK_FALSE(micro.error);
    CHECK(micro.packets[0].time == 10s + 250us);
    CHECK(micro.packets[0].link_type == 101);
    CHECK(equal(micro.packets[0].bytes, kPacket));
    const auto nano =
        read(concat({pcap_header(little, 0xA1B23C4D, 1), pcap_packet(little, 10, 250, kPacket), pcap_packet(little, 11, 0, {})}));
    REQUIRE(nano.packets.size() == 2);
    CHECK(nano.packets[0].time == 10s + 250ns);
    CHECK(nano.packets[1].number == 2);
  }
}

TEST_CASE("pcap: truncated or absurd data is an error with its offset, and ends the reading") {
  const Bytes header = pcap_header(true, 0xA1B2C3D4, 101);
  CHECK(read({}).error->code == ErrorCode::kTruncated);
  CHECK(read("00000000"_h).error->code == ErrorCode::kMalformed);
  CHECK(read(BytesView(header).first(20)).error->code == ErrorCode::kTruncated);
  CHECK_FALSE(read(header).error);
  const Bytes whole = concat({header, pcap_packet(true, 1, 1, kPacket)});
  const auto cut = read(BytesView(whole).first(whole.size() - 1));
  REQUIRE(cut.error);
  CHECK(cut.error->code == ErrorCode::kTruncated);
  CHECK(cut.error->offset == whole.size() - 1);
  Writer huge{true};
  huge.u32(1).u32(1).u32(CaptureReader::kMaxPacket + 1).u32(0);
  const auto refused = read(concat({header, huge.out}));
  REQUIRE(refused.error);
  CHECK(refused.error->code == ErrorCode::kRange);
  CHECK(refused.error->offset == 24 + 8);
  Bytes other = header;
  other[4] = 3;
  CHECK(read(other).error->code == ErrorCode::kUnsupported);
}

TEST_CASE("pcapng: sections of both byte orders in one file, interfaces with their resolution, simple packets, unknown blocks") {
  Bytes file;
  for (const bool little : {true, false}) {
    append(file, section(little));
    append(file, interface(little, 101));
    append(file, interface(little, 1, std::uint8_t{9}));
    append(file, interface(little, 1, std::uint8_t{0x80 | 10}));  // 1/1024 s
    append(file, block(little, 0xBAD, Bytes(40, 0x5A)));
    append(file, enhanced(little, 0, 2000001, kPacket));
    append(file, enhanced(little, 1, 2000000001, kPacket));
    append(file, enhanced(little, 2, 2048 + 512, kPacket));
    append(file, block(little, 3, Writer{little}.u32(5).bytes(kPacket).out));
  }
  const auto got = read(file);
  CHECK_FALSE(got.error);
  REQUIRE(got.packets.size() == 8);
  for (const std::size_t first : {0U, 4U}) {
    CHECK(got.packets[first].time == 2s + 1us);
    CHECK(got.packets[first].link_type == 101);
    CHECK(got.packets[first + 1].time == 2s + 1ns);
    CHECK(got.packets[first + 1].link_type == 1);
    CHECK(got.packets[first + 2].time == 2500ms);
    CHECK_FALSE(got.packets[first + 3].time);
    CHECK(equal(got.packets[first + 3].bytes, kPacket));
  }
}

TEST_CASE("pcapng: a packet of no interface, lengths that differ or are not a multiple of four, and a truncated block are refused") {
  const Bytes begin = concat({section(true), interface(true, 101)});
  CHECK(read(concat({section(true), enhanced(true, 0, 0, kPacket)})).error->code == ErrorCode::kMalformed);
  CHECK(read(concat({begin, enhanced(true, 1, 0, kPacket)})).error->code == ErrorCode::kMalformed);
  Bytes differ = concat({begin, enhanced(true, 0, 0, kPacket)});
  differ[differ.size() - 4] ^= 0x04;
  CHECK(read(differ).error->code == ErrorCode::kMalformed);
  Bytes odd = concat({begin, enhanced(true, 0, 0, kPacket)});
  odd[begin.size() + 4] |= 0x01;
  CHECK(read(odd).error->code == ErrorCode::kMalformed);
  Bytes longer = concat({begin, enhanced(true, 0, 0, kPacket)});
  longer[begin.size() + 8 + 12] = 200;  // caught length
  CHECK(read(longer).error->code == ErrorCode::kMalformed);
  CHECK(read(BytesView(begin).first(begin.size() - 2)).error->code == ErrorCode::kTruncated);
  Bytes magic = section(true);
  magic[8] = 0;
  CHECK(read(magic).error->code == ErrorCode::kMalformed);
  Bytes many = section(true);
  for (int i = 0; i < 1025; ++i) append(many, interface(true, 1));
  CHECK(read(many).error->code == ErrorCode::kRange);
}

TEST_CASE("A datagram is found after each link layer, and only a complete one") {
  const Bytes ip = ip_packet("00A40004022FE2"_h, "6119"_h);
  const auto check = [&](std::uint32_t link, BytesView front) {
    const Bytes packet = concat({front, ip});
    const auto found = udp_datagram(link, packet);
    REQUIRE(found);
    CHECK(found->port == kGsmtapPort);
    CHECK(found->source_port == 49152);
    CHECK(found->payload.size() == 16 + 9);
    for (std::size_t size = 0; size < packet.size(); ++size) CHECK_FALSE(udp_datagram(link, BytesView(packet).first(size)));
  };
  check(101, {});
  check(228, {});
  check(0, "02000000"_h);
  check(1, "AABBCCDDEEFF 112233445566 0800"_h);
  check(1, "AABBCCDDEEFF 112233445566 8100 0001 0800"_h);
  check(113, "0000 0304 0006 000000000000 0000 0800"_h);
  check(276, "0800 0000 00000001 0304 00 06 0000000000000000"_h);
  CHECK_FALSE(udp_datagram(147, ip));
  Bytes fragment = ip;
  fragment[6] = 0x20;
  CHECK_FALSE(udp_datagram(101, fragment));
  Bytes tcp = ip;
  tcp[9] = 6;
  CHECK_FALSE(udp_datagram(101, tcp));
  // IPv6 with a hop-by-hop header.
  const BytesView udp = BytesView(ip).subspan(20);
  Bytes six = concat({"60000000"_h, Writer{}.u16(static_cast<std::uint16_t>(udp.size() + 8)).out, "0040"_h, Bytes(31, 0), "01"_h,
                      "1100010400000000"_h, udp});
  CHECK_FALSE(udp_datagram(229, BytesView(six).first(six.size() - 1)));
  REQUIRE(udp_datagram(229, six));
  CHECK(udp_datagram(101, six)->source.size() == 16);
}

TEST_CASE("Events come out of a capture: senders are cards, other traffic is passed over") {
  std::ostringstream file;
  PcapTrace pcap(file);
  TraceEvent event{};
  event.kind = TraceEvent::Kind::kReset;
  const auto atr = "3B021450"_h;
  event.answer = atr;
  pcap.on_event(event);
  event.kind = TraceEvent::Kind::kExchange;
  event.card = 7;
  event.time = 1500ms;
  const auto command = "00A40004022FE2"_h;
  const auto answer = "6119"_h;
  event.command = command;
  event.answer = answer;
  pcap.on_event(event);
  std::string text = file.str();
  std::istringstream in(text);
  const auto source = open_source(in);
  const auto first = source->next().value();
  REQUIRE(first);
  CHECK(first->kind == TraceEvent::Kind::kReset);
  CHECK(first->card == 0);
  const auto second = source->next().value();
  REQUIRE(second);
  CHECK(second->card == 1);
  CHECK(second->time == 1500ms);
  CHECK(to_hex(second->command) == "00A40004022FE2");
  CHECK(to_hex(second->answer) == "6119");
  CHECK_FALSE(source->next().value());
  std::istringstream again(text);
  const auto other = open_source(again, 4730);
  CHECK_FALSE(other->next().value());
  CHECK(other->passed_over() == 2);
}

TEST_CASE("GSMTAP: an exchange in pieces is joined; other data is ignored") {
  GsmtapEvents events;
  const auto sender = "7F000001"_h;
  const auto packet = [](std::uint8_t sub_type, BytesView bytes) {
    return concat({"020404000000000000000000"_h, Bytes{sub_type, 0, 0, 0}, bytes});
  };
  CHECK_FALSE(events.event(sender, packet(GsmtapSim::kTpduStatus, "9000"_h)));
  CHECK_FALSE(events.event(sender, packet(GsmtapSim::kTpduHeader, "00A4000402"_h)));
  CHECK_FALSE(events.event(sender, packet(GsmtapSim::kTpduCommand, "2FE2"_h)));
  CHECK(events.took_piece());
  const auto whole = events.event(sender, packet(GsmtapSim::kTpduStatus, "6119"_h));
  REQUIRE(whole);
  CHECK(to_hex(whole->command) == "00A40004022FE2");
  CHECK(to_hex(whole->answer) == "6119");
  // What comes again after 6Cxx is as long as it was.
  CHECK(events.event(sender, packet(GsmtapSim::kApdu, "80CB000000 6C02"_h)));
  const auto again = events.event(sender, packet(GsmtapSim::kApdu, "80CB000002 5C00 9000"_h));
  REQUIRE(again);
  CHECK(to_hex(again->command) == "80CB000002");
  const auto other = events.event(sender, packet(GsmtapSim::kApdu, "80DB000002 5C00 9000"_h));
  REQUIRE(other);
  CHECK(to_hex(other->command) == "80DB0000025C00");
  CHECK_FALSE(events.event(sender, packet(GsmtapSim::kPpsRequest, "FF10"_h)));
  CHECK_FALSE(events.event(sender, packet(GsmtapSim::kApdu, "00A4"_h)));
  for (const auto& broken :
       {Bytes{}, to_bytes("02"_h), to_bytes("0104040000000000000000000000000000A4"_h), to_bytes("02030400000000000000000000000000"_h),
        to_bytes("02040100000000000000000000000000"_h), to_bytes("020504000000000000000000000000"_h)}) {
    CHECK_FALSE(parse_gsmtap(broken));
    CHECK_FALSE(events.event(sender, broken));
  }
}

TEST_CASE("Live: a datagram that is sent becomes an event; stop() ends the wait") {
  LiveSource live(0);
  GsmtapUdp sink(live.port());
  TraceEvent event{};
  event.kind = TraceEvent::Kind::kExchange;
  const auto command = "00B000000A"_h;
  const auto answer = "988812010000000000019000"_h;
  event.command = command;
  event.answer = answer;
  sink.on_event(event);
  const auto got = live.next().value();
  REQUIRE(got);
  CHECK(to_hex(got->command) == "00B000000A");
  CHECK(to_hex(got->answer) == "988812010000000000019000");
  CHECK(got->time);
  live.stop();
  CHECK_FALSE(live.next().value());
}
