// SPDX-License-Identifier: Apache-2.0
// uicclab ctl: changes the cards of a running `uicclab run` under their clients.
#include <iostream>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "cli/common/commands.hpp"
#include "cli/common/service_socket.hpp"
#include "cli/serve/control_server.hpp"
#include "core/json.hpp"
#include "core/visible.hpp"

namespace uicclab::cli {
namespace {

using nlohmann::json;

struct CtlOptions {
  std::string socket;
  std::string reader;
  bool json_output = false;
  std::string file;
  std::string value;
  std::size_t offset = 0;
  std::size_t record = 0;
  std::string mode = "init-full";
  std::vector<std::string> files;
  std::vector<std::string> rule;
  std::optional<std::size_t> number;
};

std::string socket_of(const CtlOptions& options) {
  if (!options.socket.empty()) return options.socket;
  const char* own = std::getenv("UICCLAB_CONTROL");  // NOLINT(concurrency-mt-unsafe): one thread
  if (own != nullptr && *own != '\0') return own;
  const char* service = std::getenv("PCSCLITE_CSOCK_NAME");  // NOLINT(concurrency-mt-unsafe): one thread
  return control_socket_of(service != nullptr && *service != '\0' ? service : default_service_socket());
}

void show(const json& reader) {
  std::cout << reader.value("number", 0) << "  " << visible(reader.value("reader", ""));
  if (reader.contains("present")) {
    std::cout << ": "
              << (!reader.value("plugged", true)    ? "unplugged"
                  : !reader.value("present", false) ? "no card"
                  : reader.value("mute", false)     ? "a card that does not answer"
                                                    : "card");
    if (const std::string atr = reader.value("atr", ""); !atr.empty()) std::cout << ", ATR " << atr;
    std::cout << ", " << reader.value("handles", 0) << (reader.value("handles", 0) == 1 ? " handle" : " handles");
    if (reader.value("exclusive", false)) std::cout << ", exclusive";
  }
  std::cout << "\n";
  for (const json& rule : reader.value("faults", json::array())) {
    std::cout << "   fault " << rule.value("number", 0) << ": " << visible(rule.value("rule", "")) << "  (" << rule.value("seen", 0)
              << " seen, " << rule.value("done", 0) << " done)\n";
  }
}

int ask(const CtlOptions& options, json request) {
  if (!options.reader.empty()) {
    const bool number = options.reader.find_first_not_of("0123456789") == std::string::npos && options.reader.size() < 4;
    request["reader"] = number ? json(std::stoul(options.reader)) : json(options.reader);
  }
  const auto line = ask_control(socket_of(options), request.dump());
  if (!line)
    throw Exit{kEnvironment, line.error().text + (options.socket.empty() ? " (start one, or name its socket with --control)" : "")};
  const json answer = json_too_deep(*line) ? json() : json::parse(*line, nullptr, false);
  if (!answer.is_object()) throw Exit{kEnvironment, "the answer is not understood: " + *line};
  if (options.json_output) std::cout << *line << "\n";
  if (!answer.value("ok", false)) {
    throw Exit{answer.value("usage", false) ? kUsage : kCheckFailed, options.json_output ? "" : answer.value("error", "refused")};
  }
  if (options.json_output) return kOk;
  for (const json& reader : answer.value("readers", json::array())) show(reader);
  if (answer.contains("queued")) std::cout << "queued " << answer.value("queued", "") << "\n";
  if (answer.contains("number")) std::cout << "fault " << answer.value("number", 0) << "\n";
  return kOk;
}

App* add(App& parent, const char* name, const char* help, Action& action, const std::shared_ptr<CtlOptions>& options,
         const std::function<json(const CtlOptions&)>& request) {
  auto* command = parent.add_subcommand(name, help);
  command->callback([&action, options, request] { action = [options, request] { return ask(*options, request(*options)); }; });
  return command;
}

/// A request without arguments of its own.
std::function<json(const CtlOptions&)> plain(const char* name) {
  return [name](const CtlOptions&) { return json{{"command", name}}; };
}

}  // namespace

void add_ctl(App& app, Action& action) {
  auto* ctl = app.add_subcommand(
      "ctl", "Change the cards of a running 'uicclab run' while clients use them: insert, eject, reset, unplug, files, faults");
  auto options = std::make_shared<CtlOptions>();  // shared with the callbacks, which outlive this function
  ctl->add_option("--control", options->socket, "Control socket, as 'uicclab run' names it; otherwise that of PCSCLITE_CSOCK_NAME");
  ctl->add_option("--reader", options->reader, "Number or name of the reader, where there are several");
  ctl->add_flag("--json", options->json_output, "The answer as JSON");
  ctl->require_subcommand();
  ctl->fallthrough();
  add(*ctl, "status", "Readers, cards and fault rules", action, options, plain("status"));
  add(*ctl, "insert", "Put the card back into its reader", action, options, plain("insert"));
  add(*ctl, "eject", "Take the card out: clients see it removed", action, options, plain("eject"));
  add(*ctl, "reset", "Reset the card: clients see it reset", action, options, plain("reset"));
  add(*ctl, "mute", "Turn the card the wrong way round: it does not answer a reset until it is ejected and inserted", action, options,
      plain("mute"));
  add(*ctl, "unplug", "Remove the reader from the machine, with its card", action, options, plain("unplug"));
  add(*ctl, "plug", "Bring the reader back", action, options, plain("plug"));
  auto* set = add(*ctl, "set", "Write into a file, past its access rules", action, options, [](const CtlOptions& o) {
    json request{{"command", "set"}, {"file", o.file}, {"value", o.value}, {"offset", o.offset}};
    if (o.record != 0) request["record"] = o.record;
    return request;
  });
  set->add_option("file", options->file, "Name or path: EF.IMSI, ADF.USIM/6F07, 3F00/2FE2")->required();
  set->add_option("value", options->value, "Hexadecimal digits")->required();
  set->add_option("--offset", options->offset, "First byte, in a transparent EF");
  set->add_option("--record", options->record, "Number of the record, from 1");
  auto* refresh = add(*ctl, "refresh", "Queue the proactive command REFRESH", action, options, [](const CtlOptions& o) {
    return json{{"command", "refresh"}, {"mode", o.mode}, {"files", o.files}};
  });
  refresh->add_option("mode", options->mode, "init-full, files, init-files, init, reset, application-reset or session-reset")
      ->capture_default_str();
  refresh->add_option("files", options->files, "Files that changed");
  auto* fault = ctl->add_subcommand("fault", "Fault rules");
  fault->require_subcommand();
  fault->fallthrough();
  auto* rule = add(*fault, "add", "Add a rule; its number is printed", action, options, [](const CtlOptions& o) {
    std::string text;
    for (const std::string& word : o.rule) text += (text.empty() ? "" : " ") + word;
    return json{{"command", "fault-add"}, {"rule", text}};
  });
  rule->add_option("rule", options->rule, "delay MS, drop, cut [write K] or mutate PATH VALUE, and conditions: docs/faults.md")->required();
  add(*fault, "list", "List the rules, and how often they applied", action, options, plain("status"));
  auto* clear = add(*fault, "clear", "Remove all rules, or the one of this number", action, options, [](const CtlOptions& o) {
    json request{{"command", "fault-clear"}};
    if (o.number) request["number"] = *o.number;
    return request;
  });
  clear->add_option("number", options->number, "Of one rule");
  set_example(*ctl, "  uicclab ctl eject\n  uicclab ctl set EF.SPN 0154657374\n  uicclab ctl fault add mutate 62/83 7F20 ins A4 times 1");
}

}  // namespace uicclab::cli
