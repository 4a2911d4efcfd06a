// CAP files as they come concatenated in LOAD: what is accepted lies inside the input and keeps the promises of CapFile::parse().
#include "gp/cap_file.hpp"

#include "tests/support/fuzz.hpp"

using namespace uicclab;
using test::require;

namespace {

void check(BytesView file, const gp::CapFile& cap) {
  std::size_t sum = 0;
  for (const BytesView component : cap.components) {
    if (component.empty()) continue;
    require(component.data() >= file.data() && component.data() + component.size() <= file.data() + file.size(),
            "a component is of the file");
    sum += 3 + component.size();
  }
  require(sum <= file.size(), "components do not overlap");
  require(!cap.package.aid.empty(), "a package has an AID");
  const std::size_t methods = cap.component(gp::Component::kMethod).size();
  for (const auto& applet : cap.applets) {
    require(!applet.aid.empty() && applet.install_method > 0 && applet.install_method < methods, "an applet has an AID and a method");
  }
  for (const auto& import : cap.imports) require(!import.aid.empty(), "an import has an AID");
  for (const auto which : {gp::Component::kHeader, gp::Component::kDirectory, gp::Component::kImport, gp::Component::kConstantPool,
                           gp::Component::kClass, gp::Component::kMethod, gp::Component::kStaticField, gp::Component::kReferenceLocation}) {
    require(!cap.component(which).empty(), "what every package has is there");
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView bytes{data, size};
  if (const auto cap = gp::CapFile::parse(bytes)) check(bytes, *cap);
  if (const auto blocks = gp::LoadFileBlocks::parse(bytes)) {
    require(!blocks->components.empty(), "a load file has a data block");
    if (const auto cap = gp::CapFile::parse(blocks->components)) check(blocks->components, *cap);
  }
  return 0;
}
