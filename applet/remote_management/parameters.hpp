// SPDX-License-Identifier: Apache-2.0
// Parameters of a profile that make an application reachable by secured packets, and let it at files.
//
// Key; value; what it is without.
//   tars              hex, three bytes for each TAR; not reachable
//   minimum_security  hex, first byte of SPI that a packet must reach in every field: 02 a CC, 12 and a new counter, 16 and ciphered; 00,
//   any adf               hex, AID of the application whose ADF is managed; none access            hex, access domain of the files outside
//   ADFs: 00 all, FF none, 02 and three bytes by keys; 00 adf_access        hex, the same of the ADF; 00 admin_access      hex, access
//   domain for creating, deleting and resizing, inside the ADF and outside; 00 gsm_class         true or false: commands of class A0 (3GPP
//   TS 51.011) are carried out too; false
#pragma once

#include "applet/api/applet.hpp"

namespace uicclab::applet::remote_management {

/// `tars` and `minimum_security`, if there are TARs. Errors name the key.
Result<std::optional<gp::ToolkitParameters>> read_toolkit(const Parameters& parameters);
/// All of the table. Errors: as above; kNotFound without TARs; kMalformed for a key that is not of the table.
Result<gp::UiccParameters> read_uicc(const Parameters& parameters);

}  // namespace uicclab::applet::remote_management
