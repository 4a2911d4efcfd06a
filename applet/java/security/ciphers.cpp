// SPDX-License-Identifier: Apache-2.0
// Cipher (javacardx.crypto): DES, triple DES and AES in ECB and CBC, RSA.
#include "applet/java/security/block_cipher.hpp"
#include "applet/java/security/rsa_keys.hpp"
#include "core/crypto/rsa.hpp"

namespace uicclab::applet::java {

namespace machine = jcvm::machine;
using machine::NativeCall;
using machine::Outcome;

namespace {

constexpr machine::ApiClass kCipher{kCryptoPackage, 1};
// Cells
constexpr unsigned kKey = 0;
constexpr unsigned kAlgorithm = 1;
constexpr unsigned kCipherName = 2;
constexpr unsigned kPadding = 3;
constexpr unsigned kMode = 4;

constexpr std::int8_t kDecrypt = 1;
constexpr std::int8_t kEncrypt = 2;

/// CIPHER_ constants.
enum class Name : std::int8_t { kAesCbc = 1, kAesEcb = 2, kDesCbc = 3, kDesEcb = 4, kRsa = 7 };

struct Algorithm {
  std::int8_t number;  ///< ALG_ constant
  Name name;
  Padding padding;
};
/// ISO 9796, ISO 14888, SEED, CTR, CFB, XTS and AES with larger blocks are not here.
constexpr auto kAlgorithms = std::to_array<Algorithm>({{1, Name::kDesCbc, Padding::kNone},
                                                       {2, Name::kDesCbc, Padding::kM1},
                                                       {3, Name::kDesCbc, Padding::kM2},
                                                       {4, Name::kDesCbc, Padding::kPkcs5},
                                                       {5, Name::kDesEcb, Padding::kNone},
                                                       {6, Name::kDesEcb, Padding::kM1},
                                                       {7, Name::kDesEcb, Padding::kM2},
                                                       {8, Name::kDesEcb, Padding::kPkcs5},
                                                       {10, Name::kRsa, Padding::kPkcs1},
                                                       {12, Name::kRsa, Padding::kNone},
                                                       {13, Name::kAesCbc, Padding::kNone},
                                                       {14, Name::kAesEcb, Padding::kNone},
                                                       {15, Name::kRsa, Padding::kOaep},
                                                       {22, Name::kAesCbc, Padding::kM1},
                                                       {23, Name::kAesCbc, Padding::kM2},
                                                       {24, Name::kAesCbc, Padding::kPkcs5},
                                                       {25, Name::kAesEcb, Padding::kM1},
                                                       {26, Name::kAesEcb, Padding::kM2},
                                                       {27, Name::kAesEcb, Padding::kPkcs5}});

/// PAD_PKCS1_OAEP is with SHA-1; the later constants name the hash.
std::optional<crypto::DigestName> oaep_hash(std::int8_t padding) {
  using enum crypto::DigestName;
  if (padding == static_cast<std::int8_t>(Padding::kOaep)) return kSha1;
  constexpr std::int8_t kFirst = 13;
  constexpr auto kNames =
      std::to_array<crypto::DigestName>({kSha224, kSha256, kSha384, kSha512, kSha3_224, kSha3_256, kSha3_384, kSha3_512});
  if (padding < kFirst || static_cast<std::size_t>(padding - kFirst) >= kNames.size()) return std::nullopt;
  return kNames.at(static_cast<std::size_t>(padding - kFirst));
}

std::int8_t number(NativeCall& call, unsigned cell) {
  return static_cast<std::int8_t>(call.number_in(call.self(), kCipher, cell));
}

Outcome gives(NativeCall& call, std::int8_t algorithm, std::int8_t name, std::int8_t padding) {
  const auto made = call.make(kCipher, call.caller());
  const bool done = made && call.set_number(*made, kCipher, kAlgorithm, algorithm) && call.set_number(*made, kCipher, kCipherName, name) &&
                    call.set_number(*made, kCipher, kPadding, padding);
  if (!done) return call.failed();
  session_of(call).engines()[*made] = {};
  return call.returns_reference(*made);
}

Outcome get_instance(NativeCall& call) {
  const auto found = std::ranges::find(kAlgorithms, call.byte_at(0), &Algorithm::number);
  if (found == kAlgorithms.end()) return refuse(call, CryptoReason::kNoSuchAlgorithm);
  return gives(call, found->number, static_cast<std::int8_t>(found->name), static_cast<std::int8_t>(found->padding));
}

/// The algorithm of a cipher and a padding, where there is a constant for it.
Outcome get_instance_of(NativeCall& call) {
  const std::int8_t name = call.byte_at(0);
  const std::int8_t padding = call.byte_at(1);
  const auto is_it = [&](const Algorithm& one) {
    return static_cast<std::int8_t>(one.name) == name && static_cast<std::int8_t>(one.padding) == padding;
  };
  const auto found = std::ranges::find_if(kAlgorithms, is_it);
  if (found != kAlgorithms.end()) return gives(call, found->number, name, padding);
  if (name == static_cast<std::int8_t>(Name::kRsa) && oaep_hash(padding)) return gives(call, 0, name, padding);
  return refuse(call, CryptoReason::kNoSuchAlgorithm);
}

bool is_for(Name name, KeyKind kind) {
  switch (name) {
    case Name::kDesCbc:
    case Name::kDesEcb:
      return kind == KeyKind::kDes;
    case Name::kAesCbc:
    case Name::kAesEcb:
      return kind == KeyKind::kAes;
    case Name::kRsa:
      return kind == KeyKind::kRsaPublic || kind == KeyKind::kRsaPrivate || kind == KeyKind::kRsaCrt;
  }
  return false;
}

bool chains(Name name) {
  return name == Name::kDesCbc || name == Name::kAesCbc;
}

Outcome init(NativeCall& call, std::optional<Bytes> iv) {
  const auto key = ready_key(call, 0);
  if (!key) return call.failed();
  const std::int8_t mode = call.byte_at(1);
  const auto name = static_cast<Name>(number(call, kCipherName));
  if ((mode != kEncrypt && mode != kDecrypt) || !is_for(name, key->kind())) return refuse(call, CryptoReason::kIllegalValue);
  const std::size_t block = key->kind() == KeyKind::kDes ? crypto::kDesBlockSize : crypto::kAesBlockSize;
  if (iv && (!chains(name) || iv->size() != block)) return refuse(call, CryptoReason::kIllegalValue);
  if (!call.set_reference(call.self(), kCipher, kKey, key->ref()) || !call.set_number(call.self(), kCipher, kMode, mode)) {
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

/// Empty: return failed().
std::optional<KeyObject> key_now(NativeCall& call) {
  if (number(call, kMode) == 0) {
    (void)refuse(call, CryptoReason::kInvalidInit);
    return std::nullopt;
  }
  auto key = KeyObject::of(call, call.reference_in(call.self(), kCipher, kKey));
  if (key && key->is_initialized()) return key;
  (void)refuse(call, CryptoReason::kUninitializedKey);
  return std::nullopt;
}

Outcome gives_bytes(NativeCall& call, BytesView out) {
  return call.write_array(3, call.short_at(4), out) ? call.returns(static_cast<std::int16_t>(out.size())) : call.failed();
}

Bytes apply(BlockCipher& cipher, bool chained, bool encrypts, Bytes& chain, BytesView blocks) {
  if (blocks.empty()) return {};
  if (!chained) return encrypts ? cipher.encrypt(blocks) : cipher.decrypt(blocks);
  if (chain.empty()) chain.resize(cipher.block_size());
  return encrypts ? cipher.encrypt_cbc(chain, blocks) : cipher.decrypt_cbc(chain, blocks);
}

/// The last block waits if what comes after it decides what it is: padding to take off.
Outcome update(NativeCall& call) {
  const auto given = call.read_array(0, call.short_at(1), call.short_at(2));
  if (!given) return call.failed();
  const Bytes in = to_bytes(*given);
  const auto key = key_now(call);
  if (!key) return call.failed();
  CryptoEngine& engine = engine_of(call);
  const auto name = static_cast<Name>(number(call, kCipherName));
  if (name == Name::kRsa) {
    if (engine.pending.size() + in.size() > key->bytes()) return refuse(call, CryptoReason::kIllegalUse);
    append(engine.pending, in);
    return call.returns(std::int16_t{0});
  }
  auto cipher = BlockCipher::of(*key);
  if (!cipher) return refuse(call, CryptoReason::kUninitializedKey);
  Bytes whole = engine.pending;
  append(whole, in);
  const bool encrypts = number(call, kMode) == kEncrypt;
  const bool keeps_one = !encrypts && number(call, kPadding) != static_cast<std::int8_t>(Padding::kNone);
  const std::size_t block = cipher->block_size();
  std::size_t ready = whole.size() / block * block;
  if (keeps_one && ready == whole.size() && ready > 0) ready -= block;
  if (!call.check_array(3, call.short_at(4), static_cast<std::int32_t>(ready))) return call.failed();
  const Bytes out = apply(*cipher, chains(name), encrypts, engine.iv, BytesView(whole).first(ready));
  engine.pending = to_bytes(BytesView(whole).subspan(ready));
  return gives_bytes(call, out);
}

Outcome final_block(NativeCall& call, const KeyObject& key, BytesView in) {
  CryptoEngine& engine = engine_of(call);
  auto cipher = BlockCipher::of(key);
  if (!cipher) return refuse(call, CryptoReason::kUninitializedKey);
  Bytes whole = engine.pending;
  append(whole, in);
  const auto padding = static_cast<Padding>(number(call, kPadding));
  const bool encrypts = number(call, kMode) == kEncrypt;
  if (encrypts) {
    auto all = padded(whole, cipher->block_size(), padding);
    if (!all) return refuse(call, CryptoReason::kIllegalUse);
    whole = *std::move(all);
  } else if (whole.size() % cipher->block_size() != 0) {
    return refuse(call, CryptoReason::kIllegalUse);
  }
  Bytes chain = engine.iv;
  Bytes out = apply(*cipher, chains(static_cast<Name>(number(call, kCipherName))), encrypts, chain, whole);
  if (!encrypts) {
    const auto size = unpadded(out, cipher->block_size(), padding);
    if (!size) return refuse(call, CryptoReason::kIllegalUse);
    out.resize(*size);
  }
  if (!call.check_array(3, call.short_at(4), static_cast<std::int32_t>(out.size()))) return call.failed();
  engine.restart();
  return gives_bytes(call, out);
}

std::optional<Bytes> rsa_encode(NativeCall& call, const KeyObject& key, BytesView message, std::int8_t padding) {
  const std::size_t size = key.bytes();
  if (const auto hash = oaep_hash(padding)) return crypto::rsa::pad_oaep(message, size, *hash, random_of(call));
  if (padding != static_cast<std::int8_t>(Padding::kPkcs1)) return message.size() == size ? std::optional(to_bytes(message)) : std::nullopt;
  // RFC 8017 clause 8.2 with the private key, 7.2 with the public one.
  return key.kind() == KeyKind::kRsaPublic ? crypto::rsa::pad_type_2(message, size, random_of(call))
                                           : crypto::rsa::pad_type_1(message, size);
}

std::optional<Bytes> rsa_decode(const KeyObject& key, BytesView encoded, std::int8_t padding) {
  if (const auto hash = oaep_hash(padding)) return crypto::rsa::unpad_oaep(encoded, *hash);
  if (padding != static_cast<std::int8_t>(Padding::kPkcs1)) return to_bytes(encoded);
  return key.kind() == KeyKind::kRsaPublic ? crypto::rsa::unpad_type_1(encoded) : crypto::rsa::unpad_type_2(encoded);
}

Outcome final_rsa(NativeCall& call, const KeyObject& key, BytesView in) {
  CryptoEngine& engine = engine_of(call);
  Bytes message = std::exchange(engine.pending, {});
  append(message, in);
  const std::int8_t padding = number(call, kPadding);
  const bool encrypts = number(call, kMode) == kEncrypt;
  const auto encoded = encrypts ? rsa_encode(call, key, message, padding) : std::optional(message);
  if (!encoded || encoded->size() != key.bytes()) return refuse(call, CryptoReason::kIllegalUse);
  const auto raised = rsa_power(call, key, *encoded);
  if (!raised) return refuse(call, CryptoReason::kIllegalUse);
  const auto out = encrypts ? std::optional(*raised) : rsa_decode(key, *raised, padding);
  return out ? gives_bytes(call, *out) : refuse(call, CryptoReason::kIllegalUse);
}

Outcome do_final(NativeCall& call) {
  const auto given = call.read_array(0, call.short_at(1), call.short_at(2));
  if (!given) return call.failed();
  const Bytes in = to_bytes(*given);
  const auto key = key_now(call);
  if (!key) return call.failed();
  return number(call, kCipherName) == static_cast<std::int8_t>(Name::kRsa) ? final_rsa(call, *key, in) : final_block(call, *key, in);
}

template <unsigned kCell>
Outcome get_number(NativeCall& call) {
  return call.returns(std::int16_t{number(call, kCell)});
}

Outcome nothing(NativeCall& call) {
  return call.returns();
}

constexpr auto kMethods = std::to_array<machine::NativeMethod>({
    {"Cipher", "<init>", "()V", nothing},
    {"Cipher", "getInstance", "(BZ)Ljavacardx/crypto/Cipher;", get_instance},
    {"Cipher", "getInstance", "(BBZ)Ljavacardx/crypto/Cipher;", get_instance_of},
    {"Cipher", "doFinal", "([BSS[BS)S", do_final},
    {"Cipher", "getAlgorithm", "()B", get_number<kAlgorithm>},
    {"Cipher", "init", "(Ljavacard/security/Key;B)V", init_plain},
    {"Cipher", "init", "(Ljavacard/security/Key;B[BSS)V", init_with_iv},
    {"Cipher", "update", "([BSS[BS)S", update},
    {"Cipher", "getCipherAlgorithm", "()B", get_number<kCipherName>},
    {"Cipher", "getPaddingAlgorithm", "()B", get_number<kPadding>},
});

}  // namespace

std::optional<Bytes> rsa_power(NativeCall& call, const KeyObject& key, BytesView message) {
  // About the time of as many byte codes: it grows with the square of the modulus and with the exponent.
  const std::uint64_t size = key.bytes();
  call.charge(size * size * (key.kind() == KeyKind::kRsaCrt ? size / 4 : std::uint64_t{key.part(kExponent).size()}));
  Result<Bytes> out =
      key.kind() == KeyKind::kRsaCrt
          ? crypto::rsa::crt_power({key.part(kP), key.part(kQ), key.part(kDp), key.part(kDq), key.part(kPq)}, message, key.bytes())
          : crypto::rsa::power(key.part(kModulus), key.part(kExponent), message);
  if (!out || out->size() > key.bytes()) return std::nullopt;
  // A modulus that was set shorter than the key's size
  out->insert(out->begin(), key.bytes() - out->size(), 0);
  return *std::move(out);
}

void add_ciphers(machine::NativeTable& table) {
  table.layout(kCryptoPackage, "Cipher", {.references = 1, .numbers = 4});
  table.add(kCryptoPackage, kMethods);
}

}  // namespace uicclab::applet::java
