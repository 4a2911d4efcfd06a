// SPDX-License-Identifier: Apache-2.0
#include "uicc/application.hpp"

#include <algorithm>
#include <array>

namespace uicclab::uicc {
namespace {

const auto kApplications = std::to_array<KnownApplication>({
    {"ADF.USIM", "USIM", kUsimAid},
    {"ADF.ISIM", "ISIM", kIsimAid},
    {"ADF.CSIM", "CSIM", kCsimAid},
    {"ADF.PKCS15", "PKCS #15", kPkcs15Aid},
    {"", "issuer security domain", kIssuerDomainAid},
});

}  // namespace

const KnownApplication* application_of(BytesView aid) {
  const auto found = std::ranges::find_if(kApplications, [&](const KnownApplication& one) {
    return aid.size() >= one.aid.size() && equal(aid.first(one.aid.size()), one.aid);
  });
  return found == kApplications.end() ? nullptr : &*found;
}

const KnownApplication* application_of(std::string_view adf) {
  if (adf.empty()) return nullptr;
  const auto found = std::ranges::find(kApplications, adf, &KnownApplication::name);
  return found == kApplications.end() ? nullptr : &*found;
}

}  // namespace uicclab::uicc
