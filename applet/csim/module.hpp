// SPDX-License-Identifier: Apache-2.0
// The module "csim": the files of a CDMA subscription (3GPP2 C.S0065) and its secrets. The application is selected and its files are read
// and written; the secrets are kept, so that a profile that came with them can be written again. DEVIATION: no command computes with them
// (CAVE, and the CHAP of C.S0065 clauses 4.8 and 4.9): 6D00.
//
//   [[applications]]
//   module = "csim"
//   aid = "A0000003431002F310FFFF89020000FF"
//   adf = "ADF.CSIM"
//
// | key       | value                                                                         |
// |-----------|-------------------------------------------------------------------------------|
// | a_key     | hex, 8 bytes                                                                  |
// | ssd       | hex, 16 bytes: shared secret data A and B                                     |
// | hrpd_auth, simple_ip_auth, mobile_ip_auth | hex, coded as in 3GPP2 C.S0016 clause 4.5.7   |
#pragma once

#include "applet/api/applet.hpp"

namespace uicclab::applet::csim {

class CsimModule final : public Module {
 public:
  std::string_view name() const override { return "csim"; }
  Aid load_file_aid() const override;
  Aid module_aid() const override;
  /// Errors: kMalformed for another parameter or a value that is no hexadecimal; kRange for its length.
  Result<InitialObjects> personalise(const Parameters& parameters) const override;
  bool has_files() const override { return true; }
  std::unique_ptr<Applet> make() const override;
};

}  // namespace uicclab::applet::csim
