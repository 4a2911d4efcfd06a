// SPDX-License-Identifier: Apache-2.0
// uicclab trace: decodes recorded traffic.
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "cli/common/commands.hpp"
#include "cli/common/key_source.hpp"
#include "cli/common/keyring.hpp"
#include "core/private_file.hpp"
#include "trace/decoder.hpp"
#include "trace/report.hpp"
#include "trace/source.hpp"

namespace uicclab::cli {
namespace {

struct TraceOptions {
  std::string file = "-";
  std::uint16_t live = 0;
  std::uint16_t port = kGsmtapPort;
  std::size_t count = 0;
  std::string keys;
  std::string key_card;
  KeySource channel_keys;
  std::optional<unsigned> card;
  std::string html;
  bool brief = false;
  bool full = false;
  bool clauses = false;
  bool json = false;
  bool stats = false;
  bool quiet = false;
  bool redact = false;  ///< said aloud; it is so anyway
  bool secrets = false;
};

/// The keys of the keyring's card with this version, if it has all three.
std::optional<gp::host::KeyMaterial> from_keyring(const KeyringCard& card, KeyVersion version) {
  const KeyringKey* enc = card.find(version.value, "enc");
  const KeyringKey* mac = card.find(version.value, "mac");
  const KeyringKey* dek = card.find(version.value, "dek");
  if (enc == nullptr || mac == nullptr || dek == nullptr) return std::nullopt;
  gp::host::KeyMaterial out;
  out.name = card.name;
  out.enc = enc->bytes.clone();
  out.mac = mac->bytes.clone();
  out.dek = dek->bytes.clone();
  out.version = version;
  if (!card.diversify.empty()) {
    if (const auto how = gp::host::diversification_named(card.diversify)) out.diversification = *how;
  }
  return out;
}

trace::Keys keys_of(const TraceOptions& options, bool channel_keys) {
  trace::Keys out;
  // shared, both: a std::function is copyable, keys are not
  std::shared_ptr<const Keyring> ring;
  const KeyringCard* card = nullptr;
  if (!options.keys.empty()) {
    ring = std::make_shared<const Keyring>(Keyring::load(options.keys));
    card = &ring->choose(options.key_card);
    out.packets = [ring, card](std::uint8_t kic, std::uint8_t kid) { return card->packet_keys(kic, kid); };
  }
  std::shared_ptr<const gp::host::KeyMaterial> given;
  if (channel_keys) given = std::make_shared<const gp::host::KeyMaterial>(options.channel_keys.read());
  if (card == nullptr && !given) return out;
  out.channels = [ring, card, given](KeyVersion version) -> std::optional<gp::host::KeyMaterial> {
    if (given && (given->version.value == 0 || given->version == version)) return given->clone();
    return card == nullptr ? std::nullopt : from_keyring(*card, version);
  };
  return out;
}

trace::LiveSource* volatile g_live = nullptr;  // the one thing that a signal handler can reach

void on_signal(int) {
  if (g_live != nullptr) g_live->stop();
}

/// While it lives, SIGINT and SIGTERM end a live source instead of the program.
class StopOnSignal {
 public:
  explicit StopOnSignal(trace::LiveSource& source) {
    g_live = &source;
    struct sigaction action {};
    action.sa_handler = on_signal;
    sigaction(SIGINT, &action, &m_interrupt);
    sigaction(SIGTERM, &action, &m_terminate);
  }
  ~StopOnSignal() {
    sigaction(SIGINT, &m_interrupt, nullptr);
    sigaction(SIGTERM, &m_terminate, nullptr);
    g_live = nullptr;
  }

 private:
  struct sigaction m_interrupt {};
  struct sigaction m_terminate {};
};

class Run {
 public:
  Run(const TraceOptions& options, bool channel_keys) : m_options(options), m_decoder(keys_of(options, channel_keys)) {
    if (options.html.empty()) return;
    if (options.secrets) {
      auto begun = begin_private_file(options.html);
      if (!begun) throw Exit{kEnvironment, begun.error().text};
      m_html_file = std::make_unique<PrivateStream>(*std::move(begun));
    } else {
      m_html_file = std::make_unique<std::ofstream>(options.html, std::ios::binary | std::ios::trunc);
    }
    if (!*m_html_file) throw Exit{kEnvironment, "cannot write " + options.html};
    m_html.emplace(*m_html_file, options.file == "-" ? "Trace" : options.file.substr(options.file.rfind('/') + 1));
  }

  int take(trace::Source& source) {
    std::size_t count = 0;
    while (m_options.count == 0 || count < m_options.count) {
      auto event = source.next();
      if (!event) {
        finish();
        const Error& error = event.error();
        throw Exit{kUsage,
                   m_options.file + ": " + error.text + (error.offset != 0 ? " (at byte " + std::to_string(error.offset) + ")" : "")};
      }
      if (!*event) break;
      ++count;
      show(m_decoder.decode(**event));
    }
    finish();
    if (count == 0) throw Exit{kUsage, "no command and no answer of a card in " + (m_options.file == "-" ? "it" : m_options.file)};
    if (source.passed_over() != 0 && !m_options.quiet) {
      std::cerr << "uicclab: " << source.passed_over() << " packets or lines are not about a card and were skipped\n";
    }
    return kOk;
  }

 private:
  void show(trace::Exchange exchange) {
    if (m_options.card && exchange.card != *m_options.card) return;
    m_statistics.add(exchange);
    if (!m_options.secrets) redact(exchange);
    if (m_options.quiet) {
      // counted, and for the page
    } else if (m_options.json) {
      write_json(std::cout, exchange);
    } else {
      write_text(std::cout, exchange, {m_options.brief, m_options.clauses, m_options.full ? std::size_t{0} : std::size_t{24}});
    }
    if (m_options.live != 0) std::cout.flush();
    if (!m_html) return;
    m_html->add(exchange);
  }

  void finish() {
    if (m_options.stats && m_options.json) write_json(std::cout, m_statistics);
    if (m_options.stats && !m_options.json) write_text(std::cout, m_statistics);
    if (!m_html) return;
    m_html->finish(m_statistics);
    m_html_file->flush();
    if (!*m_html_file) throw Exit{kEnvironment, "cannot write " + m_options.html};
  }

  const TraceOptions& m_options;
  trace::Decoder m_decoder;
  trace::Statistics m_statistics;
  std::unique_ptr<std::ostream> m_html_file;
  std::optional<trace::HtmlReport> m_html;
};

int run_trace(const TraceOptions& options, bool live, bool channel_keys) {
  if (!options.html.empty()) std::signal(SIGPIPE, SIG_IGN);  // the page is written whole, whoever stops reading the text
  Run run(options, channel_keys);
  if (live) {
    trace::LiveSource source(options.live);
    const StopOnSignal stop(source);
    std::cerr << "uicclab: listening on UDP port " << source.port() << " of 127.0.0.1\n";
    return run.take(source);
  }
  if (options.file == "-") return run.take(*trace::open_source(std::cin, options.port));
  // A pipe will do: it is read as it comes.
  if (std::filesystem::is_directory(options.file)) throw Exit{kUsage, "cannot read " + options.file + ": it is a directory"};
  std::ifstream file(options.file, std::ios::binary);
  if (!file) throw Exit{kUsage, "cannot read " + options.file};
  return run.take(*trace::open_source(file, options.port));
}

}  // namespace

void add_trace(App& app, Action& action) {
  auto* command = app.add_subcommand(
      "trace", "Decode recorded traffic: commands, files, data objects, status words; pcap and pcapng with GSMTAP, logs, datagrams");
  auto options = std::make_shared<TraceOptions>();  // shared with the callback, which outlives this function
  command
      ->add_option("FILE", options->file,
                   "A capture (pcap, pcapng), or a log: of --trace (text or json), pcscd --apdu, pcsc-spy, or lines of hexadecimal; -: "
                   "standard input")
      ->capture_default_str();
  auto* live = command->add_option("--live", options->live, "Listen for GSMTAP on this UDP port of 127.0.0.1, until interrupted")
                   ->expected(0, 1)
                   ->default_str(std::to_string(kGsmtapPort));
  live->excludes("FILE");
  command->add_option("--port", options->port, "The UDP port of GSMTAP in captures")->capture_default_str();
  command->add_option("--count", options->count, "End after this many events");
  command->add_option("--card", options->card, "Only the card of this number: senders are numbered from 0 as they appear");
  command->add_option("--keys", options->keys,
                      "A keyring, or 'default' for the built-in card's: deciphers secured short messages and secure channel sessions");
  command->add_option("--key-card", options->key_card, "The card of the keyring by name, if it has several");
  options->channel_keys.add_to(*command, "scp03-", "Keys of secure channel sessions");
  command->add_flag("--redact", options->redact, "Hide PIN values and keys in every form; this is the default");
  command->add_flag("--brief", options->brief, "One line for each exchange");
  command->add_flag("--full", options->full, "Long fields in full");
  command->add_flag("--clauses", options->clauses, "The clause of each field");
  command->add_flag("--json", options->json, "One JSON object for each exchange");
  command->add_flag("--stats", options->stats, "Show statistics at the end: commands, status words, bytes, times");
  command->add_flag("-q,--quiet", options->quiet, "Show no exchanges; for --stats and --html");
  command->add_option("--html", options->html, "Write one HTML page that works offline and can be shared");
  command
      ->add_flag("--show-secrets,--secrets", options->secrets,
                 "PIN values, keys and results of AUTHENTICATE are shown; otherwise '*' (2A) replaces them")
      ->excludes("--redact");
  set_example(*command,
              "  uicclab apdu --trace card.pcap 00A40004022FE2 00B000000A\n"
              "  uicclab trace card.pcap\n"
              "  uicclab trace --quiet --stats --html report.html card.pcap");
  command->callback([options, command, &action] {
    const bool live_wanted = command->count("--live") != 0;
    if (live_wanted && options->live == 0) options->live = kGsmtapPort;
    bool channel_keys = false;
    for (const char* option : {"--scp03-keys", "--scp03-key-hex"}) channel_keys = channel_keys || command->count(option) != 0;
    action = [options, live_wanted, channel_keys] { return run_trace(*options, live_wanted, channel_keys); };
  });
}

}  // namespace uicclab::cli
