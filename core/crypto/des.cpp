// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/des.hpp"

#include "core/crypto/error.hpp"

namespace uicclab::crypto {
namespace {

CipherContext& keyed(CipherContext& context, CipherName name, const DesKey& key, Direction direction) {
  if (!context.has_key()) context.set_key(name, key.expanded(), direction);
  return context;
}

bool whole_blocks(BytesView bytes) {
  return bytes.size() % kDesBlockSize == 0;
}

}  // namespace

Result<DesKey> DesKey::from(SecretBytes key) {
  if (key.size() != 8 && key.size() != 16 && key.size() != 24) {
    return fail(ErrorCode::kRange, "a DES key has 8, 16 or 24 bytes, not " + std::to_string(key.size()));
  }
  return DesKey(std::move(key));
}

SecretBytes DesKey::expanded() const {
  const BytesView key = m_key.expose(ExposeSecret{"written three times, or with K3 = K1, into another secret"});
  return SecretBytes::make(24, [&](std::span<std::uint8_t> out) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = key[i % key.size()];
  });
}

Bytes Des::ecb_encrypt(BytesView plain) {
  Bytes out(plain.size());
  ecb_encrypt(plain, out);
  return out;
}

void Des::ecb_encrypt(BytesView plain, std::span<std::uint8_t> out) {
  if (!whole_blocks(plain)) throw CryptoError("DES: a part of a block");
  keyed(m_ecb_encrypt, CipherName::kTdesEcb, m_key, Direction::kEncrypt).update(plain, out);
}

Bytes Des::cbc_encrypt(View8 iv, BytesView plain) {
  Bytes out(plain.size());
  cbc_encrypt(iv, plain, out);
  return out;
}

void Des::cbc_encrypt(View8 iv, BytesView plain, std::span<std::uint8_t> out) {
  if (!whole_blocks(plain)) throw CryptoError("DES: a part of a block");
  CipherContext& context = keyed(m_cbc_encrypt, CipherName::kTdesCbc, m_key, Direction::kEncrypt);
  context.set_iv(iv);
  context.update(plain, out);
}

Result<Bytes> Des::ecb_decrypt(BytesView cipher) {
  Bytes out(cipher.size());
  if (auto done = ecb_decrypt(cipher, out); !done) return tl::unexpected(done.error());
  return out;
}

Result<void> Des::ecb_decrypt(BytesView cipher, std::span<std::uint8_t> out) {
  if (!whole_blocks(cipher)) return fail(ErrorCode::kMalformed, "DES-ECB: not a number of whole blocks", cipher.size());
  keyed(m_ecb_decrypt, CipherName::kTdesEcb, m_key, Direction::kDecrypt).update(cipher, out);
  return {};
}

Result<Bytes> Des::cbc_decrypt(View8 iv, BytesView cipher) {
  Bytes out(cipher.size());
  if (auto done = cbc_decrypt(iv, cipher, out); !done) return tl::unexpected(done.error());
  return out;
}

Result<void> Des::cbc_decrypt(View8 iv, BytesView cipher, std::span<std::uint8_t> out) {
  if (!whole_blocks(cipher)) return fail(ErrorCode::kMalformed, "DES-CBC: not a number of whole blocks", cipher.size());
  CipherContext& context = keyed(m_cbc_decrypt, CipherName::kTdesCbc, m_key, Direction::kDecrypt);
  context.set_iv(iv);
  context.update(cipher, out);
  return {};
}

Bytes8 Des::mac(View8 iv, std::initializer_list<BytesView> parts, MacPadding padding) {
  Bytes message = concat(parts);
  if (padding == MacPadding::k80) message.push_back(0x80);
  // ISO/IEC 9797-1 clause 6.3.2: method 1 pads an empty string to one block.
  if (padding != MacPadding::kNone) message.resize(std::max(kDesBlockSize, (message.size() + 7) / kDesBlockSize * kDesBlockSize));
  if (message.empty() || !whole_blocks(message)) throw CryptoError("DES: a MAC is over whole blocks");
  CipherContext& context = keyed(m_cbc_encrypt, CipherName::kTdesCbc, m_key, Direction::kEncrypt);
  context.set_iv(iv);
  context.update(message, message);
  Bytes8 mac;
  std::copy_n(message.end() - kDesBlockSize, kDesBlockSize, mac.begin());
  return mac;
}

Result<RetailMac> RetailMac::from(const SecretBytes& key) {
  if (key.size() != 16) return fail(ErrorCode::kRange, "a retail MAC key has 16 bytes, not " + std::to_string(key.size()));
  return RetailMac(DesKey::from(key.part(0, 8)).value(), DesKey::from(key.part(8, 8)).value());
}

Bytes8 RetailMac::compute(View8 iv, std::initializer_list<BytesView> parts, MacPadding padding) {
  const Bytes8 last = m_first.mac(iv, parts, padding);
  const Bytes middle = m_second.ecb_decrypt(last).value();
  const Bytes out = m_first.ecb_encrypt(middle);
  Bytes8 mac{};
  std::ranges::copy(out, mac.begin());
  return mac;
}

}  // namespace uicclab::crypto
