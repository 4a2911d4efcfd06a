// SPDX-License-Identifier: Apache-2.0
// Scripts of remote management in either format, as their sender sees them: ETSI TS 102 226 clause 5.
#pragma once

#include "core/types.hpp"
#include "ota/remote_apdu_compact.hpp"
#include "ota/remote_apdu_expanded.hpp"

namespace uicclab::ota {

enum class ScriptFormat { kCompact, kExpanded };

/// Applications for the TARs of the issuer security domain (000000; B20100 in GSMA TS.48), files for all others.
CommandSet command_set_of(const Tar& tar);

/// Commands as a terminal would send them. Errors: as build_compact(); kTruncated and kTrailing for what is not a C-APDU.
Result<Bytes> build_script(const std::vector<Bytes>& commands, CommandSet set, ScriptFormat format);

/// What a card made of a script.
struct ScriptOutcome {
  std::uint32_t executed = 0;             ///< commands, GET RESPONSE included; with an indefinite length as many as there are responses
  std::vector<apdu::Response> responses;  ///< expanded: of every command executed; compact: of the last one
  std::optional<BadFormat> bad_format;

  /// Of the last command executed; nothing if none was.
  const apdu::Response* last() const { return responses.empty() ? nullptr : &responses.back(); }
};

/// Response data of a packet, in the format given by its first byte. Errors: as CompactResponse::parse() and ExpandedResponse::parse().
Result<ScriptOutcome> read_script_response(BytesView data);

}  // namespace uicclab::ota
