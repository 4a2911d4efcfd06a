// SPDX-License-Identifier: Apache-2.0
// CAP archives and files of components: whatever is read goes to a card as it is, and reads the same again.
#include "gp/host/load_file.hpp"

#include "jcvm/archive/zip.hpp"
#include "tests/support/fuzz.hpp"

using namespace uicclab;
using namespace uicclab::gp::host;
using test::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView file{data, size};
  if (const auto archive = jcvm::archive::ZipArchive::open(file)) {
    for (const std::string& name : archive->names()) (void)archive->extract(name);
  }
  const auto read = LoadFile::read(file);
  if (!read) return 0;
  const auto again = LoadFile::read(read->components());
  require(again && again->components() == read->components(), "components read the same again");
  require(again->cap().header.package == read->cap().header.package, "and are the same package");
  const Bytes sent = encode_load_file(read->components());
  const auto blocks = gp::LoadFileBlocks::parse(sent);
  require(blocks && equal(blocks->components, read->components()), "the load file has these components");
  return 0;
}
