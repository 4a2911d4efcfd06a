// SPDX-License-Identifier: Apache-2.0
#include "dm/bootstrap_security.hpp"

#include <algorithm>
#include <array>

#include "core/ascii.hpp"
#include "dm/security_names.hpp"

namespace uicclab::dm {
namespace {

using crypto::SecretBytes;

constexpr std::size_t kMaxPin = 20;
constexpr std::size_t kKsNafSize = 32;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_digits(std::string_view text, std::size_t low, std::size_t high) {
  return text.size() >= low && text.size() <= high && std::ranges::all_of(text, is_digit);
}

Result<SecretBytes> pin_key(const DmSecret& secret) {
  if (secret.pin.empty()) return fail(ErrorCode::kNotFound, "no PIN given");
  if (!is_digits(secret.pin, 1, kMaxPin)) return fail(ErrorCode::kMalformed, "a PIN is 1 to 20 digits");
  return SecretBytes(as_bytes(secret.pin));
}

/// IMSI or ESN.
Result<SecretBytes> network_key(const DmSecret& secret, bool esn_allowed) {
  if (!secret.imsi.empty() && !secret.esn.empty()) {
    return fail(ErrorCode::kRefused, "IMSI and ESN are given, one of them is the network's secret (DM_Security 5.7.2.3.1)");
  }
  if (!secret.imsi.empty()) {
    return imsi_key(secret.imsi).map([](const Bytes& key) { return SecretBytes(key); });
  }
  if (!esn_allowed || secret.esn.empty()) return fail(ErrorCode::kNotFound, esn_allowed ? "neither IMSI nor ESN given" : "no IMSI given");
  if (secret.esn.size() > 16) return fail(ErrorCode::kRange, "an ESN of more than 16 characters");
  return SecretBytes(as_bytes(secret.esn));
}

Result<SecretBytes> gba_key(const DmSecret& secret) {
  if (secret.ks_naf.empty()) return fail(ErrorCode::kNotFound, "no Ks_NAF given");
  if (secret.ks_naf.size() != kKsNafSize) return fail(ErrorCode::kRange, "a Ks_NAF has 32 bytes");
  return secret.ks_naf.clone();
}

/// `first`, `separator`, `second` in a row.
Result<SecretBytes> joined(Result<SecretBytes> first, std::string_view separator, Result<SecretBytes> second) {
  if (!first) return first;
  if (!second) return second;
  constexpr crypto::ExposeSecret kJoin{"the HMAC key of a combined method is both secrets in a row"};
  Bytes bytes = concat({first->expose(kJoin), as_bytes(separator), second->expose(kJoin)});
  SecretBytes key{BytesView(bytes)};
  crypto::wipe(bytes);
  return key;
}

}  // namespace

std::string_view name_of(DmSec sec) {
  return std::ranges::find(kSecNames, sec, &SecName::sec)->name;
}

Result<DmSec> parse_sec(std::string_view name) {
  const auto row = std::ranges::find_if(kSecNames, [name](const SecName& one) { return same_but_for_case(one.name, name); });
  if (row == kSecNames.end()) return fail(ErrorCode::kUnsupported, "SEC=" + std::string(name) + " is not known");
  return row->sec;
}

Result<Bytes> imsi_key(std::string_view imsi) {
  if (!is_digits(imsi, 6, 15)) return fail(ErrorCode::kMalformed, "an IMSI is 6 to 15 digits");
  // The first half byte says whether the number of digits is odd; an even number is padded.
  std::string digits = (imsi.size() % 2 == 1 ? "9" : "1") + std::string(imsi) + (imsi.size() % 2 == 1 ? "" : "F");
  Bytes key;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    const auto nibble = [](char c) { return static_cast<unsigned>(c == 'F' ? 15 : c - '0'); };
    key.push_back(static_cast<std::uint8_t>(nibble(digits[i + 1]) << 4 | nibble(digits[i])));
  }
  return key;
}

Result<SecretBytes> mac_key(DmSec sec, const DmSecret& secret) {
  switch (sec) {
    case DmSec::kNetworkId:
      return network_key(secret, true);
    case DmSec::kNetwPin:
      return network_key(secret, false);
    case DmSec::kUserPin:
      return pin_key(secret);
    case DmSec::kUserPinNetworkId:
      return joined(pin_key(secret), ":", network_key(secret, true));
    case DmSec::kUserNetwPin:
      return joined(network_key(secret, false), "", pin_key(secret));
    case DmSec::kNetworkIdGba:
      return gba_key(secret);
    case DmSec::kUserPinNetworkIdGba:
      return joined(pin_key(secret), ":", gba_key(secret));
    case DmSec::kUserPinMac:
      break;
  }
  return fail(ErrorCode::kUnsupported, "USERPINMAC has no key: the PIN itself is checked");
}

bool is_cp(DmSec sec) {
  return sec == DmSec::kNetwPin || sec == DmSec::kUserNetwPin || sec == DmSec::kUserPinMac;
}

Result<void> check_media_type(const DmContentType& type) {
  // USERPIN is a name of both.
  const bool dm = type.media_type == kDmMediaType && !(type.sec && is_cp(*type.sec));
  const bool cp = type.media_type == kCpMediaType && (!type.sec || is_cp(*type.sec) || *type.sec == DmSec::kUserPin);
  if (dm || cp) return {};
  const std::string_view wanted = type.sec && is_cp(*type.sec) ? kCpMediaType : kDmMediaType;
  return fail(ErrorCode::kRefused, "the MIME type must be " + std::string(wanted) + ", is " + type.media_type);
}

std::string_view weakness_of(DmSec sec) {
  if (sec == DmSec::kNetworkId || sec == DmSec::kNetwPin)
    return "IMSI and ESN are identities, not secrets: anyone who knows them can sign too";
  return {};
}

std::string document_mac(BytesView document, const SecretBytes& key) {
  return to_hex(crypto::hmac_sha1(key, {document}));
}

bool is_document_mac(BytesView document, const SecretBytes& key, std::string_view mac) {
  std::string upper(mac);
  std::ranges::transform(upper, upper.begin(), [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c; });
  return crypto::constant_time_equal(as_bytes(document_mac(document, key)), as_bytes(upper));
}

Result<std::string> derived_pin_half(BytesView document, std::string_view first_half) {
  if (!is_digits(first_half, 5, kMaxPin)) return fail(ErrorCode::kMalformed, "half a PIN of USERPINMAC is 5 to 20 digits");
  const crypto::Sha1Digest mac = crypto::hmac_sha1(SecretBytes(as_bytes(first_half)), {document});
  std::string half;
  for (std::size_t i = 0; i < first_half.size(); ++i) half += static_cast<char>('0' + mac[i] % 10);
  return half;
}

Result<bool> is_userpinmac_pin(BytesView document, std::string_view pin) {
  if (pin.size() % 2 != 0) return fail(ErrorCode::kMalformed, "a PIN of USERPINMAC has two halves");
  const auto derived = derived_pin_half(document, pin.substr(0, pin.size() / 2));
  if (!derived) return tl::unexpected(derived.error());
  return crypto::constant_time_equal(as_bytes(*derived), as_bytes(pin.substr(pin.size() / 2)));
}

}  // namespace uicclab::dm
