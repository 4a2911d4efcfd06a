// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/rsa.hpp"

#include <algorithm>

#include <openssl/core_names.h>

#include "core/crypto/error.hpp"
#include "core/crypto/openssl.hpp"
#include "core/crypto/secret.hpp"
#include "core/hex.hpp"

namespace uicclab::crypto::rsa {
namespace {

Owned<BIGNUM> number(BytesView bytes) {
  Owned<BIGNUM> out(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
  if (!out) throw_openssl_error("BN_bin2bn");
  BN_set_flags(out.get(), BN_FLG_CONSTTIME);
  return out;
}

Owned<BIGNUM> number() {
  Owned<BIGNUM> out(BN_new());
  if (!out) throw_openssl_error("BN_new");
  return out;
}

Owned<BN_CTX> workspace() {
  Owned<BN_CTX> out(BN_CTX_secure_new());
  if (!out) throw_openssl_error("BN_CTX_secure_new");
  return out;
}

void must(int done, const char* call) {
  if (done != 1) throw_openssl_error(call);
}

Bytes bytes_of(const BIGNUM* value, std::size_t size) {
  Bytes out(size);
  if (BN_bn2binpad(value, out.data(), static_cast<int>(size)) < 0) throw_openssl_error("BN_bn2binpad");
  return out;
}

bool is_modulus(const BIGNUM* value) {
  constexpr int kLeast = 16;
  return BN_is_odd(value) == 1 && BN_num_bits(value) >= kLeast;
}

Owned<BIGNUM> raised(const BIGNUM* base, const BIGNUM* exponent, const BIGNUM* modulus, BN_CTX* context) {
  auto reduced = number();
  must(BN_nnmod(reduced.get(), base, modulus, context), "BN_nnmod");
  auto out = number();
  must(BN_mod_exp_mont_consttime(out.get(), reduced.get(), exponent, modulus, context, nullptr), "BN_mod_exp_mont_consttime");
  return out;
}

/// MGF1: RFC 8017 clause B.2.1.
void apply_mask(std::span<std::uint8_t> out, BytesView seed, DigestName name) {
  RunningDigest digest(name);
  std::size_t at = 0;
  for (std::uint32_t counter = 0; at < out.size(); ++counter) {
    digest.update(seed);
    digest.update(std::array{static_cast<std::uint8_t>(counter >> 24), static_cast<std::uint8_t>(counter >> 16),
                             static_cast<std::uint8_t>(counter >> 8), static_cast<std::uint8_t>(counter)});
    for (const std::uint8_t byte : digest.finish()) {
      if (at == out.size()) return;
      out[at++] ^= byte;
    }
  }
}

/// DigestInfo up to the hash: RFC 8017 clause 9.2 note 1; NIST's object identifiers for SHA-3; ISO/IEC 10118-3 for RIPEMD-160.
BytesView digest_info(DigestName name) {
  static const std::array<Bytes, 11> kPrefixes{
      *from_hex("3021300906052B0E03021A05000414"),         *from_hex("3020300C06082A864886F70D020505000410"),
      *from_hex("3021300906052B2403020105000414"),         *from_hex("302D300D06096086480165030402040500041C"),
      *from_hex("3031300D060960864801650304020105000420"), *from_hex("3041300D060960864801650304020205000430"),
      *from_hex("3051300D060960864801650304020305000440"), *from_hex("302D300D06096086480165030402070500041C"),
      *from_hex("3031300D060960864801650304020805000420"), *from_hex("3041300D060960864801650304020905000430"),
      *from_hex("3051300D060960864801650304020A05000440")};
  return kPrefixes.at(static_cast<std::size_t>(name));
}

constexpr std::size_t kLeastPadding = 8;

}  // namespace

Pair::~Pair() {
  for (Bytes* part : {&private_exponent, &p, &q, &dp, &dq, &pq}) wipe(*part);
}

Result<Bytes> power(BytesView modulus, BytesView exponent, BytesView message) {
  const auto n = number(modulus);
  const auto m = number(message);
  if (!is_modulus(n.get())) return fail(ErrorCode::kRange, "an RSA modulus is odd");
  if (BN_cmp(m.get(), n.get()) >= 0) return fail(ErrorCode::kRange, "the message is not below the modulus");
  const auto context = workspace();
  return bytes_of(raised(m.get(), number(exponent).get(), n.get(), context.get()).get(), modulus.size());
}

Result<Bytes> crt_power(const CrtView& key, BytesView message, std::size_t size) {
  const auto p = number(key.p);
  const auto q = number(key.q);
  if (!is_modulus(p.get()) || !is_modulus(q.get())) return fail(ErrorCode::kRange, "RSA primes are odd");
  const auto context = workspace();
  const auto n = number();
  must(BN_mul(n.get(), p.get(), q.get(), context.get()), "BN_mul");
  const auto m = number(message);
  if (BN_cmp(m.get(), n.get()) >= 0) return fail(ErrorCode::kRange, "the message is not below the modulus");
  if (static_cast<std::size_t>(BN_num_bytes(n.get())) > size) return fail(ErrorCode::kRange, "the primes are too long for the key");
  const auto first = raised(m.get(), number(key.dp).get(), p.get(), context.get());
  const auto second = raised(m.get(), number(key.dq).get(), q.get(), context.get());
  const auto h = number();
  must(BN_mod_sub(h.get(), first.get(), second.get(), p.get(), context.get()), "BN_mod_sub");
  must(BN_mod_mul(h.get(), h.get(), number(key.pq).get(), p.get(), context.get()), "BN_mod_mul");
  const auto out = number();
  must(BN_mul(out.get(), h.get(), q.get(), context.get()), "BN_mul");
  must(BN_add(out.get(), out.get(), second.get()), "BN_add");
  return bytes_of(out.get(), size);
}

Result<Pair> generate(unsigned bits, BytesView public_exponent) {
  constexpr std::size_t kMostExponent = 32;
  const auto e = number(public_exponent);
  if (BN_is_odd(e.get()) != 1 || BN_num_bits(e.get()) < 2 || public_exponent.size() > kMostExponent) {
    return fail(ErrorCode::kRange, "a public exponent is odd, above 1, and has at most 32 bytes");
  }
  const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  if (!context) throw_openssl_error("EVP_PKEY_CTX_new_from_name");
  must(EVP_PKEY_keygen_init(context.get()), "EVP_PKEY_keygen_init");
  std::size_t size = bits;
  Bytes exponent(static_cast<std::size_t>(BN_num_bytes(e.get())));
  must(BN_bn2nativepad(e.get(), exponent.data(), static_cast<int>(exponent.size())) < 0 ? 0 : 1, "BN_bn2nativepad");
  const std::array parameters{OSSL_PARAM_construct_size_t(OSSL_PKEY_PARAM_RSA_BITS, &size),
                              OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_E, exponent.data(), exponent.size()), OSSL_PARAM_construct_end()};
  must(EVP_PKEY_CTX_set_params(context.get(), parameters.data()), "EVP_PKEY_CTX_set_params");
  EVP_PKEY* made = nullptr;
  must(EVP_PKEY_generate(context.get(), &made), "EVP_PKEY_generate");
  const Owned<EVP_PKEY> key(made);
  const auto part = [&](const char* name, std::size_t length) {
    BIGNUM* value = nullptr;
    must(EVP_PKEY_get_bn_param(key.get(), name, &value), "EVP_PKEY_get_bn_param");
    const Owned<BIGNUM> owned(value);
    return bytes_of(value, length);
  };
  const std::size_t whole = bits / 8;
  Pair pair;
  pair.modulus = part(OSSL_PKEY_PARAM_RSA_N, whole);
  pair.public_exponent = to_bytes(public_exponent);
  pair.private_exponent = part(OSSL_PKEY_PARAM_RSA_D, whole);
  pair.p = part(OSSL_PKEY_PARAM_RSA_FACTOR1, whole / 2);
  pair.q = part(OSSL_PKEY_PARAM_RSA_FACTOR2, whole / 2);
  pair.dp = part(OSSL_PKEY_PARAM_RSA_EXPONENT1, whole / 2);
  pair.dq = part(OSSL_PKEY_PARAM_RSA_EXPONENT2, whole / 2);
  pair.pq = part(OSSL_PKEY_PARAM_RSA_COEFFICIENT1, whole / 2);
  return pair;
}

std::optional<Bytes> pad_type_1(BytesView message, std::size_t size) {
  if (message.size() + kLeastPadding + 3 > size) return std::nullopt;
  Bytes out{0, 1};
  out.resize(size - message.size() - 1, 0xFF);
  out.push_back(0);
  append(out, message);
  return out;
}

std::optional<Bytes> pad_type_2(BytesView message, std::size_t size, Random& random) {
  if (message.size() + kLeastPadding + 3 > size) return std::nullopt;
  Bytes out(size - message.size() - 1);
  random.fill(out);
  for (std::uint8_t& byte : out) {
    while (byte == 0) random.fill({&byte, 1});
  }
  out[0] = 0;
  out[1] = 2;
  out.push_back(0);
  append(out, message);
  return out;
}

namespace {

std::optional<Bytes> unpad(BytesView encoded, std::uint8_t type) {
  if (encoded.size() < kLeastPadding + 3 || encoded[0] != 0 || encoded[1] != type) return std::nullopt;
  const auto end = std::find(encoded.begin() + 2, encoded.end(), 0);
  if (end == encoded.end() || end - encoded.begin() < static_cast<std::ptrdiff_t>(2 + kLeastPadding)) return std::nullopt;
  if (type == 1 && !std::all_of(encoded.begin() + 2, end, [](std::uint8_t byte) { return byte == 0xFF; })) return std::nullopt;
  return Bytes(end + 1, encoded.end());
}

}  // namespace

std::optional<Bytes> unpad_type_1(BytesView encoded) {
  return unpad(encoded, 1);
}

std::optional<Bytes> unpad_type_2(BytesView encoded) {
  return unpad(encoded, 2);
}

std::optional<Bytes> pad_oaep(BytesView message, std::size_t size, DigestName name, Random& random) {
  const std::size_t hash = digest_size(name);
  if (message.size() + 2 * hash + 2 > size) return std::nullopt;
  Bytes out(size);
  const std::span<std::uint8_t> seed(out.data() + 1, hash);
  const std::span<std::uint8_t> block(out.data() + 1 + hash, size - 1 - hash);
  random.fill(seed);
  std::ranges::copy(digest(name, {}), block.begin());
  block[block.size() - message.size() - 1] = 1;
  std::copy(message.begin(), message.end(), block.end() - static_cast<std::ptrdiff_t>(message.size()));
  apply_mask(block, seed, name);
  apply_mask(seed, block, name);
  return out;
}

std::optional<Bytes> unpad_oaep(BytesView encoded, DigestName name) {
  const std::size_t hash = digest_size(name);
  if (encoded.size() < 2 * hash + 2) return std::nullopt;
  Bytes copy = to_bytes(encoded);
  const std::span<std::uint8_t> seed(copy.data() + 1, hash);
  const std::span<std::uint8_t> block(copy.data() + 1 + hash, copy.size() - 1 - hash);
  apply_mask(seed, block, name);
  apply_mask(block, seed, name);
  const bool right = copy[0] == 0 && constant_time_equal(digest(name, {}), BytesView(block).first(hash));
  const auto begin = block.begin() + static_cast<std::ptrdiff_t>(hash);
  const auto one = std::find_if(begin, block.end(), [](std::uint8_t byte) { return byte != 0; });
  if (!right || one == block.end() || *one != 1) return std::nullopt;
  return Bytes(one + 1, block.end());
}

std::optional<Bytes> encode_pkcs1(DigestName name, BytesView hash, std::size_t size) {
  Bytes info = to_bytes(digest_info(name));
  append(info, hash);
  return pad_type_1(info, size);
}

std::optional<Bytes> encode_pss(DigestName name, BytesView hash, std::size_t bits, Random& random) {
  const std::size_t size = (bits + 6) / 8;  // of bits - 1
  if (size < 2 * hash.size() + 2) return std::nullopt;
  Bytes salt(hash.size());
  random.fill(salt);
  RunningDigest running(name);
  running.update(std::array<std::uint8_t, 8>{});
  running.update(hash);
  running.update(salt);
  const Bytes h = running.finish();
  Bytes out(size - h.size() - 1);
  out[out.size() - salt.size() - 1] = 1;
  std::copy(salt.begin(), salt.end(), out.end() - static_cast<std::ptrdiff_t>(salt.size()));
  apply_mask(out, h, name);
  out[0] &= static_cast<std::uint8_t>(0xFF >> (8 * size - (bits - 1)));
  append(out, h);
  out.push_back(0xBC);
  return out;
}

bool verify_pss(DigestName name, BytesView hash, BytesView given, std::size_t bits) {
  const std::size_t size = (bits + 6) / 8;
  BytesView encoded = given;
  if (encoded.size() == size + 1 && encoded[0] == 0) encoded = encoded.subspan(1);
  if (encoded.size() != size || size < 2 * hash.size() + 2 || encoded.back() != 0xBC) return false;
  const BytesView h = encoded.subspan(size - 1 - hash.size(), hash.size());
  Bytes block = to_bytes(encoded.first(size - 1 - hash.size()));
  const auto mask = static_cast<std::uint8_t>(0xFF >> (8 * size - (bits - 1)));
  if ((block[0] & ~mask) != 0) return false;
  apply_mask(block, h, name);
  block[0] &= mask;
  const std::size_t one = block.size() - hash.size() - 1;
  for (std::size_t i = 0; i < one; ++i) {
    if (block[i] != 0) return false;
  }
  if (block[one] != 1) return false;
  RunningDigest running(name);
  running.update(std::array<std::uint8_t, 8>{});
  running.update(hash);
  running.update(BytesView(block).subspan(one + 1));
  return constant_time_equal(running.finish(), h);
}

}  // namespace uicclab::crypto::rsa
