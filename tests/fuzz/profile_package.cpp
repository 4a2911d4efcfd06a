// SPDX-License-Identifier: Apache-2.0
// Profile packages: no bytes harm the reader; an error names its byte; what was read without errors is written and read again as the same.
#include "profile/check.hpp"
#include "profile/package/package.hpp"
#include "tests/support/fuzz.hpp"

using namespace uicclab;
using test::require;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView bytes(data, size);
  const auto read = profile::package::read_package(bytes, "fuzz");
  if (!read) {
    require(read.error().text.starts_with("fuzz: byte " + std::to_string(read.error().offset) + ": "), "an error has its place");
    require(read.error().offset <= size, "the place is in the package");
    return 0;
  }
  for (const profile::package::Notice& notice : read->notices) {
    require(!notice.text.empty() && !notice.place.empty(), "a notice says what and where");
  }
  for (const profile::Finding& finding : profile::check_profile(read->profile)) {
    require(!profile::to_text(read->profile, finding).empty(), "a finding has a text");
  }
  if (!profile::find_errors(read->profile).empty()) return 0;
  const auto written = profile::package::write_package(read->profile);
  if (!written || !written->notices.empty()) return 0;
  const auto again = profile::package::read_package(written->package, "fuzz");
  require(again.has_value() && again->profile.files == read->profile.files, "a package that was written is read as the same files");
  return 0;
}
