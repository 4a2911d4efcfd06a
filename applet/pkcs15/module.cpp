// SPDX-License-Identifier: Apache-2.0
#include "applet/pkcs15/module.hpp"

#include "applet/pkcs15/pkcs15.hpp"

namespace uicclab::applet::pkcs15 {

Aid Pkcs15Module::load_file_aid() const {
  return Aid::from("F075696363 6C616202"_h).value();
}

Aid Pkcs15Module::module_aid() const {
  return Aid::from("F075696363 6C616202 01"_h).value();
}

Result<InitialObjects> Pkcs15Module::personalise(const Parameters& parameters) const {
  if (!parameters.all().empty()) return fail(ErrorCode::kMalformed, parameters.all().begin()->first + " is not a parameter of pkcs15");
  return InitialObjects{};
}

std::unique_ptr<Applet> Pkcs15Module::make() const {
  return std::make_unique<Pkcs15>();
}

}  // namespace uicclab::applet::pkcs15
