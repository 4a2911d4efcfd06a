// SPDX-License-Identifier: Apache-2.0
// uicclab gp: card management (GlobalPlatform) at an emulated card or a real one.
#include "cli/gp/gp.hpp"

#include <fstream>
#include <iostream>
#include <sstream>

#include "core/crypto/random.hpp"
#include "core/hex.hpp"
#include "gp/host/words.hpp"

namespace uicclab::cli {
namespace {

using gp::host::Manager;
using gp::host::Opening;

std::optional<scp03::SecurityLevel> level_option(const std::string& text) {
  if (text == "auto") return std::nullopt;
  const auto level = scp03::SecurityLevel::from(byte_option("--level", text));
  if (!level) throw Exit{kUsage, "--level " + text + ": a security level is auto, 00, 01, 03, 11, 13 or 33"};
  return level;
}

std::string level_words(scp03::SecurityLevel level) {
  if (!level.c_mac()) return "commands and answers unprotected";
  return std::string("commands ") + (level.c_encryption() ? "MACed and encrypted" : "MACed") + ", answers " +
         (level.r_encryption() ? "MACed and encrypted"
          : level.r_mac()      ? "MACed"
                               : "unprotected");
}

std::string opening_line(const Opening& opening, bool planned) {
  std::string line = std::string(planned ? "Would use" : "Using") + " keys '" + opening.keys + "'";
  if (opening.diversification != gp::host::Diversification::kNone) {
    line += ", diversified by " + std::string(name(opening.diversification)) + " with " + to_hex(opening.card_data);
  }
  line += opening.version.value == 0 ? ", the card's default key version" : ", key version " + hex_byte(opening.version.value);
  line += ", SCP" + hex_byte(opening.protocol.number) + " i=" + hex_byte(opening.protocol.i) + ", level " +
          hex_byte(opening.level.value()) + " (" + level_words(opening.level) + ")";
  if (opening.sequence_counter) line += ", sequence counter " + std::to_string(*opening.sequence_counter);
  return line;
}

Json json_opening(const Opening& opening) {
  Json out = Json::object();
  out.set("keys", Json(opening.keys)).set("diversified_by", Json(std::string(name(opening.diversification))));
  out.set("key_version", Json(hex_byte(opening.version.value)));
  out.set("scp", Json(hex_byte(opening.protocol.number))).set("i", Json(hex_byte(opening.protocol.i)));
  out.set("level", Json(hex_byte(opening.level.value())));
  return out.set("sequence_counter", opening.sequence_counter ? Json(std::size_t{*opening.sequence_counter}) : Json());
}

/// One line, as all that goes to standard output with --json.
void print(const GpReport& report, bool dry_run) {
  Json out = Json::object();
  out.set("session", report.session);
  if (dry_run) {
    out.set("planned", report.planned);
  } else {
    out.set("exchanges", report.exchanges).set("done", report.done);
  }
  std::cout << out.text() << "\n";
}

Manager::Options manager_options(const GpOptions& options, const GpJob& job, GpReport& report) {
  Manager::Options out;
  if (!options.domain.empty()) out.domain = aid_option("--domain", options.domain);
  out.level = job.level ? job.level : level_option(options.level);
  if (options.s16) out.s16 = true;
  if (options.scp == "02") {
    out.scp02 = scp03::legacy::Scp02Allowed();
  } else if (options.scp != "03") {
    throw Exit{kUsage, "--scp " + options.scp + ": secure channel protocols are 03 and 02"};
  }
  if (options.dry_run) {
    out.plan = [&report, json = options.json](const apdu::Command& command) {
      // Challenges and cryptograms are not known before, key data is not for the screen.
      const bool header_only = command.ins == 0x50 || command.ins == 0x82 || command.ins == 0xD8;
      const Bytes bytes = apdu::encode(command);
      const std::string hex = to_hex(header_only ? BytesView(bytes).first(5) : BytesView(bytes)) + (header_only ? ".." : "");
      if (json) {
        report.planned.add(Json::object().set("what", Json(gp::host::describe(command))).set("command", Json(hex)));
      } else {
        std::cout << gp::host::describe(command) << "\n    " << hex << "\n";
      }
    };
  }
  return out;
}

/// The card over the air. The session is one in this process, under keys of its own: what protects the commands is the packets.
class Air {
 public:
  Air(CardPort& card, const GpOptions& options) {
    ViaOption via = options.via;
    via.link.security.keys = options.keys.from;
    via.link.security.key_card = options.keys.key_card;
    crypto::SystemRandom random;
    const auto key = crypto::SecretBytes::make(crypto::kAesBlockSize, [&](std::span<std::uint8_t> bytes) { random.fill(bytes); });
    m_keys = gp::host::KeyMaterial::from_one("over the air", key);
    m_keys.version = KeyVersion{0x30};
    m_air.emplace(card, via, options.card.is_forgotten(), gp_value(m_keys.scp03_keys({}, m_keys.version)));
    if (auto reset = m_air->port().reset(); !reset) throw Exit{kEnvironment, reset.error().text};
  }
  CardPort& port() { return m_air->port(); }
  const gp::host::KeyMaterial& keys() const { return m_keys; }

 private:
  gp::host::KeyMaterial m_keys;
  std::optional<OverTheAir> m_air;
};

/// What is printed of it is one line for each command that a plan or a rehearsal sends.
int run_once(CardPort& card_port, const GpOptions& options, const GpJob& job, const gp::host::KeyMaterial& own_keys, bool rehearsal) {
  crypto::SystemRandom random;
  std::optional<Air> air;
  if (options.via.is_set()) air.emplace(card_port, options);
  const auto& keys = air ? air->keys() : own_keys;
  GpReport report;
  Manager manager(air ? air->port() : card_port, random, manager_options(options, job, report));
  const auto connected = manager.connect();
  if (!connected && connected.error().code != ErrorCode::kIo && options.domain.empty()) {
    gp_fail({connected.error().code, connected.error().text + "; if the card has a security domain, name it: --domain A000000151000000 or "
                                                              "--domain A000000003000000 are usual"});
  }
  const auto card = gp_value(connected);
  if (card.domain.locked) std::cerr << "The card is in state CARD_LOCKED: most commands are refused.\n";
  GpContext context{
      manager, card, report, options.json, options.dry_run, rehearsal, options.via.is_set(), options.quiet, options.card.is_emulated()};
  if (job.kind != GpJob::Kind::kLook) {
    gp_value(manager.open(keys, [&](const Opening& opening) -> Result<void> {
      context.say(air ? "Over the air, " + options.via.way : opening_line(opening, options.dry_run));
      report.session = air ? Json::object().set("over_the_air", Json(options.via.way)) : json_opening(opening);
      if (opening.odd_challenge) {
        context.say("The card's pseudo-random challenge was not made for the application that is selected (Amendment D clause 6.2.2.1).");
      }
      return {};
    }));
  }
  const int code = job.run(context);
  const bool has_own_json = job.has_own_json && (job.kind == GpJob::Kind::kLook || !options.dry_run);
  if (options.json && !rehearsal && !has_own_json) print(report, options.dry_run);
  return code;
}

}  // namespace

void GpContext::done(const std::string& line) const {
  if (dry_run) return;
  say(line);
  report.done.add(Json(line));
}

void GpContext::say(const std::string& line) const {
  if (!quiet) std::cerr << (rehearsal ? "(rehearsal) " : "") << line << "\n";
}

void gp_fail(const Error& error) {
  switch (error.code) {
    case ErrorCode::kIo:
      throw Exit{kEnvironment, error.text};
    case ErrorCode::kMismatch:
      throw Exit{kWrongKeys, error.text};
    default:
      throw Exit{kCheckFailed, error.text};
  }
}

int run_gp(const GpOptions& options, const GpJob& job, OpenCard& card) {
  return run_once(card.port(), options, job, options.keys.read(), false);
}

int run_gp(const GpOptions& options, const GpJob& job) {
  const bool emulated = options.card.is_emulated();
  if (job.kind == GpJob::Kind::kDanger && !emulated && !options.card.yes_i_know && !options.dry_run) {
    throw Exit{kUsage, "this " + job.what +
                           " of a card that is not emulated; if it goes wrong, the card may be lost. Look with --dry-run, "
                           "then add --yes-i-know"};
  }
  if (options.dry_run && options.rehearsal.wanted) throw Exit{kUsage, "--dry-run sends nothing, --rehearse does: one of them"};
  const bool needs_keys = job.kind != GpJob::Kind::kLook && !options.via.is_set();
  const auto keys = needs_keys ? options.keys.read() : gp::host::default_keys();
  Atr atr;
  Trace trace(options.trace);
  const auto card = options.card.open(atr, trace.sink());
  if (auto* guard = card->guard()) {
    guard->allow_authentication(true);  // the host end checks the card's cryptogram before it sends its own
    guard->allow_management(!job.raw);
  }
  if (options.rehearsal.wanted && card->is_real()) {
    throw Exit{
        kUsage,
        "--rehearse: a card in a reader cannot be copied with its keys, so nothing was done. Known beforehand is what it reports without "
        "being changed: "
        "its keys' versions ('gp info'), whether the keys fit (any session: the card proves itself first), what is on it and which AIDs "
        "are taken ('gp list'), free memory, and the commands themselves (--dry-run). Whether it accepts them is not known before they "
        "are sent. The same commands can be tried on an emulated card: --card sim"};
  }
  rehearse(options.rehearsal, *card, [&](CardPort& copy) { return run_once(copy, options, job, keys, true); });
  const int code = run_once(card->port(), options, job, keys, false);
  const bool changes = job.kind == GpJob::Kind::kChange || job.kind == GpJob::Kind::kDanger;
  if (options.dry_run) {
    std::cerr << "Nothing was sent that changes the card.\n";
  } else if (changes && options.card.is_forgotten()) {
    std::cerr << "This emulated card is discarded; keep its memory with --state FILE.\n";
  }
  return code;
}

void add_gp(App& app, Action& action) {
  auto* gp = app.add_subcommand("gp", "Card management: secure channel, applications, load files, keys (GlobalPlatform)");
  gp->require_subcommand();
  const auto options = std::make_shared<GpOptions>();  // shared with the callbacks, which outlive this function
  options->card.add_to(*gp);
  options->via.add_to(*gp);
  options->keys.add_to(*gp, "", "Keys of the session");
  gp->add_option("--scp", options->scp, "Secure channel protocol: 03, or 02 (triple DES, answers unprotected)")->capture_default_str();
  gp->add_option("--level", options->level, "Security level: 01, 03, 11, 13, 33, 00, or auto for the highest that the card offers")
      ->capture_default_str();
  gp->add_flag("--s16", options->s16, "SCP03 with challenges and MACs of 16 bytes, for a card that neither announces nor refuses 8");
  gp->add_option("--domain", options->domain, "AID of the security domain; default: the one that the card selects by default");
  gp->add_flag("--dry-run", options->dry_run, "Show each command that would be sent, decoded, and send only SELECT and GET DATA");
  options->rehearsal.add_to(*gp);
  gp->add_flag("--json", options->json, "One line of JSON on standard output: what the card reported, or what was planned or done");
  Trace::add_to(*gp, options->trace);
  gp->footer(
      "The options above go with each of the subcommands, before or after its name. The keys are compared with what the card reports, and "
      "the\n"
      "card has to prove that it has them, before anything is sent that its try counters count.\n"
      "Exit codes: 0 ok, 1 the card refused, 2 usage, 3 environment (no card), 4 the keys are not the card's.\n"
      "Example:\n  uicclab gp list\n  uicclab gp --card pcsc:Omnikey --keys lab.toml info");
  add_gp_show(*gp, action, options);
  add_gp_load(*gp, action, options);
  add_gp_content(*gp, action, options);
  add_gp_keys(*gp, action, options);
  add_gp_raw(*gp, action, options);
  for (const auto& command : gp->subcommands()) command->fallthrough();
}

}  // namespace uicclab::cli
