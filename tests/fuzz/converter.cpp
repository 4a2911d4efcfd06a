// SPDX-License-Identifier: Apache-2.0
// Class files through the converter, several one behind the other, each behind its length in two bytes: whatever they hold, what comes out
// is a sound CAP file or a refusal in words.
#include "jcvm/tools/converter/converter.hpp"

#include "core/hex.hpp"
#include "core/reader.hpp"
#include "tests/support/fuzz.hpp"

using namespace uicclab;
using namespace uicclab::jcvm::converter;
using test::require;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ByteReader in({data, size});
  const std::uint8_t flags = in.u8().value_or(0);
  std::vector<ClassFile> files;
  while (!in.empty()) {
    const auto length = in.u16();
    const auto bytes = length ? in.bytes(*length) : std::nullopt;
    if (!bytes) return 0;
    auto file = ClassFile::parse(*bytes);
    if (!file) return 0;
    files.push_back(*std::move(file));
  }
  if (files.empty()) return 0;
  Options options;
  options.package = files.front().package();
  options.aid = *Aid::from("F075696363"_h);
  options.allow_int = (flags & 1) != 0;
  options.is_exported = (flags & 2) != 0;
  options.with_debug = (flags & 4) != 0;
  if ((flags & 8) != 0) options.applets.push_back({*Aid::from("F07569636301"_h), files.front().name});
  const auto cap = convert(files, options);
  if (cap) {
    require(jcvm::cap::CapFile::parse(cap->file.encode()).has_value(), "what is converted can be read");
    require(cap->table.empty() || jcvm::packages::Package::parse(cap->table).has_value(), "the table of exports can be read");
    return 0;
  }
  require(!cap.error().empty(), "a refusal says why");
  for (const std::string& refusal : cap.error()) require(!refusal.starts_with("the converter made"), "no unsound file is made");
  return 0;
}
