// SPDX-License-Identifier: Apache-2.0
// A decoded exchange: the command, the card's selection, the answer, and its meaning.
#pragma once

#include <optional>

#include "core/status_word.hpp"
#include "core/trace_reading.hpp"
#include "ota/explain/field.hpp"
#include "trace/secrets.hpp"

namespace uicclab::trace {

using ota::Field;

/// What secure messaging hid.
struct Plain {
  std::string protocol;  ///< "SCP03 level 33"
  Bytes command;         ///< as it would have been sent without
  Bytes data;            ///< of the answer
};

/// One event, decoded.
struct Exchange {
  std::size_t number = 0;  ///< from 1
  TraceEvent::Kind kind = TraceEvent::Kind::kExchange;
  std::optional<std::chrono::nanoseconds> time;
  std::optional<std::chrono::nanoseconds> took;
  unsigned card = 0;
  Bytes command;                     ///< as it was sent
  Bytes data;                        ///< as it was answered; of a reset the ATR
  std::optional<StatusWord> status;  ///< nothing if the trace has none
  std::string name;                  ///< "READ BINARY"; "reset", "power off", "error"
  std::string title;                 ///< with what it is about: "READ BINARY 9 bytes at 0", "select EF.IMSI"
  std::string clause;
  std::uint8_t channel = 0;
  std::string path;                   ///< of the file that the command is about, or that is selected: "ADF.USIM/6F07"
  std::string file;                   ///< its name, "EF.IMSI"; may be empty
  std::vector<Field> command_fields;  ///< offsets in the command, or in the plain one
  std::vector<Field> answer_fields;   ///< offsets in the answer, or in the plain one; of all pieces that GET RESPONSE fetched
  std::string status_meaning;
  std::string status_clause;
  std::optional<Plain> plain;
  std::vector<std::string> notes;   ///< what is wrong, or could not be read
  Secrets secrets;                  ///< where PINs, keys and the like are
  std::vector<std::string> hidden;  ///< kinds of secrets that redact() has taken out
};

}  // namespace uicclab::trace
