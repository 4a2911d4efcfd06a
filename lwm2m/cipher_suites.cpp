// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/cipher_suites.hpp"

#include <algorithm>
#include <array>

namespace uicclab::lwm2m {
namespace {

using enum SuiteKind;

// The first of each kind is what a client proposes if resource 16 is absent.
constexpr std::array kSuites{
    CipherSuite{0xC0A8, "TLS_PSK_WITH_AES_128_CCM_8", kPsk, 16, false},
    CipherSuite{0x00AE, "TLS_PSK_WITH_AES_128_CBC_SHA256", kPsk, 16, false},
    CipherSuite{0xC0A4, "TLS_PSK_WITH_AES_128_CCM", kPsk, 16, false},
    CipherSuite{0xC0A9, "TLS_PSK_WITH_AES_256_CCM_8", kPsk, 32, false},
    CipherSuite{0xC0A5, "TLS_PSK_WITH_AES_256_CCM", kPsk, 32, false},
    CipherSuite{0x00A8, "TLS_PSK_WITH_AES_128_GCM_SHA256", kPsk, 16, false},
    CipherSuite{0x00A9, "TLS_PSK_WITH_AES_256_GCM_SHA384", kPsk, 32, false},
    CipherSuite{0x00AF, "TLS_PSK_WITH_AES_256_CBC_SHA384", kPsk, 32, false},
    CipherSuite{0x008C, "TLS_PSK_WITH_AES_128_CBC_SHA", kPsk, 16, true},
    CipherSuite{0x008D, "TLS_PSK_WITH_AES_256_CBC_SHA", kPsk, 32, true},
    CipherSuite{0xC037, "TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256", kEcdhePsk, 16, false},
    CipherSuite{0xC038, "TLS_ECDHE_PSK_WITH_AES_256_CBC_SHA384", kEcdhePsk, 32, false},
    CipherSuite{0xD001, "TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256", kEcdhePsk, 16, false},
    CipherSuite{0xD003, "TLS_ECDHE_PSK_WITH_AES_128_CCM_8_SHA256", kEcdhePsk, 16, false},
    CipherSuite{0xD005, "TLS_ECDHE_PSK_WITH_AES_128_CCM_SHA256", kEcdhePsk, 16, false},
    CipherSuite{0xC035, "TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA", kEcdhePsk, 16, true},
    CipherSuite{0xC0AE, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8", kEcdheEcdsa, 16, false},
    CipherSuite{0xC023, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256", kEcdheEcdsa, 16, false},
    CipherSuite{0xC0AC, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM", kEcdheEcdsa, 16, false},
    CipherSuite{0xC0AF, "TLS_ECDHE_ECDSA_WITH_AES_256_CCM_8", kEcdheEcdsa, 32, false},
    CipherSuite{0xC02B, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", kEcdheEcdsa, 16, false},
    CipherSuite{0xC02C, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", kEcdheEcdsa, 32, false},
    CipherSuite{0xC009, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", kEcdheEcdsa, 16, true},
};

}  // namespace

std::span<const CipherSuite> cipher_suites() {
  return kSuites;
}

const CipherSuite* find_cipher_suite(std::uint64_t id) {
  const auto at = std::ranges::find(kSuites, id, &CipherSuite::id);
  return at == kSuites.end() ? nullptr : &*at;
}

}  // namespace uicclab::lwm2m
