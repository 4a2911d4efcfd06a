// SPDX-License-Identifier: Apache-2.0
// Recorded answers of a card, from a test script whose answers are bytes, a trace, or the output of scriptor.
#pragma once

#include <map>

#include "core/card_port.hpp"
#include "script/script.hpp"

namespace uicclab::script {

/// One thing that happened to the card.
struct Recorded {
  enum class Kind { kReset, kExchange, kPowerOff, kProtocol };
  Kind kind;
  Place place;
  Bytes command = {};       ///< up to the masked data, if there is some
  std::string masked = {};  ///< the variable for data that was masked and not given; empty: none
  Bytes answer = {};        ///< data and status word; of a reset the ATR
};

struct Recording {
  std::string file;
  Atr atr;  ///< the first one; a plain one (3B00) if no reset says it
  std::vector<Recorded> events;
};

/// Takes a script that parse() read: `raw` and plain commands with the bytes and the status word of their answers, resets, power off,
/// protocols, and variables that are set outside of cases, or are given as `variables` in the words of a script. The bodies of all cases
/// follow each other. Errors: kMalformed, with the place, for everything else, and for a command without an answer.
Result<Recording> read_recording(const Script& script, const std::map<std::string, std::string>& variables);

}  // namespace uicclab::script
