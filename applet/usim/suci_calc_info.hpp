// SPDX-License-Identifier: Apache-2.0
// EF_SUCI_Calc_Info: 3GPP TS 31.102 clause 4.4.11.8; that of the USIM's own calculation, in DF SAIP, has the same coding (clause 4.4.12).
#pragma once

#include <vector>

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace uicclab::applet::usim {

/// A protection scheme and the number of its key in the key list, from 1; 0 with the null scheme.
struct ProtectionScheme {
  std::uint8_t identifier = 0;  ///< 0 null scheme, 1 profile A, 2 profile B (TS 33.501 annex C.1)
  std::uint8_t key_index = 0;
  bool operator==(const ProtectionScheme&) const = default;
};

struct HomeNetworkKey {
  std::uint8_t identifier = 0;
  Bytes public_key;
  bool operator==(const HomeNetworkKey&) const = default;
};

struct SuciCalcInfo {
  std::vector<ProtectionScheme> schemes;  ///< highest priority first
  std::vector<HomeNetworkKey> keys;

  /// The key of a scheme; null if there is none.
  const HomeNetworkKey* key_of(const ProtectionScheme& scheme) const;
  bool operator==(const SuciCalcInfo&) const = default;
};

/// Reads the file: A0 with pairs of scheme and key index, A1 with 80 (key identifier) and 81 (key) by turns, then FF to the end.
/// Errors: kTruncated, kMalformed, kNotFound (no list of schemes), with an offset in the file.
Result<SuciCalcInfo> parse_suci_calc_info(BytesView file);

/// The file's contents, without filling bytes.
Bytes encode(const SuciCalcInfo& info);

}  // namespace uicclab::applet::usim
