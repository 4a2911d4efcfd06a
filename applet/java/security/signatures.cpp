// SPDX-License-Identifier: Apache-2.0
// Signature: MACs of DES and AES, HMAC, RSA (PKCS #1 v1.5, PSS), ECDSA.
#include "applet/java/security/block_cipher.hpp"
#include "applet/java/security/curves.hpp"
#include "applet/java/security/rsa_keys.hpp"
#include "core/crypto/rsa.hpp"

namespace uicclab::applet::java {

namespace machine = jcvm::machine;
using machine::NativeCall;
using machine::Outcome;

namespace {

constexpr machine::ApiClass kSignature{kSecurity, 15};
// Cells
constexpr unsigned kKey = 0;
constexpr unsigned kAlgorithm = 1;
constexpr unsigned kCipherName = 2;
constexpr unsigned kDigest = 3;
constexpr unsigned kPadding = 4;
constexpr unsigned kMode = 5;

constexpr std::int8_t kSign = 1;
constexpr std::int8_t kVerify = 2;

/// SIG_CIPHER_ constants.
enum class Name : std::int8_t { kDesMac4 = 1, kDesMac8 = 2, kRsa = 3, kEcdsa = 5, kAesMac = 6, kHmac = 7, kEcdsaPlain = 9, kAesCmac = 10 };

struct Algorithm {
  std::int8_t number;  ///< ALG_ constant; 0: there is none
  Name name;
  std::int8_t digest;  ///< ALG_ constant of MessageDigest
  Padding padding;

  bool operator==(const Algorithm&) const = default;
};
/// ISO 9796, RFC 2409, DSA, SEED and MACs of AES with larger blocks are not here.
constexpr auto kAlgorithms = std::to_array<Algorithm>({
    {1, Name::kDesMac4, 0, Padding::kNone},    {2, Name::kDesMac8, 0, Padding::kNone},    {3, Name::kDesMac4, 0, Padding::kM1},
    {4, Name::kDesMac8, 0, Padding::kM1},      {5, Name::kDesMac4, 0, Padding::kM2},      {6, Name::kDesMac8, 0, Padding::kM2},
    {7, Name::kDesMac4, 0, Padding::kPkcs5},   {8, Name::kDesMac8, 0, Padding::kPkcs5},   {47, Name::kDesMac4, 0, Padding::kM1Alg3},
    {48, Name::kDesMac8, 0, Padding::kM1Alg3}, {19, Name::kDesMac4, 0, Padding::kM2Alg3}, {20, Name::kDesMac8, 0, Padding::kM2Alg3},
    {18, Name::kAesMac, 0, Padding::kNone},    {49, Name::kAesCmac, 0, Padding::kNull},   {10, Name::kRsa, 1, Padding::kPkcs1},
    {11, Name::kRsa, 2, Padding::kPkcs1},      {13, Name::kRsa, 3, Padding::kPkcs1},      {39, Name::kRsa, 7, Padding::kPkcs1},
    {40, Name::kRsa, 4, Padding::kPkcs1},      {41, Name::kRsa, 5, Padding::kPkcs1},      {42, Name::kRsa, 6, Padding::kPkcs1},
    {21, Name::kRsa, 1, Padding::kPss},        {22, Name::kRsa, 2, Padding::kPss},        {23, Name::kRsa, 3, Padding::kPss},
    {43, Name::kRsa, 7, Padding::kPss},        {44, Name::kRsa, 4, Padding::kPss},        {45, Name::kRsa, 5, Padding::kPss},
    {46, Name::kRsa, 6, Padding::kPss},        {17, Name::kEcdsa, 1, Padding::kNull},     {37, Name::kEcdsa, 7, Padding::kNull},
    {33, Name::kEcdsa, 4, Padding::kNull},     {34, Name::kEcdsa, 5, Padding::kNull},     {38, Name::kEcdsa, 6, Padding::kNull},
    {24, Name::kHmac, 1, Padding::kNull},      {25, Name::kHmac, 4, Padding::kNull},      {26, Name::kHmac, 5, Padding::kNull},
    {27, Name::kHmac, 6, Padding::kNull},      {28, Name::kHmac, 2, Padding::kNull},      {29, Name::kHmac, 3, Padding::kNull},
});

bool has_digest(Name name) {
  return name == Name::kRsa || name == Name::kEcdsa || name == Name::kEcdsaPlain || name == Name::kHmac;
}

bool is_mac(Name name) {
  return name == Name::kDesMac4 || name == Name::kDesMac8 || name == Name::kAesMac || name == Name::kAesCmac;
}

std::int8_t number(NativeCall& call, unsigned cell) {
  return static_cast<std::int8_t>(call.number_in(call.self(), kSignature, cell));
}

/// What an object was made as.
Algorithm self_of(NativeCall& call) {
  return {number(call, kAlgorithm), static_cast<Name>(number(call, kCipherName)), number(call, kDigest),
          static_cast<Padding>(number(call, kPadding))};
}

Outcome gives(NativeCall& call, const Algorithm& algorithm) {
  if (has_digest(algorithm.name) && !digest_named(algorithm.digest)) return refuse(call, CryptoReason::kNoSuchAlgorithm);
  const auto made = call.make(kSignature, call.caller());
  if (!made) return call.failed();
  const std::array<std::int8_t, 4> cells{algorithm.number, static_cast<std::int8_t>(algorithm.name), algorithm.digest,
                                         static_cast<std::int8_t>(algorithm.padding)};
  for (unsigned i = 0; i < cells.size(); ++i) {
    if (!call.set_number(*made, kSignature, kAlgorithm + i, cells.at(i))) return call.failed();
  }
  session_of(call).engines()[*made] = {};
  return call.returns_reference(*made);
}

Outcome get_instance(NativeCall& call) {
  const auto found = std::ranges::find(kAlgorithms, call.byte_at(0), &Algorithm::number);
  return found == kAlgorithms.end() ? refuse(call, CryptoReason::kNoSuchAlgorithm) : gives(call, *found);
}

/// By hash, cipher and padding. Hashes that have no constant of their own (SHA-3) are here too.
Outcome get_instance_of(NativeCall& call) {
  Algorithm wanted{0, static_cast<Name>(call.byte_at(1)), call.byte_at(0), static_cast<Padding>(call.byte_at(2))};
  const auto is_it = [&](const Algorithm& one) {
    return one.name == wanted.name && one.digest == wanted.digest && one.padding == wanted.padding;
  };
  const auto found = std::ranges::find_if(kAlgorithms, is_it);
  if (found != kAlgorithms.end()) return gives(call, *found);
  const bool is_plain =
      (wanted.name == Name::kEcdsaPlain || wanted.name == Name::kEcdsa || wanted.name == Name::kHmac) && wanted.padding == Padding::kNull;
  const bool is_rsa = wanted.name == Name::kRsa && (wanted.padding == Padding::kPkcs1 || wanted.padding == Padding::kPss);
  return is_plain || is_rsa ? gives(call, wanted) : refuse(call, CryptoReason::kNoSuchAlgorithm);
}

/// Whoever signs has a private key, whoever verifies a public one.
bool is_for(const Algorithm& algorithm, const KeyObject& key, std::int8_t mode) {
  switch (algorithm.name) {
    case Name::kDesMac4:
    case Name::kDesMac8: {
      const bool is_alg3 = algorithm.padding == Padding::kM1Alg3 || algorithm.padding == Padding::kM2Alg3;
      return key.kind() == KeyKind::kDes && (!is_alg3 || key.bits() > 64);
    }
    case Name::kAesMac:
    case Name::kAesCmac:
      return key.kind() == KeyKind::kAes;
    case Name::kHmac:
      return key.kind() == KeyKind::kHmac;
    case Name::kRsa:
      return mode == kVerify ? key.kind() == KeyKind::kRsaPublic : key.kind() == KeyKind::kRsaPrivate || key.kind() == KeyKind::kRsaCrt;
    case Name::kEcdsa:
    case Name::kEcdsaPlain:
      return key.kind() == (mode == kVerify ? KeyKind::kEcPublic : KeyKind::kEcPrivate);
  }
  return false;
}

Outcome init(NativeCall& call, std::optional<Bytes> iv) {
  const auto key = ready_key(call, 0);
  if (!key) return call.failed();
  const std::int8_t mode = call.byte_at(1);
  const Algorithm algorithm = self_of(call);
  if ((mode != kSign && mode != kVerify) || !is_for(algorithm, *key, mode)) return refuse(call, CryptoReason::kIllegalValue);
  const std::size_t block = key->kind() == KeyKind::kDes ? crypto::kDesBlockSize : crypto::kAesBlockSize;
  const bool takes_iv = is_mac(algorithm.name) && algorithm.name != Name::kAesCmac;
  if (iv && (!takes_iv || iv->size() != block)) return refuse(call, CryptoReason::kIllegalValue);
  if (!call.set_reference(call.self(), kSignature, kKey, key->ref()) || !call.set_number(call.self(), kSignature, kMode, mode)) {
    return call.failed();
  }
  engine_of(call).restart();
  if (iv) engine_of(call).iv = *std::move(iv);
  return call.returns();
}

Outcome init_plain(NativeCall& call) {
  return init(call, std::nullopt);
}

Outcome init_with_iv(NativeCall& call) {
  const auto iv = call.read_array(2, call.short_at(3), call.short_at(4));
  return iv ? init(call, to_bytes(*iv)) : call.failed();
}

/// In this mode; 0: in any. Empty: return failed().
std::optional<KeyObject> key_now(NativeCall& call, std::int8_t mode) {
  const std::int8_t now = number(call, kMode);
  if (now == 0) {
    (void)refuse(call, CryptoReason::kInvalidInit);
    return std::nullopt;
  }
  if (mode != 0 && now != mode) {
    (void)refuse(call, CryptoReason::kInvalidInit);
    return std::nullopt;
  }
  auto key = KeyObject::of(call, call.reference_in(call.self(), kSignature, kKey));
  if (key && key->is_initialized()) return key;
  (void)refuse(call, CryptoReason::kUninitializedKey);
  return std::nullopt;
}

/// MACs chain with the first part of a key alone if the last block is treated apart (ISO/IEC 9797-1 algorithm 3).
BlockCipher mac_cipher(const Algorithm& algorithm, const KeyObject& key) {
  const bool is_alg3 = algorithm.padding == Padding::kM1Alg3 || algorithm.padding == Padding::kM2Alg3;
  if (is_alg3) return BlockCipher::single_des(key.part(kSecretPart).first(crypto::kDesBlockSize));
  auto cipher = BlockCipher::of(key);
  if (!cipher) throw SystemError("a MAC with a key of no block cipher");
  return *std::move(cipher);
}

/// The last whole block waits: it may be the end.
void take(NativeCall& call, const KeyObject& key, BytesView bytes) {
  CryptoEngine& engine = engine_of(call);
  const Algorithm algorithm = self_of(call);
  call.charge(bytes.size());
  if (algorithm.name == Name::kHmac) {
    if (!engine.hmac) engine.hmac.emplace(*digest_named(algorithm.digest), key.part(kSecretPart));
    engine.hmac->update(bytes);
    return;
  }
  if (has_digest(algorithm.name)) {
    if (!engine.digest) engine.digest.emplace(*digest_named(algorithm.digest));
    engine.digest->update(bytes);
    return;
  }
  append(engine.pending, bytes);
  auto cipher = mac_cipher(algorithm, key);
  const std::size_t block = cipher.block_size();
  if (engine.pending.size() <= block) return;
  if (engine.iv.empty()) engine.iv.resize(block);
  const std::size_t ready = (engine.pending.size() - 1) / block * block;
  (void)cipher.encrypt_cbc(engine.iv, BytesView(engine.pending).first(ready));
  engine.pending.erase(engine.pending.begin(), engine.pending.begin() + static_cast<std::ptrdiff_t>(ready));
}

/// NIST SP 800-38B clause 6.1: doubled in GF(2^128).
Bytes doubled(BytesView block) {
  Bytes out = to_bytes(block);
  const bool carry = (out[0] & 0x80) != 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<std::uint8_t>(out[i] << 1 | (i + 1 < out.size() ? out[i + 1] >> 7 : 0));
  }
  if (carry) out.back() ^= 0x87;
  return out;
}

/// Nothing: no whole block, and no padding.
std::optional<Bytes> finish_mac(NativeCall& call, const Algorithm& algorithm, const KeyObject& key) {
  CryptoEngine& engine = engine_of(call);
  auto cipher = mac_cipher(algorithm, key);
  const std::size_t block = cipher.block_size();
  if (engine.iv.empty()) engine.iv.resize(block);
  if (algorithm.name == Name::kAesCmac) {
    const bool whole = engine.pending.size() == block;
    const Bytes first = doubled(cipher.encrypt(Bytes(block)));
    Bytes last = whole ? engine.pending : *padded(engine.pending, block, Padding::kM2);
    const Bytes mask = whole ? first : doubled(first);
    for (std::size_t i = 0; i < block; ++i) last[i] ^= mask[i];
    return cipher.encrypt_cbc(engine.iv, last);
  }
  auto last = padded(engine.pending, block, algorithm.padding);
  if (!last) return std::nullopt;
  // Method 1 pads an empty message to a block (ISO/IEC 9797-1 clause 6.3.2); without padding nothing was signed.
  if (last->empty() && (algorithm.padding == Padding::kM1 || algorithm.padding == Padding::kM1Alg3)) last->resize(block);
  if (last->empty()) return std::nullopt;
  (void)cipher.encrypt_cbc(engine.iv, *last);
  Bytes mac = engine.iv;
  if (algorithm.padding == Padding::kM1Alg3 || algorithm.padding == Padding::kM2Alg3) {
    const BytesView all = key.part(kSecretPart);
    mac = BlockCipher::single_des(all.subspan(block, block)).decrypt(mac);
    mac = BlockCipher::single_des(all.last(block).data() == all.data() + block ? all.first(block) : all.last(block)).encrypt(mac);
  }
  if (algorithm.name == Name::kDesMac4) mac.resize(4);
  return mac;
}

/// Signature of a hash. Nothing: the key is no such key, or too short.
std::optional<Bytes> sign_hash(NativeCall& call, const Algorithm& algorithm, const KeyObject& key, BytesView hash) {
  if (algorithm.name == Name::kRsa) {
    const crypto::DigestName name = *digest_named(algorithm.digest);
    auto encoded = algorithm.padding == Padding::kPss ? crypto::rsa::encode_pss(name, hash, key.bits(), random_of(call))
                                                      : crypto::rsa::encode_pkcs1(name, hash, key.bytes());
    return encoded ? rsa_power(call, key, *encoded) : std::nullopt;
  }
  const auto parameters = curve_parameters(key);
  const auto curve = parameters ? crypto::PrimeCurve::from(*parameters) : fail(ErrorCode::kRange, "");
  if (!curve) return std::nullopt;
  charge_curve(call, *curve);
  const auto plain = curve->sign(hash, key.part(kPoint), random_of(call));
  if (!plain) return std::nullopt;
  return algorithm.name == Name::kEcdsaPlain ? *plain : crypto::ecdsa_to_der(*plain);
}

bool verify_hash(NativeCall& call, const Algorithm& algorithm, const KeyObject& key, BytesView hash, BytesView signature) {
  if (algorithm.name == Name::kRsa) {
    if (signature.size() != key.bytes()) return false;
    const auto encoded = rsa_power(call, key, signature);
    if (!encoded) return false;
    const crypto::DigestName name = *digest_named(algorithm.digest);
    if (algorithm.padding == Padding::kPss) return crypto::rsa::verify_pss(name, hash, *encoded, key.bits());
    const auto right = crypto::rsa::encode_pkcs1(name, hash, key.bytes());
    return right && crypto::constant_time_equal(*right, *encoded);
  }
  const auto parameters = curve_parameters(key);
  const auto curve = parameters ? crypto::PrimeCurve::from(*parameters) : fail(ErrorCode::kRange, "");
  if (!curve) return false;
  charge_curve(call, *curve);
  std::optional<crypto::EcdsaValue> value;
  if (algorithm.name == Name::kEcdsa) {
    value = crypto::ecdsa_from_der(signature);
  } else if (signature.size() == 2 * curve->order_size()) {
    value = crypto::EcdsaValue{to_bytes(signature.first(curve->order_size())), to_bytes(signature.subspan(curve->order_size()))};
  }
  return value && curve->verify(hash, value->r, value->s, key.part(kPoint));
}

Bytes hash_now(NativeCall& call, const Algorithm& algorithm) {
  auto& digest = engine_of(call).digest;
  if (!digest) digest.emplace(*digest_named(algorithm.digest));
  return digest->finish();
}

/// A MAC or signature of what was taken. Nothing: see finish_mac() and sign_hash().
std::optional<Bytes> finish(NativeCall& call, const KeyObject& key) {
  const Algorithm algorithm = self_of(call);
  if (algorithm.name == Name::kHmac) return engine_of(call).hmac->finish();
  if (is_mac(algorithm.name)) return finish_mac(call, algorithm, key);
  return sign_hash(call, algorithm, key, hash_now(call, algorithm));
}

Outcome update(NativeCall& call) {
  const auto given = call.read_array(0, call.short_at(1), call.short_at(2));
  if (!given) return call.failed();
  const Bytes in = to_bytes(*given);
  const auto key = key_now(call, 0);
  if (!key) return call.failed();
  take(call, *key, in);
  return call.returns();
}

Outcome gives_bytes(NativeCall& call, const std::optional<Bytes>& out) {
  engine_of(call).restart();
  if (!out) return refuse(call, CryptoReason::kIllegalUse);
  return call.write_array(3, call.short_at(4), *out) ? call.returns(static_cast<std::int16_t>(out->size())) : call.failed();
}

Outcome sign(NativeCall& call) {
  const auto given = call.read_array(0, call.short_at(1), call.short_at(2));
  if (!given) return call.failed();
  const Bytes in = to_bytes(*given);
  const auto key = key_now(call, kSign);
  if (!key) return call.failed();
  take(call, *key, in);
  return gives_bytes(call, finish(call, *key));
}

Outcome verify(NativeCall& call) {
  const auto given = call.read_array(0, call.short_at(1), call.short_at(2));
  if (!given) return call.failed();
  const Bytes in = to_bytes(*given);
  const auto told = call.read_array(3, call.short_at(4), call.short_at(5));
  if (!told) return call.failed();
  const Bytes signature = to_bytes(*told);
  const auto key = key_now(call, kVerify);
  if (!key) return call.failed();
  take(call, *key, in);
  const Algorithm algorithm = self_of(call);
  bool right = false;
  if (algorithm.name == Name::kHmac || is_mac(algorithm.name)) {
    const auto mac = finish(call, *key);
    if (!mac) return gives_bytes(call, std::nullopt);
    right = crypto::constant_time_equal(*mac, signature);
  } else {
    right = verify_hash(call, algorithm, *key, hash_now(call, algorithm), signature);
  }
  engine_of(call).restart();
  return call.returns(boolean(right));
}

// A hash that the applet has computed itself; of nothing else.

std::optional<Bytes> hash_at(NativeCall& call) {
  const auto given = call.read_array(0, call.short_at(1), call.short_at(2));
  if (!given) return std::nullopt;
  const Algorithm algorithm = self_of(call);
  const bool has = has_digest(algorithm.name) && algorithm.name != Name::kHmac;
  if (has && given->size() == crypto::digest_size(*digest_named(algorithm.digest))) return to_bytes(*given);
  (void)refuse(call, CryptoReason::kIllegalUse);
  return std::nullopt;
}

Outcome sign_given(NativeCall& call) {
  const auto key = key_now(call, kSign);
  if (!key) return call.failed();
  const auto hash = hash_at(call);
  return hash ? gives_bytes(call, sign_hash(call, self_of(call), *key, *hash)) : call.failed();
}

Outcome verify_given(NativeCall& call) {
  const auto key = key_now(call, kVerify);
  if (!key) return call.failed();
  const auto hash = hash_at(call);
  if (!hash) return call.failed();
  const auto told = call.read_array(3, call.short_at(4), call.short_at(5));
  if (!told) return call.failed();
  const Bytes signature = to_bytes(*told);
  engine_of(call).restart();
  return call.returns(boolean(verify_hash(call, self_of(call), *key, *hash, signature)));
}

/// Of ECDSA: at most.
Outcome get_length(NativeCall& call) {
  const auto key = key_now(call, 0);
  if (!key) return call.failed();
  constexpr std::int16_t kDer = 8;
  switch (const Algorithm algorithm = self_of(call); algorithm.name) {
    case Name::kDesMac4:
      return call.returns(std::int16_t{4});
    case Name::kDesMac8:
      return call.returns(std::int16_t{8});
    case Name::kAesMac:
    case Name::kAesCmac:
      return call.returns(std::int16_t{16});
    case Name::kHmac:
      return call.returns(static_cast<std::int16_t>(crypto::digest_size(*digest_named(algorithm.digest))));
    case Name::kRsa:
      return call.returns(static_cast<std::int16_t>(key->bytes()));
    case Name::kEcdsa:
      return call.returns(static_cast<std::int16_t>(2 * key->part(kR).size() + (key->bits() > 440 ? kDer + 1 : kDer)));
    case Name::kEcdsaPlain:
      return call.returns(static_cast<std::int16_t>(2 * key->part(kR).size()));
  }
  return refuse(call, CryptoReason::kInvalidInit);
}

template <unsigned kCell>
Outcome get_number(NativeCall& call) {
  return call.returns(std::int16_t{number(call, kCell)});
}

Outcome nothing(NativeCall& call) {
  return call.returns();
}

/// The state of a hash cannot be set.
Outcome no_initial_digest(NativeCall& call) {
  return refuse(call, CryptoReason::kIllegalUse);
}

constexpr auto kMethods = std::to_array<machine::NativeMethod>({
    {"Signature", "<init>", "()V", nothing},
    {"Signature", "getInstance", "(BZ)Ljavacard/security/Signature;", get_instance},
    {"Signature", "getInstance", "(BBBZ)Ljavacard/security/Signature;", get_instance_of},
    {"Signature", "getAlgorithm", "()B", get_number<kAlgorithm>},
    {"Signature", "getLength", "()S", get_length},
    {"Signature", "init", "(Ljavacard/security/Key;B)V", init_plain},
    {"Signature", "init", "(Ljavacard/security/Key;B[BSS)V", init_with_iv},
    {"Signature", "sign", "([BSS[BS)S", sign},
    {"Signature", "update", "([BSS)V", update},
    {"Signature", "verify", "([BSS[BSS)Z", verify},
    {"Signature", "setInitialDigest", "([BSS[BSS)V", no_initial_digest},
    {"Signature", "signPreComputedHash", "([BSS[BS)S", sign_given},
    {"Signature", "verifyPreComputedHash", "([BSS[BSS)Z", verify_given},
    {"Signature", "getMessageDigestAlgorithm", "()B", get_number<kDigest>},
    {"Signature", "getCipherAlgorithm", "()B", get_number<kCipherName>},
    {"Signature", "getPaddingAlgorithm", "()B", get_number<kPadding>},
});

}  // namespace

void add_signatures(machine::NativeTable& table) {
  table.layout(kSecurity, "Signature", {.references = 1, .numbers = 5});
  table.add(kSecurity, kMethods);
}

}  // namespace uicclab::applet::java
