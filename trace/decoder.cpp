// SPDX-License-Identifier: Apache-2.0
#include "trace/decoder.hpp"

#include <tuple>

#include "core/apdu.hpp"
#include "trace/exchange_secrets.hpp"
#include "trace/instructions.hpp"

namespace uicclab::trace {
namespace {

constexpr std::uint8_t kGsmClass = 0xA0;

/// 61xx, and 9Fxx of class A0: data waits for GET RESPONSE.
bool data_waits(StatusWord status) {
  return status.sw1() == 0x61 || status.sw1() == 0x9F;
}

/// The same command but for its last byte, Le, as it comes after 6Cxx.
bool is_repetition(BytesView first, BytesView second) {
  const auto a = apdu::parse(first);
  const auto b = apdu::parse(second);
  return a && b && a->cla == b->cla && a->ins == b->ins && a->p1p2() == b->p1p2() && equal(a->data, b->data);
}

/// Where the data field begins.
std::size_t data_offset(const apdu::Command& command) {
  return command.extended ? 7 : 5;
}

}  // namespace

Exchange Decoder::decode(const RecordedEvent& event) {
  Exchange out;
  out.number = ++m_count;
  out.kind = event.kind;
  out.time = event.time;
  out.took = event.took;
  out.card = event.card;
  out.command = event.command;
  auto& memory = m_cards[m_cards.contains(event.card) || m_cards.size() < kMaxCards ? event.card : m_cards.begin()->first];
  const bool anew = event.kind == TraceEvent::Kind::kReset || event.kind == TraceEvent::Kind::kPowerOff;
  if (!memory) {
    memory = std::make_unique<CardMemory>(m_keys);
  } else if (anew) {
    // Short messages wait for their parts also across a reset: the platform that sends them does not know of it.
    memory->channels = {};
    memory->pending.clear();
  }
  if (anew) {
    for (auto& channel : memory->channels) channel.selection.set_known(true);
  }
  switch (event.kind) {
    case TraceEvent::Kind::kReset:
      out.name = out.title = "reset";
      out.clause = "ISO/IEC 7816-3 8";
      out.data = event.answer;
      out.answer_fields.push_back({"ATR", "ISO/IEC 7816-3 8.2", 0, event.answer, "", {}});
      return out;
    case TraceEvent::Kind::kPowerOff:
      out.name = out.title = "power off";
      return out;
    case TraceEvent::Kind::kError:
      out.name = "error";
      out.title = event.command.empty() ? "no reset" : ota::name_of_command(event.command).text;
      out.notes.push_back(event.text);
      if (!event.command.empty()) note_secrets_of_broken(out, memory->channels[apdu::channel_of(event.command[0])]);
      return out;
    case TraceEvent::Kind::kExchange:
      break;
  }
  exchange(event, *memory, out);
  return out;
}

void Decoder::exchange(const RecordedEvent& event, CardMemory& card, Exchange& out) {
  // Answer: data and status.
  if (const auto response = apdu::parse_response(event.answer)) {
    out.data = response->data;
    out.status = response->status;
  } else {
    out.data = event.answer;
    out.notes.emplace_back(event.answer.empty() ? "the trace has no answer" : "an answer without a status word");
  }
  auto parsed = apdu::parse(event.command);
  if (!parsed) {
    const auto name = ota::name_of_command(event.command);
    out.name = name.name;
    out.title = name.text;
    out.clause = name.clause;
    out.notes.push_back("command: " + parsed.error().text);
    if (event.command.size() > 1) {
      ChannelMemory& channel = card.channels[apdu::channel_of(event.command[0])];
      if (event.command[1] == apdu::kSelect && (!out.status || out.status->is_success())) channel.selection.set_known(false);
      note_secrets_of_broken(out, channel);
    }
    if (out.status) std::tie(out.status_clause, out.status_meaning) = explain_status(nullptr, *out.status);
    return;
  }
  out.channel = apdu::channel_of(parsed->cla);
  ChannelMemory& channel = card.channels[out.channel];
  const StatusWord status = out.status.value_or(StatusWord{});
  const bool gsm = parsed->cla == kGsmClass;

  auto found = card.pending.find(out.channel);
  const bool fetches = parsed->ins == apdu::kGetResponse;
  std::optional<Pending> before;
  if (found != card.pending.end()) {
    before = std::move(found->second);
    card.pending.erase(found);
  }
  const bool continued = before && !before->again && fetches;
  const bool repeated = before && before->again && is_repetition(before->command, event.command);

  Pending now;
  now.command = event.command;
  if (continued || repeated) {
    now = *std::move(before);
    if (repeated) now.command = event.command;  // with the Le that counts
  } else if (channel.session.is_open() && apdu::is_secured_by_globalplatform(parsed->cla) && !gsm &&
             parsed->ins != scp03::ins::kExternalAuthenticate) {
    now.protocol = channel.session.protocol();
    const auto plain = channel.session.unwrap(*parsed);
    if (plain) {
      now.secured = true;
      now.plain = apdu::encode(*plain);
    } else {
      out.notes.push_back(now.protocol + ": " + plain.error().text + ": the session cannot be followed any further");
      now.protocol.clear();
    }
  } else if (!gsm && apdu::is_secured(parsed->cla) && parsed->ins != scp03::ins::kExternalAuthenticate) {
    out.notes.emplace_back("secured: no session with known keys is open on this channel");
  }

  // What is decoded is the plain command; of GET RESPONSE, the command whose answer it brings.
  const Bytes about = now.plain.empty() ? now.command : now.plain;
  auto plain = apdu::parse(about);
  if (!plain) plain = parsed;
  const bool opaque = !gsm && !now.secured && apdu::is_secured(now.command[0]) && parsed->ins != scp03::ins::kExternalAuthenticate;
  Taking taking{*plain, data_offset(*plain), card, channel, out, opaque};
  // Le behind data is no part of what a command is about.
  BytesView named = continued ? BytesView(event.command) : BytesView(about);
  if (!continued && plain->kind() == apdu::Case::k4) named = named.first(data_offset(*plain) + plain->data.size());
  const auto name = ota::name_of_command(named);
  out.name = name.name;
  out.title = name.text;
  out.clause = name.clause;
  out.path = channel.selection.path();
  if (continued) {
    out.title = name.name + " of " + now.title;
    Taking header{*parsed, data_offset(*parsed), card, channel, out};
    append_command(header);
  } else {
    append_command(taking);
    note_secrets_sent(taking, about, *parsed, now.secured);
    if (repeated) out.title += ", again with the length that the card named";
    now.title = out.title;
  }

  // EXTERNAL AUTHENTICATE is checked with what INITIALIZE UPDATE left.
  if (parsed->ins == scp03::ins::kExternalAuthenticate && !gsm && !continued && apdu::is_secured(parsed->cla)) {
    const auto checked = channel.session.external_authenticate(*parsed);
    if (!checked && m_keys.channels) out.notes.push_back("EXTERNAL AUTHENTICATE: " + checked.error().text);
    channel.session.confirm(status);
    channel.level = status.is_success() ? parsed->p1 : std::uint8_t{0};
  }
  if (parsed->ins == scp03::ins::kInitializeUpdate && apdu::is_proprietary(parsed->cla) && !gsm) channel.level = 0;

  append(now.data, out.data);
  if (now.secured) out.plain = Plain{now.protocol, now.plain, {}};
  if (!out.status) {
    append_answer(taking, out.data, std::nullopt);
    note_secrets_received(taking, about, *parsed, out.data, false);
    if (plain->ins == apdu::kSelect) follow(taking, {}, sw::kOk, true);  // unknown whether it was executed; assume that it was
  } else if (data_waits(status) || status.sw1() == 0x6C) {
    const auto wire = apdu::parse(now.command);
    note_secrets_of_piece(taking, about, wire ? *wire : *parsed);
    if (data_waits(status)) follow(taking, {}, status, !continued);
    now.again = status.sw1() == 0x6C;
    if (now.again) now.data.clear();
    card.pending.insert_or_assign(out.channel, std::move(now));
  } else {
    whole_answer(taking, now, continued, status);
    if (fetches && !continued) note_secrets_of_piece(taking, about, *parsed);
  }
  if (out.status) std::tie(out.status_clause, out.status_meaning) = explain_status(&*plain, status);
  if (plain->ins == apdu::kSelect) out.path = channel.selection.path();
  out.file = card.names.name(out.path);
}

/// The last piece of an answer has come.
void Decoder::whole_answer(Taking& taking, const Pending& command, bool continued, StatusWord status) {
  Exchange& out = taking.out;
  SecureSession& session = taking.channel.session;
  Bytes data = command.data;
  if (command.secured) {
    auto plain = session.unwrap(apdu::Response{data, status});
    if (plain) {
      out.plain->data = data = plain->data;
    } else {
      out.notes.push_back(command.protocol + ": " + plain.error().text + ": the session cannot be followed any further");
      out.plain.reset();
    }
  }
  const bool update = taking.command.ins == scp03::ins::kInitializeUpdate && (taking.command.cla & 0x80) != 0;
  if (update && status.is_success() && !data.empty()) {
    const auto begun = session.initialize_update(taking.command, data, m_keys.channels);
    if (!begun && m_keys.channels) out.notes.push_back("secure channel: " + begun.error().text);
  }
  append_answer(taking, data, status);
  const BytesView about = command.plain.empty() ? command.command : command.plain;
  const auto wire = apdu::parse(command.command);
  note_secrets_received(taking, about, wire ? *wire : taking.command, data, out.plain.has_value());
  follow(taking, data, status, !continued);
}

}  // namespace uicclab::trace
