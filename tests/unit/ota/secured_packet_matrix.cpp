// SPDX-License-Identifier: Apache-2.0
// Every combination of check, ciphering, counter mode, response protection, algorithm and key length goes to the other end and back;
// and with any octet changed nothing that a CC covers is taken.
#include "tests/unit/ota/packet_vectors.hpp"

using namespace uicclab;
using namespace uicclab::ota;
using namespace uicclab::test;
using Status = ResponseStatus;

namespace {

struct Algorithm {
  const char* name;
  std::uint8_t kic;
  std::uint8_t kid;
  std::size_t key_size;
};

constexpr Algorithm kAlgorithms[] = {{"DES", 0x11, 0x11, 8},           {"DES ECB", 0x1D, 0x11, 8},      {"3DES, 2 keys", 0x15, 0x15, 16},
                                     {"3DES, 3 keys", 0x19, 0x19, 24}, {"AES-128", 0x12, 0x12, 16},     {"AES-192", 0x12, 0x12, 24},
                                     {"AES-256", 0x12, 0x12, 32},      {"implied 3DES", 0x10, 0x10, 16}};

Bytes pattern(std::size_t size, unsigned seed) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(seed + 37 * i);
  return bytes;
}

OtaKeySet key_set(const Algorithm& algorithm) {
  const auto key = [&](unsigned seed) { return key_for(algorithm.kic, pattern(algorithm.key_size, seed)); };
  return {key(1), key(101)};
}

/// A KID names a cipher or a CRC: this one names a CRC where one is wanted, if the algorithm shares its coding.
bool names_crc(std::uint8_t kid) {
  const unsigned low = kid & 0x0F;
  return low == 0 || low == 1 || low == 5;
}

constexpr std::uint64_t kLast = 0x10;
constexpr std::uint64_t kCntr = 0x11;

}  // namespace

TEST_CASE("SPI1 x SPI2 x algorithm x key length: every command is opened and every response read (TS 102 225)") {
  std::size_t round_trips = 0;
  for (const Algorithm& algorithm : kAlgorithms) {
    CAPTURE(algorithm.name);
    PacketKeys sender(algorithm.kic, algorithm.kid, key_set(algorithm), kEverything);
    PacketKeys receiver(algorithm.kic, algorithm.kid, key_set(algorithm), kEverything);
    for (unsigned spi1 = 0; spi1 < 0x20; ++spi1) {
      for (unsigned spi2 = 0; spi2 < 0x40; ++spi2) {
        const Spi spi{static_cast<std::uint8_t>(spi1), static_cast<std::uint8_t>(spi2)};
        CAPTURE(spi1);
        CAPTURE(spi2);
        const Bytes data = pattern((spi1 * 7 + spi2) % 40, spi1 + spi2);
        const auto packet = build_command({{spi, algorithm.kic, algorithm.kid, {{0xB0, 0, 1}}}, {kCntr}, data}, sender);
        if (spi.check() == Check::kDs || (spi.check() == Check::kRc && !names_crc(algorithm.kid))) {
          CHECK(packet.error().code == ErrorCode::kUnsupported);
          continue;
        }
        REQUIRE(packet);
        const auto clear = ClearCommand::parse(*packet);
        REQUIRE(clear);
        ReceiverRules rules;
        rules.last = {kLast};
        const auto opened = open_command(*clear, receiver, rules);
        const bool possible = spi.por() == PorMode::kNever || (spi.por() != PorMode::kReserved && spi.por_check() != Check::kDs &&
                                                               (spi.por_check() != Check::kRc || names_crc(algorithm.kid)));
        if (!possible) {
          CHECK(opened.status == Status::kUnidentifiedSecurityError);
          CHECK(opened.data.empty());
          CHECK_FALSE(opened.commit);
          continue;
        }
        CHECK(opened.status == Status::kOk);
        CHECK(opened.data == data);
        CHECK(opened.answer == (spi.por() == PorMode::kAlways));
        CHECK(opened.commit.has_value() == (spi.counter_mode() >= CounterMode::kHigher));
        ++round_trips;
        if (spi.por() == PorMode::kNever) continue;
        const auto answer = answer_command(*clear, opened, Status::kOk, pattern(spi2, 9), &receiver);
        REQUIRE(answer);
        const auto response = parse_response(*answer, spi, sender);
        REQUIRE(response);
        CHECK(response->protected_as_asked);
        CHECK(response->packet == ResponsePacket{{{0xB0, 0, 1}}, {kCntr}, Status::kOk, pattern(spi2, 9)});
      }
    }
  }
  // 24 SPI1 and 40 SPI2 where KID can also name a CRC, 16 and 32 where it cannot; four algorithms of each kind
  CHECK(round_trips == 4 * 24 * 40 + 4 * 16 * 32);
}

TEST_CASE("No octet of a command with a CC can be changed: never executed, never committed, the right status") {
  std::size_t changes = 0;
  for (const Algorithm& algorithm : kAlgorithms) {
    CAPTURE(algorithm.name);
    PacketKeys keys(algorithm.kic, algorithm.kid, key_set(algorithm), kEverything);
    for (const unsigned spi1 : {0x02U, 0x06U, 0x12U, 0x16U, 0x1AU, 0x1EU}) {
      CAPTURE(spi1);
      const Spi spi{static_cast<std::uint8_t>(spi1), 0x19};
      const Bytes packet = build_command({{spi, algorithm.kic, algorithm.kid, {{0xB0, 0, 1}}}, {kCntr}, pattern(21, spi1)}, keys).value();
      ReceiverRules rules;
      rules.last = {kLast};
      rules.minimum_spi1 = static_cast<std::uint8_t>(spi1);
      for (std::size_t at = 0; at < packet.size(); ++at) {
        for (unsigned bit = 0; bit < 8; ++bit) {
          Bytes changed = packet;
          changed[at] = static_cast<std::uint8_t>(changed[at] ^ (1U << bit));
          CAPTURE(at);
          CAPTURE(bit);
          ++changes;
          const auto clear = ClearCommand::parse(changed);
          if (at < 2) {
            CHECK_FALSE(clear);
            continue;
          }
          if (!clear) {
            CHECK(at == 2);
            continue;
          }
          PacketKeys named(clear->header.kic, clear->header.kid, key_set(algorithm), kEverything);
          const bool other_keys = at == 5 || at == 6;
          const auto opened = open_command(*clear, other_keys ? named : keys, rules);
          CHECK(opened.data.empty());
          CHECK_FALSE(opened.commit);
          if (at >= 7) {
            CHECK(opened.status == Status::kCheckFailed);
            CHECK_FALSE(opened.answer);
          } else {
            // Header fields that say how to read the rest: not understood, no longer secure enough, or covered by the CC.
            const bool expected = opened.status == Status::kUnidentifiedSecurityError || opened.status == Status::kCheckFailed ||
                                  opened.status == Status::kInsufficientSecurityLevel;
            CHECK(expected);
          }
        }
      }
    }
  }
  CHECK(changes > 15000);
}
