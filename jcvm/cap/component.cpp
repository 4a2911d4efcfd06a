// SPDX-License-Identifier: Apache-2.0
#include "jcvm/cap/component.hpp"

namespace uicclab::jcvm::cap {
namespace {

struct Names {
  std::string_view name;
  std::string_view file;
};

constexpr auto kNames = std::to_array<Names>({
    {"", ""},
    {"Header", "Header.cap"},
    {"Directory", "Directory.cap"},
    {"Applet", "Applet.cap"},
    {"Import", "Import.cap"},
    {"Constant Pool", "ConstantPool.cap"},
    {"Class", "Class.cap"},
    {"Method", "Method.cap"},
    {"Static Field", "StaticField.cap"},
    {"Reference Location", "RefLocation.cap"},
    {"Export", "Export.cap"},
    {"Descriptor", "Descriptor.cap"},
    {"Debug", "Debug.cap"},
    {"Static Resource", "StaticResources.capx"},
});
static_assert(kNames.size() == kLastTag + 1);

}  // namespace

std::string_view name_of(Component component) {
  const auto tag = static_cast<std::size_t>(component);
  return tag == 0 || tag > kLastTag ? "custom" : kNames[tag].name;
}

std::string_view file_name_of(Component component) {
  const auto tag = static_cast<std::size_t>(component);
  return tag > kLastTag ? "" : kNames[tag].file;
}

std::optional<Component> component_with_file_name(std::string_view name) {
  for (std::size_t tag = 1; tag <= kLastTag; ++tag) {
    if (kNames[tag].file == name) return static_cast<Component>(tag);
  }
  return std::nullopt;
}

}  // namespace uicclab::jcvm::cap
