// SPDX-License-Identifier: Apache-2.0
#include "mcim/object.hpp"

#include <algorithm>

#include "core/crypto/aes.hpp"
#include "core/crypto/hash.hpp"
#include "core/crypto/key_agreement.hpp"
#include "core/reader.hpp"

namespace uicclab::mcim {
namespace {

using crypto::SecretBytes;

constexpr auto kMagic = "4D43494D"_h;  // "MCIM"
constexpr std::uint8_t kFormat = 0x01;
constexpr std::size_t kHeaderSize = 12;
constexpr std::string_view kLabel = "uicclab-mcim";
constexpr std::size_t kPckSize = 16;
constexpr std::size_t kPointSize = 33;

bool is_suite(std::uint8_t number) {
  return number >= 1 && number <= 4;
}
bool has_sha1(Suite suite) {
  return suite == Suite::kSeed || suite == Suite::kLiteral;
}
bool fits(Suite suite, crypto::KeyKind kind) {
  const bool rsa = kind == crypto::KeyKind::kRsa && suite != Suite::kP256;
  const bool p256 = kind == crypto::KeyKind::kP256 && (suite == Suite::kP256 || suite == Suite::kLiteral);
  return suite != Suite::kCms && (rsa || p256);
}
/// Of OAEP and of the key derivation. Another one for the literal form: its keys are never those of an object with a header.
std::string_view label_of(Suite suite) {
  return suite == Suite::kLiteral ? "" : kLabel;
}
/// Bytes of PIK, and of the MAC that is made with it.
std::size_t mac_size(Suite suite) {
  return has_sha1(suite) ? sizeof(crypto::Sha1Digest) : sizeof(crypto::Sha256Digest);
}

Bytes header(Suite suite, std::size_t key_block, std::size_t protected_data) {
  return ByteWriter()
      .bytes(kMagic)
      .u8(kFormat)
      .u8(static_cast<std::uint8_t>(suite))
      .u16(static_cast<std::uint16_t>(key_block))
      .u32(static_cast<std::uint32_t>(protected_data))
      .take();
}

/// PIK and PCK, in this order in one secret.
struct Keys {
  SecretBytes both;
  std::size_t pik_size;

  SecretBytes pik() const { return both.part(0, pik_size); }
  crypto::AesKey pck() const { return *crypto::AesKey::from(both.part(pik_size, kPckSize)); }
};
std::size_t keys_size(Suite suite) {
  return mac_size(suite) + kPckSize;
}
Keys random_keys(Suite suite, Random& random) {
  return {SecretBytes::make(keys_size(suite), [&](std::span<std::uint8_t> out) { random.fill(out); }), mac_size(suite)};
}

Bytes mac_of(Suite suite, const Keys& keys, std::initializer_list<BytesView> parts) {
  if (has_sha1(suite)) return to_bytes(crypto::hmac_sha1(keys.pik(), parts));
  return to_bytes(crypto::hmac_sha256(keys.pik(), parts));
}

/// PIK|PCK from the shared point of ECDH.
Result<SecretBytes> agree(Suite suite, const SecretBytes& own, BytesView theirs, BytesView ephemeral) {
  auto z = crypto::shared_secret(crypto::Curve::kP256, own, theirs);
  if (!z) return z;
  return crypto::x963_kdf_sha256(*z, concat({as_bytes(label_of(suite)), ephemeral}), keys_size(suite));
}

/// Fills `keys`, gives the key block. Errors: kUnsupported.
Result<Bytes> protect_keys(Suite suite, const crypto::PublicKey& device, Random& random, Keys& keys) {
  if (device.kind() == crypto::KeyKind::kRsa) return device.oaep_encrypt(keys.both, label_of(suite));
  // A scalar out of range, one in 2^32, is drawn again.
  while (true) {
    const SecretBytes scalar = SecretBytes::make(32, [&](std::span<std::uint8_t> out) { random.fill(out); });
    const auto point = crypto::public_key_of(crypto::Curve::kP256, scalar);
    if (!point) continue;
    auto both = agree(suite, scalar, device.point(), *point);
    if (!both) return tl::unexpected(both.error());
    keys.both = *std::move(both);
    return *point;
  }
}

tl::unexpected<Error> refused() {
  return fail(ErrorCode::kRefused, "MCIM object refused");
}

/// PIK and PCK of an object. An invalid key block gives random keys, so that only the MAC shows the error (PKCS #1 clause 7.1.2, note).
Keys recover_keys(Suite suite, BytesView key_block, const crypto::PrivateKey& key, Random& random) {
  Keys keys = random_keys(suite, random);
  if (!fits(suite, key.kind())) return keys;
  if (key.kind() == crypto::KeyKind::kRsa) {
    if (auto both = key.oaep_decrypt(key_block, label_of(suite), keys_size(suite))) keys.both = *std::move(both);
    return keys;
  }
  auto both = key_block.size() == kPointSize ? agree(suite, key.scalar(), key_block, key_block) : Result<SecretBytes>(refused());
  if (both) {
    keys.both = *std::move(both);
  } else {
    (void)agree(suite, key.scalar(), key.public_key().point(), key_block);  // no point: as much work
  }
  return keys;
}

/// The data behind a MAC over `covered`, of which `cipher` is the last part. Deciphered also if it is not authentic, so that both take the
/// same time; nothing of it is looked at then.
Result<Data> check_and_decipher(Suite suite, const Keys& keys, BytesView covered, BytesView mac, crypto::Bytes16 iv, BytesView cipher) {
  const bool authentic = crypto::constant_time_equal(mac_of(suite, keys, {covered}), mac);
  auto plain = crypto::AesCbc(keys.pck()).decrypt(iv, cipher);
  if (!plain) return refused();
  const crypto::WipedBytes wiped = crypto::to_wiped(*plain);
  crypto::wipe(*plain);
  if (!authentic) return refused();
  auto data = parse_data(wiped);
  if (!data) return refused();
  return data;
}

/// PK_D(PIK|PCK) | ENC_PCK(data) | MAC_PIK(ENC_PCK(data)). PCK enciphers nothing else, so the IV is zero.
Bytes literal_form(BytesView key_block, const Keys& keys, BytesView plain) {
  const Bytes cipher = crypto::AesCbc(keys.pck()).encrypt(crypto::Bytes16{}, plain);
  return concat({key_block, cipher, mac_of(Suite::kLiteral, keys, {cipher})});
}

}  // namespace

Result<Suite> default_suite(const crypto::PublicKey& device) {
  if (device.kind() == crypto::KeyKind::kRsa) return Suite::kRsa;
  if (device.kind() == crypto::KeyKind::kP256) return Suite::kP256;
  return fail(ErrorCode::kUnsupported, "a device's key is RSA or P-256");
}

Result<Bytes> wrap(const Data& data, const crypto::PublicKey& device, Suite suite, Random& random) {
  if (!fits(suite, device.kind())) return fail(ErrorCode::kUnsupported, "the suite does not fit the device's key");
  Keys keys = random_keys(suite, random);
  auto key_block = protect_keys(suite, device, random, keys);
  if (!key_block) return key_block;
  const crypto::WipedBytes plain = encode_data(data);
  if (suite == Suite::kLiteral) {
    // One that begins with the magic, one in 2^32, would be taken for an object with a header.
    return equal(BytesView(*key_block).first(kMagic.size()), kMagic) ? wrap(data, device, suite, random)
                                                                     : literal_form(*key_block, keys, plain);
  }
  crypto::Bytes16 iv;
  random.fill(iv);
  const Bytes cipher = crypto::AesCbc(keys.pck()).encrypt(iv, plain);
  const Bytes head = header(suite, key_block->size(), iv.size() + cipher.size() + mac_size(suite));
  return concat({head, *key_block, iv, cipher, mac_of(suite, keys, {head, *key_block, iv, cipher})});
}

Result<Bytes> wrap_cms(const Data& data, BytesView certificate) {
  auto cms = crypto::cms_encrypt(encode_data(data), certificate);
  if (!cms) return cms;
  return concat({header(Suite::kCms, 0, cms->size()), *cms});
}

bool has_header(BytesView object) {
  return object.size() >= kMagic.size() && equal(object.first(kMagic.size()), kMagic);
}

Result<Outline> inspect(BytesView object) {
  ByteReader reader(object);
  const auto magic = reader.bytes(kMagic.size());
  const auto format = reader.u8();
  const auto suite = reader.u8();
  const auto key_block = reader.u16();
  const auto protected_data = reader.u32();
  if (!protected_data) return fail(ErrorCode::kTruncated, "an MCIM object has at least 12 bytes");
  if (!equal(*magic, kMagic)) return fail(ErrorCode::kMalformed, "not an MCIM object");
  if (*format != kFormat || !is_suite(*suite)) return fail(ErrorCode::kUnsupported, "another format or suite", kMagic.size());
  const std::size_t size = std::size_t{*key_block} + *protected_data;
  if (reader.remaining() < size) return fail(ErrorCode::kTruncated, "the object is shorter than its length fields", kHeaderSize);
  if (reader.remaining() > size) return fail(ErrorCode::kTrailing, "unexpected bytes after the object", kHeaderSize + size);
  return Outline{static_cast<Suite>(*suite), *key_block, *protected_data};
}

Result<Data> open(BytesView object, const crypto::PrivateKey& key, Random& random) {
  const auto outline = inspect(object);
  if (!outline) return refused();
  if (outline->suite == Suite::kCms) {
    if (outline->key_block != 0) return refused();
    const auto plain = crypto::cms_decrypt(object.subspan(kHeaderSize), key);
    if (!plain) return refused();
    auto data = parse_data(*plain);
    if (!data) return refused();
    return data;
  }
  const std::size_t mac = mac_size(outline->suite);
  if (outline->protected_data < crypto::kAesBlockSize + mac) return refused();
  const Keys keys = recover_keys(outline->suite, object.subspan(kHeaderSize, outline->key_block), key, random);
  const BytesView covered = object.first(object.size() - mac);
  const BytesView protected_data = covered.subspan(kHeaderSize + outline->key_block);
  crypto::Bytes16 iv;
  std::ranges::copy(protected_data.first(iv.size()), iv.begin());
  return check_and_decipher(outline->suite, keys, covered, object.last(mac), iv, protected_data.subspan(iv.size()));
}

Result<Data> open_literal(BytesView object, const crypto::PrivateKey& key, Random& random) {
  if (!fits(Suite::kLiteral, key.kind())) return refused();
  const std::size_t key_block =
      key.kind() == crypto::KeyKind::kRsa ? static_cast<std::size_t>(key.public_key().bits() + 7) / 8 : kPointSize;
  const std::size_t mac = mac_size(Suite::kLiteral);
  if (object.size() < key_block + crypto::kAesBlockSize + mac) return refused();
  const Keys keys = recover_keys(Suite::kLiteral, object.first(key_block), key, random);
  const BytesView cipher = object.subspan(key_block, object.size() - key_block - mac);
  return check_and_decipher(Suite::kLiteral, keys, cipher, object.last(mac), crypto::Bytes16{}, cipher);
}

}  // namespace uicclab::mcim
