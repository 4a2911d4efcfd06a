#include "emulator/runtime/runtime.hpp"

namespace uicclab::emulator {

std::vector<std::uint32_t> Runtime::find(BytesView partial) const {
  std::vector<std::uint32_t> all;
  for (std::uint32_t i = 0; i < count(); ++i) {
    if (instance(i).aid.begins_with(partial)) all.push_back(i);
  }
  return all;
}

std::optional<std::uint32_t> Runtime::by_adf(FileId adf) const {
  for (std::uint32_t i = 0; i < count(); ++i) {
    if (instance(i).adf == adf) return i;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> Runtime::by_module(std::string_view name) const {
  for (std::uint32_t i = 0; i < count(); ++i) {
    if (instance(i).module->name() == name) return i;
  }
  return std::nullopt;
}

applet::Applet& Runtime::object(std::uint32_t number) {
  auto& object = m_objects[number];
  if (!object) object = instance(number).module->make();
  return *object;
}

}  // namespace uicclab::emulator
