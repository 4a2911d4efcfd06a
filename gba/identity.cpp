// SPDX-License-Identifier: Apache-2.0
#include "gba/identity.hpp"

#include <algorithm>

#include "core/ascii.hpp"
#include "core/hex.hpp"
#include "core/identity.hpp"

namespace uicclab::gba {
namespace {

constexpr std::size_t kLongestName = 250;  // NAF_Id stands behind a length of one octet (TS 31.102 clause 7.1.2.1)

bool is_fqdn(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  };
  return !text.empty() && text.size() <= kLongestName && std::ranges::all_of(text, fits);
}

}  // namespace

Bytes naf_id_of(std::string_view fqdn, const UaProtocol& ua) {
  return concat({as_bytes(fqdn), ua});
}

std::string naf_name(BytesView naf_id) {
  if (naf_id.size() <= kUaSize) return to_hex(naf_id);
  const BytesView name = naf_id.first(naf_id.size() - kUaSize);
  const std::string text(name.begin(), name.end());
  return is_fqdn(text) ? text + "/" + to_hex(naf_id.last(kUaSize)) : to_hex(naf_id);
}

Result<Bytes> parse_naf_name(std::string_view text) {
  const std::size_t slash = std::min(text.find('/'), text.size());
  if (!is_fqdn(text.substr(0, slash))) return fail(ErrorCode::kMalformed, "a NAF is named by a host name, dm.example.com");
  if (slash == text.size()) return naf_id_of(text);
  const auto ua = from_hex(text.substr(slash + 1));
  if (!ua || ua->size() != kUaSize) {
    return fail(ErrorCode::kMalformed, "a Ua security protocol identifier has 10 hexadecimal digits, dm.example.com/FF00000001");
  }
  return concat({as_bytes(text.substr(0, slash)), *ua});
}

Result<std::string> impi_of(std::string_view imsi, std::size_t mnc_size) {
  if (!all_digits(imsi) || imsi.size() < 6 || imsi.size() > 15 || (mnc_size != 2 && mnc_size != 3)) {
    return fail(ErrorCode::kMalformed, "an IMSI has 6 to 15 digits, its network code 2 or 3");
  }
  const std::string mnc = (mnc_size == 2 ? "0" : "") + std::string(imsi.substr(3, mnc_size));
  return std::string(imsi) + "@ims.mnc" + mnc + ".mcc" + std::string(imsi.substr(0, 3)) + ".3gppnetwork.org";
}

}  // namespace uicclab::gba
