#include "gp/privileges.hpp"

namespace uicclab::gp {
namespace {

constexpr std::uint32_t kReserved = 0x00000F;

// Clause 6.6.2 and table 6-2: what an application that is no security domain cannot have.
constexpr Privileges kOfDomainsOnly{Privilege::kDapVerification,   Privilege::kDelegatedManagement,       Privilege::kMandatedDapVerification,
                                    Privilege::kTrustedPath,       Privilege::kAuthorizedManagement,      Privilege::kTokenVerification,
                                    Privilege::kReceiptGeneration, Privilege::kCipheredLoadFileDataBlock};

}  // namespace

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
