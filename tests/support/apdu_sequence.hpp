// SPDX-License-Identifier: Apache-2.0
// Random sequences of APDUs against a card, and what must hold after each. Shared by the libFuzzer target (bytes from the fuzzer) and the
// soak test (bytes from a seed).
#pragma once

#include <array>
#include <optional>
#include <utility>

#include "core/apdu.hpp"
#include "core/hex.hpp"
#include "emulator/card.hpp"
#include "emulator/security/pin.hpp"
#include "tests/support/fuzz.hpp"
#include "uicc/fcp.hpp"

namespace uicclab::test {

/// Commands of every group, as they would be sent to the default and to the small card; the sequence changes them before they go.
inline constexpr std::array kTemplates = {
    // SELECT, STATUS
    "00A40004023F00",
    "00A40004027F10",
    "00A40004027F20",
    "00A40004025F3A",
    "00A40004022FE2",
    "00A40004022F06",
    "00A40004026F3A",
    "00A40004026F39",
    "00A40004026F77",
    "00A40004026F07",
    "00A40004027FFF",
    "00A40004022F30",
    "00A40004027F66",
    "00A40804047F106F3A",
    "00A40804047F106F44",
    "00A40804047F106F77",
    "00A40804067F105F3D4F02",
    "00A40804047FFF6F07",
    "00A4030400",
    "00A4010C027F10",
    "00A4040C07A0000000871002",
    "00A4040C07A0000000871004",
    "00A4040E05A000000087",
    "00A4044C07A0000000871002",
    "80F2000000",
    "80F2000C00",
    // contents
    "00B000000A",
    "00B0820001",
    "00B0000000",
    "00D600000401020304",
    "00D6820002AABB",
    "00B2010406",
    "00B2000206",
    "00B200031C",
    "00DC010406010203040506",
    "00DC000303000001",
    "00A2010401FF",
    "00A201060304000A",
    "8032000003000001",
    "80CB0080015C",
    "80CB00800180",
    "80CB000000",
    "80CB004000",
    "80DB0080048002AABB",
    "80DB00800480060102",
    "80DB0000020304",
    "80DB00800180",
    // PINs
    "0020000100",
    "002000010831323334FFFFFFFF",
    "002000010830303030FFFFFFFF",
    "0020000A083838383838383838",
    "002000810835363738FFFFFFFF",
    "002400011031323334FFFFFFFF31323334FFFFFFFF",
    "002600010831323334FFFFFFFF",
    "002800010831323334FFFFFFFF",
    "002C0001103132333435363738"
    "31323334FFFFFFFF",
    "002000110839393939FFFFFFFF",
    "002691010831323334FFFFFFFF",
    // life cycle and administration
    "0004000000",
    "0044000000",
    "0004000002"
    "2FE2",
    "0044000002"
    "2FE2",
    "00E8000002"
    "2F30",
    "00E6000002"
    "7F66",
    "00FE000000",
    "00E000001862168202412183022F308A01058B032F060180020010"
    "8800",
    "00E000001B6219820278218302"
    "7F668A01058B032F06058102"
    "0100C603830101",
    "00E000001C621A8205422100030283024F308A01058B032F0601800200068800",
    "00E00000186216820279218302"
    "4F318A01058B032F0604800200408800",
    "00E4000002"
    "2F30",
    "00E4000002"
    "7F66",
    "00E4000002"
    "4F30",
    "80D400000A620883022F3080020020",
    "80D400000A620883026F3A8002000C",
    // channels, toolkit, suspension, others
    "0070000001",
    "0070800100",
    "0070000500",
    "0070801300",
    "0084000008",
    "80AA000002A900",
    "8010000004FFFFFFFF",
    "80C2000005D303010203",
    "80C2000002D600",
    "8012000000",
    "801200000B",
    "801400000C810301020082028281830100",
    "80760000040101010A",
    "80760100080102030405060708",
    "00980000"
    "0BD009810301020082028182",
    "0099000000",
    "008800812210"
    "23553CBE9637A89D218AE64DAE47BF3510"
    "23553CBE9637A89D218AE64DAE47BF35",
    "00880080111023553CBE9637A89D218AE64DAE47BF35",
    "00C0000000",
    "00C0000019",
    "01C0000000",
    // class A0
    "A0A40000023F00",
    "A0A40000027F10",
    "A0A40000026F3A",
    "A0C0000016",
    "A0C000000F",
    "A0B000000A",
    "A0B2010406",
    "A0F2000016",
    "A0A2001001FF",
    "A032000003000001",
    "A020000108"
    "31323334FFFFFFFF",
    "A088000010"
    "23553CBE9637A89D218AE64DAE47BF35",
    "A012000001",
};

/// Plays commands on one card. `NextByte` gives a byte, or nothing when the sequence is over.
template <typename NextByte>
class ApduSequence {
 public:
  ApduSequence(emulator::Card& card, NextByte next) : m_card(card), m_next(std::move(next)) {
    require(card.reset().has_value(), "a reset answers");
  }

  /// One step; false at the end.
  bool step() {
    const auto what = m_next();
    if (!what) return false;
    if (m_card.session()->terminated && *what >= 0x20) return false;  // nothing helps it any more
    if (m_card.session()->suspended && *what >= 0x20) {
      leave_suspension(*what);
    } else if (*what < 3) {
      reset();
    } else if (*what < 6) {
      m_card.session()->protocol = *what == 3 ? Protocol::kT0 : Protocol::kT1;
    } else {
      send(*what < 20 ? raw() : from_template());
    }
    check_channels();
    if (++m_steps % 64 == 0) check_nvm();
    return true;
  }

  /// The status words seen so far, by their first byte.
  const std::array<std::size_t, 256>& seen() const { return m_seen; }
  /// How often a suspended card went on where it was.
  std::size_t resumed() const { return m_resumed; }

 private:
  static constexpr std::uint8_t kTerminateCardUsage = 0xFE;

  std::uint8_t byte() { return m_next().value_or(0); }

  void reset() {
    require(m_card.reset().has_value(), "a reset answers");
    m_last.clear();
  }

  /// What a terminal does with a suspended card (ETSI TS 102 221 clause 11.1.22): it fetches the token if that still waits, resets the
  /// card, and gives the token back as the first command; now and then a wrong one, or none.
  void leave_suspension(std::uint8_t how) {
    if (m_last.size() == 2 && m_last[0] == 0x61) return send({0x00, 0xC0, 0x00, 0x00, m_last[1]});
    const Bytes token = std::exchange(m_token, {});
    reset();
    if (token.empty() || how < 0x40) return;
    Bytes command = concat({Bytes{0x80, 0x76, 0x01, 0x00, static_cast<std::uint8_t>(token.size())}, token});
    if (how < 0x50) command.back() ^= 0x01;
    send(command);
    const bool resumed = m_last == Bytes{0x90, 0x00};
    require(!resumed || how >= 0x50, "only the token resumes a card");
    m_resumed += resumed ? 1 : 0;
  }

  /// The token stands behind two bytes of time in the answer to SUSPEND, or to the GET RESPONSE that follows it.
  void learn_token(const Bytes& command, const Bytes& answer) {
    if (command.size() < 4) return;
    if (command[1] != 0xC0) m_suspending = command[1] == 0x76 && command[2] == 0x00;
    if (m_suspending && answer.size() == 12) m_token.assign(answer.begin() + 2, answer.end() - 2);
  }

  Bytes raw() {
    Bytes bytes(byte() % 40);
    for (std::uint8_t& b : bytes) b = byte();
    return bytes;
  }

  Bytes from_template() {
    const std::uint8_t pick = byte();
    Bytes bytes = m_last.size() == 2 && m_last[0] == 0x61 && pick % 2 == 0
                      ? Bytes{0x00, 0xC0, 0x00, 0x00, m_last[1]}
                      : from_hex(kTemplates[pick % kTemplates.size()]).value_or(Bytes{0x00});
    const std::uint8_t change = byte();
    if (bytes[1] == kTerminateCardUsage && change >= 0x08)
      bytes[1] = 0xF2;  // the end of the card comes rarely: what lies before is to be seen
    if (change < 0xA0 || bytes.size() < 5) return bytes;
    if (change < 0xC0) {
      bytes[0] = static_cast<std::uint8_t>((bytes[0] & 0xF0) | (byte() & 0x03));  // another channel
    } else if (change < 0xD0) {
      bytes[0] = apdu::cla_for_channel(bytes[0], byte() % 20);
    } else if (change < 0xE8) {
      bytes[byte() % bytes.size()] = byte();
    } else if (change < 0xF0) {
      bytes[2] = byte();
      bytes[3] = byte();
    } else if (change < 0xF8) {
      bytes.push_back(byte());
    } else {
      bytes.resize(byte() % (bytes.size() + 1));
    }
    return bytes;
  }

  void send(const Bytes& command) {
    const auto answer = m_card.transmit(command);
    require(answer.has_value(), "a powered card answers");
    require(answer->size() >= 2, "an answer has a status word");
    const StatusWord status{static_cast<std::uint16_t>(((*answer)[answer->size() - 2] << 8) | answer->back())};
    const std::size_t data = answer->size() - 2;
    ++m_seen[status.sw1()];
    require(status.sw1() >= 0x61 && (status.sw1() <= 0x6F || status.sw1() >= 0x90) && status.sw1() <= 0x9F,
            "a status word of the standard");
    if (!status.is_success()) require(data == 0, "an error has no data");
    const auto parsed = apdu::parse(command);
    if (!parsed) require(data == 0 && !status.is_success(), "what is no command is refused");
    if (parsed && m_card.session()->protocol == Protocol::kT0) {
      if (parsed->data.empty()) {
        require(data == 0 || data == parsed->le.value_or(256), "T=0: Le bytes or none");
      } else {
        require(data == 0, "T=0: data comes with GET RESPONSE");
      }
    } else if (parsed) {
      require(data <= parsed->le.value_or(0), "T=1: no more than Le");
    }
    learn_token(command, *answer);
    m_last = *answer;
  }

  void check_channels() {
    const emulator::Session& session = *m_card.session();
    for (const emulator::ChannelState& channel : session.channels) {
      if (!channel.open) continue;
      const auto* directory = session.files().find(channel.directory);
      require(directory != nullptr && uicc::is_directory(directory->kind), "the current DF exists");
      if (channel.file) {
        const auto* file = session.files().find(*channel.file);
        require(file != nullptr && !uicc::is_directory(file->kind), "the current EF exists");
        require(file->parent == channel.directory, "the current EF is in the current DF");
      }
      if (channel.adf) require(session.files().find(*channel.adf) != nullptr, "the ADF exists");
    }
    require(session.channels[0].open, "the basic channel is open");
  }

  void check_nvm() {
    require(!m_card.nvm().has_pending(), "no transaction stays open");
    for (const emulator::Change& change : m_card.nvm().overlay()) {
      if (!change.value) continue;
      if (change.id.space() == emulator::Space::kFileHeader) require(uicc::decode_header(*change.value).has_value(), "a header decodes");
      if (change.id.space() == emulator::Space::kPin) require(emulator::decode_pin(*change.value).has_value(), "a PIN decodes");
      if (change.id.space() == emulator::Space::kFileBody) {
        const auto* header = m_card.session()->files().find(uicc::FileId{change.id.index()});
        require(header != nullptr, "a body has a header");
        if (header->kind == uicc::FileKind::kBerTlv) {
          require(change.value->size() <= uicc::capacity(*header), "the data objects fit");
        } else {
          require(change.value->size() == header->size, "a body has its size");
        }
      }
    }
  }

  emulator::Card& m_card;
  NextByte m_next;
  Bytes m_last;
  bool m_suspending = false;  ///< the last command but GET RESPONSE was SUSPEND
  Bytes m_token;
  std::size_t m_resumed = 0;
  std::size_t m_steps = 0;
  std::array<std::size_t, 256> m_seen{};
};

}  // namespace uicclab::test
