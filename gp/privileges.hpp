// SPDX-License-Identifier: Apache-2.0
// Privileges of applications: GlobalPlatform Card Specification v2.3.1 (in this folder "GP") clause 6.6, coded by tables 11-7 to 11-9.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/bytes.hpp"

namespace uicclab::gp {

/// Three bytes as one number, the first byte highest.
enum class Privilege : std::uint32_t {
  kSecurityDomain = 0x800000,
  kDapVerification = 0x400000,  ///< coded C0: with the bit of a security domain
  kDelegatedManagement = 0x200000,
  kCardLock = 0x100000,
  kCardTerminate = 0x080000,
  kCardReset = 0x040000,
  kCvmManagement = 0x020000,
  kMandatedDapVerification = 0x010000,  ///< coded C1
  kTrustedPath = 0x008000,
  kAuthorizedManagement = 0x004000,
  kTokenVerification = 0x002000,
  kGlobalDelete = 0x001000,
  kGlobalLock = 0x000800,
  kGlobalRegistry = 0x000400,
  kFinalApplication = 0x000200,
  kGlobalService = 0x000100,
  kReceiptGeneration = 0x000080,
  kCipheredLoadFileDataBlock = 0x000040,
  kContactlessActivation = 0x000020,
  kContactlessSelfActivation = 0x000010,
};

class Privileges {
 public:
  constexpr Privileges() = default;
  constexpr Privileges(std::initializer_list<Privilege> set) {
    for (Privilege one : set) m_bits |= static_cast<std::uint32_t>(one);
  }
  /// The low 24 bits of `bits`.
  static constexpr Privileges from_bits(std::uint32_t bits) {
    Privileges out;
    out.m_bits = bits & 0xFFFFFF;
    return out;
  }
  /// One byte, or three. Nothing for another length, a reserved bit, or a combination that clause 6.6.2 forbids (consistent()).
  static std::optional<Privileges> parse(BytesView bytes);

  constexpr bool has(Privilege one) const { return (m_bits & static_cast<std::uint32_t>(one)) != 0; }
  constexpr std::uint32_t bits() const { return m_bits; }
  /// What only a security domain can have comes with its bit; delegated and authorized management exclude each other.
  bool consistent() const;
  /// Three bytes.
  Bytes encoded() const;
  constexpr bool operator==(const Privileges&) const = default;

 private:
  std::uint32_t m_bits = 0;
};

/// In words, with commas: "security-domain, card-lock"; "none". A domain that verifies DAPs shows "dap-verification" in addition to
/// "security-domain".
std::string words(Privileges privileges);
/// "card-reset"; as words() writes it.
std::optional<Privilege> privilege_named(std::string_view name);

}  // namespace uicclab::gp
