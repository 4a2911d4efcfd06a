// SPDX-License-Identifier: Apache-2.0
// Common part of the subcommands of uicclab gp: access to the card, choice of keys, and the checks before anything is changed.
#pragma once

#include "cli/card/card_option.hpp"
#include "cli/card/rehearsal.hpp"
#include "cli/common/hex_option.hpp"
#include "cli/common/key_source.hpp"
#include "cli/common/trace_option.hpp"
#include "cli/ota/over_the_air.hpp"
#include "core/json.hpp"
#include "gp/host/manager.hpp"
#include "gp/host/words.hpp"

namespace uicclab::cli {

using gp::host::hex_byte;

struct GpOptions {
  CardOption card;
  ViaOption via;
  TraceOption trace;
  KeySource keys;
  std::string scp = "03";
  std::string level = "auto";
  bool s16 = false;
  std::string domain;
  bool dry_run = false;
  RehearsalOption rehearsal;
  bool json = false;
  bool quiet = false;  ///< nothing on standard error
};

/// What a job did, for --json: one object on standard output when it has ended well.
struct GpReport {
  Json session;                    ///< keys, protocol and level that were used
  Json planned = Json::array();    ///< commands of a dry run
  Json exchanges = Json::array();  ///< raw commands and their answers
  Json done = Json::array();
};

/// What a subcommand gets: the card's manager, connected, with its session open unless it wants none.
struct GpContext {
  gp::host::Manager& manager;
  const gp::host::CardInformation& card;
  GpReport& report;
  bool json = false;
  bool dry_run = false;
  bool rehearsal = false;
  bool over_the_air = false;
  bool quiet = false;
  bool emulated = false;
  /// On standard error.
  void say(const std::string& line) const;
  /// The same about what was done, so not in a dry run.
  void done(const std::string& line) const;
};

struct GpJob {
  enum class Kind {
    kLook,    ///< without keys
    kRead,    ///< a session, nothing is changed
    kChange,  ///< the card is another after it
    kDanger,  ///< the card may be lost after it
  };
  Kind kind = Kind::kRead;
  std::string what;  ///< for kDanger: "replaces the keys"
  std::function<int(GpContext&)> run;
  /// A level instead of the one in the options.
  std::optional<scp03::SecurityLevel> level = {};
  /// It writes its JSON itself.
  bool has_own_json = false;
  /// It sends commands of the user's, not its own.
  bool raw = false;
};

/// Opens the card, rehearses if that is wanted, runs the job. Throws Exit.
int run_gp(const GpOptions& options, const GpJob& job);
/// The same at a card that is open, without a rehearsal.
int run_gp(const GpOptions& options, const GpJob& job, OpenCard& card);

/// Throws Exit with the code that fits: kWrongKeys, kCheckFailed or kEnvironment.
[[noreturn]] void gp_fail(const Error& error);

template <typename T>
T gp_value(Result<T> result) {
  if (!result) gp_fail(result.error());
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

using GpAdd = void(App& gp, Action& action, const std::shared_ptr<GpOptions>& common);
GpAdd add_gp_show;
GpAdd add_gp_load;
GpAdd add_gp_content;
GpAdd add_gp_keys;
GpAdd add_gp_raw;

}  // namespace uicclab::cli
