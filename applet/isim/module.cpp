// SPDX-License-Identifier: Apache-2.0
#include "applet/isim/module.hpp"

#include "applet/aka/personalise.hpp"
#include "applet/isim/isim.hpp"

namespace uicclab::applet::isim {

Aid IsimModule::load_file_aid() const {
  return aka::load_file_aid();
}

Aid IsimModule::module_aid() const {
  return aka::module_aid(0x02);
}

Result<InitialObjects> IsimModule::personalise(const Parameters& parameters) const {
  return aka::personalise(parameters);
}

std::unique_ptr<Applet> IsimModule::make() const {
  return std::make_unique<Isim>();
}

}  // namespace uicclab::applet::isim
