// SPDX-License-Identifier: Apache-2.0
// An operator's commands to a device, as text and as CoAP: OMA-TS-LightweightM2M 1.0 clauses 5.4, 5.5 and 8.2.5, 8.2.6. The same words
// serve the command line, the HTTP interface and scripts: "read device-1 /3/0", "write device-1 /3/0/15 Europe/Berlin".
#pragma once

#include "core/json.hpp"
#include "lwm2m/transport/coap.hpp"

namespace uicclab::lwm2m::server {

struct Command {
  enum class Kind { kRead, kWrite, kUpdate, kExecute, kDiscover, kCreate, kDelete, kObserve, kCancel, kAttributes, kBootstrap };
  Kind kind = Kind::kRead;
  std::string endpoint;
  std::vector<std::uint16_t> path;
  std::vector<std::string> words;       ///< after the path
  std::optional<std::uint16_t> format;  ///< as=...
};

/// For the help.
inline constexpr const char* kCommandForms =
    "read|discover|delete|observe|cancel EP PATH, write EP PATH VALUE or RES=VALUE ..., update EP PATH RES=VALUE ..., execute EP PATH "
    "[ARGS], "
    "create EP PATH RES=VALUE ..., attributes EP PATH NAME=VALUE ..., bootstrap EP [HOST:PORT]";

/// Errors: kMalformed in words that name what must be.
Result<Command> parse_command(std::string_view line);

/// The request, without type, identifier and token. VALUE is text (text/plain), hex:DIGITS (opaque); of RES=VALUE, in TLV, a number if it
/// is one, true, false, text:..., hex:... . Errors: kMalformed, kRange.
Result<coap::Message> message_of(const Command& command);

/// A payload as JSON, by its format and the path it was asked for; {} without one. Values of known objects by their types; of others text
/// if it is printable, a number of 1 or 2 bytes, else hex.
Json payload_json(const coap::Message& answer, const std::vector<std::uint16_t>& path);

}  // namespace uicclab::lwm2m::server
