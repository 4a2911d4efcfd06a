// SPDX-License-Identifier: Apache-2.0
// Remote application data, expanded and compact, in both directions: what is taken can be written again and reads the same.
#include "ota/remote_apdu_compact.hpp"
#include "ota/remote_apdu_expanded.hpp"

using namespace uicclab;
using namespace uicclab::ota;

namespace {

void require(bool holds) {
  if (!holds) __builtin_trap();
}

void check_script(BytesView bytes) {
  const auto script = ExpandedScript::parse(bytes);
  require(script.has_value() == is_expanded(bytes));
  if (!script) return;
  const auto again = ExpandedScript::parse(script->build());
  require(again && again->commands == script->commands && !again->broken && again->indefinite == script->indefinite);
  static_cast<void>(script->chaining());
  for (const ScriptObject& object : script->commands) static_cast<void>(ScriptAction::from(object));
}

void check_response(BytesView bytes) {
  const auto response = ExpandedResponse::parse(bytes);
  if (response) require(ExpandedResponse::parse(response->build()) == *response);
}

/// The bytes of a script as the answers to it.
void check_builder(BytesView bytes) {
  const std::size_t limit = ExpandedResponseBuilder::kMinimum + bytes[0];
  ExpandedResponseBuilder builder((bytes.size() & 1) != 0, limit);
  std::uint32_t executed = 0;
  for (BytesView rest = bytes.subspan(1); !rest.empty(); ++executed) {
    const std::size_t size = std::min<std::size_t>(rest[0], rest.size());
    if (!builder.add_r_apdu(rest.first(size), sw::kOk)) break;
    rest = rest.subspan(std::max<std::size_t>(size, 1));
  }
  builder.add_bad_format(BadFormat::kUnknownTag);
  const Bytes built = builder.finish(executed);
  require(built.size() <= limit && ExpandedResponse::parse(built).has_value());
}

void check_compact(BytesView bytes, CommandSet set) {
  const auto script = CompactScript::parse(bytes, set);
  std::size_t size = 0;
  for (BytesView command : script.commands) size += command.size();
  require(script.broken ? script.broken->offset == size : size == bytes.size());
  if (const auto response = CompactResponse::parse(bytes)) require(response->build() == to_bytes(bytes));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView bytes(data, size);
  check_script(bytes);
  check_response(bytes);
  if (!bytes.empty()) check_builder(bytes);
  check_compact(bytes, CommandSet::kFiles);
  check_compact(bytes, CommandSet::kApplications);
  return 0;
}
