// SPDX-License-Identifier: Apache-2.0
// The way back from a view, as the readers of JSON and TOML hand it over. The input is lines: "object ID VERSION", "instance ID",
// "KEY = TEXT", "KEY.NUMBER = TEXT".
#include <algorithm>
#include <charconv>
#include <string_view>

#include "lwm2m/validation.hpp"
#include "lwm2m/view.hpp"
#include "lwm2m/view_reader.hpp"
#include "tests/support/fuzz.hpp"

using namespace uicclab;
using namespace uicclab::lwm2m;
using test::require;

namespace {

std::string_view cut(std::string_view& rest, std::string_view separator) {
  const std::size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view out = rest.substr(0, end);
  rest.remove_prefix(std::min(end + separator.size(), rest.size()));
  return out;
}

std::int64_t number(std::string_view text) {
  std::int64_t out = -1;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

bool take(ViewReader& reader, std::string_view line) {
  if (line.starts_with("object ")) {
    line.remove_prefix(7);
    const std::string_view id = cut(line, " ");
    return reader.object(number(id), line).has_value();
  }
  if (line.starts_with("instance ")) return reader.instance(number(line.substr(9))).has_value();
  std::string_view key = cut(line, " = ");
  const std::string_view name = cut(key, ".");
  return key.empty() ? reader.resource(name, line).has_value() : reader.resource(name, number(key), line).has_value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  ViewReader reader;
  while (!text.empty()) {
    if (!take(reader, cut(text, "\n"))) return 0;
  }
  const BootstrapFile file = reader.take();
  (void)to_json(file);
  (void)to_toml(file, Secrets::kShown);
  (void)validate(file);
  const auto written = encode_bootstrap_file(file);
  if (!written) return 0;
  const auto back = parse_bootstrap_file(*written);
  require(back.has_value() || file.objects.empty(), "what was put together can be read");
  if (back) require(*encode_bootstrap_file(*back) == *written, "and gives the same bytes");
  return 0;
}
