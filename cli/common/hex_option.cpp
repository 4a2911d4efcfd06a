// SPDX-License-Identifier: Apache-2.0
#include "cli/common/hex_option.hpp"

#include "cli/common/commands.hpp"
#include "core/hex.hpp"

namespace uicclab::cli {

Aid aid_option(const std::string& option, const std::string& text) {
  const auto aid = Aid::from(hex_option(option, text));
  if (!aid) throw Exit{kUsage, option + " " + text + ": " + aid.error().text};
  return *aid;
}

Bytes hex_option(const std::string& option, const std::string& text) {
  auto bytes = from_hex(text);
  if (!bytes) throw Exit{kUsage, option + " " + text + ": " + bytes.error().text};
  return *std::move(bytes);
}

}  // namespace uicclab::cli
