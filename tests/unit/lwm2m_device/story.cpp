// SPDX-License-Identifier: Apache-2.0
// The whole way of a device on the built-in card: its files through SCP03, session keys by remote file management and by GBA Push, secured
// messages both ways, and what becomes of old keys.
#include <doctest/doctest.h>

#include "core/crypto/hash.hpp"
#include "core/hex.hpp"
#include "emulator/card.hpp"
#include "gba/usim_gba.hpp"
#include "lwm2m/device/card_bootstrap.hpp"
#include "lwm2m/secured_sms.hpp"
#include "lwm2m/session_key_rules.hpp"
#include "lwm2m/transport/coap.hpp"
#include "ota/packet_sender.hpp"
#include "ota/remote_script.hpp"
#include "profile/default_card/default_card.hpp"
#include "scp03/secure_channel_port.hpp"
#include "tests/support/gba_network.hpp"

using namespace uicclab;
using namespace uicclab::lwm2m;
using namespace uicclab::lwm2m::device;

namespace {

constexpr auto kTestKey = "404142434445464748494A4B4C4D4E4F"_h;
constexpr auto kOtaKic = "101112131415161718191A1B1C1D1E1F"_h, kOtaKid = "202122232425262728292A2B2C2D2E2F"_h;
constexpr auto kUsim = "A0000000871002FF49FF0589"_h;

crypto::SecretBytes secret(BytesView bytes) {
  return crypto::SecretBytes(bytes);
}

/// The default card in a device that knows its SCP03 keys.
struct Device {
  SeededRandom random{11};
  ManualClock clock;
  std::unique_ptr<emulator::Card> card;
  std::optional<scp03::SecureChannelPort> port;

  Device() {
    card = std::make_unique<emulator::Card>(profile::default_card(), random, clock);
    port.emplace(*card, random);
    REQUIRE(port->reset());
  }

  CardAccess access(bool from_start = false) {
    CardAccess out;
    out.secure_from_the_start = from_start;
    out.open_secure_channel = [this](Channel channel, const Aid& aid) -> Result<void> {
      return port->open({.key_version = {}, .level = scp03::Level::kAll, .s16 = false, .channel = channel, .aid = aid},
                        scp03::fixed_keys(*scp03::KeySet::from(KeyVersion{0x30}, secret(kTestKey), secret(kTestKey), secret(kTestKey))));
    };
    return out;
  }
  Result<SessionKeyRecord> session_keys() {
    auto record = CardBootstrap(*port, access()).read_session_keys();
    port->close();
    return record;
  }
};

/// The server's end of secured packets to the card, with the card's OTA keys.
class Platform {
 public:
  explicit Platform(CardPort& card) : m_terminal(card, *ota::Address::from_number("+491710000099")) {
    ota::PacketSender::Settings settings;
    settings.header = {{0x16, 0x39}, 0x22, 0x22, Tar{{0xB0, 0x01, 0x50}}};
    settings.header.spi.second = 0x19;
    settings.originator = *ota::Address::from_number("+491710000000");
    m_sender.emplace(settings,
                     ota::PacketKeys(0x22, 0x22, {*crypto::AesKey::from(secret(kOtaKic)), *crypto::AesKey::from(secret(kOtaKid))}),
                     m_counters);
    REQUIRE(m_terminal.start());
  }

  /// True if the card executed all and says so.
  bool send(const std::vector<Bytes>& commands) {
    const auto script = ota::build_script(commands, ota::command_set_of(Tar{{0xB0, 0x01, 0x50}}), ota::ScriptFormat::kCompact);
    const auto packet = m_sender->prepare(*script);
    REQUIRE(packet);
    const auto delivery = m_sender->send(*packet, m_terminal);
    if (!delivery || !delivery->is_proof()) return false;
    const auto outcome = ota::read_script_response(delivery->response->packet.data);
    return outcome && outcome->last() != nullptr && outcome->last()->status == sw::kOk;
  }

 private:
  ota::MemoryCounters m_counters;
  ota::SmsTerminal m_terminal;
  std::optional<ota::PacketSender> m_sender;
};

SessionKeyRecord fresh_keys(std::uint32_t generation, std::uint8_t fill) {
  SessionKeyRecord out;
  out.generation = generation;
  out.lifetime = std::chrono::seconds(300);
  out.keys = {secret(Bytes(16, fill)), secret(Bytes(16, static_cast<std::uint8_t>(fill + 1)))};
  return out;
}

SessionKeyRecord copy_of(const SessionKeyRecord& record) {
  return *parse_session_keys(*encode_session_keys(record));
}

Bytes update_command(BytesView content) {
  return apdu::encode({.cla = 0, .ins = 0xD6, .p1 = 0, .p2 = 0, .data = content, .le = std::nullopt});
}

Bytes register_message() {
  coap::Message message;
  message.code = coap::kPost;
  message.id = 1;
  message.add(coap::option::kUriPath, std::string_view("rd"));
  message.add(coap::option::kUriQuery, std::string_view("ep=sms-device"));
  return coap::encode(message);
}

coap::Message answer_of(const Bytes& bytes) {
  return *coap::parse(bytes);
}

/// A server's answer to a message under these keys, by its rules (SMS session-key CR, clause 7.2.2.1): 4.00 for stale ones.
Bytes answer_to(ServerKeyRules& rules, Instant now, std::uint64_t key, std::uint64_t counter, const Bytes& request) {
  const auto verdict = rules.on_message(now, {key, counter, Operation::kRegister, std::chrono::seconds(300)});
  coap::Message out;
  out.type = coap::Type::kAcknowledgement;
  out.id = answer_of(request).id;
  out.code = verdict == ServerKeyRules::Verdict::kAccepted ? coap::kCreated : coap::kBadRequest;
  return coap::encode(out);
}

}  // namespace

TEST_CASE("The bootstrap file of the built-in card: EF_DIR, ODF, DODF, SCP03 (LwM2M G, H)") {
  Device device;
  const auto plain = CardBootstrap(*device.port, device.access()).read();
  REQUIRE(plain);
  CHECK_FALSE(plain->secured);
  const auto secured = CardBootstrap(*device.port, device.access(true)).read();
  REQUIRE(secured);
  CHECK(secured->secured);
  CHECK(secured->file == plain->file);
  device.port->close();
  // A blank session-key file: only the channel shows that it is blank.
  CHECK(device.session_keys().error().code == ErrorCode::kNotFound);
  CHECK(CardBootstrap(*device.port, {}).read_session_keys().error().code == ErrorCode::kRefused);
}

TEST_CASE("Session keys by remote file management; secured messages both ways; old keys get 4.00 (SMS session-key CR 7.2.2.1)") {
  Device device;
  Platform platform(*device.card);
  ServerKeyRules rules({});
  const auto refresh = [&](std::uint32_t generation, std::uint8_t fill) {
    const auto content = encode_session_keys(fresh_keys(generation, fill));
    REQUIRE(platform.send({to_bytes("00A40004026433"_h), update_command(*content)}));
    rules.issue(Instant(generation), generation);
  };
  refresh(1, 0x51);
  auto at_device = device.session_keys();
  REQUIRE(at_device);
  CHECK(at_device->generation == 1);
  SessionKeyRecord at_server = fresh_keys(1, 0x51);

  // Register by SMS, and the answer.
  const Bytes request = register_message();
  const auto up = protect_sms(request, *at_device, kToServer);
  REQUIRE(up);
  CHECK(std::ranges::search(*up, as_bytes("sms-device")).empty());
  const auto opened = open_sms(*up, at_server, kToServer);
  REQUIRE(opened);
  CHECK(*opened == request);
  const auto down = protect_sms(answer_to(rules, Instant(10), 1, at_server.received, *opened), at_server, kToDevice);
  CHECK(answer_of(*open_sms(*down, *at_device, kToDevice)).code == coap::kCreated);

  // Neither again, nor the other way round, nor with a bit changed.
  CHECK(open_sms(*up, at_server, kToServer).error().code == ErrorCode::kRefused);
  CHECK(open_sms(*down, *at_device, kToDevice).error().code == ErrorCode::kRefused);
  CHECK_FALSE(open_sms(*up, *at_device, kToDevice));
  auto changed = *protect_sms(request, *at_device, kToServer);
  changed.back() ^= 1;
  CHECK(open_sms(changed, at_server, kToServer).error().code == ErrorCode::kMismatch);

  // Asleep: keys and counters sealed; awake again, the counter goes on.
  SeededRandom random(5);
  const crypto::SecretBytes storage(Bytes(32, 9));
  const auto sealed = seal_session_keys(*at_device, storage, random);
  auto awake = open_session_keys(*sealed, storage);
  REQUIRE(awake);
  CHECK(awake->sent == at_device->sent);

  // New keys; the old ones are distinguished from them, and a Register under the old ones is a bad request.
  refresh(2, 0x61);
  auto renewed = device.session_keys();
  REQUIRE(renewed);
  CHECK(renewed->generation == 2);
  CHECK(renewed->sent == 0);
  SessionKeyRecord server_2 = fresh_keys(2, 0x61);
  const auto first = open_sms(*protect_sms(request, *renewed, kToServer), server_2, kToServer);
  REQUIRE(first);
  CHECK(answer_of(answer_to(rules, Instant(20), 2, server_2.received, *first)).code == coap::kCreated);
  const auto old = protect_sms(request, *awake, kToServer);
  CHECK_FALSE(open_sms(*old, server_2, kToServer));
  const auto under_old = open_sms(*old, at_server, kToServer);
  REQUIRE(under_old);
  CHECK(answer_of(answer_to(rules, Instant(30), 1, at_server.received, *under_old)).code == coap::kBadRequest);
}

TEST_CASE("Session keys by GBA Push, in the device and in the card; a replay ends in AUTS (TS 33.223; SMS session-key CR 7.2.2.1)") {
  for (const gba::PushMode mode : {gba::PushMode::kMe, gba::PushMode::kUicc}) {
    Device device;
    REQUIRE(device.card->transmit(concat({"00A4040C0C"_h, kUsim})));
    const auto impi = *gba::impi_of("001010000000001", 2);
    const Bytes naf_id = gba::naf_id_of("lwm2m.example");
    test::PushNetwork bsf("465B5CE8B199B49FAA5F0A2EE238A6BC"_h, "CD63CB71954A9F4E48A5994E37A02BAF"_h, 32, impi);
    const test::PushNetwork::Push push = bsf.push(mode, naf_id, 3600, "lwm2m", device.random);
    gba::UsimGba usim(*device.card);
    const auto received = gba::receive_push(push.gpi, usim, as_bytes(impi));
    REQUIRE(received);
    CHECK(received->info == push.info);
    // In GBA_U the NAF's key is Ks_int_NAF, which the card does not give.
    CHECK((received->ks_naf == push.ks_naf) == (mode == gba::PushMode::kMe));
    const auto replayed = gba::receive_push(push.gpi, usim, as_bytes(impi));
    REQUIRE_FALSE(replayed);
    CHECK(replayed.error().reason == gba::PushRefusal::Reason::kReplayed);
    REQUIRE(bsf.resynchronise(push.info.rand, replayed.error().auts));
    if (mode == gba::PushMode::kUicc) continue;

    // Both ends cut the same session keys.
    SessionKeyRecord at_device = fresh_keys(3, 0), at_server = fresh_keys(3, 0);
    at_device.keys = *truncate(derive_dm_keys(received->ks_naf), SmsAlgorithm::kAes128);
    at_server.keys = *truncate(derive_dm_keys(push.ks_naf), SmsAlgorithm::kAes128);
    CHECK(*open_sms(*protect_sms(register_message(), at_device, kToServer), at_server, kToServer) == register_message());
    SessionKeyRecord other = copy_of(at_device);
    other.keys = fresh_keys(3, 0x77).keys;
    CHECK_FALSE(open_sms(*protect_sms(register_message(), other, kToServer), at_server, kToServer));
  }
}

TEST_CASE("A USIM without an answer, or with a wrong one, is not authenticated") {
  Device device;
  gba::UsimGba usim(*device.card);  // nothing is selected
  CHECK(std::holds_alternative<gba::NotAuthenticated>(usim.authenticate({}, Bytes(16))));
  REQUIRE(device.card->transmit(concat({"00A4040C0C"_h, kUsim})));
  CHECK(std::holds_alternative<gba::NotAuthenticated>(usim.authenticate({}, Bytes(16))));
  CHECK(std::holds_alternative<gba::NotAuthenticated>(usim.bootstrap({}, Bytes(16))));
  CHECK(std::holds_alternative<gba::NotAuthenticated>(usim.derive(Bytes(10), Bytes(5))));
  device.card->power_off();
  CHECK(std::holds_alternative<gba::NotAuthenticated>(usim.authenticate({}, Bytes(16))));
}
