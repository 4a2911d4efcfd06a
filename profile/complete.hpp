// SPDX-License-Identifier: Apache-2.0
// Values that a profile omits because they follow from the rest of it.
#pragma once

#include "profile/check.hpp"
#include "profile/profile.hpp"

namespace uicclab::profile {

/// The profile with the content of every file that has none but follows from something else:
/// - EF_DIR from the applications (ETSI TS 102 221 clause 13.1): template 61, AID 4F, label 50;
/// - EF_ICCID, EF_IMSI, EF_ACC, EF_AD, EF_SPN, EF_MSISDN, EF_SMSP, EF_HPLMNwAcT, EF_EHPLMN, EF_PNN, EF_OPL, EF_SPDI, the EFs of location
///   information, EF_IMPI, EF_IMPU and
/// EF_DOMAIN from the
///   identity, if it has no errors.
Profile complete(Profile profile);

/// What is wrong with the texts of the identity.
std::vector<Finding> find_identity_errors(const Identity& identity);

}  // namespace uicclab::profile
