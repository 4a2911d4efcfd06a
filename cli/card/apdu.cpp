// SPDX-License-Identifier: Apache-2.0
// uicclab apdu: sends commands and shows the answers.
#include "core/apdu.hpp"

#include <iostream>
#include <sstream>

#include "cli/card/card_option.hpp"
#include "cli/card/rehearsal.hpp"
#include "cli/common/input_file.hpp"
#include "cli/common/trace_option.hpp"
#include "core/hex.hpp"
#include "core/transceive.hpp"

namespace uicclab::cli {
namespace {

struct ApduOptions {
  CardOption card;
  std::vector<std::string> commands;
  RehearsalOption rehearsal;
  bool raw = false;
  bool quiet = false;
  std::string expect;
  TraceOption trace;
};

/// Shows what goes to the card and what comes back.
class ShownPort final : public CardPort {
 public:
  ShownPort(CardPort& card, bool quiet) : m_card(card), m_quiet(quiet) {}
  Result<Atr> reset() override { return m_card.reset(); }
  void power_off() override { m_card.power_off(); }
  Result<void> select_protocol(Protocol protocol) override { return m_card.select_protocol(protocol); }
  Protocol protocol() const override { return m_card.protocol(); }
  Result<Bytes> transmit(BytesView command) override {
    if (!m_quiet) std::cout << "> " << to_hex(command) << "\n";
    auto answer = m_card.transmit(command);
    const auto response = answer ? apdu::parse_response(*answer) : tl::unexpected(answer.error());
    if (response && !m_quiet) {
      std::cout << "< " << to_hex(response->data) << (response->data.empty() ? "" : " ") << to_hex(response->status) << "  "
                << meaning(response->status) << "\n";
    }
    return answer;
  }

 private:
  CardPort& m_card;
  bool m_quiet;
};

Result<apdu::Response> exchange(CardPort& port, BytesView command, bool raw) {
  if (!raw) return transceive(port, command);
  return port.transmit(command).and_then([](const Bytes& answer) { return apdu::parse_response(answer); });
}

/// "9000", "63Cx", "61xx": x means any digit.
bool fits(const std::string& pattern, StatusWord status) {
  const std::string text = to_hex(status);
  if (pattern.size() != text.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = pattern[i];
    if (c != 'x' && c != 'X' && std::toupper(static_cast<unsigned char>(c)) != text[i]) return false;
  }
  return true;
}

/// The last status word.
StatusWord send_all(CardPort& port, const std::vector<Bytes>& commands, const ApduOptions& options) {
  StatusWord last;
  ShownPort shown(port, options.quiet);
  for (const Bytes& command : commands) {
    const auto response = exchange(shown, command, options.raw);
    if (!response) throw Exit{response.error().code == ErrorCode::kRefused ? kUsage : kEnvironment, response.error().text};
    last = response->status;
    if (options.quiet) std::cout << to_hex(response->data) << to_hex(response->status) << "\n";
  }
  return last;
}

int run_apdu(const ApduOptions& options) {
  std::vector<std::string> lines = options.commands;
  if (lines.empty() || (lines.size() == 1 && lines[0] == "-")) {
    lines.clear();
    std::istringstream input(read_standard_input(kHexFile));
    for (std::string line; std::getline(input, line);) {
      if (!line.empty() && line[0] != '#') lines.push_back(line);
    }
  }
  std::vector<Bytes> commands;
  for (const std::string& line : lines) {
    auto bytes = from_hex(line);
    if (!bytes)
      throw Exit{kUsage, "'" + line + "': " + bytes.error().text + " (at character " + std::to_string(bytes.error().offset + 1) + ")"};
    commands.push_back(std::move(*bytes));
  }
  Atr atr;
  Trace trace(options.trace);
  const auto card = options.card.open(atr, trace.sink());
  if (!options.quiet) std::cout << "ATR " << to_hex(atr) << "\n";
  rehearse(options.rehearsal, *card, [&](CardPort& copy) {
    (void)send_all(copy, commands, options);
    return static_cast<int>(kOk);
  });
  if (options.rehearsal.wanted) {
    if (const auto reset = card->port().reset(); !reset) throw Exit{kEnvironment, reset.error().text};
  }
  const StatusWord last = send_all(card->port(), commands, options);
  if (!options.expect.empty() && !fits(options.expect, last)) {
    throw Exit{kCheckFailed, "the last status is " + to_hex(last) + " (" + std::string(meaning(last)) + "), not " + options.expect};
  }
  return kOk;
}

}  // namespace

void add_apdu(App& app, Action& action) {
  auto* command = app.add_subcommand("apdu", "Send command APDUs to a card and show the answers");
  auto options = std::make_shared<ApduOptions>();  // shared with the callback, which outlives this function
  options->card.add_to(*command);
  options->rehearsal.add_to(*command);
  command->add_option("APDU", options->commands, "Commands in hexadecimal; none or -: lines of standard input");
  command->add_flag("--raw", options->raw, "Send each command unchanged: no GET RESPONSE on 61xx, no repetition on 6Cxx");
  command->add_flag("-q,--quiet", options->quiet, "Print only the answers, one a line");
  command->add_option("--expect", options->expect, "Exit with 1 unless the last status word fits, for example 9000 or 63Cx");
  Trace::add_to(*command, options->trace);
  set_example(*command, "  uicclab apdu 00A40004022FE2 00B000000A");
  command->callback([options, &action] { action = [options] { return run_apdu(*options); }; });
}

}  // namespace uicclab::cli
