// SPDX-License-Identifier: Apache-2.0
// uicclab ota send: commands to a card in secured short messages, and their results.
#include <fstream>
#include <iostream>
#include <sstream>

#include "cli/card/card_option.hpp"
#include "cli/card/rehearsal.hpp"
#include "cli/common/input_file.hpp"
#include "cli/common/trace_option.hpp"
#include "cli/ota/link.hpp"
#include "cli/ota/ota.hpp"
#include "core/hex.hpp"
#include "core/json.hpp"
#include "ota/explain/explain.hpp"
#include "script/explain.hpp"

namespace uicclab::cli {
namespace {

struct SendOptions {
  CardOption card;
  RehearsalOption rehearsal;
  OtaLinkOption link;
  std::vector<std::string> commands;
  std::string script;
  bool each = false;
  bool dry_run = false;
  std::string service_centre;
  bool json = false;
  TraceOption trace;
};

std::vector<Bytes> commands_of(const SendOptions& options) {
  std::vector<std::pair<std::string, std::string>> lines;  // where, what
  const auto add_lines = [&](std::istream& stream, const std::string& source) {
    std::size_t number = 0;
    for (std::string line; std::getline(stream, line);) {
      ++number;
      line = line.substr(0, line.find('#'));
      if (line.find_first_not_of(" \t\r") != std::string::npos) lines.emplace_back(source + ":" + std::to_string(number), line);
    }
  };
  for (const std::string& text : options.commands) lines.emplace_back("'" + text + "'", text);
  if (!options.script.empty() && options.script != "-") {
    std::istringstream file(read_input_text(options.script, kHexFile));
    add_lines(file, options.script);
  } else if (options.script == "-") {
    std::istringstream input(read_standard_input(kHexFile));
    add_lines(input, "standard input");
  }
  std::vector<Bytes> out;
  for (const auto& [where, text] : lines) {
    auto bytes = from_hex(text);
    if (!bytes) throw Exit{kUsage, where + ": " + bytes.error().text + " (at character " + std::to_string(bytes.error().offset + 1) + ")"};
    if (auto parsed = apdu::parse(*bytes); !parsed) throw Exit{kUsage, where + ": " + parsed.error().text};
    out.push_back(*std::move(bytes));
  }
  if (out.empty()) throw Exit{kUsage, "no commands: give APDUs, or a file of them with --script"};
  return out;
}

Bytes script_of(const OtaLink& link, const std::vector<Bytes>& commands) {
  auto script = ota::build_script(commands, link.commands(), link.format());
  if (!script) throw Exit{kUsage, "command " + std::to_string(script.error().offset + 1) + ": " + script.error().text};
  return *std::move(script);
}

ota::PreparedPacket prepare(OtaLink& link, const std::vector<Bytes>& commands) {
  auto packet = link.sender().prepare(script_of(link, commands));
  if (!packet) throw failed(packet.error(), kUsage);
  return *std::move(packet);
}

/// A command that went wrong: whatever is no success, and a script that was not read to its end.
bool went_well(const ota::Delivery& delivery, const ota::ScriptOutcome& outcome) {
  if (!delivery.is_proof() || outcome.bad_format) return false;
  return std::ranges::all_of(outcome.responses, [](const apdu::Response& response) { return response.status.is_success(); });
}

void print_text(const ota::Delivery& delivery, const std::optional<ota::ScriptOutcome>& outcome, std::size_t commands) {
  std::cout << commands << (commands == 1 ? " command" : " commands") << ", counter " << delivery.cntr.value << ", " << delivery.messages
            << (delivery.messages == 1 ? " short message" : " short messages") << ": " << ota::meaning(delivery)
            << (delivery.by_submit ? ", by SMS-SUBMIT" : "") << " (ENVELOPE " << to_hex(delivery.status) << ")\n";
  if (!outcome) return;
  std::cout << "executed " << outcome->executed << "\n";
  for (const apdu::Response& response : outcome->responses) {
    std::cout << "< " << to_hex(response.data) << (response.data.empty() ? "" : " ") << to_hex(response.status) << "  "
              << meaning(response.status) << "\n";
  }
  if (outcome->bad_format) std::cout << "bad format: reason " << static_cast<int>(*outcome->bad_format) << "\n";
}

void print_json(const ota::Delivery& delivery, const std::optional<ota::ScriptOutcome>& outcome) {
  Json out = Json::object();
  out.set("counter", delivery.cntr.value).set("messages", delivery.messages);
  out.set("envelope_sw", to_hex(delivery.status)).set("result", ota::meaning(delivery));
  if (delivery.response) {
    out.set("status", to_hex(std::array{static_cast<std::uint8_t>(delivery.response->packet.status)}));
    out.set("protected", delivery.response->protected_as_asked).set("by_submit", delivery.by_submit);
  }
  if (outcome) {
    Json responses = Json::array();
    for (const apdu::Response& response : outcome->responses) {
      responses.add(Json::object().set("data", to_hex(response.data)).set("sw", to_hex(response.status)));
    }
    out.set("executed", outcome->executed).set("responses", responses);
  }
  std::cout << out.text() << "\n";
}

/// One packet there and back. True if all went well; a packet that wants no response went well if the card took it.
bool send_one(OtaLink& link, ota::SmsTerminal& terminal, const std::vector<Bytes>& commands, const SendOptions& options) {
  const ota::PreparedPacket packet = prepare(link, commands);
  const auto delivery = link.sender().send(packet, terminal);
  if (!delivery) throw Exit{kEnvironment, delivery.error().text};
  std::optional<ota::ScriptOutcome> outcome;
  if (delivery->is_proof() && !delivery->response->packet.data.empty()) {
    auto read = ota::read_script_response(delivery->response->packet.data);
    if (!read) throw Exit{kCheckFailed, "the response data cannot be read: " + read.error().text};
    outcome = *std::move(read);
  }
  if (options.json) {
    print_json(*delivery, outcome);
  } else {
    print_text(*delivery, outcome, commands.size());
  }
  const ota::Spi& spi = link.sender().settings().header.spi;
  if (spi.por() != ota::PorMode::kAlways && !delivery->response && !delivery->unreadable) return delivery->status.is_success();
  return delivery->is_proof() && went_well(*delivery, outcome.value_or(ota::ScriptOutcome{}));
}

/// What precedes a TPDU: nothing, or the address of the service centre.
Bytes prefix_of(const std::string& service_centre) {
  if (service_centre.empty()) return {};
  if (service_centre == "none") return ota::service_centre_prefix(std::nullopt);
  const auto address = ota::Address::from_number(service_centre);
  if (!address) throw Exit{kUsage, "--smsc " + service_centre + ": " + address.error().text};
  return ota::service_centre_prefix(*address);
}

/// The TPDUs that would be sent. Their counter is used up: somebody may send them another way.
int show(OtaLink& link, const std::vector<std::vector<Bytes>>& packets, BytesView prefix) {
  for (const auto& commands : packets) {
    for (const ota::SmsDeliver& message : prepare(link, commands).messages) {
      const auto tpdu = message.build();
      if (!tpdu) throw Exit{kUsage, tpdu.error().text};
      std::cout << to_hex(prefix) << to_hex(*tpdu) << "\n";
    }
  }
  return kOk;
}

/// The guard of a card in a reader does not see into the packets.
void refuse_dangers(const std::vector<Bytes>& commands) {
  for (const Bytes& command : commands) {
    if (const auto danger = script::danger_of(command)) throw Exit{kUsage, *danger};
    if (script::carries_pin(command)) {
      throw Exit{kUsage,
                 script::describe_command(command) +
                     " was not sent to a card in a reader: how many tries are left is not known over the air (--yes-i-know sends it)"};
    }
  }
}

int send_packets(OtaLink& link, CardPort& port, const std::vector<std::vector<Bytes>>& packets, const SendOptions& options) {
  for (const auto& one : packets) script_of(link, one);  // what cannot be said at all shall not be begun
  ota::SmsTerminal terminal(port, service_centre());
  if (auto started = terminal.start(); !started) throw Exit{kEnvironment, started.error().text};
  bool all = true;
  for (const auto& one : packets) all = send_one(link, terminal, one, options) && all;
  return all ? kOk : kCheckFailed;
}

int run_send(SendOptions options) {
  const std::vector<Bytes> commands = commands_of(options);
  std::vector<std::vector<Bytes>> packets;
  if (options.each) {
    for (const Bytes& command : commands) packets.push_back({command});
  } else {
    packets.push_back(commands);
  }
  const Keyring keyring = Keyring::load(options.link.security.keys);
  const Bytes prefix = prefix_of(options.service_centre);
  if (!prefix.empty() && !options.dry_run) throw Exit{kUsage, "--smsc needs --dry-run: it sets the address printed in front of each TPDU"};
  if (options.dry_run) {
    const KeyringCard& card = keyring.choose(options.link.security.key_card);
    OtaLink link(options.link, card, card.iccid);
    return show(link, packets, prefix);
  }
  Atr atr;
  Trace trace(options.trace);
  const auto opened = options.card.open(atr, trace.sink());
  if (opened->guard() != nullptr) refuse_dangers(commands);
  const std::string iccid = read_iccid(opened->port());
  const KeyringCard& card = keyring.choose(options.link.security.key_card, iccid);
  options.link.forgetful = options.card.is_forgotten();
  if (options.rehearsal.wanted && opened->is_real()) {
    throw Exit{kUsage,
               "--rehearse: the keys of a card in a reader cannot be read, so no copy of it opens the packets, and nothing was sent. "
               "--dry-run shows them"};
  }
  rehearse(options.rehearsal, *opened, [&](CardPort& copy) {
    OtaLinkOption own = options.link;
    own.rehearsal = true;
    OtaLink link(own, card, iccid);
    return send_packets(link, copy, packets, options);
  });
  OtaLink link(options.link, card, iccid);
  return send_packets(link, opened->port(), packets, options);
}

}  // namespace

void add_ota_send(App& ota, Action& action) {
  auto* command =
      ota.add_subcommand("send", "Send commands in secured short messages, as a terminal would pass them on, and show the results");
  auto options = std::make_shared<SendOptions>();  // shared with the callback, which outlives this function
  options->card.add_to(*command);
  options->rehearsal.add_to(*command);
  options->link.add_to(*command);
  command->add_option("APDU", options->commands, "Commands in hexadecimal: one script, in one packet");
  command->add_option("--script", options->script, "File with a command a line, # for comments; - for standard input");
  command->add_flag("--each", options->each, "A packet for each command; each packet starts without a selected file");
  command->add_flag("--dry-run", options->dry_run, "Print the SMS-DELIVER TPDUs and send nothing; their counter is used up");
  command->add_option(
      "--smsc", options->service_centre,
      "With --dry-run: print the address of this service centre in front of each TPDU, as modems do (AT+CMGS form); 'none' for 00");
  command->add_flag("--json", options->json, "One JSON object a packet");
  Trace::add_to(*command, options->trace);
  set_example(*command,
              "  uicclab ota send --tar usim 00A40004026F07 00B0000009\n"
              "  uicclab gp --via ota:isd load wallet.cap     # card management over the air, each command in a packet");
  command->callback([options, &action] { action = [options] { return run_send(*options); }; });
}

}  // namespace uicclab::cli
