// SPDX-License-Identifier: Apache-2.0
// Session keys renewed over the air, with the power cut at every write: SMS session-key CR, clause 7.2.2.1. A message of class 2 with a
// script of remote file management, from the platform that has the card's OTA keys.
#include "emulator/power_cut_port.hpp"
#include "lwm2m/secured_sms.hpp"
#include "lwm2m/session_key_file.hpp"
#include "scp03/secure_channel_port.hpp"
#include "tests/support/domain_card.hpp"
#include "tests/unit/lwm2m_card/accounts.hpp"
#include "tests/unit/remote/bench.hpp"

using namespace uicclab;
using namespace uicclab::test;

namespace {

constexpr crypto::ExposeSecret kLook{"a test looks at the keys that it made"};
constexpr std::string_view kPkcs15 = "A000000063504B43532D3135";
constexpr std::string_view kSms = "F0756963636C61620401";

/// The platform of an operator who is the LwM2M server as well.
struct Operator : Platform {
  explicit Operator(std::shared_ptr<const emulator::CardImage> image = default_image()) : Platform(std::move(image)) { to = tar("B00150"); }

  void select(std::string_view aid) {
    REQUIRE(transmit("00A4040C" + to_hex(std::array{static_cast<std::uint8_t>(aid.size() / 2)}) + std::string(aid)) == "9000");
  }
  std::string bootstrap_file() {
    select(kPkcs15);
    REQUIRE(transmit("00A4080C047FFF6432") == "9000");
    return transmit("00B0000000");
  }
  /// Of resource 8, as the bootstrap file has it.
  std::string bootstrap_keys() {
    const std::string content = bootstrap_file();
    const std::size_t at = content.find("C808" + to_hex(std::array{static_cast<std::uint8_t>(key_size * 2)}));
    REQUIRE(at != std::string::npos);
    offset = at / 2 + 3;
    return content.substr(at + 6, 4 * key_size);
  }
  std::optional<lwm2m::SessionKeyRecord> record() {
    select(kPkcs15);
    scp03::SecureChannelPort port(card, random);
    scp03::HostSession::Options options;
    options.key_version = KeyVersion{0};
    options.level = scp03::Level::kAll;
    options.aid = *Aid::from(hex(kPkcs15));
    REQUIRE(port.open(options, key_set()));
    REQUIRE(port.transmit(hex("00A4080C047FFF6433")));
    const auto answer = apdu::parse_response(port.transmit(hex("00B0000060")).value()).value();
    REQUIRE(answer.status == sw::kOk);
    auto read = lwm2m::parse_session_keys(answer.data);
    if (!read) {
      REQUIRE(read.error().code == ErrorCode::kNotFound);
      return std::nullopt;
    }
    return *std::move(read);
  }
  /// KIc and KID of the session.
  static std::string keys_of(const lwm2m::SessionKeyRecord& record) {
    return to_hex(record.keys.kic.expose(kLook)) + to_hex(record.keys.kid.expose(kLook));
  }
  std::string refresh_script(const std::string& new_keys) {
    (void)bootstrap_keys();
    const auto at = std::array{static_cast<std::uint8_t>(offset >> 8), static_cast<std::uint8_t>(offset)};
    return "00A4000C026432" + std::string("00D6") + to_hex(at) + to_hex(std::array{static_cast<std::uint8_t>(new_keys.size() / 2)}) +
           new_keys;
  }
  /// The server's message under the keys of the card; it must come through.
  void use(lwm2m::SessionKeyRecord server) {
    server.sent = server.received;  // the card's counter of what it received
    const Bytes packet = lwm2m::protect_sms("44010203"_h, server, lwm2m::kToCard).value();
    CHECK(send_packet(packet).status == sw::kOk);
    select(kSms);
    CHECK(transmit("80CA010000").ends_with("050004440102039000"));
    CHECK(transmit("80E4010000") == "9000");
  }
  apdu::Response envelope_of(const Bytes& secured, CardPort& port) {
    apdu::Response last;
    for (const ota::UserData& part : parts(secured)) {
      const Bytes data = ota::SmsPpDownload{{}, message(part).build().value(), {}}.build();
      const apdu::Command command{0x80, 0xC2, 0, 0, data, 256, false};
      const auto answer = port.transmit(apdu::encode(command));
      if (!answer) break;
      last = apdu::parse_response(*answer).value();
    }
    return last;
  }

  std::size_t key_size = 16;
  std::size_t offset = 0;
};

/// Old keys or new keys, whole, in both files; new ones with counters of 0.
void refresh_at_every_write(const std::shared_ptr<const emulator::CardImage>& image, std::size_t key_size, std::uint8_t algorithm) {
  Operator server(image);
  server.key_size = key_size;
  SeededRandom random(20261121);
  emulator::PowerCutPort fault(server.card);
  int cuts = 0;
  for (std::uint32_t at = 1;; ++at) {
    REQUIRE(at < 60);
    CAPTURE(at);
    const auto before = server.record();
    if (before) server.use(*server.record());
    const std::string old_keys = server.bootstrap_keys();
    Bytes fresh(2 * key_size);
    random.fill(fresh);
    if (key_size == 24) {
      Bytes cut(2 * 21);
      random.fill(cut);
      fresh = to_bytes(lwm2m::with_parity(crypto::SecretBytes(cut)).expose(kLook));
    }
    const std::string new_keys = to_hex(fresh);
    ++server.counter;
    const Bytes packet = server.packet(server.refresh_script(new_keys));
    fault.arm(at);
    (void)server.envelope_of(packet, fault);
    const bool cut = fault.was_cut();
    fault.arm(0);
    if (cut) server.restart();
    const auto after = server.record();
    const std::string now = server.bootstrap_keys();
    CHECK((now == old_keys || now == new_keys));
    if (now == new_keys) {
      REQUIRE(after);
      CHECK(Operator::keys_of(*after) == new_keys);
      CHECK(after->received == 0);
      CHECK(after->sent == 0);
      CHECK(after->generation == (before ? before->generation + 1 : 1));
      CHECK(after->kic == algorithm);
    } else if (before) {
      REQUIRE(after);
      CHECK(Operator::keys_of(*after) == old_keys);
      CHECK(after->received == before->received + 1);
      CHECK(after->generation == before->generation);
    } else {
      CHECK_FALSE(after);
    }
    if (after) server.use(*server.record());
    if (!cut) {
      CHECK(now == new_keys);
      break;
    }
    ++cuts;
  }
  CHECK(cuts >= 4);
}

}  // namespace

TEST_CASE("power cut at every write of a key refresh by remote file management: keys and counters are old or new, in both files") {
  refresh_at_every_write(default_image(), 16, 0x12);
}

TEST_CASE("the same with triple DES keys") {
  refresh_at_every_write(triple_des_image(), 24, 0x19);
}

TEST_CASE("triple DES keys with two equal ones do not become session keys; none of them is used (clause 7.2.2.3)") {
  Operator server(triple_des_image());
  server.key_size = 24;
  const auto good = "01020407080B0D0E1113151619BABCBFC1C2C4C7C8CBCDCE"_h;
  const auto write = [&](const Bytes& kic, const Bytes& kid) {
    ++server.counter;
    CHECK(server.send_packet(server.packet(server.refresh_script(to_hex(kic) + to_hex(kid)))).status == sw::kOk);
  };
  const Bytes other = to_bytes("2020404080801010323234343838313151515252545458C1"_h);
  write(to_bytes(good), other);
  const auto first = server.record();
  REQUIRE(first);
  CHECK(first->generation == 1);
  server.use(*server.record());
  const auto equal_pair = [&](std::size_t pair, std::uint8_t parity) {
    Bytes key = to_bytes(good);
    for (std::size_t i = 0; i < 8; ++i) key[pair * 8 + 8 + i] = static_cast<std::uint8_t>(key[pair * 8 + i] ^ parity);
    return key;
  };
  for (const std::size_t pair : {std::size_t{0}, std::size_t{1}}) {
    for (const std::uint8_t parity : "0001"_h) {
      CAPTURE(pair);
      CAPTURE(int{parity});
      const std::uint64_t received = server.record()->received;
      for (const bool kid : {false, true}) {
        write(kid ? to_bytes(good) : equal_pair(pair, parity), kid ? equal_pair(pair, parity) : other);
        CHECK(Operator::keys_of(*server.record()) == Operator::keys_of(*first));
        CHECK(server.record()->generation == 1);
        // The account is unusable: nothing is sent or accepted under keys that are no longer the account's.
        server.select(kSms);
        CHECK(server.transmit("80E28000060091050001AA") == "6985");
        auto old = server.record();
        old->sent = old->received;
        CHECK(server.send_packet(lwm2m::protect_sms("4401"_h, *old, lwm2m::kToCard).value()).status == sw::kOk);
        server.select(kSms);
        CHECK(server.transmit("80CA010000") == "6A88");
        CHECK(server.record()->received == received);
      }
      write(to_bytes(good), other);
      server.use(*server.record());
    }
  }
}

TEST_CASE("new keys end the old ones: what the server sends under those is dropped, and the card answers under the new") {
  Operator server;
  server.counter = 1;
  CHECK(server.send_packet(server.packet(server.refresh_script(std::string(64, 'A')))).status == sw::kOk);
  auto old = server.record();
  REQUIRE(old);
  server.use(*server.record());
  ++server.counter;
  CHECK(server.send_packet(server.packet(server.refresh_script(std::string(64, 'B')))).status == sw::kOk);
  old->sent = 10;
  CHECK(server.send_packet(lwm2m::protect_sms("4401"_h, *old, lwm2m::kToCard).value()).status == sw::kOk);
  server.select(kSms);
  CHECK(server.transmit("80CA010000") == "6A88");
  CHECK(server.transmit("80E28000060091050001AA").starts_with("91"));
  const auto sent = server.fetch();
  REQUIRE(sent);
  const Bytes packet = sent->body.parsed_user_data()->payload;
  auto now = server.record();
  CHECK(now->sent == 1);
  now->received = 0;
  CHECK(lwm2m::open_sms(packet, *now, lwm2m::kToServerFromCard));
  CHECK_FALSE(lwm2m::open_sms(packet, *old, lwm2m::kToServerFromCard));
}

TEST_CASE(
    "expired keys are refused in both directions; the clock of the card decides, and a restarted clock ends them (clause "
    "7.2.2.1)") {
  Operator server;
  lwm2m::SessionKeyRecord keys;
  keys.generation = 4;
  keys.lifetime = std::chrono::seconds(300);
  keys.keys = {crypto::SecretBytes(Bytes(16, 0x51)), crypto::SecretBytes(Bytes(16, 0x52))};
  const auto write = [&](const lwm2m::SessionKeyRecord& record) {
    const Bytes file = lwm2m::encode_session_keys(record).value();
    ++server.counter;
    const std::string script = "00A4000C02643300D60000" + to_hex(std::array{static_cast<std::uint8_t>(file.size())}) + to_hex(file);
    CHECK(server.send_packet(server.packet(script)).status == sw::kOk);
  };
  server.clock.advance(std::chrono::hours(1));
  write(keys);
  server.clock.advance(std::chrono::seconds(299));
  server.use(*server.record());
  server.restart();
  server.use(*server.record());
  server.clock.advance(std::chrono::seconds(1));
  auto stale = server.record();
  stale->sent = stale->received;
  CHECK(server.send_packet(lwm2m::protect_sms("4401"_h, *stale, lwm2m::kToCard).value()).status == sw::kOk);
  server.select(kSms);
  CHECK(server.transmit("80CA010000") == "6A88");
  CHECK(server.transmit("80E28000060091050001AA") == "6985");
  CHECK(server.record()->sent == 0);
  keys.generation = 5;
  write(keys);
  server.use(*server.record());
  server.select(kSms);
  CHECK(server.transmit("80E28000060091050001AA").starts_with("91"));
}

namespace {

/// Keys of a server, as they stand in the session-key file.
lwm2m::SessionKeyRecord fresh_record(std::uint32_t generation, std::size_t key_size, SeededRandom& random) {
  lwm2m::SessionKeyRecord record;
  record.generation = generation;
  record.kic = record.kid = key_size == 24 ? 0x19 : 0x12;
  record.lifetime = std::chrono::seconds(300);
  const auto key = [&] {
    Bytes bits(key_size == 24 ? 21 : 16);
    random.fill(bits);
    return key_size == 24 ? lwm2m::with_parity(crypto::SecretBytes(bits)) : crypto::SecretBytes(bits);
  };
  record.keys = {key(), key()};
  return record;
}

std::string with_length(std::string_view head, const Bytes& data) {
  return std::string(head) + to_hex(std::array{static_cast<std::uint8_t>(data.size())}) + to_hex(data);
}

/// By UPDATE BINARY of the session-key file, behind FF as long as the longest one.
std::string by_file_management(const lwm2m::SessionKeyRecord& record) {
  Bytes file = lwm2m::encode_session_keys(record).value();
  file.resize(77, 0xFF);
  return with_length("00A4000C02643300D60000", file);
}

/// By INSTALL [for personalization] and STORE DATA, which the issuer security domain passes on.
std::string by_application_management(const lwm2m::SessionKeyRecord& record) {
  const Bytes install = hex("00000C" + std::string(kPkcs15) + "000000");
  const Bytes file = lwm2m::encode_session_keys(record).value();
  return with_length("80E62000", install) + with_length("80E29000", concat({Bytes{0x85, static_cast<std::uint8_t>(file.size())}, file}));
}

/// The keys in force are the old ones or the new ones, and both files say so.
void session_keys_at_every_write(const std::shared_ptr<const emulator::CardImage>& image, std::size_t key_size, const Tar& to,
                                 std::string (*script)(const lwm2m::SessionKeyRecord&)) {
  Operator server(image);
  server.key_size = key_size;
  server.to = to;
  SeededRandom random(20261130);
  emulator::PowerCutPort fault(server.card);
  int cuts = 0;
  for (std::uint32_t at = 1;; ++at) {
    REQUIRE(at < 80);
    CAPTURE(at);
    const std::string old_keys = server.bootstrap_keys();
    const auto before = server.record();
    const auto next = fresh_record(at, key_size, random);
    const std::string new_keys = Operator::keys_of(next);
    ++server.counter;
    const Bytes packet = server.packet(script(next));
    fault.arm(at);
    (void)server.envelope_of(packet, fault);
    const bool cut = fault.was_cut();
    fault.arm(0);
    if (cut) server.restart();
    const std::string now = server.bootstrap_keys();
    const auto after = server.record();
    CHECK((now == old_keys || now == new_keys));
    if (now == new_keys) {
      REQUIRE(after);
      CHECK(after->generation == at);
      CHECK(after->lifetime == std::chrono::seconds(300));
      server.use(*server.record());
    }
    if (after) CHECK(Operator::keys_of(*after) == now);
    if (!after) CHECK_FALSE(before);
    if (!cut) {
      CHECK(now == new_keys);
      break;
    }
    ++cuts;
  }
  CHECK(cuts >= 4);
}

}  // namespace

TEST_CASE("session keys by remote file management are placed in EF_LWM2M_Bootstrap in one transaction (SMS session-key CR 7.2.2.1)") {
  session_keys_at_every_write(default_image(), 16, tar("B00150"), by_file_management);
  session_keys_at_every_write(triple_des_image(), 24, tar("B00150"), by_file_management);
}

TEST_CASE("the same by remote application management (SMS session-key CR 7.2.2.1; GP 7.3.3)") {
  session_keys_at_every_write(default_image(), 16, tar("000000"), by_application_management);
  session_keys_at_every_write(triple_des_image(), 24, tar("000000"), by_application_management);
}

TEST_CASE("keys of another algorithm replace those of the account, with their KIc and KID; AES where triple DES was, and back") {
  Operator server;
  SeededRandom random(4);
  std::uint32_t generation = 0;
  for (const std::size_t size : {std::size_t{24}, std::size_t{16}, std::size_t{24}}) {
    const auto record = fresh_record(++generation, size, random);
    server.counter = generation;
    CHECK(server.send_packet(server.packet(by_file_management(record))).status == sw::kOk);
    server.key_size = size;
    CHECK(server.bootstrap_keys() == Operator::keys_of(record));
    CHECK(server.bootstrap_file().find("C607" + to_hex(std::array{record.kic, record.kid}) + "16B20203") != std::string::npos);
    server.use(*server.record());
  }
}

TEST_CASE("session keys in STORE DATA come from the security domain only; what is no session-key file is refused") {
  Operator server;
  SeededRandom random(4);
  const auto record = fresh_record(1, 16, random);
  const Bytes file = lwm2m::encode_session_keys(record).value();
  server.select(kPkcs15);
  CHECK(server.transmit(with_length("80E29000", concat({Bytes{0x85, static_cast<std::uint8_t>(file.size())}, file}))) == "6A80");
  CHECK_FALSE(server.record());
  server.to = tar("000000");
  Bytes torn = file;
  torn.back() ^= 1;
  const std::string install = with_length("80E62000", hex("00000C" + std::string(kPkcs15) + "000000"));
  const auto told = server.send(install + with_length("80E29000", concat({Bytes{0x85, static_cast<std::uint8_t>(torn.size())}, torn})));
  REQUIRE(told.por);
  CHECK(to_hex(told.por->packet.data).ends_with("6A80"));
  CHECK_FALSE(server.record());
}
