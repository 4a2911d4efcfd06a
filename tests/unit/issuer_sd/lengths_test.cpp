// SPDX-License-Identifier: Apache-2.0
// Secured commands at their boundaries: the longest of each level, extended length, with and without Le, both protocols, channels 0 to 3.
#include "tests/unit/issuer_sd/commands.hpp"

using namespace uicclab;
using namespace uicclab::test;

namespace {

constexpr scp03::SecurityLevel kLevels[] = {scp03::Level::kCMac, scp03::Level::kCMacCEnc, scp03::Level::kCMacRMac,
                                            scp03::Level::kCMacCEncRMac, scp03::Level::kAll};

/// A session with the issuer's domain on a channel, and blocks of one long STORE DATA.
class Session {
 public:
  Session(std::uint8_t i, Protocol protocol, std::uint8_t channel, scp03::SecurityLevel level)
      : m_management({i}, protocol), m_channel(channel) {
    for (std::uint8_t open = 0; open < channel; ++open) REQUIRE(m_management.plain("0070000001").ends_with("9000"));
    REQUIRE(m_management.plain("0" + std::to_string(channel) + "A4040008" + std::string(kIssuer) + "00").ends_with("9000"));
    scp03::HostSession::Options options;
    options.level = level;
    options.s16 = (i & 0x01) != 0;
    options.channel = Channel{channel};
    options.aid = *Aid::from(*from_hex(kIssuer));
    REQUIRE(m_management.port.open(options, key_set()));
  }

  /// One block of `size` bytes, not the last.
  std::string block(std::size_t size, bool extended, std::optional<std::uint32_t> le) {
    const Bytes data(size, 0x42);
    apdu::Command command;
    command.cla = static_cast<std::uint8_t>(0x80 | m_channel);
    command.ins = 0xE2;
    command.p1 = 0x10;
    command.p2 = m_next++;
    command.data = data;
    command.extended = extended;
    command.le = le;
    return m_management.send(to_hex(apdu::encode(command)));
  }
  std::size_t longest(bool extended) const { return m_management.port.session()->max_command_data(extended ? 65535 : 255); }

 private:
  Management m_management;
  std::uint8_t m_channel;
  std::uint8_t m_next = 0;
};

}  // namespace

TEST_CASE("a secured command up to the longest of its level, on channels 0 to 3, T=0 and T=1, with and without Le (Amd D clause 6.2.4)") {
  for (const Protocol protocol : {Protocol::kT0, Protocol::kT1}) {
    for (const std::uint8_t i : {std::uint8_t{0x70}, std::uint8_t{0x71}}) {
      for (std::uint8_t channel = 0; channel <= 3; ++channel) {
        for (const scp03::SecurityLevel level : kLevels) {
          CAPTURE(int{i});
          CAPTURE(int{channel});
          CAPTURE(int{level.value()});
          Session session(i, protocol, channel, level);
          const std::size_t longest = session.longest(false);
          CHECK(longest >= 223);
          for (const std::size_t size : {std::size_t{1}, std::size_t{15}, std::size_t{16}, longest - 1, longest}) {
            CAPTURE(size);
            CHECK(session.block(size, false, 256) == "9000");
            CHECK(session.block(size, false, std::nullopt) == "9000");
          }
          CHECK(session.block(longest + 1, false, 256).starts_with("error"));
        }
      }
    }
  }
}

TEST_CASE("a secured command in extended length, T=1 (Amd D clause 6.2.4: the C-MAC covers Lc as it is sent)") {
  for (const std::uint8_t i : {std::uint8_t{0x70}, std::uint8_t{0x71}}) {
    for (const std::uint8_t channel : {std::uint8_t{0}, std::uint8_t{3}}) {
      for (const scp03::SecurityLevel level : kLevels) {
        CAPTURE(int{i});
        CAPTURE(int{channel});
        CAPTURE(int{level.value()});
        Session session(i, Protocol::kT1, channel, level);
        for (const std::size_t size : {std::size_t{1}, std::size_t{240}, std::size_t{255}, std::size_t{256}, std::size_t{1000}}) {
          CAPTURE(size);
          CHECK(session.block(size, true, 65536) == "9000");
          CHECK(session.block(size, true, std::nullopt) == "9000");
        }
      }
    }
  }
}

TEST_CASE("GET DATA 2F00 of more than 256 bytes: with short Le in parts, never 6C00 for ever (ISO/IEC 7816-3 clauses 12.1 and 12.2.6)") {
  Management m;
  REQUIRE(m.open() == "");
  for (int i = 0x10; i < 0x20; ++i) {
    const std::string aid = "A0000001515350FFFFFFFFFFFFFFFF" + to_hex(Bytes{static_cast<std::uint8_t>(i)});
    REQUIRE(m.manage("E60C00", install_domain(aid)) == "009000");
  }
  const std::string through_channel = m.send("80CA2F0000");
  REQUIRE(m.select(kIssuer).ends_with("9000"));
  m.port.close();
  const std::string all = m.terminal.send("80CA2F00000000");
  CHECK(through_channel == all);
  REQUIRE(all.ends_with("9000"));
  const std::size_t size = all.size() / 2 - 2;
  REQUIRE(size > 300);
  const auto rest = [](std::size_t left) { return "61" + to_hex(Bytes{static_cast<std::uint8_t>(left >= 256 ? 0 : left)}); };
  for (const Protocol protocol : {Protocol::kT0, Protocol::kT1}) {
    CAPTURE(static_cast<int>(protocol));
    m.terminal.card.session()->protocol = protocol;
    CHECK(m.terminal.send("80CA2F0000") == all.substr(0, 512) + rest(size - 256));
    CHECK(m.terminal.send("80CA2F0020") == "6C00");
    CHECK(m.terminal.exchange("80CA2F0000") == all);
    CHECK(m.terminal.send("80CA2F00000101") == all.substr(0, 514) + rest(size - 257));
  }
  m.terminal.card.session()->protocol = Protocol::kT1;
  CHECK(m.terminal.send("80CA2F00001000") == all);
}
