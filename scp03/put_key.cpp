// SPDX-License-Identifier: Apache-2.0
#include "scp03/put_key.hpp"

namespace uicclab::scp03 {
namespace {

bool has_length(KeyType type, std::size_t size) {
  return size == 16 || size == 24 || (type == KeyType::kAes && size == 32);
}

KeyCheckValue check_value(KeyType type, const crypto::SecretBytes& key) {
  return type == KeyType::kAes ? key_check_value(crypto::AesKey::from(key.clone()).value())
                               : key_check_value(crypto::DesKey::from(key.clone()).value());
}

/// Deciphered key bytes that are wiped when they go.
struct WipedBytes {
  Bytes bytes;
  ~WipedBytes() { crypto::wipe(bytes); }
};

}  // namespace

Result<Bytes> encode_key(KeyCipher& cipher, KeyType type, const crypto::SecretBytes& key) {
  if (!has_length(type, key.size())) return fail(ErrorCode::kRange, "a key of a length that its type does not have");
  const BytesView bytes = key.expose(crypto::ExposeSecret{"ciphered for PUT KEY"});
  WipedBytes plain{to_bytes(bytes)};
  const std::size_t block = cipher.block_size();
  plain.bytes.resize((bytes.size() + block - 1) / block * block);
  const Bytes ciphered = cipher.encrypt(plain.bytes);
  ByteWriter out;
  out.u8(static_cast<std::uint8_t>(type));
  if (type == KeyType::kAes) {  // Amd D clause 7.2: the clear length separates key from padding
    out.u8(static_cast<std::uint8_t>(ciphered.size() + 1)).u8(static_cast<std::uint8_t>(key.size())).bytes(ciphered);
  } else {
    out.lv(ciphered);
  }
  return out.lv(check_value(type, key)).take();
}

Result<TransportedKey> parse_key(KeyCipher& cipher, ByteReader& reader) {
  const std::size_t start = reader.offset();
  const auto type_byte = reader.u8();
  if (!type_byte) return fail(ErrorCode::kTruncated, "no key type", start);
  if (*type_byte != static_cast<std::uint8_t>(KeyType::kAes) && *type_byte != static_cast<std::uint8_t>(KeyType::kDes)) {
    return fail(ErrorCode::kUnsupported, "a key type that is neither AES nor DES", start);
  }
  const auto type = static_cast<KeyType>(*type_byte);
  auto field = reader.lv();
  if (!field) return fail(ErrorCode::kTruncated, "the key ends too early", reader.offset());
  // Whole blocks are the key alone; anything else begins with the clear length (GlobalPlatform Card Specification tables 11-70, 11-71).
  const std::size_t block = cipher.block_size();
  std::size_t size = field->size();
  if (size % block != 0) {
    size = field->front();
    field = field->subspan(1);
  }
  if (type == KeyType::kDes && size == 32) size = 24;  // three DES keys padded to AES blocks
  const std::size_t padded = (size + block - 1) / block * block;
  if (!has_length(type, size)) return fail(ErrorCode::kRange, "a key of a length that its type does not have", start);
  if (field->size() != padded)
    return fail(ErrorCode::kMalformed, "the length of the ciphered key must be a multiple of the block size", start);
  auto deciphered = cipher.decrypt(*field);
  if (!deciphered) return tl::unexpected(deciphered.error());
  const WipedBytes plain{*std::move(deciphered)};
  const auto expected = reader.lv();
  if (!expected) return fail(ErrorCode::kTruncated, "the key check value ends too early", reader.offset());
  if (!expected->empty() && expected->size() != 3) {
    return fail(ErrorCode::kMalformed, "a key check value must have three bytes or be empty", reader.offset());
  }
  TransportedKey out{type, crypto::SecretBytes(BytesView(plain.bytes).first(size)), {}};
  out.check_value = check_value(type, out.key);
  if (!expected->empty() && !crypto::constant_time_equal(*expected, out.check_value)) {
    return fail(ErrorCode::kMismatch, "key check value", start);
  }
  return out;
}

Result<PutKeyData> PutKeyData::parse(KeyCipher& cipher, BytesView data) {
  ByteReader reader(data);
  const auto version = reader.u8();
  if (!version) return fail(ErrorCode::kTruncated, "no key version");
  if (*version < 0x01 || *version > 0x7F) return fail(ErrorCode::kRange, "the key version is not 01 to 7F");
  PutKeyData out{KeyVersion{*version}, {}};
  do {
    auto key = parse_key(cipher, reader);
    if (!key) return tl::unexpected(key.error());
    out.keys.push_back(*std::move(key));
  } while (!reader.empty());
  return out;
}

Bytes PutKeyData::answer() const {
  Bytes out{version.value};
  for (const TransportedKey& key : keys) append(out, key.check_value);
  return out;
}

Bytes encode_key_set(KeyCipher& cipher, const KeySet& keys) {
  Bytes out{keys.version.value};
  for (const crypto::AesKey* key : {&keys.enc, &keys.mac, &keys.dek}) append(out, encode_key(cipher, KeyType::kAes, key->secret()).value());
  return out;
}

}  // namespace uicclab::scp03
