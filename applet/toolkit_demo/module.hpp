// SPDX-License-Identifier: Apache-2.0
// The module "toolkit_demo": a menu that shows what a toolkit application does (docs/toolkit-menu.md). The built-in card can have it by
// INSTALL; in a profile:
//
//   [[applications]]
//   module = "toolkit_demo"
//   aid = "F0756963636C61620501"
//   in_dir = false
//
// | key       | value                                       | without it    |
// |-----------|---------------------------------------------|---------------|
// | title     | text, up to 20 bytes: over the menu         | uicclab demo  |
// | number    | digits: whom the short message goes to      | +15550100     |
// | port      | number: where the exchange goes             | 4001          |
// | transport | udp or tcp                                  | udp           |
#pragma once

#include "applet/api/toolkit_module.hpp"

namespace uicclab::applet::toolkit_demo {

class DemoModule final : public ToolkitModule {
 public:
  std::string_view name() const override { return "toolkit_demo"; }
  Aid load_file_aid() const override;
  Aid module_aid() const override;
  /// Errors: kMalformed, kRange; both name the key.
  Result<InitialObjects> personalise(const Parameters& parameters) const override;
  std::unique_ptr<Applet> make() const override;
  /// An entry for each item of the menu, a timer, a channel.
  gp::ToolkitParameters default_toolkit() const override;
  ToolkitError enrol(Context& context, ToolkitEntry& entry) const override;
};

}  // namespace uicclab::applet::toolkit_demo
