// SPDX-License-Identifier: Apache-2.0
// uicclab ota decode, explain, por: decoded messages.
#include <fstream>
#include <iostream>
#include <sstream>

#include "cli/common/input_file.hpp"
#include "cli/ota/ota.hpp"
#include "cli/ota/security.hpp"
#include "core/hex.hpp"
#include "ota/explain/explain.hpp"

namespace uicclab::cli {
namespace {

struct DecodeOptions {
  OtaSecurityOption security;
  std::vector<std::string> messages;
  std::string file;
  std::string as = "guess";
  bool json = false;
  bool full = false;
  bool clauses = false;
};

struct KindName {
  std::string_view name;
  ota::MessageKind kind;
};
constexpr KindName kKinds[] = {{"guess", ota::MessageKind::kGuess},
                               {"envelope", ota::MessageKind::kEnvelope},
                               {"proactive", ota::MessageKind::kProactiveCommand},
                               {"deliver", ota::MessageKind::kDeliver},
                               {"submit", ota::MessageKind::kSubmit},
                               {"pdu", ota::MessageKind::kModemPdu},
                               {"user-data", ota::MessageKind::kUserData},
                               {"command", ota::MessageKind::kCommandPacket},
                               {"response", ota::MessageKind::kResponsePacket},
                               {"script", ota::MessageKind::kCommandScript},
                               {"script-response", ota::MessageKind::kResponseScript}};

ota::MessageKind kind_named(const std::string& name) {
  const auto found = std::ranges::find(kKinds, name, &KindName::name);
  if (found != std::end(kKinds)) return found->kind;
  std::string known;
  for (const KindName& one : kKinds) known += " " + std::string(one.name);
  throw Exit{kUsage, "--as " + name + ": it must be one of" + known};
}

std::vector<Bytes> messages_of(const DecodeOptions& options) {
  std::vector<std::pair<std::string, std::string>> lines;  // where, what
  const auto add_lines = [&](std::istream& stream, const std::string& source) {
    std::size_t number = 0;
    for (std::string line; std::getline(stream, line);) {
      ++number;
      if (line.find_first_not_of(" \t\r") != std::string::npos && line[0] != '#')
        lines.emplace_back(source + ":" + std::to_string(number), line);
    }
  };
  for (const std::string& text : options.messages) {
    if (text != "-") lines.emplace_back("message " + std::to_string(lines.size() + 1), text);
  }
  if (!options.file.empty()) {
    std::istringstream file(read_input_text(options.file, kHexFile));
    add_lines(file, options.file);
  }
  if (lines.empty()) {
    std::istringstream input(read_standard_input(kHexFile));
    add_lines(input, "standard input");
  }
  if (lines.empty()) throw Exit{kUsage, "no message: hexadecimal in the arguments, a file or standard input"};
  std::vector<Bytes> out;
  for (const auto& [where, text] : lines) {
    auto bytes = from_hex(text);
    if (!bytes) throw Exit{kUsage, where + ": " + bytes.error().text + " (at character " + std::to_string(bytes.error().offset + 1) + ")"};
    out.push_back(*std::move(bytes));
  }
  return out;
}

/// How the command of a response was sent, if the options say it.
std::optional<ota::SentWith> sent_with(const DecodeOptions& options, const KeyringCard& card, bool given) {
  if (!given) return std::nullopt;
  const ota::PacketHeader header = options.security.header(card);
  return ota::SentWith{header.spi, header.kic, header.kid, header.tar};
}

int decode(const DecodeOptions& options, bool sent_given) {
  const ota::MessageKind kind = kind_named(options.as);
  const Keyring keyring = Keyring::load(options.security.keys);
  const KeyringCard& card = keyring.choose(options.security.key_card);
  ota::Explainer explainer([&](std::uint8_t kic, std::uint8_t kid) { return card.packet_keys(kic, kid); },
                           sent_with(options, card, sent_given));
  int code = kOk;
  for (const Bytes& message : messages_of(options)) {
    const ota::Explanation explanation = explainer.explain(message, kind);
    if (explanation.wrong) code = kCheckFailed;
    if (options.json) {
      std::cout << ota::to_json(explanation) << "\n";
    } else {
      std::cout << ota::to_text(explanation, options.clauses, options.full ? 0 : 24);
    }
  }
  if (explainer.pending() != 0 && !options.json) std::cout << explainer.pending() << " message with parts missing\n";
  return code;
}

/// The status of a response and what it brings; 0 only for a proof that all went well.
int por(const DecodeOptions& options) {
  const Keyring keyring = Keyring::load(options.security.keys);
  const KeyringCard& card = keyring.choose(options.security.key_card);
  ota::Explainer explainer([&](std::uint8_t kic, std::uint8_t kid) { return card.packet_keys(kic, kid); }, sent_with(options, card, true));
  ota::Explanation last;
  for (const Bytes& message : messages_of(options)) {
    last = explainer.explain(message);
    if (options.json) std::cout << ota::to_json(last) << "\n";
    if (last.wrong) throw Exit{kCheckFailed, "byte " + std::to_string(last.wrong->offset) + ": " + last.wrong->text};
  }
  const ota::Field* status = last.find("status");
  if (status == nullptr)
    throw Exit{kCheckFailed, explainer.pending() != 0 ? "parts of the response are missing" : "no response that can be read"};
  if (!options.json) {
    for (const std::string_view name : {"TAR", "CNTR", "status", "CC", "RC", "number of executed commands", "last status", "last data"}) {
      const ota::Field* field = last.find(name);
      if (field != nullptr)
        std::cout << name << ": " << to_hex(field->bytes) << (field->meaning.empty() ? "" : "  " + field->meaning) << "\n";
    }
    if (const ota::Field* data = last.find("response data")) {
      for (const ota::Field& field : data->parts) {
        if (field.name == "R-APDU") std::cout << "R-APDU: " << to_hex(field.bytes) << "  " << field.meaning << "\n";
      }
    }
  }
  return status->bytes == Bytes{0x00} ? kOk : kCheckFailed;
}

void add_input(App& command, DecodeOptions& options) {
  command.add_option("MESSAGE", options.messages, "Hexadecimal; none or -: lines of standard input");
  command.add_option("--file", options.file, "Lines of hexadecimal; # begins a comment");
  command.add_flag("--json", options.json, "One JSON object a message");
}

void add_one(App& ota, Action& action, const std::string& name, const std::string& text, bool clauses, const std::string& example) {
  auto* command = ota.add_subcommand(name, text);
  auto options = std::make_shared<DecodeOptions>();  // shared with the callback, which outlives this function
  options->clauses = clauses;
  add_input(*command, *options);
  options->security.add_to(*command, false);
  command->add_option(
      "--as", options->as,
      "Kind of the bytes, if it is not clear from them: envelope, proactive, deliver, submit, pdu (a TPDU after the address of "
      "its service centre, as modems print it), user-data, command, "
      "response, script, script-response");
  command->add_flag("--full", options->full, "Long fields in full");
  set_example(*command, example);
  command->callback([options, command, &action] {
    // A response is read with the latest command, or with what these options say.
    bool given = false;
    for (const char* option : {"--spi", "--por", "--security", "--key-set", "--kic", "--kid"}) given = given || command->count(option) != 0;
    action = [options, given] { return decode(*options, given); };
  });
}

}  // namespace

void add_ota_decode(App& ota, Action& action) {
  add_one(ota, action, "decode",
          "Decode messages: ENVELOPE, TPDU (also as modems print it, after an address of the service centre), user data, secured "
          "packet, FETCHed SEND SHORT MESSAGE; with keys also deciphered and checked",
          false, "  uicclab ota decode 00281516192222B001408F1F6D255B9CEB695D23AA087DC0E1045A3E47D8E44B01D330CE6670B1D0246E");
  add_one(ota, action, "explain", "The same with the clause of each field", true, "  uicclab ota explain --full --file messages.txt");
  auto* command = ota.add_subcommand("por", "Decode a response packet (proof of receipt); exit code 0 only for success");
  auto options = std::make_shared<DecodeOptions>();
  add_input(*command, *options);
  options->security.add_to(*command, false);
  set_example(*command, "  uicclab ota por --key-set 2 --por always,cc 027100001612B001400000000002000023545F76854F0729029000");
  command->callback([options, &action] { action = [options] { return por(*options); }; });
}

}  // namespace uicclab::cli
