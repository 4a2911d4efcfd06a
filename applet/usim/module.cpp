// SPDX-License-Identifier: Apache-2.0
#include "applet/usim/module.hpp"

#include "applet/aka/personalise.hpp"
#include "applet/usim/usim.hpp"

namespace uicclab::applet::usim {

Aid UsimModule::load_file_aid() const {
  return aka::load_file_aid();
}

Aid UsimModule::module_aid() const {
  return aka::module_aid(0x01);
}

Result<InitialObjects> UsimModule::personalise(const Parameters& parameters) const {
  return aka::personalise(parameters);
}

std::unique_ptr<Applet> UsimModule::make() const {
  return std::make_unique<Usim>();
}

}  // namespace uicclab::applet::usim
