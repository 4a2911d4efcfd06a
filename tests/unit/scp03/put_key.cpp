// SPDX-License-Identifier: Apache-2.0
#include "scp03/put_key.hpp"

#include "tests/unit/scp03/session_pair.hpp"

using namespace uicclab;
using namespace uicclab::scp03;
using namespace uicclab::test;
using crypto::SecretBytes;

namespace {

const auto kKey = "404142434445464748494A4B4C4D4E4F"_h;
DekCipher dek() {
  return DekCipher(crypto::AesKey::from(SecretBytes(kKey)).value());
}

SecretBytes key_of(std::size_t size) {
  return SecretBytes::make(size, [](std::span<std::uint8_t> out) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(0x10 + i);
  });
}

Result<TransportedKey> parse_one(BytesView field) {
  DekCipher cipher = dek();
  ByteReader reader(field);
  return parse_key(cipher, reader);
}

Bytes encoded(KeyType type, std::size_t size) {
  DekCipher cipher = dek();
  return encode_key(cipher, type, key_of(size)).value();
}

}  // namespace

TEST_CASE("PUT KEY: a key of each type and length comes back as it was sent (Amd D clauses 6.2.8, 7.2)") {
  for (const auto& [type, size, first] : {std::tuple{KeyType::kAes, 16, "881110"},
                                          {KeyType::kAes, 24, "882118"},
                                          {KeyType::kAes, 32, "882120"},
                                          {KeyType::kDes, 16, "8010"},
                                          {KeyType::kDes, 24, "8020"}}) {
    CAPTURE(first);
    const Bytes field = encoded(type, static_cast<std::size_t>(size));
    CHECK(to_hex(field).starts_with(first));
    CHECK(field[field.size() - 4] == 3);
    const auto key = parse_one(field);
    REQUIRE(key);
    CHECK(key->type == type);
    CHECK(key->key == key_of(static_cast<std::size_t>(size)));
    CHECK(equal(key->check_value, BytesView(field).last(3)));
  }
}

TEST_CASE("PUT KEY: commands of GlobalPlatformPro, recorded (GlobalPlatform Card Specification clause 11.8)") {
  std::size_t keys_seen = 0;
  for (const RecordedSession& session : recorded_sessions({"scp03_gppro.txt"})) {
    for (std::size_t n = 1; n <= session.commands(); ++n) {
      if (!session.has("plain", n)) continue;
      const Bytes bytes = session.numbered("plain", n);
      const apdu::Command command = parsed(bytes);
      if (command.ins != 0xD8) continue;
      CAPTURE(session.id);
      DekCipher cipher(session.keys().dek);
      const auto data = PutKeyData::parse(cipher, command.data);
      REQUIRE(data);
      Bytes again{data->version.value};
      for (const TransportedKey& key : data->keys) {
        append(again, encode_key(cipher, key.type, key.key).value());
        ++keys_seen;
      }
      CHECK(to_hex(again) == to_hex(command.data));
      if (data->keys.size() == 3) {
        const KeySet set =
            KeySet::from(data->version, data->keys[0].key.clone(), data->keys[1].key.clone(), data->keys[2].key.clone()).value();
        CHECK(to_hex(encode_key_set(cipher, set)) == to_hex(command.data));
      }
      CHECK(to_hex(data->answer()) + "9000" == to_hex(session.plain_response(n)));
    }
  }
  CHECK(keys_seen == 4);
}

TEST_CASE("PUT KEY: a key of whole blocks may come without its clear length, as pySim sends it (GPCS tables 11-70, 11-71)") {
  for (const std::size_t size : {16U, 32U}) {
    CAPTURE(size);
    Bytes field = encoded(KeyType::kAes, size);
    field.erase(field.begin() + 2);
    --field[1];
    const auto key = parse_one(field);
    REQUIRE(key);
    CHECK(key->key == key_of(size));
  }
  // 24 bytes are no whole AES blocks: taken for 32, they do not have the check value.
  Bytes field = encoded(KeyType::kAes, 24);
  field.erase(field.begin() + 2);
  --field[1];
  CHECK(parse_one(field).error().code == ErrorCode::kMismatch);
  // Three DES keys under an AES key, with their clear length.
  field = encoded(KeyType::kDes, 24);
  field.insert(field.begin() + 2, 24);
  ++field[1];
  const auto key = parse_one(field);
  REQUIRE(key);
  CHECK(key->key == key_of(24));
}

TEST_CASE("PUT KEY: a key check value may be left out, not be wrong (GlobalPlatform Card Specification clause 11.8.2.3)") {
  const Bytes whole = encoded(KeyType::kAes, 16);
  const Bytes field = concat({BytesView(whole).first(whole.size() - 4), "00"_h});
  CHECK(parse_one(field)->key == key_of(16));
  for (std::size_t bit = 0; bit < 24; ++bit) {
    Bytes wrong = encoded(KeyType::kAes, 16);
    CHECK(parse_one(flipped(wrong, (wrong.size() - 3) * 8 + bit)).error().code == ErrorCode::kMismatch);
  }
  for (std::size_t bit = 0; bit < 128; ++bit)
    CHECK(parse_one(flipped(encoded(KeyType::kAes, 16), 24 + bit)).error().code == ErrorCode::kMismatch);
  DekCipher other(crypto::AesKey::from(key_of(16)).value());
  ByteReader reader(field);
  CHECK(parse_key(other, reader)->key != key_of(16));  // what a check value is for
}

TEST_CASE("PUT KEY: fields that are cut, of other types or lengths are refused with their reason") {
  for (const std::size_t size : {16U, 24U, 32U}) {
    const Bytes field = encoded(KeyType::kAes, size);
    for (std::size_t cut = 0; cut < field.size(); ++cut)
      CHECK(parse_one(BytesView(field).first(cut)).error().code == ErrorCode::kTruncated);
  }
  const auto code = [](BytesView field) { return parse_one(field).error().code; };
  CHECK(code("8101FF00"_h) == ErrorCode::kUnsupported);
  CHECK(code("880000"_h) == ErrorCode::kRange);
  CHECK(code("8801100300"_h) == ErrorCode::kMalformed);
  CHECK(code(concat({"881010"_h, Bytes(14), "00"_h})) == ErrorCode::kTruncated);
  CHECK(code(concat({"880F10"_h, Bytes(14), "00"_h})) == ErrorCode::kMalformed);
  CHECK(code(concat({"881111"_h, Bytes(16), "00"_h})) == ErrorCode::kRange);
  CHECK(code(concat({"881118"_h, Bytes(16), "00"_h})) == ErrorCode::kMalformed);
  CHECK(code(concat({"882110"_h, Bytes(32), "00"_h})) == ErrorCode::kMalformed);
  CHECK(code(concat({"8008"_h, Bytes(8), "00"_h})) == ErrorCode::kRange);
  CHECK(code(concat({"8018"_h, Bytes(24), "00"_h})) == ErrorCode::kRange);
  Bytes kcv = encoded(KeyType::kAes, 16);
  kcv[kcv.size() - 4] = 2;
  CHECK(code(kcv) == ErrorCode::kMalformed);
  DekCipher cipher = dek();
  for (const std::size_t size : {0U, 8U, 20U, 33U})
    CHECK(encode_key(cipher, KeyType::kAes, key_of(size)).error().code == ErrorCode::kRange);
  CHECK(encode_key(cipher, KeyType::kDes, key_of(32)).error().code == ErrorCode::kRange);
  for (const char* what : {"", "00", "80", "31"}) {
    CAPTURE(what);
    CHECK(!PutKeyData::parse(cipher, from_hex(what).value()));
  }
  for (const std::uint8_t version : {std::uint8_t{0x00}, std::uint8_t{0x80}, std::uint8_t{0xFF}}) {
    CHECK(PutKeyData::parse(cipher, concat({Bytes{version}, encoded(KeyType::kAes, 16)})).error().code == ErrorCode::kRange);
  }
  Bytes trailing = concat({"31"_h, encoded(KeyType::kAes, 16), "00"_h});
  CHECK(!PutKeyData::parse(cipher, trailing));
}
