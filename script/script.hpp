// SPDX-License-Identifier: Apache-2.0
// A parsed script, with the places of its statements. docs/script-format.md describes the format.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "script/token.hpp"

namespace uicclab::script {

/// One line that does something, with the lines of its block.
struct Statement {
  enum class Kind {
    kSend,    ///< a command; what 61xx and 6Cxx promise is fetched
    kRaw,     ///< a command, and its answer as it comes
    kSelect,  ///< a file by name
    kVerify,  ///< a PIN by name
    kReset,   ///< reset, maybe with what the ATR shall be
    kPowerOff,
    kProtocol,  ///< protocol T=0, T=1
    kFetch,     ///< the proactive command that waits
    kAnswer,    ///< TERMINAL RESPONSE to the one fetched
    kCheck,     ///< something of the last answer
    kSet,       ///< a variable
    kCapture,   ///< a variable, out of the last answer
    kFor,       ///< its block for each of several values
    kUse,       ///< a block that was defined
    kSecure,    ///< in scp03: its block through a secure channel
    kOverAir,   ///< over ota: its block in secured short messages
    kPrint,
    kTerminal,  ///< in terminal: its block with a terminal that carries out what the card wants
    kOn,        ///< what the user or the network answers
    kMenu,      ///< an item of the menu is chosen
    kSaw,       ///< the next command that the card sent
    kSent,      ///< the next short message that the card sent
    kAdvance,   ///< time passes
    kEvent,     ///< an event that the card asked for
    kListen,    ///< a server in the network
  };
  Kind kind;
  Place place;
  std::string text;  ///< the line as it was written
  std::string name;  ///< of the variable, the PIN, the block
  Tokens operands;   ///< what the kind takes
  Tokens expected;   ///< after ->
  bool expects = false;
  std::vector<Statement> block = {};
};

using Block = std::vector<Statement>;

/// A case, with the rows of its table if it has one.
struct Case {
  std::string name;
  Place place;
  std::set<std::string> tags;
  std::string clause;
  std::string skip;  ///< why it does not run; empty: it runs
  std::vector<std::string> columns;
  struct Row {
    Place place;
    std::vector<Tokens> cells;
    std::vector<std::string> texts;
  };
  std::vector<Row> rows;
  Block body;
};

/// A block with a name, and the variables that a use of it sets.
struct Definition {
  std::vector<std::string> parameters;
  Block body;
};

/// A file, with all that it includes.
struct Script {
  std::string file;
  Block globals;   ///< set ... outside of cases
  Block setup;     ///< before each case
  Block teardown;  ///< after each case, also after one that failed
  std::map<std::string, Definition, std::less<>> definitions;
  std::map<std::string, std::string, std::less<>> files;  ///< names of files that the script gives: name, path
  std::vector<Case> cases;
  bool unchecked = false;  ///< nothing but bare commands: whatever the card answers is right
};

/// The text of an included file, by the path that the script names, seen from the including file.
using FileReader = std::function<Result<std::string>(const std::string& path)>;

/// Reads a script, whichever of the formats it has: our own, lines of bare APDUs and scriptor's commands, a text or JSON trace.
/// Errors: kMalformed, with "file:line:column: " before the text.
Result<Script> parse(std::string_view text, const std::string& file, const FileReader& read);

}  // namespace uicclab::script
