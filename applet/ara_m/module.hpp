// SPDX-License-Identifier: Apache-2.0
// The module "ara-m".
//
//   [[applications]]
//   module = "ara-m"
//   aid = "A00000015141434C00"
//   in_dir = false
//
// | key            | value                                                                    | without it                       |
// |----------------|--------------------------------------------------------------------------|----------------------------------|
// | secure_channel | false: STORE DATA is open to anybody, as on many test cards              | only through a secure channel,   |
// |                |                                                                          | or through the security domain   |
// | refresh_tag    | hex, 8 bytes                                                             | made from the rules              |
// | rules          | tables with aid, app, package, apdu, nfc, permissions (gp::RuleText)     | no rules: nobody is allowed      |
#pragma once

#include "applet/api/applet.hpp"

namespace uicclab::applet::ara_m {

class AraMModule final : public Module {
 public:
  std::string_view name() const override { return "ara-m"; }
  Aid load_file_aid() const override;
  Aid module_aid() const override;
  /// Errors: kMalformed, kRange; both name the key.
  Result<InitialObjects> personalise(const Parameters& parameters) const override;
  std::unique_ptr<Applet> make() const override;
};

}  // namespace uicclab::applet::ara_m
