// SPDX-License-Identifier: Apache-2.0
#include "gp/privileges.hpp"

#include <array>

namespace uicclab::gp {
namespace {

constexpr std::uint32_t kReserved = 0x00000F;

// Clause 6.6.2 and table 6-2: what an application that is no security domain cannot have.
constexpr Privileges kOfDomainsOnly{Privilege::kDapVerification,         Privilege::kDelegatedManagement,
                                    Privilege::kMandatedDapVerification, Privilege::kTrustedPath,
                                    Privilege::kAuthorizedManagement,    Privilege::kTokenVerification,
                                    Privilege::kReceiptGeneration,       Privilege::kCipheredLoadFileDataBlock};

struct Name {
  Privilege privilege;
  std::string_view name;
};
constexpr auto kNames = std::to_array<Name>({{Privilege::kSecurityDomain, "security-domain"},
                                             {Privilege::kDapVerification, "dap-verification"},
                                             {Privilege::kDelegatedManagement, "delegated-management"},
                                             {Privilege::kCardLock, "card-lock"},
                                             {Privilege::kCardTerminate, "card-terminate"},
                                             {Privilege::kCardReset, "card-reset"},
                                             {Privilege::kCvmManagement, "cvm-management"},
                                             {Privilege::kMandatedDapVerification, "mandated-dap-verification"},
                                             {Privilege::kTrustedPath, "trusted-path"},
                                             {Privilege::kAuthorizedManagement, "authorized-management"},
                                             {Privilege::kTokenVerification, "token-verification"},
                                             {Privilege::kGlobalDelete, "global-delete"},
                                             {Privilege::kGlobalLock, "global-lock"},
                                             {Privilege::kGlobalRegistry, "global-registry"},
                                             {Privilege::kFinalApplication, "final-application"},
                                             {Privilege::kGlobalService, "global-service"},
                                             {Privilege::kReceiptGeneration, "receipt-generation"},
                                             {Privilege::kCipheredLoadFileDataBlock, "ciphered-load-file"},
                                             {Privilege::kContactlessActivation, "contactless-activation"},
                                             {Privilege::kContactlessSelfActivation, "contactless-self-activation"}});

}  // namespace

std::string words(Privileges privileges) {
  std::string out;
  for (const Name& one : kNames) {
    if (privileges.has(one.privilege)) out += (out.empty() ? "" : ", ") + std::string(one.name);
  }
  return out.empty() ? "none" : out;
}

std::optional<Privilege> privilege_named(std::string_view name) {
  const auto found = std::ranges::find(kNames, name, &Name::name);
  return found == kNames.end() ? std::nullopt : std::optional(found->privilege);
}

std::optional<Privileges> Privileges::parse(BytesView bytes) {
  if (bytes.size() != 1 && bytes.size() != 3) return std::nullopt;
  std::uint32_t bits = std::uint32_t{bytes[0]} << 16;
  if (bytes.size() == 3) bits |= (std::uint32_t{bytes[1]} << 8) | bytes[2];
  const Privileges out = from_bits(bits);
  if ((bits & kReserved) != 0 || !out.consistent()) return std::nullopt;
  return out;
}

bool Privileges::consistent() const {
  if (!has(Privilege::kSecurityDomain) && (m_bits & kOfDomainsOnly.bits()) != 0) return false;
  if (has(Privilege::kDelegatedManagement) && has(Privilege::kAuthorizedManagement)) return false;
  return !has(Privilege::kMandatedDapVerification) || has(Privilege::kDapVerification);
}

Bytes Privileges::encoded() const {
  return {static_cast<std::uint8_t>(m_bits >> 16), static_cast<std::uint8_t>(m_bits >> 8), static_cast<std::uint8_t>(m_bits)};
}

}  // namespace uicclab::gp
