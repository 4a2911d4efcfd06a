// SPDX-License-Identifier: Apache-2.0
// The privileges that this card gives.
#pragma once

#include "gp/privileges.hpp"

namespace uicclab::emulator {

// What this card gives. Verification of tokens, receipts, ciphered load files, global services and contactless are not there.
inline constexpr gp::Privileges kForDomains{gp::Privilege::kSecurityDomain,
                                            gp::Privilege::kDapVerification,
                                            gp::Privilege::kMandatedDapVerification,
                                            gp::Privilege::kDelegatedManagement,
                                            gp::Privilege::kCardLock,
                                            gp::Privilege::kCardTerminate,
                                            gp::Privilege::kCardReset,
                                            gp::Privilege::kTrustedPath,
                                            gp::Privilege::kGlobalDelete,
                                            gp::Privilege::kAuthorizedManagement,
                                            gp::Privilege::kGlobalLock,
                                            gp::Privilege::kGlobalRegistry,
                                            gp::Privilege::kFinalApplication};
inline constexpr gp::Privileges kForApplications{
    gp::Privilege::kCardLock,   gp::Privilege::kCardTerminate,  gp::Privilege::kCardReset,       gp::Privilege::kCvmManagement,
    gp::Privilege::kGlobalLock, gp::Privilege::kGlobalRegistry, gp::Privilege::kFinalApplication};

}  // namespace uicclab::emulator
