// SPDX-License-Identifier: Apache-2.0
// Session keys on the card: SMS session-key CR, clause 7.2.2.1. By writing EF_LWM2M_Bootstrap, and by GBA Push with GBA_U.
#include <bit>

#include "core/ber_tlv.hpp"
#include "emulator/power_cut_port.hpp"
#include "gba/identity.hpp"
#include "lwm2m/bootstrap_file.hpp"
#include "lwm2m/session_key_file.hpp"
#include "tests/support/gba_network.hpp"
#include "tests/unit/lwm2m_card/bench.hpp"

using namespace uicclab;
using test::kPkcs15;

namespace {

constexpr crypto::ExposeSecret kLook{"a test looks at the keys that it made"};
constexpr std::string_view kUsim = "A0000000871002FF49FF0589";
const std::string kImpi = "001010000000001@ims.mnc001.mcc001.3gppnetwork.org";
const std::string kNewKeys = "C0C1C2C3C4C5C6C7C8C9CACBCCCDCECFD0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF";

struct Bench : test::Device {
  using Device::Device;

  void power_on() {
    (void)terminal.card.reset();
    terminal.card.session()->protocol = Protocol::kT1;
    port.close();
  }
  void verify_adm() {
    REQUIRE(select(kPkcs15).ends_with("9000"));
    REQUIRE(plain("0020000A083838383838383838") == "9000");
    REQUIRE(plain("00A4080C047FFF6432") == "9000");
  }
  /// Resource 8 is somewhere in the bootstrap file.
  std::string update_keys(const std::string& keys) { return plain("00D6" + offset_of_keys() + "20" + keys); }
  std::string offset_of_keys() {
    const std::string content = plain("00B0000000");
    const auto at = content.find("C80820") / 2 + 3;
    return to_hex(std::array{static_cast<std::uint8_t>(at >> 8), static_cast<std::uint8_t>(at)});
  }
  /// Through the secure channel. Nothing while the file is blank.
  std::optional<lwm2m::SessionKeyRecord> record() {
    REQUIRE(select(kPkcs15).ends_with("9000"));
    REQUIRE(open(scp03::Level::kAll) == "");
    REQUIRE(send("00A4080C047FFF6433") == "9000");
    const std::string answer = send("00B0000060");
    REQUIRE(answer.ends_with("9000"));
    port.close();
    auto read = lwm2m::parse_session_keys(*from_hex(answer.substr(0, answer.size() - 4)));
    if (!read && read.error().code == ErrorCode::kNotFound) return std::nullopt;
    REQUIRE_MESSAGE(read, (read ? "" : read.error().text));
    return *std::move(read);
  }
  std::string keys() {
    const auto now = record();
    return now ? to_hex(now->keys.kic.expose(kLook)) + to_hex(now->keys.kid.expose(kLook)) : "";
  }
  /// Resource 8 of EF_LWM2M_Bootstrap.
  std::string bootstrap_keys(std::size_t size = 32) {
    verify_adm();
    const std::string content = plain("00B0000000");
    const auto at = content.find("C808" + to_hex(std::array{static_cast<std::uint8_t>(size)}));
    return at == std::string::npos ? content : content.substr(at + 6, 2 * size);
  }
  std::string bootstrap(const gba::PushInfo& info) {
    REQUIRE(select(kUsim).ends_with("9000"));
    return plain("0088008423DD10" + to_hex(info.rand) + "10" + to_hex(info.autn) + "00");
  }
  std::string derive_naf(BytesView naf_id) {
    const auto impi = as_bytes(kImpi);
    Bytes data{0xDE, static_cast<std::uint8_t>(naf_id.size())};
    append(data, naf_id);
    data.push_back(static_cast<std::uint8_t>(impi.size()));
    append(data, impi);
    return plain("00880084" + to_hex(std::array{static_cast<std::uint8_t>(data.size())}) + to_hex(data) + "00");
  }
  std::string store(BytesView naf_id, std::string_view lifetime = "00000E10") {
    REQUIRE(select(kPkcs15).ends_with("9000"));
    Bytes value = ber::encode(0x80, naf_id);
    ber::write(value, 0x81, *from_hex(lifetime));
    const Bytes data = ber::encode(0xA4, value);
    return plain("80E29000" + to_hex(std::array{static_cast<std::uint8_t>(data.size())}) + to_hex(data));
  }
};

test::PushNetwork bsf() {
  return {"465B5CE8B199B49FAA5F0A2EE238A6BC"_h, "CD63CB71954A9F4E48A5994E37A02BAF"_h, 32, kImpi};
}

}  // namespace

TEST_CASE(
    "other keys in EF_LWM2M_Bootstrap become the session keys, with a new generation and counters of 0; the same ones change nothing") {
  Bench card;
  CHECK(card.keys() == "");
  card.verify_adm();
  REQUIRE(card.update_keys(kNewKeys) == "9000");
  CHECK(card.keys() == kNewKeys);
  const auto first = card.record();
  CHECK(first->sent == 0);
  CHECK(first->received == 0);
  card.verify_adm();
  REQUIRE(card.update_keys(kNewKeys) == "9000");
  CHECK(card.record()->generation == first->generation);
  card.verify_adm();
  REQUIRE(card.update_keys(std::string(64, 'A')) == "9000");
  CHECK(card.record()->generation == first->generation + 1);
  card.verify_adm();
  REQUIRE(card.plain("00D6000001FF") == "9000");  // the file is invalid for a while
  CHECK(card.keys() == std::string(64, 'A'));
}

TEST_CASE("session keys that the server writes itself stay until the bootstrap file gets other keys") {
  Bench card;
  lwm2m::SessionKeyRecord own;
  own.generation = 7;
  own.keys = {crypto::SecretBytes(Bytes(16, 0x51)), crypto::SecretBytes(Bytes(16, 0x52))};
  const Bytes file = *lwm2m::encode_session_keys(own);
  card.verify_adm();
  REQUIRE(card.plain("00A4080C047FFF6433") == "9000");
  REQUIRE(card.plain("00D60000" + to_hex(std::array{static_cast<std::uint8_t>(file.size())}) + to_hex(file)) == "9000");
  CHECK(card.record()->generation == 7);
  card.verify_adm();
  CHECK(card.bootstrap_keys() == to_hex(Bytes(16, 0x51)) + to_hex(Bytes(16, 0x52)));
  card.verify_adm();
  REQUIRE(card.plain("00D600FF01FF") == "9000");  // padding
  CHECK(card.record()->generation == 7);
  card.verify_adm();
  REQUIRE(card.update_keys(kNewKeys) == "9000");
  CHECK(card.record()->generation == 8);
  CHECK(card.keys() == kNewKeys);
}

TEST_CASE("power cut at every write of an update of the bootstrap file: both files are old, or both are new") {
  Bench card;
  emulator::PowerCutPort port(card.terminal.card);
  card.verify_adm();
  REQUIRE(card.update_keys(kNewKeys) == "9000");
  std::string now = kNewKeys;
  int cuts = 0;
  for (std::uint32_t at = 1; at < 40; ++at) {
    CAPTURE(at);
    card.verify_adm();
    const std::string offset = card.offset_of_keys();
    const std::string next = to_hex(Bytes(32, static_cast<std::uint8_t>(at)));
    port.arm(at);
    const auto answer = port.transmit(*from_hex("00D6" + offset + "20" + next));
    const bool cut = port.was_cut();
    port.arm(0);
    card.power_on();
    const std::string keys = card.keys();
    card.verify_adm();
    const std::string content = card.plain("00B0000000");
    CHECK((keys == now || keys == next));
    CHECK(content.find("C80820" + keys) != std::string::npos);
    now = keys;
    if (!cut) {
      REQUIRE(answer);
      CHECK(keys == next);
      break;
    }
    ++cuts;
  }
  CHECK(cuts > 0);
}

TEST_CASE("GBA Push with GBA_U: the card's session keys are those that the network cut from Ks_int_NAF; each push serves once") {
  Bench card;
  SeededRandom random{3};
  auto network = bsf();
  const Bytes naf_id = gba::naf_id_of("dm.example.com");
  const auto push = network.push(gba::PushMode::kUicc, naf_id, 3600, "lwm2m", random);
  CHECK(card.store(naf_id) == "6985");  // nothing was derived yet
  REQUIRE(card.bootstrap(push.info).ends_with("9000"));
  CHECK(card.store(naf_id) == "6985");
  REQUIRE(card.select(kUsim).ends_with("9000"));
  const std::string external = card.derive_naf(naf_id);
  REQUIRE(external.ends_with("9000"));
  CHECK(card.store(gba::naf_id_of("other.example.com")) == "6985");
  REQUIRE(card.store(naf_id) == "9000");
  const auto wanted = lwm2m::truncate(lwm2m::derive_dm_keys(push.ks_naf), lwm2m::SmsAlgorithm::kAes128);
  REQUIRE(wanted);
  CHECK(card.keys() == to_hex(wanted->kic.expose(kLook)) + to_hex(wanted->kid.expose(kLook)));
  CHECK(card.record()->lifetime == std::chrono::seconds(3600));
  CHECK(card.bootstrap_keys() == card.keys());
  // Neither the key nor Ks is left: the same keys with counters of 0 would be counters used twice.
  CHECK(card.store(naf_id) == "6985");
  REQUIRE(card.select(kUsim).ends_with("9000"));
  CHECK(card.derive_naf(naf_id) == "6985");
  CHECK(card.bootstrap(push.info).starts_with("DC"));  // replayed: AUTS
  CHECK(card.store(naf_id) == "6985");
  const auto generation = card.record()->generation;
  const auto second = network.push(gba::PushMode::kUicc, naf_id, 3600, "lwm2m", random);
  REQUIRE(card.bootstrap(second.info).ends_with("9000"));
  REQUIRE(card.derive_naf(naf_id).ends_with("9000"));
  REQUIRE(card.store(naf_id) == "9000");
  CHECK(card.record()->generation == generation + 1);
}

TEST_CASE("power cut at every write of a GBA_U derivation: old keys and Ks_int_NAF, or new keys without it") {
  Bench card;
  SeededRandom random{7};
  auto network = bsf();
  const Bytes naf_id = gba::naf_id_of("dm.example.com");
  emulator::PowerCutPort port(card.terminal.card);
  std::string now;
  std::uint32_t generation = 0;
  int cuts = 0;
  for (std::uint32_t at = 1;; ++at) {
    REQUIRE(at < 60);
    CAPTURE(at);
    const auto push = network.push(gba::PushMode::kUicc, naf_id, 3600, "lwm2m", random);
    REQUIRE(card.bootstrap(push.info).ends_with("9000"));
    REQUIRE(card.derive_naf(naf_id).ends_with("9000"));
    const auto keys = lwm2m::truncate(lwm2m::derive_dm_keys(push.ks_naf), lwm2m::SmsAlgorithm::kAes128).value();
    const std::string next = to_hex(keys.kic.expose(kLook)) + to_hex(keys.kid.expose(kLook));
    port.arm(at);
    const std::string answer = card.store(naf_id);
    const bool cut = port.was_cut();
    port.arm(0);
    if (cut) {
      CHECK(answer.starts_with("no answer"));
      card.power_on();
    }
    const std::string after = card.keys();
    CHECK((after == now || after == next));
    if (after == now) {
      CHECK(card.store(naf_id) == "9000");
      CHECK(card.keys() == next);
    }
    CHECK(card.store(naf_id) == "6985");
    CHECK(card.record()->generation == generation + 1);
    CHECK(card.record()->received == 0);
    CHECK(card.bootstrap_keys() == next);
    now = next;
    ++generation;
    if (!cut) break;
    ++cuts;
  }
  CHECK(cuts >= 4);
}

TEST_CASE("GBA_U with triple DES: the 168 bits of DMBEK and DMBIK with parity put in (SMS session-key CR 7.2.2.1)") {
  Bench card(Protocol::kT1, test::triple_des_image());
  SeededRandom random{9};
  auto network = bsf();
  const Bytes naf_id = gba::naf_id_of("dm.example.com");
  const auto push = network.push(gba::PushMode::kUicc, naf_id, 3600, "lwm2m", random);
  REQUIRE(card.bootstrap(push.info).ends_with("9000"));
  REQUIRE(card.derive_naf(naf_id).ends_with("9000"));
  REQUIRE(card.store(naf_id) == "9000");
  const auto keys = lwm2m::truncate(lwm2m::derive_dm_keys(push.ks_naf), lwm2m::SmsAlgorithm::kTripleDes3).value();
  const std::string held = card.keys();
  CHECK(held == to_hex(keys.kic.expose(kLook)) + to_hex(keys.kid.expose(kLook)));
  CHECK(held.size() == 2 * 48);
  CHECK(card.bootstrap_keys(48) == held);
  const Bytes octets = *from_hex(held);
  CHECK(std::ranges::all_of(octets, [](std::uint8_t byte) { return std::popcount(byte) % 2 == 1; }));
  CHECK(card.record()->kic == 0x19);
}

TEST_CASE("STORE DATA that is no request") {
  Bench card;
  REQUIRE(card.select(kPkcs15).ends_with("9000"));
  CHECK(card.plain("80E29001028000") == "6A86");
  CHECK(card.plain("80E29000028000") == "6A80");
  CHECK(card.plain("80E2900002A400") == "6A80");
  CHECK(card.plain("80E2900005A40380014F") == "6A80");
  CHECK(card.plain("80E2900006A4048102000A") == "6A80");
}
