// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/key_agreement.hpp"

#include <memory>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>

#include "core/crypto/error.hpp"
#include "core/crypto/openssl.hpp"

namespace uicclab::crypto {
namespace {

constexpr std::size_t kKeySize = 32;
constexpr ExposeSecret kMultiply{"OpenSSL multiplies a point with it"};

template <typename T>
Owned<T> owned(T* pointer, const char* call) {
  if (pointer == nullptr) throw_openssl_error(call);
  return Owned<T>(pointer);
}

tl::unexpected<Error> bad_private_key() {
  ERR_clear_error();
  return fail(ErrorCode::kRange, "no private key of this curve");
}
tl::unexpected<Error> bad_public_key() {
  ERR_clear_error();
  return fail(ErrorCode::kMalformed, "no public key of this curve");
}

// X25519: every 32 bytes are a private key and a public key; only public keys of small order are refused, by their zero result.

Owned<EVP_PKEY> x25519_private(const SecretBytes& key) {
  const BytesView bytes = key.expose(kMultiply);
  return owned(EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, bytes.data(), bytes.size()), "EVP_PKEY_new_raw_private_key");
}

Bytes x25519_public_key(const SecretBytes& private_key) {
  const auto key = x25519_private(private_key);
  Bytes out(kKeySize);
  std::size_t size = out.size();
  if (EVP_PKEY_get_raw_public_key(key.get(), out.data(), &size) != 1) throw_openssl_error("EVP_PKEY_get_raw_public_key");
  return out;
}

Result<SecretBytes> x25519_shared(const SecretBytes& private_key, BytesView public_key) {
  if (public_key.size() != kKeySize) return bad_public_key();
  const auto ours = x25519_private(private_key);
  const auto theirs =
      owned(EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, public_key.data(), public_key.size()), "EVP_PKEY_new_raw_public_key");
  const auto context = owned(EVP_PKEY_CTX_new_from_pkey(nullptr, ours.get(), nullptr), "EVP_PKEY_CTX_new_from_pkey");
  if (EVP_PKEY_derive_init(context.get()) != 1 || EVP_PKEY_derive_set_peer(context.get(), theirs.get()) != 1) {
    throw_openssl_error("EVP_PKEY_derive_set_peer");
  }
  bool good = false;
  auto z = SecretBytes::make(kKeySize, [&](std::span<std::uint8_t> out) {
    std::size_t size = out.size();
    good = EVP_PKEY_derive(context.get(), out.data(), &size) == 1;
  });
  if (!good) return bad_public_key();
  return z;
}

// P-256: on points, because a private key comes without its public one and a public one in either form.

struct P256 {
  Owned<EC_GROUP> group = owned(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1), "EC_GROUP_new_by_curve_name");
  Owned<BN_CTX> scratch = owned(BN_CTX_secure_new(), "BN_CTX_secure_new");

  Owned<EC_POINT> point() const { return owned(EC_POINT_new(group.get()), "EC_POINT_new"); }
  /// Nothing if it is not 1 to n - 1.
  Owned<BIGNUM> scalar(const SecretBytes& key) const {
    const BytesView bytes = key.expose(kMultiply);
    auto number = owned(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr), "BN_bin2bn");
    BN_set_flags(number.get(), BN_FLG_CONSTTIME);
    if (BN_is_zero(number.get()) || BN_cmp(number.get(), EC_GROUP_get0_order(group.get())) >= 0) number.reset();
    return number;
  }
};

Result<Bytes> p256_public_key(const SecretBytes& private_key) {
  const P256 curve;
  const auto scalar = curve.scalar(private_key);
  if (!scalar) return bad_private_key();
  const auto point = curve.point();
  if (EC_POINT_mul(curve.group.get(), point.get(), scalar.get(), nullptr, nullptr, curve.scratch.get()) != 1) {
    throw_openssl_error("EC_POINT_mul");
  }
  Bytes out(kKeySize + 1);
  if (EC_POINT_point2oct(curve.group.get(), point.get(), POINT_CONVERSION_COMPRESSED, out.data(), out.size(), curve.scratch.get()) !=
      out.size()) {
    throw_openssl_error("EC_POINT_point2oct");
  }
  return out;
}

Result<SecretBytes> p256_shared(const SecretBytes& private_key, BytesView public_key) {
  const P256 curve;
  const auto scalar = curve.scalar(private_key);
  if (!scalar) return bad_private_key();
  const auto point = curve.point();
  // SEC 1 clause 2.3.4; OpenSSL refuses what does not lie on the curve.
  const bool compressed = public_key.size() == kKeySize + 1 && (public_key[0] == 0x02 || public_key[0] == 0x03);
  const bool uncompressed = public_key.size() == 2 * kKeySize + 1 && public_key[0] == 0x04;
  if ((!compressed && !uncompressed) ||
      EC_POINT_oct2point(curve.group.get(), point.get(), public_key.data(), public_key.size(), curve.scratch.get()) != 1) {
    return bad_public_key();
  }
  const auto product = curve.point();
  if (EC_POINT_mul(curve.group.get(), product.get(), nullptr, point.get(), scalar.get(), curve.scratch.get()) != 1) {
    throw_openssl_error("EC_POINT_mul");
  }
  const auto x = owned(BN_secure_new(), "BN_secure_new");
  if (EC_POINT_get_affine_coordinates(curve.group.get(), product.get(), x.get(), nullptr, curve.scratch.get()) != 1) {
    throw_openssl_error("EC_POINT_get_affine_coordinates");
  }
  return SecretBytes::make(kKeySize, [&](std::span<std::uint8_t> out) {
    if (BN_bn2binpad(x.get(), out.data(), static_cast<int>(out.size())) < 0) throw_openssl_error("BN_bn2binpad");
  });
}

}  // namespace

Result<Bytes> public_key_of(Curve curve, const SecretBytes& private_key) {
  if (private_key.size() != kKeySize) return bad_private_key();
  if (curve == Curve::kX25519) return x25519_public_key(private_key);
  return p256_public_key(private_key);
}

Result<SecretBytes> shared_secret(Curve curve, const SecretBytes& private_key, BytesView public_key) {
  if (private_key.size() != kKeySize) return bad_private_key();
  return curve == Curve::kX25519 ? x25519_shared(private_key, public_key) : p256_shared(private_key, public_key);
}

}  // namespace uicclab::crypto
