// SPDX-License-Identifier: Apache-2.0
#include "mcim/object.hpp"

#include <functional>

#include <doctest/doctest.h>

#include "core/crypto/aes.hpp"
#include "core/crypto/hash.hpp"
#include "core/reader.hpp"
#include "mcim/receiver.hpp"
#include "tests/support/vector_file.hpp"

using namespace uicclab;
using namespace uicclab::mcim;
using crypto::KeyKind;
using crypto::PrivateKey;
using crypto::SecretBytes;

namespace {

constexpr std::chrono::sys_seconds kNow{std::chrono::seconds(1'700'000'000)};

Subscription subscription() {
  Subscription out;
  out.nonce.fill(0x11);
  out.imsi = "001010000000001";
  out.ki = SecretBytes("465B5CE8B199B49FAA5F0A2EE238A6BC"_h);
  out.opc = SecretBytes("CD63CB71954A9F4E48A5994E37A02BAF"_h);
  return out;
}
Data data(std::uint16_t version = 1) {
  return {Tag::kMcim, encode_subscription(subscription()), version};
}

const PrivateKey& rsa() {
  static const PrivateKey key = PrivateKey::generate(KeyKind::kRsa);
  return key;
}
const PrivateKey& p256() {
  static const PrivateKey key = PrivateKey::generate(KeyKind::kP256);
  return key;
}

struct Wrapped {
  Bytes object;
  const PrivateKey* key;
};
/// An object of each suite.
std::vector<Wrapped> all_suites() {
  static const PrivateKey client = *PrivateKey::from_der(test::load_vectors("credentials.txt").at(0).bytes("client_private"));
  SeededRandom random(1);
  return {{*wrap(data(), rsa().public_key(), Suite::kSeed, random), &rsa()},
          {*wrap(data(), rsa().public_key(), Suite::kRsa, random), &rsa()},
          {*wrap_cms(data(), test::load_vectors("credentials.txt").at(0).bytes("client_certificate")), &client},
          {*wrap(data(), p256().public_key(), Suite::kP256, random), &p256()}};
}
/// One in the literal form for each kind of key.
std::vector<Wrapped> literal_ones() {
  SeededRandom random(4);
  return {{*wrap(data(), rsa().public_key(), Suite::kLiteral, random), &rsa()},
          {*wrap(data(), p256().public_key(), Suite::kLiteral, random), &p256()}};
}

}  // namespace

TEST_CASE("Subscription and data byte by byte (docs/formats/mcim.md)") {
  const auto payload =
      "01 0010 11111111111111111111111111111111 02 000F 303031303130303030303030303031 03 0010 465B5CE8B199B49FAA5F0A2EE238A6BC"
      "04 0001 01 05 0010 CD63CB71954A9F4E48A5994E37A02BAF"_h;
  CHECK(equal(encode_subscription(subscription()), payload));
  const crypto::WipedBytes bytes = encode_data(data(0x0203));
  CHECK(equal(bytes, concat({"01 0000004F"_h, payload, "0203"_h, Bytes(96 - 5 - payload.size() - 2)})));
  const auto back = parse_data(bytes);
  REQUIRE(back);
  CHECK(back->version == 0x0203);
  CHECK(equal(back->payload, payload));

  Subscription full = subscription();
  full.target = "urn:imei:490154203237518";
  full.token = SecretBytes("C0FFEE"_h);
  full.not_after = kNow;
  const auto parsed = parse_subscription(encode_subscription(full));
  REQUIRE(parsed);
  CHECK(parsed->imsi == full.imsi);
  CHECK(parsed->ki == full.ki);
  CHECK(parsed->opc == full.opc);
  CHECK(parsed->target == full.target);
  CHECK(parsed->token == full.token);
  CHECK(parsed->not_after == kNow);
}

TEST_CASE("Data and subscriptions that are refused") {
  const crypto::WipedBytes good = encode_data(data());
  for (std::size_t cut = 0; cut < good.size(); ++cut) CHECK_FALSE(parse_data(BytesView(good).first(cut)));
  for (const auto& [at, value] :
       {std::pair(0U, 0x00), std::pair(0U, 0x05), std::pair(1U, 0x01), std::pair(4U, 0xFF), std::pair(95U, 0x01)}) {
    Bytes bad = to_bytes(good);
    bad[at] = static_cast<std::uint8_t>(value);
    CHECK_FALSE(parse_data(bad));
  }
  CHECK_FALSE(parse_data(concat({good, Bytes(16)})));  // more filling than needed

  const crypto::WipedBytes whole = encode_subscription(subscription());
  for (std::size_t cut = 0; cut < whole.size() - 19; ++cut) CHECK_FALSE(parse_subscription(BytesView(whole).first(cut)));
  for (const Bytes& tail :
       {to_bytes("09 0000"_h), to_bytes("0C 0001 00"_h), to_bytes("05 0010 00000000000000000000000000000000"_h), to_bytes("08 0001 00"_h),
        to_bytes("08 0008 8000000000000000"_h), to_bytes("06 0001 FF"_h), to_bytes("06 0002 41"_h), to_bytes("00 0000"_h)}) {
    CHECK_FALSE(parse_subscription(concat({whole, tail})));
  }
  Subscription bad = subscription();
  bad.imsi = "12a";
  CHECK_THROWS_AS(encode_subscription(bad), SystemError);
  bad = subscription();
  bad.ki = SecretBytes(Bytes(15));
  CHECK_THROWS_AS(encode_subscription(bad), SystemError);
}

TEST_CASE("Every suite: wrapped, outlined, opened (TR 33.812 5.1.3.7.3.3)") {
  SeededRandom random(2);
  std::uint8_t number = 1;
  for (const Wrapped& one : all_suites()) {
    const auto outline = inspect(one.object);
    REQUIRE(outline);
    CHECK(static_cast<std::uint8_t>(outline->suite) == number++);
    const auto opened = open(one.object, *one.key, random);
    REQUIRE(opened);
    CHECK(equal(opened->payload, data().payload));
    CHECK(opened->version == 1);
    const auto ki = subscription().ki.clone();
    CHECK(std::ranges::search(one.object, ki.expose(crypto::ExposeSecret{"a test looks for it"})).empty());
  }
  CHECK(inspect(all_suites()[0].object)->key_block == 256);
  CHECK(inspect(all_suites()[0].object)->protected_data == 16 + 96 + 20);
  CHECK(inspect(all_suites()[3].object)->key_block == 33);
  CHECK(default_suite(rsa().public_key()) == Suite::kRsa);
  CHECK(default_suite(p256().public_key()) == Suite::kP256);
  CHECK_FALSE(wrap(data(), rsa().public_key(), Suite::kP256, random));
  CHECK_FALSE(wrap(data(), p256().public_key(), Suite::kSeed, random));
  CHECK_FALSE(wrap(data(), p256().public_key(), Suite::kCms, random));
}

TEST_CASE("Whatever is changed, the answer is one and the same") {
  SeededRandom random(3);
  const auto refused = [&](BytesView object, const PrivateKey& key) {
    const auto opened = open(object, key, random);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == ErrorCode::kRefused);
    CHECK(opened.error().text == "MCIM object refused");
    CHECK(opened.error().offset == 0);
  };
  for (const Wrapped& one : all_suites()) {
    const bool cms = inspect(one.object)->suite == Suite::kCms;
    // Of CMS, the wrapping DER has bytes that say nothing (versions, an algorithm's parameters): its content and check value are tested.
    for (std::size_t i = cms ? one.object.size() - 100 : 0; i < one.object.size(); i += i < 12 || i + 60 > one.object.size() ? 1 : 5) {
      Bytes bad = one.object;
      bad[i] ^= 0x04;
      refused(bad, *one.key);
    }
    for (std::size_t cut = 0; cut < one.object.size(); cut += 9) refused(BytesView(one.object).first(cut), *one.key);
    refused(concat({one.object, "00"_h}), *one.key);
    refused(one.object, PrivateKey::generate(KeyKind::kP256));
    refused(one.object, one.key == &rsa() ? p256() : rsa());
  }
  // A suite exchanged for another: the MAC covers the header.
  Bytes downgraded = all_suites()[1].object;
  downgraded[5] = 1;
  refused(downgraded, rsa());
  refused({}, rsa());
}

TEST_CASE("The literal form: PK_D(PIK|PCK) | ENC_PCK(data) | MAC_PIK(ENC_PCK(data)), and nothing else (TR 33.812 5.1.3.7.3.3)") {
  SeededRandom random(5);
  const Bytes one = literal_ones()[0].object;
  CHECK(one.size() == 256 + 96 + 20);
  CHECK(literal_ones()[1].object.size() == 33 + 96 + 20);
  const auto keys = rsa().oaep_decrypt(BytesView(one).first(256), "", 36);
  REQUIRE(keys);
  const BytesView cipher = BytesView(one).subspan(256, 96);
  CHECK(equal(crypto::hmac_sha1(keys->part(0, 20), {cipher}), BytesView(one).last(20)));
  const auto plain = crypto::AesCbc(*crypto::AesKey::from(keys->part(20, 16))).decrypt(crypto::Bytes16{}, cipher);
  REQUIRE(plain);
  CHECK(equal(*plain, encode_data(data())));
  for (const Wrapped& literal : literal_ones()) {
    const auto opened = open_literal(literal.object, *literal.key, random);
    REQUIRE(opened);
    CHECK(equal(opened->payload, data().payload));
    CHECK_FALSE(has_header(literal.object));
    CHECK_FALSE(inspect(literal.object));
    CHECK_FALSE(open(literal.object, *literal.key, random));
    const auto refused = [&](BytesView object, const PrivateKey& key) {
      const auto answer = open_literal(object, key, random);
      REQUIRE_FALSE(answer);
      CHECK(answer.error().text == "MCIM object refused");
    };
    for (std::size_t i = 0; i < literal.object.size(); i += 7) {
      Bytes bad = literal.object;
      bad[i] ^= 0x04;
      refused(bad, *literal.key);
      refused(BytesView(literal.object).first(i), *literal.key);
    }
    refused(literal.object, literal.key == &rsa() ? p256() : rsa());
  }
  // An object with a header, cut down to the clause's form, is none: its MAC covers more, its keys were made under another label.
  for (const Wrapped& other : all_suites()) {
    const auto outline = inspect(other.object);
    CHECK_FALSE(open_literal(BytesView(other.object).subspan(12), *other.key, random));
    CHECK_FALSE(open_literal(concat({BytesView(other.object).subspan(12, outline->key_block),
                                     BytesView(other.object).subspan(12 + outline->key_block + 16 * (outline->key_block != 0))}),
                             *other.key, random));
  }
}

TEST_CASE("The literal form is taken by a device that was told to, and by no other") {
  for (const bool told : {false, true}) {
    SeededRandom random(6);
    Receiver receiver({.literal = told}, {});
    Subscription one = subscription();
    one.nonce = receiver.begin(kNow, random);
    const Bytes object = *wrap({Tag::kMcim, encode_subscription(one), 1}, p256().public_key(), Suite::kLiteral, random);
    CHECK(receiver.accept(object, {}, p256(), kNow, random).has_value() == told);
    CHECK(receiver.state().nonce.has_value() != told);
    one.nonce = receiver.begin(kNow, random);
    CHECK(receiver.accept(*wrap({Tag::kMcim, encode_subscription(one), 2}, p256().public_key(), Suite::kP256, random), {}, p256(), kNow,
                          random));
  }
}

TEST_CASE("Malformed headers") {
  CHECK(inspect("4D43494D0102"_h).error().code == ErrorCode::kTruncated);
  CHECK(inspect("4D43494E010200000000 0000"_h).error().code == ErrorCode::kMalformed);
  CHECK(inspect("4D43494D020200000000 0000"_h).error().code == ErrorCode::kUnsupported);
  CHECK(inspect("4D43494D010000000000 0000"_h).error().code == ErrorCode::kUnsupported);
  CHECK(inspect("4D43494D010500000000 0000"_h).error().code == ErrorCode::kUnsupported);
  CHECK(inspect("4D43494D010200000000 0001"_h).error().code == ErrorCode::kTruncated);
  CHECK(inspect("4D43494D010200000000 0000 00"_h).error().code == ErrorCode::kTrailing);
  CHECK(inspect("4D43494D0102FFFFFFFF FFFF"_h).error().code == ErrorCode::kTruncated);
}

namespace {

Receiver::State version_four() {
  Receiver::State state;
  state.version = 4;
  return state;
}

/// A device with a sender, a token and a name, and objects for it.
struct Device {
  SeededRandom random{9};
  PrivateKey sender = PrivateKey::generate(KeyKind::kP256);
  Receiver receiver{{.target = "meter-1", .token = SecretBytes("C0FFEE"_h), .sender = sender.public_key()}, version_four()};

  struct Sent {
    Bytes object, signature;
  };
  Sent send(const Nonce& nonce, std::uint16_t version = 5, const std::function<void(Subscription&)>& change = {}, Tag tag = Tag::kMcim) {
    Subscription one = subscription();
    one.nonce = nonce;
    one.target = "meter-1";
    one.token = SecretBytes("C0FFEE"_h);
    if (change) change(one);
    Sent out;
    out.object = *wrap({tag, encode_subscription(one), version}, p256().public_key(), Suite::kP256, random);
    out.signature = *sender.sign(out.object);
    return out;
  }
  auto accept(const Sent& sent, std::chrono::sys_seconds now = kNow) {
    return receiver.accept(sent.object, sent.signature, p256(), now, random);
  }
};

}  // namespace

TEST_CASE("Receiver: a good object is installed once (TR 33.812 5.1.3.7)") {
  Device device;
  const Nonce nonce = device.receiver.begin(kNow, device.random);
  const auto sent = device.send(nonce);
  const auto good = device.accept(sent);
  REQUIRE(good);
  CHECK(good->imsi == "001010000000001");
  CHECK(device.receiver.state().version == 5);
  CHECK_FALSE(device.receiver.state().nonce);
  CHECK_FALSE(device.accept(sent));  // replayed
  CHECK_FALSE(device.accept(device.send(nonce, 6)));
  CHECK(device.receiver.state().version == 5);
}

TEST_CASE("Receiver: each thing that is wrong, and the nonce burnt with the last try") {
  const auto refused = [](Device& device, const Device::Sent& sent, std::chrono::sys_seconds now = kNow) {
    const auto answer = device.accept(sent, now);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().text == "MCIM object refused");
    CHECK(device.receiver.state().version == 4);
  };
  Device device;
  refused(device, device.send(Nonce{}));  // no registration
  const auto fresh = [&device] { return device.receiver.begin(kNow, device.random); };
  refused(device, device.send(fresh(), 4));
  refused(device, device.send(fresh(), 0));
  refused(device, device.send(fresh(), 5, {}, Tag::kAlgorithm));  // with an IMSI and a Ki
  refused(device, device.send(fresh(), 5, {}, Tag::kToken));
  refused(device, device.send(fresh(), 5, [](Subscription& s) { s.target = "meter-2"; }));
  refused(device, device.send(fresh(), 5, [](Subscription& s) { s.token = SecretBytes("C0FFED"_h); }));
  refused(device, device.send(fresh(), 5, [](Subscription& s) { s.not_after = kNow - std::chrono::seconds(1); }));
  refused(device, device.send(fresh(), 5, [](Subscription& s) { s.nonce[0] ^= 1; }));
  refused(device, device.send(fresh()), kNow + std::chrono::hours(24));
  auto unsigned_one = device.send(fresh());
  unsigned_one.signature.clear();
  refused(device, unsigned_one);
  auto forged = device.send(fresh());
  forged.signature = *PrivateKey::generate(KeyKind::kP256).sign(forged.object);
  refused(device, forged);

  const Nonce nonce = fresh();
  for (int i = 0; i < 3; ++i) {
    CHECK(device.receiver.state().nonce.has_value());
    refused(device, unsigned_one);
  }
  CHECK_FALSE(device.receiver.state().nonce);
  refused(device, device.send(nonce));  // good, and too late
}
