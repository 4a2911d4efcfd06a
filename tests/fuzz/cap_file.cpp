// SPDX-License-Identifier: Apache-2.0
// CAP files as they come concatenated in LOAD: what is read is written back byte for byte, and keeps the promises of CapFile::parse().
#include "jcvm/cap/cap_file.hpp"

#include "gp/load_file_blocks.hpp"
#include "jcvm/code/instruction.hpp"
#include "tests/support/fuzz.hpp"

using namespace uicclab;
using jcvm::cap::CapFile;
using jcvm::cap::Component;
using test::require;

namespace {

void check(BytesView file, const CapFile& cap) {
  require(equal(cap.encode(), file), "what was read is written back");
  require(!cap.header.package.aid.empty(), "a package has an AID");
  for (const auto& applet : cap.applets) {
    require(!applet.aid.empty() && !cap.methods.from(applet.install_method).empty(), "an applet has an AID and a method");
  }
  for (const auto& import : cap.imports) require(!import.aid.empty(), "an import has an AID");
  for (const auto which : {Component::kHeader, Component::kDirectory, Component::kImport, Component::kConstantPool, Component::kClass,
                           Component::kMethod, Component::kStaticField, Component::kReferenceLocation}) {
    require(cap.has(which), "what every package has is there");
  }
  for (const auto& one : cap.classes.classes) require(cap.classes.at(one.offset) == &one, "a class is found at its offset");
  for (std::uint32_t at = cap.methods.base(); at < cap.methods.size();) {
    const auto instruction = jcvm::code::decode(cap.methods.from(at), at);
    if (!instruction) break;
    require(instruction->size > 0 && instruction->next() <= cap.methods.size(), "an instruction lies in the component");
    at = instruction->next();
  }
  if (cap.descriptor) {
    for (const auto type : cap.descriptor->constant_types) (void)cap.descriptor->type_at(type);
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView bytes{data, size};
  if (const auto cap = CapFile::parse(bytes)) check(bytes, *cap);
  if (const auto blocks = gp::LoadFileBlocks::parse(bytes)) {
    require(!blocks->components.empty(), "a load file has a data block");
    if (const auto cap = CapFile::parse(blocks->components)) check(blocks->components, *cap);
  }
  return 0;
}
