// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/hash.hpp"

#include <doctest/doctest.h>

#include "core/crypto/error.hpp"
#include "tests/support/vector_file.hpp"

using namespace uicclab;
using namespace uicclab::crypto;

TEST_CASE("SHA-1 and SHA-2 of FIPS 180-4 appendix examples") {
  CHECK(to_hex(sha1({as_bytes("abc")})) == "A9993E364706816ABA3E25717850C26C9CD0D89D");
  CHECK(to_hex(sha1({})) == "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709");
  CHECK(to_hex(sha256({as_bytes("a"), {}, as_bytes("bc")})) == "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD");
  CHECK(to_hex(sha256({})) == "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855");
  CHECK(to_hex(sha384({as_bytes("a"), as_bytes("bc")})) ==
        "CB00753F45A35E8BB5A03D699AC65007272C32AB0EDED163"
        "1A8B605A43FF5BED8086072BA1E7CC2358BAECA134C825A7");
  CHECK(to_hex(sha512({as_bytes("abc")})) ==
        "DDAF35A193617ABACC417349AE20413112E6FA4E89A97EA20A9EEEE64B55D39A"
        "2192992A274FC1A836BA3C23A3FEEBBD454D4423643CE80E2A9AC94FA54CA49F");
}

TEST_CASE("HMAC of RFC 4231 and RFC 2202") {
  for (const auto& v : test::load_vectors("hmac.txt")) {
    CAPTURE(v.place());
    const SecretBytes key(v.bytes("key"));
    const Bytes message = v.bytes("message");
    const BytesView head = BytesView(message).first(3);
    const BytesView tail = BytesView(message).subspan(3);
    if (v.text("hash") == "SHA-256") {
      CHECK(to_hex(hmac_sha256(key, {head, tail})) == to_hex(v.bytes("mac")));
    } else {
      REQUIRE(v.text("hash") == "SHA-1");
      CHECK(to_hex(hmac_sha1(key, {head, tail})) == to_hex(v.bytes("mac")));
    }
  }
}

TEST_CASE("the 3GPP key derivation gives Ks_ext_NAF and Ks_int_NAF (TS 33.220 annexes B.2 and B.3)") {
  for (const auto& v : test::load_vectors("kdf_3gpp.txt")) {
    CAPTURE(v.place());
    const SecretBytes ks(v.bytes("ks"));
    const auto derived = [&](std::string_view p0) {
      return kdf_3gpp(ks, 0x01, {as_bytes(p0), v.bytes("rand"), v.bytes("impi"), v.bytes("naf_id")});
    };
    CHECK(derived("gba-me").equals(v.bytes("ks_ext_naf")));
    CHECK(derived("gba-u").equals(v.bytes("ks_int_naf")));
    CHECK_FALSE(derived("gba-").equals(v.bytes("ks_int_naf")));
  }
}

TEST_CASE("KDFs refuse inputs too long for their length fields") {
  const SecretBytes key("00"_h);
  const Bytes longest(0xFFFF, 0);
  const Bytes too_long(0x10000, 0);
  CHECK(kdf_3gpp(key, 0x01, {longest}).size() == 32);
  CHECK_THROWS_AS(kdf_3gpp(key, 0x01, {too_long}), CryptoError);
  CHECK(x963_kdf_sha256(key, {}, 64).size() == 64);
  CHECK_THROWS_AS(x963_kdf_sha256(key, {}, 65), CryptoError);
}
