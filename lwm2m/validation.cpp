// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/validation.hpp"

#include <algorithm>
#include <bitset>
#include <cmath>

#include "core/crypto/certificate.hpp"
#include "core/hex.hpp"
#include "lwm2m/cipher_suites.hpp"
#include "lwm2m/raw_key.hpp"
#include "lwm2m/secured_sms.hpp"
#include "lwm2m/server_uri.hpp"
#include "lwm2m/sms_account.hpp"

namespace uicclab::lwm2m {
namespace {

using Severity = Refusal::Severity;
using crypto::KeyKind;
using crypto::PublicKey;

constexpr int kMinKeyBits = 256;           // LwM2M 1.0 clause 7.1.2
constexpr std::size_t kPskKeySize = 16;    // of the suites that must be there
constexpr std::size_t kMaxPskSize = 64;    // E.1.1: what every client supports
constexpr std::size_t kMaxIdentity = 128;  // RFC 4279 clause 5.3

std::string path_of(std::uint16_t object, std::uint16_t instance) {
  return "/" + std::to_string(object) + "/" + std::to_string(instance);
}

/// The checks of one instance of the Security object.
class SecurityCheck {
 public:
  SecurityCheck(const ObjectInstance& instance, const ValidationOptions& options, std::vector<Refusal>& out)
      : m_instance(instance), m_options(options), m_out(out) {}

  void run() {
    const auto mode = integer(security::kMode);
    check_uri(mode);
    check_suites(mode);
    if (mode) {
      switch (static_cast<SecurityMode>(*mode)) {
        case SecurityMode::kPsk:
          check_psk();
          break;
        case SecurityMode::kRawPublicKey:
          check_raw_public_key();
          break;
        case SecurityMode::kCertificate:
          check_certificates();
          break;
        case SecurityMode::kEst:
        case SecurityMode::kNoSec:
          break;
        default:
          refuse(security::kMode, "unknown security mode " + std::to_string(*mode));
      }
    }
    check_sms();
    check_account();
  }

 private:
  void add(std::uint16_t resource, std::string reason, Severity severity) {
    m_out.push_back({path_of(kSecurityObject, m_instance.id) + "/" + std::to_string(resource), std::move(reason), severity});
  }
  void refuse(std::uint16_t resource, std::string reason) { add(resource, std::move(reason), Severity::kRefused); }
  void warn(std::uint16_t resource, std::string reason) { add(resource, std::move(reason), Severity::kWarning); }

  std::optional<std::int64_t> integer(std::uint16_t resource) const {
    const auto value = m_instance.value(resource);
    if (!value) return std::nullopt;
    const auto number = decode_integer(*value);
    return number ? std::optional(*number) : std::nullopt;
  }
  bool is_bootstrap_server() const {
    const auto value = m_instance.value(security::kBootstrap);
    return value && equal(*value, "01"_h);
  }

  /// The value of a resource that this mode needs; reported if it is absent or empty.
  std::optional<BytesView> needed(std::uint16_t resource, const char* what) {
    const auto value = m_instance.value(resource);
    if (value && !value->empty()) return value;
    refuse(resource, std::string(what) + " is missing");
    return std::nullopt;
  }

  void check_uri(std::optional<std::int64_t> mode) {
    const auto value = m_instance.value(security::kUri);
    if (!value) return;  // reported by the table of mandatory resources
    const auto uri = parse_server_uri({reinterpret_cast<const char*>(value->data()), value->size()});
    if (!uri) return refuse(security::kUri, uri.error().text);
    m_host = uri->host;
    if (uri->scheme == "tel" || !mode) return;
    const bool no_security = *mode == static_cast<std::int64_t>(SecurityMode::kNoSec);
    if (uri->secure() && no_security) refuse(security::kUri, "a secure scheme with security mode NoSec");
    if (!uri->secure() && !no_security) refuse(security::kUri, "scheme " + uri->scheme + " with a security mode that needs DTLS");
  }

  void check_suites(std::optional<std::int64_t> mode) {
    const Resource* resource = m_instance.find(security::kCiphersuite);
    if (resource == nullptr || !mode) return;
    const bool psk = *mode == static_cast<std::int64_t>(SecurityMode::kPsk);
    for (const ResourceInstance& one : resource->instances) {
      const auto id = decode_unsigned(one.value);
      if (!id) continue;  // reported by the table of types
      const CipherSuite* suite = find_cipher_suite(*id);
      if (suite == nullptr) {
        warn(security::kCiphersuite, "cipher suite " + std::to_string(*id) + " is not known");
        continue;
      }
      if (suite->sha1) refuse(security::kCiphersuite, std::string(suite->name) + " uses SHA-1");
      if (psk == (suite->kind == SuiteKind::kEcdheEcdsa)) {
        refuse(security::kCiphersuite, std::string(suite->name) + " does not fit the security mode");
      }
      m_suites.push_back(suite);
    }
  }

  void check_psk() {
    if (const auto identity = needed(security::kIdentity, "the PSK identity")) {
      if (const auto text = decode_string(*identity); !text) refuse(security::kIdentity, "the PSK identity is not UTF-8");
      if (identity->size() > kMaxIdentity) warn(security::kIdentity, "a PSK identity over 128 bytes, which not every device supports");
    }
    const auto key = needed(security::kSecretKey, "the pre-shared key");
    if (!key) return;
    std::size_t wanted = kPskKeySize;
    bool plain = m_suites.empty();  // the suites that every client proposes are plain ones
    for (const CipherSuite* suite : m_suites) {
      if (suite->kind != SuiteKind::kPsk) continue;
      plain = true;
      wanted = std::max<std::size_t>(wanted, suite->key_size);
    }
    if (key->size() > kMaxPskSize) warn(security::kSecretKey, "a key over 64 bytes, which not every device supports");
    if (plain && key->size() < wanted) {
      refuse(security::kSecretKey, "the key has " + std::to_string(key->size()) + " bytes, the suite needs " + std::to_string(wanted));
    } else if (plain && is_low_entropy(*key)) {
      refuse(security::kSecretKey, "a secret that can be guessed, with a suite that does not protect it (only an ECDHE_PSK suite does)");
    }
  }

  /// Points of P-256 with the same x coordinate have the same owner: who knows one private key knows the other.
  static bool is_same(const PublicKey& one, const PublicKey& other) {
    if (one.kind() != KeyKind::kP256 || other.kind() != KeyKind::kP256) return one == other;
    return *raw_public_key(one) == *raw_public_key(other);
  }

  /// The rule for key pairs of both public-key modes.
  void check_key_pair(const std::optional<PublicKey>& own, const std::optional<PublicKey>& peer) {
    for (const auto& [key, resource] : {std::pair(&own, security::kIdentity), std::pair(&peer, security::kServerKey)}) {
      if (!*key) continue;
      if ((*key)->kind() != KeyKind::kP256 && (*key)->kind() != KeyKind::kOtherEc) {
        refuse(resource, "no key on an elliptic curve, which the suites need");
      } else if ((*key)->bits() < kMinKeyBits) {
        refuse(resource, "a key of " + std::to_string((*key)->bits()) + " bits; 256 are the least");
      }
    }
    if (own && peer && is_same(*own, *peer)) refuse(security::kServerKey, "client and server have the same key pair");
    const auto secret = needed(security::kSecretKey, "the private key");
    if (!secret) return;
    const auto pair = read_raw_private_key(*secret);
    if (!pair) return refuse(security::kSecretKey, pair.error().text);
    if (own && !is_same(pair->public_key(), *own)) refuse(security::kSecretKey, "the private key does not belong to the public one");
    if (peer && is_same(pair->public_key(), *peer) && !(own && is_same(*own, *peer)))
      refuse(security::kSecretKey, "the private key is the server's");
  }

  std::optional<PublicKey> raw_key(std::uint16_t resource, const char* what) {
    const auto value = needed(resource, what);
    if (!value) return std::nullopt;
    auto key = read_raw_public_key(*value);
    if (key) return *std::move(key);
    refuse(resource, key.error().text);
    return std::nullopt;
  }

  void check_raw_public_key() {
    const auto own = raw_key(security::kIdentity, "the client's public key");
    check_key_pair(own, raw_key(security::kServerKey, "the server's public key"));
  }

  std::optional<crypto::CertificateFacts> certificate(std::uint16_t resource, const char* what) {
    const auto value = needed(resource, what);
    if (!value) return std::nullopt;
    auto facts = crypto::read_certificate(*value);
    if (!facts) {
      refuse(resource, facts.error().text);
      return std::nullopt;
    }
    if (facts->weak_signature) refuse(resource, "a certificate signed with " + facts->signature_hash);
    if (facts->not_after < facts->not_before) refuse(resource, "a certificate that is valid never");
    return *std::move(facts);
  }

  void check_certificates() {
    const auto own = certificate(security::kIdentity, "the client's certificate");
    if (own && own->common_name.empty()) {
      refuse(security::kIdentity, "a client certificate without a common name, which the server looks for the endpoint name in");
    } else if (own && !m_options.endpoint_name.empty() && own->common_name != m_options.endpoint_name) {
      refuse(security::kIdentity, "the endpoint name is " + m_options.endpoint_name + ", the common name " + own->common_name);
    }
    std::optional<crypto::CertificateFacts> peer;
    const auto matching = m_instance.value(security::kMatchingType);
    if (!matching || equal(*matching, "00"_h)) {
      peer = certificate(security::kServerKey, "the server's certificate");
    } else {
      check_digest(*matching);
    }
    if (peer) check_server_names(*peer);
    check_key_pair(own ? std::optional(own->key) : std::nullopt, peer ? std::optional(peer->key) : std::nullopt);
  }

  /// Resource 13: resource 4 holds a hash of the certificate instead of it.
  void check_digest(BytesView matching) {
    static constexpr std::array<std::size_t, 4> kSizes{0, 32, 48, 64};  // exact match, SHA-256, SHA-384, SHA-512
    const auto type = decode_unsigned(matching);
    if (!type || *type >= kSizes.size()) return;  // told by the table
    const auto digest = needed(security::kServerKey, "the hash of the server's certificate");
    if (digest && digest->size() != kSizes[*type]) refuse(security::kServerKey, "not as long as the hash that resource 13 names");
  }

  void check_server_names(const crypto::CertificateFacts& peer) {
    for (const std::string& name : peer.dns_names) {
      if (!is_allowed_name(name)) refuse(security::kServerKey, "the name " + name + " is not allowed in a server certificate");
    }
    if (peer.dns_names.empty() && peer.common_name.find('*') != std::string::npos && !is_allowed_name(peer.common_name)) {
      refuse(security::kServerKey, "the name " + peer.common_name + " is not allowed in a server certificate");
    }
    if (peer.is_ca || m_host.empty()) return;  // a trust anchor: the names are in the certificate that the server will send
    const Bytes address = address_of(m_host);
    const auto covers = [this](const std::string& name) { return name_covers(name, m_host); };
    const bool named = address.empty() ? std::ranges::any_of(peer.dns_names, covers) || (peer.dns_names.empty() && covers(peer.common_name))
                                       : std::ranges::find(peer.ip_addresses, address) != peer.ip_addresses.end();
    if (!named) refuse(security::kServerKey, "the certificate does not name the host " + m_host);
  }

  void check_sms() {
    const auto mode = integer(security::kSmsMode);
    if (!mode || *mode < 0 || *mode > 255) return;
    if (*mode == 0 || (*mode > 4 && *mode < 204))
      return refuse(security::kSmsMode, "SMS security mode " + std::to_string(*mode) + " is reserved");
    if (*mode == static_cast<std::int64_t>(SmsSecurityMode::kDtlsMultiplexing)) {
      return refuse(security::kSmsMode, "SMS security mode 4 is reserved for DTLS with multiplexing");
    }
    if (!m_instance.value(security::kSmsNumber)) refuse(security::kSmsNumber, "the server's SMS number is missing");
    const bool parameters = m_instance.value(security::kSmsKeyParameters).value_or(BytesView()).size() >= 6;
    switch (static_cast<SmsSecurityMode>(*mode)) {
      case SmsSecurityMode::kSecuredPacket:
        return check_packets(EndPoint::kCard);
      case SmsSecurityMode::kDevicePacket:
        return check_packets(EndPoint::kDevice);
      case SmsSecurityMode::kDtls:
        if (parameters) {
          warn(
              security::kSmsMode,
              "mode 1 is DTLS over SMS (LwM2M 1.0 clause 7.2.2.1); with SMS key parameters it is read as mode 204, packets that end in the "
              "device: write 204");
          return check_packets(EndPoint::kDevice);
        }
        return warn(security::kSmsMode,
                    "DTLS over SMS, which uicclab's device and card do not have; packets that end in the device are mode 204");
      default:
        return;
    }
  }

  /// Modes 2 and 204: secured packets.
  void check_packets(EndPoint end) {
    const auto parameters = needed(security::kSmsKeyParameters, "the SMS key parameters");
    const auto keys = needed(security::kSmsKeys, "the SMS keys");
    const auto binding = parameters ? parse_binding(*parameters) : fail(ErrorCode::kNotFound, "");
    if (!binding) return;  // another length is told by the table
    const Tar tar{binding->tar};
    const std::string said = "TAR " + to_hex(tar.value);
    if (end == EndPoint::kDevice && !is_device_tar(tar)) {
      refuse(security::kSmsKeyParameters, said + ": of packets that end in the device it must be BFFF00 to BFFFFF");
    } else if (end == EndPoint::kCard && is_device_tar(tar)) {
      refuse(security::kSmsKeyParameters,
             said + ": BFFF00 to BFFFFF is for packets that end in the device, mode 204; the card's is B20203");
    } else if (end == EndPoint::kCard && tar != kToCard) {
      warn(security::kSmsKeyParameters, said + ": the one that is registered for LwM2M in the card is B20203 (clause 7.2.2.3)");
    }
    if (keys) check_sms_keys(*parameters, *keys);
  }

  /// LwM2M 1.0 clause 7.2.2.3: AES, or outer-CBC triple DES with three keys; ciphered, with a cryptographic checksum.
  void check_sms_keys(BytesView parameters, BytesView keys) {
    constexpr std::uint8_t kAesWithCbc = 0x02, kTripleDes = 0x09, kChecked = 0x06;
    const std::uint8_t cipher = parameters[0] & 0x0F;
    const std::uint8_t check = parameters[1] & 0x0F;
    if ((parameters[2] & 0x07) != kChecked) {
      refuse(security::kSmsKeyParameters, "SPI without ciphering and cryptographic checksum");
    }
    if ((parameters[2] & 0x18) < 0x10) refuse(security::kSmsKeyParameters, "SPI without a counter that must be higher");
    if (cipher != check || (cipher != kAesWithCbc && cipher != kTripleDes)) {
      return refuse(security::kSmsKeyParameters, "KIc and KID are neither both AES nor both triple DES with three keys");
    }
    const std::size_t wanted = cipher == kAesWithCbc ? 32 : 48;
    if (keys.size() == 16 && cipher == kAesWithCbc) return warn(security::kSmsKeys, "one key for ciphering and for the checksum");
    if (keys.size() != wanted) {
      return refuse(security::kSmsKeys, "the keys have " + std::to_string(keys.size()) + " bytes, not " + std::to_string(wanted));
    }
    const auto pair = parse_sms_keys(keys);
    if (pair && (has_equal_des_keys(pair->kic) || has_equal_des_keys(pair->kid))) {
      refuse(security::kSmsKeys, "a triple DES key with two equal keys, which is no triple DES");
    }
  }

  void check_account() {
    if (!is_bootstrap_server() && !m_instance.value(security::kShortServerId)) {
      refuse(security::kShortServerId, "an account of a server needs its short server identifier");
    }
  }

  const ObjectInstance& m_instance;
  const ValidationOptions& m_options;
  std::vector<Refusal>& m_out;
  std::string m_host;
  std::vector<const CipherSuite*> m_suites;
};

/// Resources against their table: known, single or multiple, type and range, mandatory ones there.
void check_table(const BootstrapObject& object, const ObjectInstance& instance, ObjectVersion version, std::vector<Refusal>& out) {
  const std::string path = path_of(object.id, instance.id);
  for (const Resource& resource : instance.resources) {
    const std::string at = path + "/" + std::to_string(resource.id);
    const ResourceModel* model = find_resource(object.id, version, resource.id);
    if (model == nullptr) {
      out.push_back({at, "this version of the object has no such resource", Severity::kWarning});
      continue;
    }
    if (resource.multiple != model->multiple)
      out.push_back({at, model->multiple ? "must be a multiple resource" : "must be a single resource"});
    for (const ResourceInstance& one : resource.instances) {
      // Security modes have their own message.
      if (object.id == kSecurityObject && resource.id == security::kMode && decode_integer(one.value)) continue;
      // Bootstrap servers write optional resources that they have no value for as empty ones (Leshan's accounts have 7, 8 and 9 so).
      const bool text = model->type == ValueType::kString || model->type == ValueType::kOpaque;
      if (one.value.empty() && text && !model->mandatory) continue;
      if (const auto good = check_value(*model, one.value); !good) out.push_back({at, good.error().text});
    }
  }
  for (const ResourceModel& model : resources_of(object.id)) {
    // Keys are present only if the mode needs them, whatever the table says; SecurityCheck checks that.
    const bool depends = object.id == kSecurityObject && model.id >= security::kIdentity && model.id <= security::kSecretKey;
    if (!model.mandatory || model.type == ValueType::kNone || depends || instance.find(model.id) != nullptr) continue;
    out.push_back({path + "/" + std::to_string(model.id), std::string(model.name) + " is missing"});
  }
}

std::optional<std::int64_t> short_server_id(const ObjectInstance& instance, std::uint16_t resource) {
  const auto value = instance.value(resource);
  if (!value) return std::nullopt;
  const auto number = decode_integer(*value);
  return number ? std::optional(*number) : std::nullopt;
}

/// Each account of a server has one instance of either object.
void check_accounts(const BootstrapFile& file, std::vector<Refusal>& out) {
  const BootstrapObject* accounts = file.find(kSecurityObject);
  if (accounts == nullptr) {
    out.push_back({"/0", "there is no Security object"});
    return;
  }
  std::vector<std::int64_t> seen;
  for (const ObjectInstance& instance : accounts->instances) {
    const auto bootstrap = instance.value(security::kBootstrap);
    if (bootstrap && equal(*bootstrap, "01"_h)) continue;
    const auto id = short_server_id(instance, security::kShortServerId);
    if (!id) continue;
    const std::string path = path_of(kSecurityObject, instance.id) + "/" + std::to_string(security::kShortServerId);
    if (std::ranges::find(seen, *id) != seen.end())
      out.push_back({path, "two accounts with the short server identifier " + std::to_string(*id)});
    seen.push_back(*id);
    const BootstrapObject* servers = file.find(kServerObject);
    const bool known = servers != nullptr && std::ranges::any_of(servers->instances, [&](const ObjectInstance& server) {
                         return short_server_id(server, server::kShortServerId) == id;
                       });
    if (!known) out.push_back({path, "no Server instance has this short server identifier"});
  }
}

/// What is left of a secret without what adds nothing to it: padding before and behind (00, FF; of a number in digits also 0), and the
/// repetitions of its beginning.
BytesView essence(BytesView secret) {
  const bool digits =
      std::ranges::all_of(secret, [](std::uint8_t byte) { return byte == 0 || byte == 0xFF || (byte >= '0' && byte <= '9'); });
  const auto pads = [digits](std::uint8_t byte) { return byte == 0 || byte == 0xFF || (digits && byte == '0'); };
  while (!secret.empty() && pads(secret.front())) secret = secret.subspan(1);
  while (!secret.empty() && pads(secret.back())) secret = secret.first(secret.size() - 1);
  for (std::size_t period = 1; period * 2 <= secret.size(); ++period) {
    if (equal(secret.subspan(period), secret.first(secret.size() - period))) return secret.first(period);
  }
  return secret;
}

/// A number in semi-octets, as IMEI and ICCID are stored.
bool is_bcd(BytesView bytes) {
  return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte >> 4 <= 9 && (byte & 0x0F) <= 9; });
}

/// Letters by letters in UTF-8 (RFC 3629), and how many of each kind it may be; nothing if it is no text.
std::optional<double> bits_of_text(BytesView text) {
  bool digit = false, lower = false, upper = false, other = false, foreign = false;
  std::size_t letters = 0;
  for (std::size_t i = 0; i < text.size(); ++letters) {
    const std::uint8_t byte = text[i];
    const std::size_t behind = byte < 0x80                   ? 0
                               : byte >= 0xC2 && byte < 0xE0 ? 1
                               : byte >= 0xE0 && byte < 0xF0 ? 2
                               : byte >= 0xF0 && byte < 0xF5 ? 3
                                                             : 4;
    if (behind == 4 || behind >= text.size() - i || byte < 0x20 || byte == 0x7F) return std::nullopt;
    const BytesView rest = text.subspan(i + 1, behind);
    if (!std::ranges::all_of(rest, [](std::uint8_t next) { return (next & 0xC0) == 0x80; })) return std::nullopt;
    (behind != 0                  ? foreign
     : byte >= '0' && byte <= '9' ? digit
     : byte >= 'a' && byte <= 'z' ? lower
     : byte >= 'A' && byte <= 'Z' ? upper
                                  : other) = true;
    i += behind + 1;
  }
  const double alphabet = (digit ? 10 : 0) + (lower ? 26 : 0) + (upper ? 26 : 0) + (other ? 33 : 0) + (foreign ? 64 : 0);
  return static_cast<double>(letters) * std::log2(alphabet);
}

}  // namespace

bool is_low_entropy(BytesView secret) {
  constexpr std::size_t kMinDistinct = 5;
  constexpr double kMinBits = 112;
  const BytesView kept = essence(secret);
  std::bitset<256> seen;
  for (std::uint8_t byte : kept) seen.set(byte);
  if (seen.count() < kMinDistinct) return true;
  if (const auto bits = bits_of_text(kept)) return *bits < kMinBits;
  if (is_bcd(kept)) return static_cast<double>(kept.size()) * 2 * std::log2(10) < kMinBits;
  return kept.size() < secret.size() && static_cast<double>(kept.size()) * 8 < kMinBits;
}

std::vector<Refusal> validate(const BootstrapFile& file, const ValidationOptions& options) {
  std::vector<Refusal> out;
  for (const BootstrapObject& object : file.objects) {
    const ObjectVersion version = object.version.value_or(options.version);
    if (resources_of(object.id).empty()) {
      out.push_back({"/" + std::to_string(object.id), "an object that a bootstrap file is not for", Severity::kWarning});
      continue;
    }
    if (version.major != 1 || version.minor > kNewestMinor) {
      out.push_back({"/" + std::to_string(object.id), "an unknown version of the object"});
      continue;
    }
    for (const ObjectInstance& instance : object.instances) {
      check_table(object, instance, version, out);
      if (object.id == kSecurityObject) SecurityCheck(instance, options, out).run();
    }
  }
  check_accounts(file, out);
  return out;
}

}  // namespace uicclab::lwm2m
