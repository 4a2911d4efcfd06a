// SPDX-License-Identifier: Apache-2.0
// A subscriber in a TOML file of its own (imsi, mnc_digits, k, opc), its sequence number in FILE.sqn: HSS, BSF and NAF in one process for
// `lwm2m push`.
#pragma once

#include <string>

#include "cli/common/commands.hpp"
#include "gba/reference_points.hpp"

namespace uicclab::cli {

/// A push for this subscriber by a BSF of this name, whose policy lets the NAF have everything. Lifetime 0: no end. The file is locked
/// meanwhile: two runs never take the same sequence number. Throws Exit.
gba::ZpnAnswer push_for_file(const std::string& file, const std::string& bsf, gba::ZpnRequest request);

}  // namespace uicclab::cli
