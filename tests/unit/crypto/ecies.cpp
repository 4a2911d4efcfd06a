// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/ecies.hpp"

#include <doctest/doctest.h>

#include "core/crypto/error.hpp"
#include "core/crypto/hash.hpp"
#include "core/crypto/key_agreement.hpp"
#include "tests/support/vector_file.hpp"

using namespace uicclab;
using namespace uicclab::crypto;

namespace {

constexpr ExposeSecret kTest{"a test compares it"};

/// Gives the bytes that it was made with, in turn; then zeros.
class ListedRandom final : public Random {
 public:
  explicit ListedRandom(Bytes bytes) : m_bytes(std::move(bytes)) {}
  void fill(std::span<std::uint8_t> out) override {
    for (std::uint8_t& byte : out) byte = m_at < m_bytes.size() ? m_bytes[m_at++] : 0;
  }

 private:
  Bytes m_bytes;
  std::size_t m_at = 0;
};

EciesProfile profile_of(const test::VectorSet& v) {
  return v.text("profile") == "A" ? EciesProfile::kA : EciesProfile::kB;
}

constexpr auto kOrderOfP256 = "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551"_h;

}  // namespace

TEST_CASE("SUCI: TS 33.501 annex C.4, profiles A and B, every value on the way") {
  const auto sets = test::load_vectors("suci_ecies.txt");
  CHECK(sets.size() == 2);
  for (const auto& v : sets) {
    CAPTURE(v.place());
    const EciesProfile profile = profile_of(v);
    const Curve curve = profile == EciesProfile::kA ? Curve::kX25519 : Curve::kP256;
    const SecretBytes home(v.bytes("home_private"));
    const SecretBytes ephemeral(v.bytes("ephemeral_private"));
    CHECK(to_hex(ecies_public_key(profile, home).value()) == to_hex(v.bytes("home_public")));
    CHECK(to_hex(public_key_of(curve, ephemeral).value()) == to_hex(v.bytes("ephemeral_public")));
    const SecretBytes z = shared_secret(curve, ephemeral, v.bytes("home_public")).value();
    CHECK(to_hex(z.expose(kTest)) == to_hex(v.bytes("shared")));
    CHECK(z == shared_secret(curve, home, v.bytes("ephemeral_public")).value());
    CHECK(to_hex(x963_kdf_sha256(z, v.bytes("ephemeral_public"), 64).expose(kTest)) ==
          to_hex(concat({v.bytes("encryption_key"), v.bytes("counter"), v.bytes("mac_key")})));

    ListedRandom random(v.bytes("ephemeral_private"));
    CHECK(to_hex(ecies_protect(profile, v.bytes("home_public"), v.bytes("plain"), random).value()) == to_hex(v.bytes("scheme_output")));
    CHECK(to_hex(ecies_deprotect(profile, home, v.bytes("scheme_output")).value()) == to_hex(v.bytes("plain")));
  }
}

TEST_CASE("SUCI: an uncompressed home network key gives the same as its compressed form (profile B)") {
  // The point of annex C.4.4 in both forms; y as computed from x.
  const auto compressed = "0272DA71976234CE833A6907425867B82E074D44EF907DFB4B3E21C1C2256EBCD1"_h;
  const auto uncompressed =
      "0472DA71976234CE833A6907425867B82E074D44EF907DFB4B3E21C1C2256EBCD15A7DED52FCBB097A4ED250E036C7B9C8C7004C4EEDC4F068CD7BF8D3F900E3B4"_h;
  SeededRandom first(1);
  SeededRandom second(1);
  CHECK(ecies_protect(EciesProfile::kB, compressed, "00"_h, first).value() ==
        ecies_protect(EciesProfile::kB, uncompressed, "00"_h, second).value());
}

TEST_CASE("SUCI: every changed byte of a scheme output is refused, and every shorter one") {
  for (const auto& v : test::load_vectors("suci_ecies.txt")) {
    CAPTURE(v.place());
    const EciesProfile profile = profile_of(v);
    const SecretBytes home(v.bytes("home_private"));
    const Bytes good = v.bytes("scheme_output");
    for (std::size_t i = 0; i < good.size(); ++i) {
      Bytes bad = good;
      bad[i] ^= 0x01;
      const auto plain = ecies_deprotect(profile, home, bad);
      REQUIRE_FALSE(plain.has_value());
      CHECK((plain.error().code == ErrorCode::kMismatch || plain.error().code == ErrorCode::kMalformed));
    }
    const std::size_t least = v.bytes("ephemeral_public").size() + 8;
    for (std::size_t size = 0; size < good.size(); ++size) {
      const auto plain = ecies_deprotect(profile, home, BytesView(good).first(size));
      REQUIRE_FALSE(plain.has_value());
      CHECK(plain.error().code == (size < least ? ErrorCode::kTruncated : ErrorCode::kMismatch));
    }
  }
}

TEST_CASE("SUCI: plaintexts of every length come back, the empty one too") {
  SeededRandom random(7);
  for (const EciesProfile profile : {EciesProfile::kA, EciesProfile::kB}) {
    const SecretBytes home("0102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20"_h);
    const Bytes home_public = ecies_public_key(profile, home).value();
    for (std::size_t size : {0U, 1U, 5U, 16U, 17U, 100U}) {
      Bytes plain(size);
      random.fill(plain);
      const Bytes output = ecies_protect(profile, home_public, plain, random).value();
      CHECK(output.size() == (profile == EciesProfile::kA ? 32U : 33U) + size + 8);
      CHECK(ecies_deprotect(profile, home, output).value() == plain);
    }
  }
}

TEST_CASE("SUCI: an invalid public key is refused") {
  SeededRandom random(1);
  const auto protect = [&](EciesProfile profile, BytesView key) { return ecies_protect(profile, key, "00"_h, random).error().code; };
  CHECK(protect(EciesProfile::kA, {}) == ErrorCode::kMalformed);
  CHECK(protect(EciesProfile::kA, Bytes(31, 9)) == ErrorCode::kMalformed);
  CHECK(protect(EciesProfile::kA, Bytes(33, 9)) == ErrorCode::kMalformed);
  CHECK(protect(EciesProfile::kA, Bytes(32, 0)) == ErrorCode::kMalformed);  // of order 1: the secret would be zero (RFC 7748 clause 6.1)
  CHECK(protect(EciesProfile::kB, {}) == ErrorCode::kMalformed);
  CHECK(protect(EciesProfile::kB, "00"_h) == ErrorCode::kMalformed);  // the point at infinity
  CHECK(protect(EciesProfile::kB, Bytes(32, 2)) == ErrorCode::kMalformed);
  CHECK(protect(EciesProfile::kB, Bytes(33, 5)) == ErrorCode::kMalformed);  // no such form
  Bytes off_curve(65, 1);
  off_curve[0] = 0x04;
  CHECK(protect(EciesProfile::kB, off_curve) == ErrorCode::kMalformed);
  Bytes too_large(33, 0xFF);
  too_large[0] = 0x02;
  CHECK(protect(EciesProfile::kB, too_large) == ErrorCode::kMalformed);
}

TEST_CASE("SUCI: an invalid private key is refused; the random source is asked again") {
  const Bytes zeros(32, 0);
  CHECK(ecies_public_key(EciesProfile::kB, SecretBytes(zeros)).error().code == ErrorCode::kRange);
  CHECK(ecies_public_key(EciesProfile::kB, SecretBytes(kOrderOfP256)).error().code == ErrorCode::kRange);
  CHECK(ecies_public_key(EciesProfile::kA, SecretBytes(Bytes(31, 1))).error().code == ErrorCode::kRange);
  CHECK(ecies_public_key(EciesProfile::kB, SecretBytes(Bytes(33, 1))).error().code == ErrorCode::kRange);
  CHECK(ecies_deprotect(EciesProfile::kB, SecretBytes(kOrderOfP256), Bytes(50, 2)).error().code == ErrorCode::kRange);

  const auto v = test::load_vectors("suci_ecies.txt").at(1);
  ListedRandom second_is_good(concat({kOrderOfP256, v.bytes("ephemeral_private")}));
  CHECK(ecies_protect(EciesProfile::kB, v.bytes("home_public"), v.bytes("plain"), second_is_good).value() == v.bytes("scheme_output"));
  ListedRandom broken({});
  CHECK_THROWS_AS(ecies_protect(EciesProfile::kB, v.bytes("home_public"), {}, broken), CryptoError);
}
