// SPDX-License-Identifier: Apache-2.0
// The MCIM object: 3GPP TR 33.812 clause 5.1.3.7.3.3, "PK_D(PIK|PCK) | ENC_PCK(data) | MAC_PIK(ENC_PCK(data))" with
// data = tag | payload_length | payload | version | filling_data. The clause gives neither widths nor algorithms for certain: they are
// ours, docs/formats/mcim.md.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "core/crypto/public_key.hpp"
#include "core/environment.hpp"

namespace uicclab::mcim {

/// How an object is protected. The numbers are those of the header, which kLiteral does not have.
enum class Suite : std::uint8_t {
  kSeed = 1,    ///< what the clause names: RSA, AES-128-CBC, HMAC-SHA1
  kRsa = 2,     ///< RSAES-OAEP, AES-128-CBC, HMAC-SHA-256
  kCms = 3,     ///< CMS AuthEnvelopedData, AES-128-GCM
  kP256 = 4,    ///< ECDH on P-256, AES-128-CBC, HMAC-SHA-256
  kLiteral = 5  ///< the clause's own form, octet for octet: no header, HMAC-SHA1 over the cipher text alone
};

/// What the payload is.
enum class Tag : std::uint8_t { kMcim = 1, kAlgorithm = 2, kUpdate = 3, kToken = 4 };

/// kKept: the object has no such field, and the device keeps what it has.
enum class Algorithm : std::uint8_t { kKept = 0, kMilenage = 1, kTuak = 2, kXor = 3 };

using Nonce = std::array<std::uint8_t, 16>;

/// What an object brings to a device: a subscription, or by its tag a part of one. What is empty is not in the object.
struct Subscription {
  Tag tag = Tag::kMcim;
  Nonce nonce{};  ///< of the device's registration
  std::string imsi;
  crypto::SecretBytes ki;  ///< 16 bytes; TUAK also 32
  Algorithm algorithm = Algorithm::kMilenage;
  crypto::SecretBytes opc;    ///< OPc (16 bytes) or TOPc (32); none for XOR
  std::string target;         ///< device or TRE identifier; empty: any
  crypto::SecretBytes token;  ///< that authorizes the provisioning of this device; may be empty
  std::optional<std::chrono::sys_seconds> not_after;
  Bytes constants;                ///< of the algorithm, if not the default ones (docs/formats/mcim.md)
  crypto::SecretBytes new_token;  ///< kToken: what later objects must carry
  std::uint8_t mnc_digits = 0;    ///< 2 or 3: EF_AD and the ISIM's identities follow the IMSI; 0: they stay
};

/// What is protected: `data` of the clause.
struct Data {
  Tag tag = Tag::kMcim;
  crypto::WipedBytes payload;
  std::uint16_t version = 0;
};

/// What no device takes: fields that the tag does not allow or needs, keys that do not fit the algorithm. Errors: kRefused, in words.
Result<void> check(const Subscription& subscription);

/// Payload by the subscription's tag. Throws SystemError for one that check() refuses.
crypto::WipedBytes encode_subscription(const Subscription& subscription);
/// Errors: kMalformed, kTruncated; kRefused by check().
Result<Subscription> parse_subscription(BytesView payload, Tag tag = Tag::kMcim);

/// tag | payload_length | payload | version, zeros up to whole blocks of 16.
crypto::WipedBytes encode_data(const Data& data);
/// Errors: kMalformed, also for filling that is longer than it must be or not zero; kTruncated.
Result<Data> parse_data(BytesView bytes);

/// For this device. kSeed and kRsa need an RSA key, kP256 one on P-256, kLiteral any of them; kCms goes by wrap_cms(). Errors:
/// kUnsupported.
Result<Bytes> wrap(const Data& data, const crypto::PublicKey& device, Suite suite, Random& random);
/// The suite that fits the key: kRsa or kP256. Errors: kUnsupported.
Result<Suite> default_suite(const crypto::PublicKey& device);
/// For the key of a certificate. Errors: as crypto::cms_encrypt().
Result<Bytes> wrap_cms(const Data& data, BytesView certificate);

/// It begins as the objects with a header do; one in the literal form does not.
bool has_header(BytesView object);

/// What can be seen of an object with a header, without a key.
struct Outline {
  Suite suite = Suite::kRsa;
  std::size_t key_block = 0;       ///< bytes of PK_D(PIK|PCK)
  std::size_t protected_data = 0;  ///< bytes after it
};
/// Errors: kTruncated, kTrailing, kMalformed, kUnsupported.
Result<Outline> inspect(BytesView object);

/// Errors: kRefused with the same text for every error, after as much work.
Result<Data> open(BytesView object, const crypto::PrivateKey& key, Random& random);
/// The same for the literal form. It says nothing of how it was made, so a device opens it only if it was told to. Errors: as open().
Result<Data> open_literal(BytesView object, const crypto::PrivateKey& key, Random& random);

}  // namespace uicclab::mcim
