// SPDX-License-Identifier: Apache-2.0
// Applications that standards name, by the beginning of their AID: ETSI TS 101 220 annex E; PKCS #15 clause 5.6; GlobalPlatform Card
// Specification clause H.1.
#pragma once

#include <string>
#include <string_view>

#include "core/bytes.hpp"

namespace uicclab::uicc {

inline constexpr auto kUsimAid = "A0000000871002"_h;
inline constexpr auto kIsimAid = "A0000000871004"_h;
inline constexpr auto kCsimAid = "A0000003431002"_h;
inline constexpr auto kPkcs15Aid = "A000000063504B43532D3135"_h;
inline constexpr auto kIssuerDomainAid = "A000000151000000"_h;

/// An application that a standard names.
struct KnownApplication {
  std::string_view name;   ///< of its ADF, "ADF.USIM"; empty for one without files
  std::string_view title;  ///< "USIM", "PKCS #15", "issuer security domain"
  BytesView aid;           ///< what all AIDs of its kind begin with: RID and application code
};

/// By an AID, whole or right-truncated after the application code; null for one that no standard names.
const KnownApplication* application_of(BytesView aid);
/// By the name of its ADF; null if there is none.
const KnownApplication* application_of(std::string_view adf);

}  // namespace uicclab::uicc
