// SPDX-License-Identifier: Apache-2.0
// The data field of PUT KEY: GlobalPlatform Card Specification v2.3.1 clause 11.8.2.3; AES keys and their protection: Amd D clauses
// 6.2.8 and 7.2. Which key lies under which identifier, and asymmetric keys, are the security domain's business.
#pragma once

#include <vector>

#include "core/reader.hpp"
#include "scp03/key_cipher.hpp"
#include "scp03/key_derivation.hpp"

namespace uicclab::scp03 {

/// Key type codings (GlobalPlatform Card Specification table 11-16).
enum class KeyType : std::uint8_t { kDes = 0x80, kAes = 0x88 };

/// One symmetric key on its way.
struct TransportedKey {
  KeyType type = KeyType::kAes;
  crypto::SecretBytes key;  ///< AES 16, 24 or 32 bytes; DES 16 or 24
  KeyCheckValue check_value{};
};

/// One key data field: type, length, ciphered key (an AES key after its clear length), key check value of 3 bytes. A key that is not
/// whole blocks is padded with zeros. Errors: kRange for a key length that its type does not have.
Result<Bytes> encode_key(KeyCipher& cipher, KeyType type, const crypto::SecretBytes& key);

/// Reads one key data field, deciphers the key and checks it if a key check value is there (the clause lets it be empty). A key of whole
/// blocks comes with its clear length in front or without; the padding of another may be anything.
/// Errors, with the offset: kTruncated, kUnsupported (type), kRange (length), kMalformed, kMismatch (key check value).
Result<TransportedKey> parse_key(KeyCipher& cipher, ByteReader& reader);

/// New key version and the keys of a PUT KEY command.
struct PutKeyData {
  KeyVersion version;
  std::vector<TransportedKey> keys;

  /// The whole data field, to its end. Errors: as parse_key(); kRange for a version that is not 01 to 7F.
  static Result<PutKeyData> parse(KeyCipher& cipher, BytesView data);
  /// What the card answers: the version and the check values (GlobalPlatform Card Specification clause 11.8.3.1).
  Bytes answer() const;
};

/// The data field that brings the three keys of `keys` under its version.
Bytes encode_key_set(KeyCipher& cipher, const KeySet& keys);

}  // namespace uicclab::scp03
