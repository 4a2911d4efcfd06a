// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/session_keys.hpp"

#include <bit>

#include <doctest/doctest.h>

#include "core/crypto/gba.hpp"
#include "core/crypto/milenage.hpp"
#include "gba/identity.hpp"

using namespace uicclab;
using namespace uicclab::lwm2m;
using crypto::SecretBytes;

namespace {

constexpr crypto::ExposeSecret kLook{"a test compares it"};

SecretBytes secret(BytesView bytes) {
  return SecretBytes(bytes);
}
DmKeys both(BytesView bytes) {
  return {SecretBytes(bytes), SecretBytes(bytes)};
}

}  // namespace

TEST_CASE("From a Milenage challenge to DMBEK and DMBIK (TS 33.220 B.3, OMA DM 2.0 9.3.1.3)") {
  // TS 35.208 test set 1; the keys behind it computed with two other implementations (Python hashlib, OpenSSL's program).
  auto milenage = *crypto::Milenage::from(secret("465B5CE8B199B49FAA5F0A2EE238A6BC"_h), secret("CD63CB71954A9F4E48A5994E37A02BAF"_h));
  const crypto::Rand rand = "23553CBE9637A89D218AE64DAE47BF35"_h;
  const crypto::F2345 vector = milenage.f2345(rand);
  const SecretBytes ks = crypto::gba_ks(vector.ck, vector.ik);
  const auto impi = as_bytes("001010123456789@ims.mnc001.mcc001.3gppnetwork.org");
  const Bytes naf_id = gba::naf_id_of("dm.example.com", {0x03, 0x00, 0x00, 0x00, 0x04});
  const SecretBytes external = crypto::naf_key(ks, crypto::NafKey::kExternal, rand, impi, naf_id);
  CHECK(external.equals("BF30D6E985771DAA00290835328460385CA3F04D36FDD5F3F65D1B6A7F87F956"_h));
  CHECK(crypto::naf_key(ks, crypto::NafKey::kInternal, rand, impi, naf_id)
            .equals("7E7D8DC5DE6801F9D25D7BA817FF799B0095935BCDC9215776482AC256A1AB89"_h));
  CHECK(equal(crypto::gba_mac_mask(vector.ik), "C6E0C5CE26E01DF7"_h));

  const DmKeys keys = derive_dm_keys(external);
  CHECK(keys.dmbek.equals("137D404484ED7C8B1DBFF5AF3C197B1E82060F0BE49204B056CBC887795734EC"_h));
  CHECK(keys.dmbik.equals("1EBB402B778D4572324860FB1826D1A1F43A94F230510D745C00078BEDC26D40"_h));
  CHECK_FALSE(derive_dm_keys(external, {0x02, "dm-bek", "dm-bik"}).dmbek == keys.dmbek);
  // The labels as the clause prints them.
  CHECK(derive_dm_keys(external, {0x01, "dmbek", "dmbik"})
            .dmbek.equals("E113A9ED1DF8F350FEBB01C42987A4CCBDBCA9CC97770FEFEC2DF1FF4780DBE7"_h));

  const auto aes = truncate(keys, SmsAlgorithm::kAes128);
  REQUIRE(aes);
  CHECK(aes->kic.equals("137D404484ED7C8B1DBFF5AF3C197B1E"_h));
  CHECK(aes->kid.equals("1EBB402B778D4572324860FB1826D1A1"_h));
  const auto des = truncate(keys, SmsAlgorithm::kTripleDes3);
  REQUIRE(des);
  CHECK(des->kic.size() == 24);
  CHECK(des->kid.size() == key_size(SmsAlgorithm::kTripleDes3));
}

TEST_CASE("Triple DES keys: 168 bits in their order, a parity bit after each seven (SMS session-key CR 7.2.2.1)") {
  // A bit at each place in turn lands at its own place.
  for (std::size_t bit = 0; bit < 168; ++bit) {
    Bytes bits(21);
    bits[bit / 8] = static_cast<std::uint8_t>(0x80 >> (bit % 8));
    const SecretBytes key = with_parity(secret(bits));
    REQUIRE(key.size() == 24);
    const BytesView bytes = key.expose(kLook);
    for (std::size_t i = 0; i < 24; ++i) {
      CHECK(std::popcount(bytes[i]) % 2 == 1);
      CHECK((bytes[i] >> 1) == (i == bit / 7 ? 0x40 >> (bit % 7) : 0));
    }
  }
  CHECK(with_parity(secret("FFFFFFFFFFFFFF"_h)).equals("FEFEFEFEFEFEFEFE"_h));
  CHECK_THROWS_AS(with_parity(secret("FFFFFFFFFFFF"_h)), SystemError);
}

TEST_CASE("Keys that are too short or no triple DES are refused (SMS session-key CR 7.2.2.1, LwM2M 1.0 7.2.2.3)") {
  CHECK(truncate(both(Bytes(15, 1)), SmsAlgorithm::kAes128).error().code == ErrorCode::kRange);
  CHECK(truncate(both(Bytes(20, 1)), SmsAlgorithm::kTripleDes3).error().code == ErrorCode::kRange);
  CHECK(truncate(both(Bytes(16, 1)), SmsAlgorithm::kAes128));
  const Bytes a(7, 0x11), b(7, 0x22), c(7, 0x33);
  CHECK(truncate(both(concat({a, b, c})), SmsAlgorithm::kTripleDes3));
  CHECK(truncate(both(concat({a, b, a})), SmsAlgorithm::kTripleDes3));  // K1 = K3 is two-key triple DES, not refused by the rule
  CHECK(truncate(both(concat({a, a, b})), SmsAlgorithm::kTripleDes3).error().code == ErrorCode::kRefused);
  CHECK(truncate(both(concat({b, a, a})), SmsAlgorithm::kTripleDes3).error().code == ErrorCode::kRefused);
  DmKeys second_bad{SecretBytes(concat({a, b, c})), SecretBytes(concat({b, a, a}))};
  CHECK(truncate(second_bad, SmsAlgorithm::kTripleDes3).error().code == ErrorCode::kRefused);
  CHECK(has_equal_des_keys(secret("0000000000000000 0101010101010101 1111111111111111"_h)));  // the same but for parity
  CHECK_FALSE(has_equal_des_keys(secret("00000000000000000000000000000000"_h)));
}

TEST_CASE("SMS key parameters in 6 and 7 bytes, SMS keys in one and two (LwM2M E.1.2)") {
  const SmsBinding binding{0x12, 0x12, 0x16, 0x00, {0xB2, 0x02, 0x03}};
  CHECK(equal(encode_binding(binding), "121216B20203"_h));
  CHECK(parse_binding("121216B20203"_h) == binding);
  CHECK(parse_binding("12121621B20203"_h)->spi2 == 0x21);
  for (std::size_t size : {0U, 5U, 8U}) CHECK_FALSE(parse_binding(Bytes(size)));
  const Bytes keys = concat({Bytes(16, 1), Bytes(16, 2)});
  CHECK(parse_sms_keys(keys)->kic.equals(Bytes(16, 1)));
  CHECK(parse_sms_keys(keys)->kid.equals(Bytes(16, 2)));
  CHECK(parse_sms_keys(Bytes(16, 3))->kid.equals(Bytes(16, 3)));
  CHECK(parse_sms_keys(Bytes(48, 3))->kic.size() == 24);
  for (std::size_t size : {0U, 8U, 15U, 17U, 24U, 33U, 64U}) CHECK_FALSE(parse_sms_keys(Bytes(size)));
}
