// SPDX-License-Identifier: Apache-2.0
// A host that has the keys and sends whatever it likes: sequences of management commands, right and bent, inside and outside a secure
// channel. Whatever comes, the card answers, keeps its registry whole and its issuer's way in.
//
// Input: steps of a byte that says what to do, and what that step reads.
#include <array>

#include "applet/issuer_sd/secure_channel.hpp"
#include "core/ber_tlv.hpp"
#include "emulator/registry/content_manager.hpp"
#include "scp03/put_key.hpp"
#include "tests/support/cap_maker.hpp"
#include "tests/support/domain_card.hpp"
#include "tests/support/fuzz.hpp"

using namespace uicclab;
using test::require;

namespace {

// Header and data; CLA 80 and lengths are added.
constexpr std::array kTemplates = {
    "F280024F00",
    "F240024F00",
    "F220024F00",
    "F210024F00",
    "F240034F00",
    "F240024F05F075696363",
    "F240024F005C034F9F70",
    "F240004F00",
    "E6020006F0756963630100000000",
    "E60C0007A000000151535008A00000015153504108F07569636300020103800000"
    "02C90000",
    "E6040007A000000151535008A00000015153504108F07569636300020203804000"
    "02C90000",
    "E60C0007A000000151535008A00000015153504108F07569636300020303800000"
    "14EA128010FF00000000020102"
    "06B00130B00131"
    "00"
    "00",
    "E608000000"
    "08F075696363000202"
    "000000",
    "E6100008F0756963630002010008F075696363000202000000",
    "E640000000"
    "08F075696363000201"
    "03804000"
    "0000",
    "E620000000"
    "08F075696363000201"
    "000000",
    "E40000"
    "4F08F075696363000201",
    "E40080"
    "4F08F075696363000202",
    "E40080"
    "4F06F07569636301",
    "E40000"
    "D20131",
    "E40000"
    "D00101D20130",
    "E29000"
    "4502AABB",
    "E21000"
    "4502",
    "E29001"
    "1122",
    "E28800"
    "0070044202CCDD",
    "E29000"
    "4F08A000000151000001",
    "E29000"
    "4F08A000000151000000",
    "F08007",
    "F0800F",
    "F0807F",
    "F04080"
    "08F075696363000201",
    "F04080"
    "F075696363000201",
    "F04000"
    "F075696363000201",
    "F06080"
    "F075696363000201",
    "F0400F"
    "F075696363000201",
    "CA00E0",
    "CA0066",
    "CA0067",
    "CAFF21",
    "CA2F00",
    "CA00C1",
    "7A1001",
    "780003",
    "5030000102030405060708",
};
enum Step : std::uint8_t { kReset, kSelect, kOpen, kTemplate, kBent, kRaw, kPlain, kLoad, kPutKey, kSteps };

class Sequence {
 public:
  explicit Sequence(BytesView input) : m_input(input), m_terminal(image(), Protocol::kT1), m_port(m_terminal.card, m_random) {}

  void run() {
    open(scp03::Level::kAll);
    while (!m_input.empty() && ++m_steps < 100) {
      step(static_cast<Step>(byte() % kSteps));
      check();
    }
  }

 private:
  static const std::shared_ptr<const emulator::CardImage>& image() {
    static const auto made = test::domain_image({.free_memory = 20000});
    return made;
  }
  std::uint8_t byte() { return m_input.u8().value_or(0); }
  Bytes some(std::size_t most) {
    return to_bytes(m_input.bytes(std::min<std::size_t>(byte() % (most + 1), m_input.remaining())).value_or(BytesView{}));
  }

  void step(Step what) {
    switch (what) {
      case kReset:
        (void)m_port.reset();
        m_terminal.card.session()->protocol = Protocol::kT1;
        break;
      case kSelect: {
        m_port.close();
        const bool issuer = byte() % 2 == 0;
        send(*from_hex(issuer ? "00A4040000" : "00A4040008F07569636300020100"));
        break;
      }
      case kOpen: {
        constexpr std::array kLevels{scp03::Level::kAuthenticated, scp03::Level::kCMac,         scp03::Level::kCMacCEnc,
                                     scp03::Level::kCMacRMac,      scp03::Level::kCMacCEncRMac, scp03::Level::kAll};
        open(kLevels[byte() % kLevels.size()]);
        break;
      }
      case kTemplate:
        manage(*from_hex(kTemplates[byte() % kTemplates.size()]));
        break;
      case kBent: {
        Bytes command = *from_hex(kTemplates[byte() % kTemplates.size()]);
        for (unsigned left = 1 + byte() % 3U; left > 0; --left) command[byte() % command.size()] = byte();
        if (byte() % 4 == 0) command.resize(3 + byte() % (command.size() - 2));
        manage(command);
        break;
      }
      case kRaw: {
        Bytes command = some(60);
        command.resize(std::max<std::size_t>(command.size(), 3));
        manage(command);
        break;
      }
      case kPlain:
        send(some(60));
        break;
      case kLoad:
        load();
        break;
      default:
        put_key();
    }
  }

  void open(scp03::SecurityLevel level) {
    m_port.close();
    send(*from_hex("00A4040000"));
    scp03::HostSession::Options options;
    options.level = level;
    const auto& registry = m_terminal.card.session()->runtime().registry();
    options.aid = registry.find(*registry.issuer_domain())->aid;
    (void)m_port.open(options, test::key_set(test::kTestKey, 0));
  }

  void manage(BytesView command) {
    const apdu::Command c{.cla = 0x80, .ins = command[0], .p1 = command[1], .p2 = command[2], .data = command.subspan(3), .le = 256};
    send(apdu::encode(c));
  }

  void load() {
    Bytes file = ber::encode(0xC4, test::CapMaker().build());
    if (const std::uint8_t bend = byte(); bend % 2 == 0) file[(std::size_t{byte()} << 8 | byte()) % file.size()] = byte();
    manage(*from_hex("E6020006F0756963630100000000"));
    const std::size_t size = 20 + byte() % 200U;
    for (std::size_t at = 0, number = 0; at < file.size(); at += size, ++number) {
      const BytesView piece = BytesView(file).subspan(at, std::min(size, file.size() - at));
      Bytes command{0xE8, static_cast<std::uint8_t>(at + size >= file.size() ? 0x80 : 0x00), static_cast<std::uint8_t>(number)};
      append(command, piece);
      manage(command);
    }
  }

  void put_key() {
    const auto cipher = m_port.session() != nullptr ? m_port.session()->key_cipher() : nullptr;
    if (!cipher) return;
    const auto version = static_cast<std::uint8_t>(0x30 + byte() % 4);
    Bytes command{0xD8, byte(), static_cast<std::uint8_t>(0x80 | (byte() % 4))};
    append(command, scp03::encode_key_set(*cipher, test::key_set(test::kTestKey, version)));
    if (const std::uint8_t bend = byte(); bend < 64) command[3 + byte() % (command.size() - 3)] = byte();
    manage(command);
  }

  void send(const Bytes& command) {
    const auto answer = m_port.transmit(command);
    if (!answer) return;  // what the host's end refuses
    require(answer->size() >= 2, "an answer has a status word");
    const StatusWord status{static_cast<std::uint16_t>(((*answer)[answer->size() - 2] << 8) | answer->back())};
    require(status.is_success() || answer->size() == 2, "an error has no data");
  }

  /// What lies in memory is what the card has in hand, and the issuer can come back.
  void check() {
    emulator::Session& session = *m_terminal.card.session();
    require(!session.nvm().has_pending(), "no transaction stays open");
    const emulator::Registry& registry = session.runtime().registry();
    const emulator::Registry again(session.nvm());
    require(again.instances() == registry.instances(), "the registry is read back");
    std::vector<Aid> names;
    for (std::uint32_t number : registry.instances()) {
      const auto& spec = *registry.find(number);
      require(again.find(number)->aid == spec.aid && again.find(number)->life_cycle == spec.life_cycle, "an instance is read back");
      require(std::ranges::find(names, spec.aid) == names.end(), "an AID names one");
      names.push_back(spec.aid);
      if (const auto domain = registry.domain_of(spec)) require(registry.find(*domain) != nullptr, "a domain is there");
    }
    for (const auto& [number, file] : registry.loaded()) {
      require(std::ranges::find(names, file.aid) == names.end(), "an AID names one");
      names.push_back(file.aid);
      if (file.domain) require(registry.find(*file.domain) != nullptr, "a load file's domain is there");
      require(again.loaded().contains(number), "a load file is read back");
    }
    const emulator::InstanceKeys keys(session.nvm(), registry, *registry.issuer_domain());
    require(applet::issuer_sd::default_key_version(keys, {}).has_value(), "the issuer has a way in");
  }

  ByteReader m_input;
  test::Terminal m_terminal;
  SeededRandom m_random{7};
  scp03::SecureChannelPort m_port;
  unsigned m_steps = 0;
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Sequence({data, size}).run();
  return 0;
}
