// SPDX-License-Identifier: Apache-2.0
#include "applet/toolkit_demo/module.hpp"

#include "applet/toolkit_demo/demo.hpp"

namespace uicclab::applet::toolkit_demo {

Aid DemoModule::load_file_aid() const {
  return Aid::from("F075696363 6C616205"_h).value();
}

Aid DemoModule::module_aid() const {
  return Aid::from("F075696363 6C616205 01"_h).value();
}

Result<InitialObjects> DemoModule::personalise(const Parameters& parameters) const {
  for (const auto& [name, value] : parameters.all()) {
    if (name != "title" && name != "number" && name != "port" && name != "transport") {
      return fail(ErrorCode::kMalformed, name + " is not a parameter of toolkit_demo");
    }
  }
  Options options;
  if (parameters.contains("title")) {
    const auto title = parameters.text("title");
    if (!title) return tl::unexpected(title.error());
    if (title->empty() || title->size() > 20) return fail(ErrorCode::kRange, "title has 1 to 20 bytes");
    options.title = *title;
  }
  if (parameters.contains("number")) {
    const auto number = parameters.text("number");
    if (!number) return tl::unexpected(number.error());
    const auto address = ota::Address::from_number(*number);
    if (!address) return fail(address.error().code, "number: " + address.error().text);
    options.number = *address;
  }
  if (parameters.contains("port")) {
    const auto port = parameters.number("port", 1, 65535);
    if (!port) return tl::unexpected(port.error());
    options.port = static_cast<std::uint16_t>(*port);
  }
  if (parameters.contains("transport")) {
    const auto transport = parameters.text("transport");
    if (!transport) return tl::unexpected(transport.error());
    if (*transport != "udp" && *transport != "tcp") return fail(ErrorCode::kMalformed, "transport is udp or tcp");
    options.tcp = *transport == "tcp";
  }
  return InitialObjects{{kOptionsSlot, options.encode()}};
}

std::unique_ptr<Applet> DemoModule::make() const {
  return std::make_unique<Demo>();
}

gp::ToolkitParameters DemoModule::default_toolkit() const {
  gp::ToolkitParameters toolkit;
  toolkit.max_timers = 1;
  toolkit.max_menu_text = kLongestEntry;
  for (std::uint8_t id = 1; id <= kMenu.size(); ++id) toolkit.menu.push_back({0, id});
  toolkit.max_channels = 1;
  return toolkit;
}

// Toolkit parameters of INSTALL may leave less of the menu, or none of it, and no timer.
ToolkitError DemoModule::enrol(Context& context, ToolkitEntry& entry) const {
  const auto options = Options::decode(context.load(kOptionsSlot).value_or(BytesView()));
  if (options) entry.set_menu_title(options->title);
  for (const std::string_view words : kMenu) {
    const auto added = entry.init_menu_entry(MenuEntry{.text = to_bytes(as_bytes(words))});
    if (added) continue;
    if (added.error() == ToolkitError::kRegistryError) break;  // no entry is left
    return added.error();
  }
  (void)entry.allocate_timer();
  return ToolkitError::kNone;
}

}  // namespace uicclab::applet::toolkit_demo
