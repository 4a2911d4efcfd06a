// SPDX-License-Identifier: Apache-2.0
// uicclab gp store-data, apdu: data and commands as they are, inside the secure channel.
#include <iostream>

#include "cli/common/input_file.hpp"
#include "cli/gp/gp.hpp"
#include "gp/host/words.hpp"

namespace uicclab::cli {
namespace {

void add_store_data(App& gp, Action& action, const std::shared_ptr<GpOptions>& common) {
  struct Options {
    std::string data;
    std::string file;
    std::string format = "ber";
    std::string application;
  };
  auto* command = gp.add_subcommand("store-data", "Send data in as many STORE DATA commands as needed, to the domain or through it");
  const auto options = std::make_shared<Options>();
  command->add_option("DATA", options->data, "The data in hexadecimal");
  command->add_option("--file", options->file, "The data in a file, unchanged");
  command->add_option("--format", options->format, "Format of the data: ber (BER-TLV), dgi, none")
      ->check(OneOf{{"ber", "dgi", "none"}})
      ->capture_default_str();
  command->add_option("--for", options->application, "AID of the application that gets it (INSTALL [for personalization] first)");
  set_example(*command, "  uicclab gp store-data 42030102FF --state my.card");
  command->callback([=, &action] {
    action = [=] {
      if (options->data.empty() == options->file.empty()) throw Exit{kUsage, "store-data takes data, or --file"};
      Bytes data = hex_option("DATA", options->data);
      if (!options->file.empty()) data = read_input(options->file, kLoadFile);
      // GP table 11-89, bits 5 and 4.
      const std::uint8_t format = options->format == "ber" ? 0x10 : options->format == "dgi" ? 0x08 : 0x00;
      const Aid application = options->application.empty() ? Aid{} : aid_option("--for", options->application);
      return run_gp(*common, {GpJob::Kind::kChange, "", [&](GpContext& context) {
                                gp_value(context.manager.store_data(data, format, application));
                                context.done("Stored " + std::to_string(data.size()) + " bytes.");
                                return static_cast<int>(kOk);
                              }});
    };
  });
}

int send_all(GpContext& context, const std::vector<Bytes>& commands) {
  int code = kOk;
  for (const Bytes& bytes : commands) {
    const auto command = apdu::parse(bytes);
    const bool shows = !context.dry_run && !context.json;
    if (shows) std::cout << "> " << to_hex(bytes) << "  " << gp::host::command_name(*command) << "\n";
    const auto answer = gp_value(context.manager.send(*command));
    if (context.dry_run) continue;
    context.report.exchanges.add(Json::object()
                                     .set("command", Json(to_hex(bytes)))
                                     .set("answer", Json(to_hex(answer.data)))
                                     .set("status", Json(to_hex(answer.status)))
                                     .set("meaning", Json(gp::host::explain(*command, answer.status))));
    if (shows)
      std::cout << "< " << to_hex(answer.data) << (answer.data.empty() ? "" : " ") << gp::host::explain(*command, answer.status) << "\n";
    if (!answer.status.is_success()) code = kCheckFailed;
  }
  return code;
}

void add_apdu(App& gp, Action& action, const std::shared_ptr<GpOptions>& common) {
  struct Options {
    std::vector<std::string> commands;
    bool each_level = false;
  };
  auto* command = gp.add_subcommand("apdu", "Send plain commands through the secure channel, and show the plain answers");
  const auto options = std::make_shared<Options>();
  command->add_option("APDU", options->commands, "Commands in hexadecimal, without secure messaging")->required();
  command->add_flag("--each-level", options->each_level, "Send all of them in a session at each level: 00, 01, 03, 11, 13, 33");
  set_example(*command, "  uicclab gp apdu 80F28002024F0000\n  uicclab gp apdu --each-level 80CA00E000");
  command->callback([=, &action] {
    action = [=] {
      std::vector<Bytes> commands;
      for (const std::string& text : options->commands) {
        Bytes bytes = hex_option("APDU", text);
        if (const auto parsed = apdu::parse(bytes); !parsed) throw Exit{kUsage, text + ": " + parsed.error().text};
        commands.push_back(std::move(bytes));
      }
      const bool looks_only = std::ranges::all_of(commands, [](const Bytes& one) { return gp::host::only_reads(*apdu::parse(one)); });
      GpJob job{looks_only ? GpJob::Kind::kRead : GpJob::Kind::kChange, "",
                [&](GpContext& context) { return send_all(context, commands); }};
      job.raw = true;
      if (!options->each_level) return run_gp(*common, job);
      int code = kOk;
      for (const std::uint8_t level : std::to_array<std::uint8_t>({0x00, 0x01, 0x03, 0x11, 0x13, 0x33})) {
        job.level = scp03::SecurityLevel::from(level);
        code = std::max(code, run_gp(*common, job));
      }
      return code;
    };
  });
}

}  // namespace

void add_gp_raw(App& gp, Action& action, const std::shared_ptr<GpOptions>& common) {
  add_store_data(gp, action, common);
  add_apdu(gp, action, common);
}

}  // namespace uicclab::cli
