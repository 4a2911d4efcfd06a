// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/raw_key.hpp"

namespace uicclab::lwm2m {
namespace {

// SubjectPublicKeyInfo of a compressed point, and ECPrivateKey (RFC 5915) of a scalar, both on P-256, before and behind the 32 bytes.
constexpr auto kSpkiBefore = "3039301306072A8648CE3D020106082A8648CE3D03010703220002"_h;
constexpr auto kScalarBefore = "30310201010420"_h;
constexpr auto kScalarAfter = "A00A06082A8648CE3D030107"_h;
// The same with the public key behind it, which GnuTLS does not work without.
constexpr auto kPairBefore = "30770201010420"_h;
constexpr auto kPairAfter = "A00A06082A8648CE3D030107A144034200"_h;
constexpr std::size_t kPointSize = 65;

constexpr bool is_short(BytesView stored) {
  return stored.size() == kRawKeySize;
}

}  // namespace

Result<crypto::PublicKey> read_raw_public_key(BytesView stored) {
  if (!is_short(stored)) return crypto::PublicKey::from_der(stored);
  auto key = crypto::PublicKey::from_der(concat({kSpkiBefore, stored}));
  if (!key) return fail(ErrorCode::kMalformed, "32 bytes that are not an x coordinate of P-256");
  return key;
}

Result<crypto::PrivateKey> read_raw_private_key(BytesView stored) {
  if (!is_short(stored)) return crypto::PrivateKey::from_der(stored);
  const auto key_of = [&](BytesView before, BytesView after, BytesView point) {
    crypto::WipedBytes der;
    der.reserve(before.size() + stored.size() + after.size() + point.size());
    for (const BytesView part : {before, stored, after, point}) der.insert(der.end(), part.begin(), part.end());
    return crypto::PrivateKey::from_der(der);
  };
  const auto alone = key_of(kScalarBefore, kScalarAfter, {});
  if (!alone) return fail(ErrorCode::kMalformed, "32 bytes that are not a private key of P-256");
  const Bytes spki = alone->public_key().der();
  if (spki.size() < kPointSize) return fail(ErrorCode::kMalformed, "32 bytes that are not a private key of P-256: it has no public key");
  return key_of(kPairBefore, kPairAfter, BytesView(spki).last(kPointSize));
}

bool same_raw_key(BytesView stored, const crypto::PublicKey& shown) {
  if (!is_short(stored)) {
    const auto key = crypto::PublicKey::from_der(stored);
    return key && *key == shown;
  }
  const auto x = raw_public_key(shown);
  return x && equal(*x, stored);
}

Result<Bytes> raw_public_key(const crypto::PublicKey& key) {
  if (key.kind() != crypto::KeyKind::kP256) return fail(ErrorCode::kUnsupported, "only keys of P-256 have a form of 32 bytes");
  const Bytes point = key.point();
  return Bytes(point.begin() + 1, point.end());
}

Result<crypto::SecretBytes> raw_private_key(const crypto::PrivateKey& key) {
  if (key.kind() != crypto::KeyKind::kP256) return fail(ErrorCode::kUnsupported, "only keys of P-256 have a form of 32 bytes");
  return key.scalar();
}

}  // namespace uicclab::lwm2m
