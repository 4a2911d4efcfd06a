// SPDX-License-Identifier: Apache-2.0
// The module "pkcs15". It has no parameters: the profile's list of files gives their contents and access rules.
//
//   [[applications]]
//   module = "pkcs15"
//   aid = "A000000063504B43532D3135"
//   adf = "ADF.PKCS15"
//
// A file that only a device with the domain's keys may read (appendix H: security level 33) has a rule such as
// "800101 AF0AB403950130B803950130": read through a secure channel that checks and enciphers both directions.
#pragma once

#include "applet/api/applet.hpp"

namespace uicclab::applet::pkcs15 {

class Pkcs15Module final : public Module {
 public:
  std::string_view name() const override { return "pkcs15"; }
  Aid load_file_aid() const override;
  Aid module_aid() const override;
  /// Errors: kMalformed for any parameter.
  Result<InitialObjects> personalise(const Parameters& parameters) const override;
  bool watches_files() const override { return true; }
  std::unique_ptr<Applet> make() const override;
};

}  // namespace uicclab::applet::pkcs15
