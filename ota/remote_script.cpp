// SPDX-License-Identifier: Apache-2.0
#include "ota/remote_script.hpp"

namespace uicclab::ota {

CommandSet command_set_of(const Tar& tar) {
  const bool domain = tar == Tar{} || tar == Tar{{0xB2, 0x01, 0x00}};
  return domain ? CommandSet::kApplications : CommandSet::kFiles;
}

Result<Bytes> build_script(const std::vector<Bytes>& commands, CommandSet set, ScriptFormat format) {
  if (format == ScriptFormat::kCompact) return build_compact(commands, set);
  ExpandedScript script;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    if (const auto parsed = apdu::parse(commands[i]); !parsed) return fail(parsed.error().code, parsed.error().text, i);
    script.commands.push_back({script_tag::kCApdu, commands[i]});
  }
  return script.build();
}

Result<ScriptOutcome> read_script_response(BytesView data) {
  ScriptOutcome outcome;
  const bool expanded = !data.empty() && (data[0] == script_tag::kResponses || data[0] == script_tag::kResponsesIndefinite);
  if (!expanded) {
    auto compact = CompactResponse::parse(data);
    if (!compact) return tl::unexpected(compact.error());
    outcome.executed = compact->executed;
    if (compact->executed != 0) outcome.responses.push_back({std::move(compact->data), compact->status});
    return outcome;
  }
  const auto response = ExpandedResponse::parse(data);
  if (!response) return tl::unexpected(response.error());
  for (const ScriptObject& object : response->objects) {
    if (object.tag == script_tag::kRApdu) {
      auto one = apdu::parse_response(object.value);
      if (!one) return tl::unexpected(one.error());
      outcome.responses.push_back(*std::move(one));
    } else if (object.tag == script_tag::kBadFormat && object.value.size() == 1) {
      outcome.bad_format = static_cast<BadFormat>(object.value[0]);
    }
  }
  outcome.executed = response->executed.value_or(static_cast<std::uint32_t>(outcome.responses.size()));
  return outcome;
}

}  // namespace uicclab::ota
