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

/// How an object is protected.
enum class Suite : std::uint8_t {
  kSeed = 1,  ///< what the clause names: RSA, AES-128-CBC, HMAC-SHA1
  kRsa = 2,   ///< RSAES-OAEP, AES-128-CBC, HMAC-SHA-256
  kCms = 3,   ///< CMS AuthEnvelopedData, AES-128-GCM
  kP256 = 4   ///< ECDH on P-256, AES-128-CBC, HMAC-SHA-256
};

/// What the payload is.
enum class Tag : std::uint8_t { kMcim = 1, kAlgorithm = 2, kUpdate = 3, kToken = 4 };

enum class Algorithm : std::uint8_t { kMilenage = 1, kTuak = 2, kXor = 3 };

using Nonce = std::array<std::uint8_t, 16>;

/// A subscription for a device.
struct Subscription {
  Nonce nonce{};  ///< of the device's registration
  std::string imsi;
  crypto::SecretBytes ki;  ///< 16 or 32 bytes
  Algorithm algorithm = Algorithm::kMilenage;
  crypto::SecretBytes opc;    ///< OPc or TOPc; empty if the algorithm has none
  std::string target;         ///< device or TRE identifier; empty: any
  crypto::SecretBytes token;  ///< that authorizes the provisioning of this device; may be empty
  std::optional<std::chrono::sys_seconds> not_after;
};

/// What is protected: `data` of the clause.
struct Data {
  Tag tag = Tag::kMcim;
  crypto::WipedBytes payload;
  std::uint16_t version = 0;
};

/// Payload of a subscription. Throws SystemError for a field of a wrong size.
crypto::WipedBytes encode_subscription(const Subscription& subscription);
/// Errors: kMalformed, kTruncated.
Result<Subscription> parse_subscription(BytesView payload);

/// tag | payload_length | payload | version, zeros up to whole blocks of 16.
crypto::WipedBytes encode_data(const Data& data);
/// Errors: kMalformed, also for filling that is longer than it must be or not zero; kTruncated.
Result<Data> parse_data(BytesView bytes);

/// For this device. kSeed and kRsa need an RSA key, kP256 one on P-256; kCms goes by wrap_cms(). Errors: kUnsupported.
Result<Bytes> wrap(const Data& data, const crypto::PublicKey& device, Suite suite, Random& random);
/// The suite that fits the key: kRsa or kP256. Errors: kUnsupported.
Result<Suite> default_suite(const crypto::PublicKey& device);
/// For the key of a certificate. Errors: as crypto::cms_encrypt().
Result<Bytes> wrap_cms(const Data& data, BytesView certificate);

/// What can be seen of an object without a key.
struct Outline {
  Suite suite = Suite::kRsa;
  std::size_t key_block = 0;       ///< bytes of PK_D(PIK|PCK)
  std::size_t protected_data = 0;  ///< bytes after it
};
/// Errors: kTruncated, kTrailing, kMalformed, kUnsupported.
Result<Outline> inspect(BytesView object);

/// Errors: kRefused with the same text for every error, after as much work.
Result<Data> open(BytesView object, const crypto::PrivateKey& key, Random& random);

}  // namespace uicclab::mcim
