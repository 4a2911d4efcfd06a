// SPDX-License-Identifier: Apache-2.0
// A fault rule: the fault, and the commands that it applies to, as a line of text. docs/faults.md describes it.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "core/environment.hpp"
#include "script/pattern.hpp"
#include "script/tlv_path.hpp"

namespace uicclab::fault {

/// What goes wrong.
struct Action {
  enum class Kind {
    kDelay,        ///< the answer comes later
    kDropAnswer,   ///< the card carries the command out, and its answer is lost
    kDropCommand,  ///< the command does not arrive
    kCutCommand,   ///< the power goes before the command arrives
    kCutAnswer,    ///< the power goes after the command, before its answer
    kCutWrite,     ///< the power goes at a write of the card's memory
    kMutate,       ///< the answer is another one
  };
  enum class Change { kReplace, kXor, kRandom, kRemove };

  Kind kind = Kind::kDelay;
  std::chrono::milliseconds delay{0};
  std::uint32_t write = 0;  ///< kCutWrite: 1 is the first of the command
  script::TlvPath path;     ///< kMutate: what of the answer
  Change change = Change::kReplace;
  Bytes value;  ///< of kReplace and kXor
};

/// Which commands it happens to: those that meet all conditions.
struct Conditions {
  std::optional<std::uint8_t> ins;
  std::optional<script::Pattern> command;  ///< of the whole command
  std::string file;                        ///< path as script::path_of_file() has it; empty: any
  std::uint64_t nth = 0;                   ///< only this one of those that meet the conditions above, from 1; 0: all of them
  std::uint64_t times = 0;                 ///< no more often than that; 0: always
  unsigned chance = 100;                   ///< in percent
  std::uint64_t seed = 1;                  ///< of chances and random values
};

struct Rule {
  Action action;
  Conditions conditions;
  std::string text;  ///< as it was written

  /// "mutate 62/83 7F20 ins A4 file EF.IMSI times 1". Errors: kMalformed with "rule:1:column: ".
  static Result<Rule> parse(std::string_view text);
};

}  // namespace uicclab::fault
