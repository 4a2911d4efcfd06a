// SPDX-License-Identifier: Apache-2.0
#include "trace/exchange_secrets.hpp"

#include <algorithm>

#include "core/apdu.hpp"
#include "core/ber_tlv.hpp"
#include "scp03/protocol.hpp"

namespace uicclab::trace {
namespace {

constexpr std::uint8_t kEnvelope = 0xC2;
constexpr std::uint8_t kFetch = 0x12;
constexpr std::uint8_t kTerminalResponse = 0x14;
constexpr std::uint8_t kStoreData = 0xE2;
constexpr std::string_view kUnreadable = "data that could not be read";
constexpr std::string_view kUnknownFile = "content of a file that is not known";
constexpr std::string_view kSecured = "data under secure messaging";

// GPCS table 11-38, Amendment D table 7-6: bits of a security level.
constexpr std::uint8_t kCommandsCiphered = 0x02;
constexpr std::uint8_t kAnswersCiphered = 0x20;

/// Nobody can read it: the session is not followed, and ciphers what goes this way.
bool is_ciphered(const Taking& taking, const apdu::Command& wire, std::uint8_t way, bool deciphered) {
  return !deciphered && wire.cla != 0xA0 && apdu::is_secured(wire.cla) && (taking.channel.level & way) != 0;
}

/// A trace that begins in the middle: which file is selected was said before.
bool file_is_unknown(const Taking& taking, BytesView plain) {
  constexpr auto kOfFile = std::to_array<std::uint8_t>({0xB0, 0xB1, 0xB2, 0xB3, 0xCB, 0xD6, 0xD7, 0xDC, 0xDD, 0xDB, 0xA2});
  return !taking.channel.selection.knows_file() && plain.size() > 1 && !ef::short_identifier(taking.command) &&
         std::ranges::find(kOfFile, plain[1]) != kOfFile.end();
}

/// ES10 of SGP.22 clause 5.7: what an LPA asks the ISD-R is no secret, but for the matching ID (AuthenticateServer) and the confirmation
/// code (PrepareDownload).
bool is_open_function(Taking& taking) {
  const apdu::Command& command = taking.command;
  if (command.ins != kStoreData || !taking.channel.selection.application().starts_with("AID:A0000005591010FFFFFFFF89000001")) return false;
  if (command.p2 == 0) {
    const bool secret = command.data.size() > 1 && command.data[0] == 0xBF && (command.data[1] == 0x38 || command.data[1] == 0x21);
    taking.channel.open_function = !secret && !command.data.empty();
  }
  return taking.channel.open_function;
}

void whole(std::vector<Secret>& out, std::size_t offset, std::size_t size, std::string_view kind) {
  if (size != 0) out.push_back({offset, size, kind});
}

/// The data objects of toolkit in a template at `offset`.
void objects_of(BytesView bytes, std::size_t offset, bool is_template, std::vector<Secret>& out) {
  if (!is_template) return secrets_of_toolkit(bytes, offset, out);
  const auto object = ber::first(bytes);
  if (!object) return whole(out, offset, bytes.size(), kUnreadable);
  const auto at = static_cast<std::size_t>(object->value.data() - bytes.data());
  secrets_of_toolkit(object->value, offset + at, out);
  whole(out, offset + object->whole.size(), bytes.size() - object->whole.size(), kUnreadable);
}

}  // namespace

void note_secrets_sent(Taking& taking, BytesView plain, const apdu::Command& wire, bool deciphered) {
  if (is_ciphered(taking, wire, kCommandsCiphered, deciphered)) return;
  Secrets& secrets = taking.out.secrets;
  secrets.command = script::secrets_of_command(plain, taking.out.path);
  if (is_open_function(taking)) secrets.command.clear();
  const BytesView data = taking.command.data;
  if (file_is_unknown(taking, plain)) whole(secrets.command, taking.data_offset, data.size(), kUnknownFile);
  if (taking.command.ins == kEnvelope || taking.command.ins == kTerminalResponse) {
    if (!data.empty()) objects_of(data, taking.data_offset, taking.command.ins == kEnvelope, secrets.command);
    taking.card.secrets.in_messages(taking.out.command_fields, secrets.command, secrets.message);
  }
  if (!deciphered) {
    secrets.sent = secrets.command;
  } else if (!secrets.command.empty() || !secrets.message.empty()) {
    whole(secrets.sent, wire.extended ? 7 : 5, wire.data.size(), kSecured);
  }
}

void note_secrets_received(Taking& taking, BytesView plain, const apdu::Command& wire, BytesView data, bool deciphered) {
  if (data.empty() || is_ciphered(taking, wire, kAnswersCiphered, deciphered)) return;
  Secrets& secrets = taking.out.secrets;
  secrets.answer = script::secrets_of_answer(plain, taking.out.path, data);
  if (file_is_unknown(taking, plain)) whole(secrets.answer, 0, data.size(), kUnknownFile);
  if (taking.command.ins == kFetch) objects_of(data, 0, true, secrets.answer);
  if (taking.command.ins == kFetch || taking.command.ins == kEnvelope) {
    taking.card.secrets.in_messages(taking.out.answer_fields, secrets.answer, secrets.message);
  }
  if (secrets.answer.empty()) return;
  // The whole answer and the last piece of it differ, as do plain data and data under secure messaging.
  if (!deciphered && data.size() == taking.out.data.size()) {
    secrets.received = secrets.answer;
  } else {
    whole(secrets.received, 0, taking.out.data.size(), secrets.answer.front().kind);
  }
}

void note_secrets_of_piece(Taking& taking, BytesView plain, const apdu::Command& wire) {
  if (is_ciphered(taking, wire, kAnswersCiphered, false)) return;
  const std::uint8_t ins = taking.command.ins;
  const bool message = ins == kFetch || ins == kEnvelope;
  if (ins == apdu::kGetResponse) {
    whole(taking.out.secrets.received, 0, taking.out.data.size(), "answer to a command that is not known");
    taking.out.secrets.answer = taking.out.secrets.received;
  } else if (message || script::may_answer_secrets(plain, taking.out.path) || file_is_unknown(taking, plain)) {
    whole(taking.out.secrets.received, 0, taking.out.data.size(), "part of an answer that may hold secrets");
  }
}

void note_secrets_of_broken(Exchange& exchange, const ChannelMemory& channel) {
  const BytesView command = exchange.command;
  constexpr std::size_t kHeader = 5;
  exchange.secrets.sent = script::secrets_of_command(command, channel.selection.path());
  if (!channel.selection.knows_file()) whole(exchange.secrets.received, 0, exchange.data.size(), kUnknownFile);
  const bool toolkit = command.size() > kHeader && (command[1] == kEnvelope || command[1] == kTerminalResponse);
  if (toolkit) whole(exchange.secrets.sent, kHeader, command.size() - kHeader, kUnreadable);
  if (script::may_answer_secrets(command, channel.selection.path())) whole(exchange.secrets.received, 0, exchange.data.size(), kUnreadable);
}

}  // namespace uicclab::trace
