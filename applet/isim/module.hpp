// SPDX-License-Identifier: Apache-2.0
// The module "isim". Its parameters are those of "usim" (applet/usim/module.hpp); the GSM ones are taken and have no effect, so that an
// ISIM can be given the table of its USIM.
#pragma once

#include "applet/api/applet.hpp"

namespace uicclab::applet::isim {

class IsimModule final : public Module {
 public:
  std::string_view name() const override { return "isim"; }
  Aid load_file_aid() const override;
  Aid module_aid() const override;
  /// Errors: those of aka::read_subscriber.
  Result<InitialObjects> personalise(const Parameters& parameters) const override;
  bool has_files() const override { return true; }
  std::unique_ptr<Applet> make() const override;
};

}  // namespace uicclab::applet::isim
