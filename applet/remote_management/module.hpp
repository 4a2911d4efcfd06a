// SPDX-License-Identifier: Apache-2.0
// The module "rfm": remote file management, ETSI TS 102 226 clause 7.
//
//   [[applications]]
//   module = "rfm"
//   aid = "A0000000090002FFFFFFFF89B0014000"
//   in_dir = false
//   [applications.parameters]               # parameters.hpp
//   tars = "B00140 B00143"
//   minimum_security = "02"
//   adf = "A0000000871002FF49FF0589"
#pragma once

#include "applet/api/applet.hpp"

namespace uicclab::applet::remote_management {

/// An instance manages the files outside ADFs, or, if it has rights to an ADF, begins there. It cannot be selected usefully.
class FileManagementModule final : public Module {
 public:
  std::string_view name() const override { return "rfm"; }
  Aid load_file_aid() const override;
  Aid module_aid() const override;
  Result<InitialObjects> personalise(const Parameters& parameters) const override;
  Result<Registration> registration(const Parameters& parameters) const override;
  /// Everything is in the UICC parameters of INSTALL; C9 must be empty.
  Result<InitialObjects> install(BytesView parameters) const override;
  std::unique_ptr<Applet> make() const override;
};

}  // namespace uicclab::applet::remote_management
