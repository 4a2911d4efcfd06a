// SPDX-License-Identifier: Apache-2.0
#include "script/terminal_block.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "core/comprehension_tlv.hpp"
#include "core/hex.hpp"
#include "script/explain.hpp"
#include "terminal/time.hpp"

namespace uicclab::script {
namespace {

constexpr std::array<std::string_view, 0x13> kEvents{
    "MT_CALL",         "CALL_CONNECTED",     "CALL_DISCONNECTED",  "LOCATION_STATUS",     "USER_ACTIVITY",
    "IDLE_SCREEN",     "CARD_READER_STATUS", "LANGUAGE_SELECTION", "BROWSER_TERMINATION", "DATA_AVAILABLE",
    "CHANNEL_STATUS",  "ACCESS_TECHNOLOGY",  "DISPLAY_PARAMETERS", "LOCAL_CONNECTION",    "NETWORK_SEARCH_MODE",
    "BROWSING_STATUS", "FRAMES_INFORMATION", "WLAN_ACCESS_STATUS", "NETWORK_REJECTION"};

/// The value of the result and what follows it, of a terminal response.
Bytes result_of(BytesView response) {
  for (ctlv::Reader reader(response); !reader.empty();) {
    const auto one = reader.next();
    if (!one) break;
    if (one->tag != terminal::tag::kResult) continue;
    const auto end = static_cast<std::size_t>(one->value.data() - response.data()) + one->value.size();
    return concat({one->value, response.subspan(end)});
  }
  return {};
}

}  // namespace

TerminalBlock::TerminalBlock(CardPort& card, terminal::Settings settings, const CaseValues& values)
    : m_terminal(card, std::move(settings)), m_values(values) {
  m_terminal.set_rule([this](const terminal::ProactiveCommand& command) { return answer(command); });
}

Result<TerminalBlock::Done> TerminalBlock::carry_out(const Statement& one) {
  static constexpr std::array<Handler, 7> kHandlers{&TerminalBlock::on,    &TerminalBlock::menu,    &TerminalBlock::saw,
                                                    &TerminalBlock::sent,  &TerminalBlock::advance, &TerminalBlock::event,
                                                    &TerminalBlock::listen};
  const auto at = static_cast<std::size_t>(one.kind) - static_cast<std::size_t>(Statement::Kind::kOn);
  return (this->*kHandlers.at(at))(one);
}

// on COMMAND [once] [if PATH == PATTERN] answer RESULT [DATA OBJECTS] | choose ITEM | type VALUE
Result<TerminalBlock::Done> TerminalBlock::on(const Statement& one) {
  const std::span<const Token> all(one.operands);
  const auto verb =
      std::ranges::find_if(all, [](const Token& t) { return t.is_word("answer") || t.is_word("choose") || t.is_word("type"); });
  const auto verb_at = static_cast<std::size_t>(verb - all.begin());
  Rule rule;
  rule.type = *proactive_type(one.name);
  rule.once = all[0].is_word("once");
  const std::size_t at = rule.once ? 1 : 0;
  if (all[at].is_word("if")) {
    const auto path = TlvPath::of(all[at + 1].text);
    auto pattern = m_values.pattern_of(one, all.subspan(at + 3, verb_at - at - 3));
    if (!path) return tl::unexpected(path.error());
    if (!pattern) return tl::unexpected(pattern.error());
    rule.condition = Rule::Condition{*path, *std::move(pattern)};
  }
  const std::span<const Token> what = all.subspan(verb_at + 1);
  if (verb->is_word("answer")) {
    const auto result = m_values.value_of(one, what.first(1));
    const auto objects = m_values.value_of(one, what.subspan(1));
    if (!result) return tl::unexpected(result.error());
    if (!objects) return tl::unexpected(objects.error());
    rule.answer = {*result, *objects};
  } else {
    const auto value = m_values.value_of(one, what);
    if (!value) return tl::unexpected(value.error());
    if (verb->is_word("choose")) {
      rule.item.assign(value->begin(), value->end());
    } else {
      rule.answer.add(terminal::tag::kTextString, concat({std::array<std::uint8_t, 1>{0x04}, *value}));  // 8 bit text
    }
  }
  m_rules.push_back(std::move(rule));
  return Done{};
}

Result<TerminalBlock::Done> TerminalBlock::menu(const Statement& one) {
  const auto value = m_values.value_of(one, std::span(one.operands).first(1));
  if (!value) return tl::unexpected(value.error());
  const terminal::Menu* menu = m_terminal.menu();
  if (menu == nullptr) return Done{{}, {}, "the card has set up no menu", {}, {}};
  std::optional<std::uint8_t> item;
  if (one.operands[0].kind == Token::Kind::kString) {
    item = terminal::item_named(menu->items, std::string(value->begin(), value->end()));
  } else if (value->size() == 1) {
    item = value->front();
  }
  std::vector<std::string> offered;
  for (const auto& each : menu->items) offered.push_back("          " + to_hex(std::array{each.identifier}) + "  " + each.text);
  if (!item) return Done{{}, {}, "the menu has no item " + one.operands[0].text, offered, {}};
  const auto response = m_terminal.select_item(item.value_or(0), one.operands.size() == 2);
  if (!response && response.error().code == ErrorCode::kNotFound) return Done{{}, {}, response.error().text, offered, {}};
  if (!response) return tl::unexpected(response.error());
  return Done{*response, {0x80, 0xC2, 0x00, 0x00}, "", {}, {}};
}

Result<TerminalBlock::Done> TerminalBlock::saw(const Statement& one) {
  const auto& served = m_terminal.served();
  const auto describe_type = [](std::uint8_t type) {
    const std::string_view name = proactive_name(type);
    return name.empty() ? "the unknown command " + to_hex(std::array{type}) : std::string(name);
  };
  if (m_commands == served.size()) {
    return one.name.empty() ? Done{} : Done{{}, {}, "the card sent no further proactive command", {}, {}};
  }
  const auto& next = served[m_commands];
  const std::uint8_t type = next.command.type();
  if (one.name.empty()) return Done{{}, {}, "the card sent " + describe_type(type), decode(next.command.bytes), {}};
  const std::uint8_t wanted = *proactive_type(one.name);
  if (type != wanted) {
    return Done{
        {}, {}, "the next proactive command is " + describe_type(type) + ", not " + describe_type(wanted), decode(next.command.bytes), {}};
  }
  ++m_commands;
  Done done{apdu::Response{next.command.bytes, sw::kOk}, {}, "", {}, {}};
  if (!one.expects) return done;
  auto pattern = m_values.pattern_of(one, one.expected);
  if (!pattern) return tl::unexpected(pattern.error());
  done.comparison = Done::Comparison{"the terminal's answer", *std::move(pattern), result_of(next.response)};
  return done;
}

Result<TerminalBlock::Done> TerminalBlock::sent(const Statement& one) {
  const auto& messages = m_terminal.messages();
  if (m_messages == messages.size()) return Done{{}, {}, "the card sent no further short message", {}, {}};
  const Bytes& payload = messages[m_messages++].payload;
  auto pattern = m_values.pattern_of(one, one.expected);
  if (!pattern) return tl::unexpected(pattern.error());
  return Done{apdu::Response{payload, sw::kOk}, {}, "", {}, Done::Comparison{"the short message", *std::move(pattern), payload}};
}

Result<TerminalBlock::Done> TerminalBlock::advance(const Statement& one) {
  if (auto done = m_terminal.advance(std::chrono::seconds(std::stoul(one.name))); !done) return tl::unexpected(done.error());
  return Done{};
}

Result<TerminalBlock::Done> TerminalBlock::event(const Statement& one) {
  const auto objects = m_values.value_of(one, one.operands);
  if (!objects) return tl::unexpected(objects.error());
  const auto response = m_terminal.download_event(*event_code(one.name), *objects);
  if (!response && response.error().code == ErrorCode::kNotFound) return Done{{}, {}, response.error().text, {}, {}};
  if (!response) return tl::unexpected(response.error());
  return Done{*response, {0x80, 0xC2, 0x00, 0x00}, "", {}, {}};
}

Result<TerminalBlock::Done> TerminalBlock::listen(const Statement& one) {
  std::optional<Bytes> answer;
  if (one.operands[1].is_word("answer")) {
    auto value = m_values.value_of(one, std::span(one.operands).subspan(2));
    if (!value) return tl::unexpected(value.error());
    answer = *std::move(value);
  }
  const auto transport = one.name == "udp" ? terminal::Transport::kUdp : terminal::Transport::kTcp;
  const auto done =
      m_terminal.channels().add_server(transport, static_cast<std::uint16_t>(std::stoul(one.operands[0].text)), std::move(answer));
  if (!done) return tl::unexpected(done.error());
  return Done{};
}

std::optional<terminal::Answer> TerminalBlock::answer(const terminal::ProactiveCommand& command) {
  const auto fits = [&](const Rule& rule) {
    if (rule.type != command.type()) return false;
    if (!rule.condition) return true;
    const auto found = rule.condition->path.find({command.bytes, sw::kOk});
    return found && !rule.condition->pattern.mismatch(*found);
  };
  const auto found = std::find_if(m_rules.rbegin(), m_rules.rend(), fits);  // the latest one that fits
  if (found == m_rules.rend()) return std::nullopt;
  Rule rule = *found;
  if (rule.once) m_rules.erase(std::next(found).base());
  if (rule.item.empty()) return rule.answer;
  const auto item = terminal::item_named(terminal::items_of(command), rule.item);
  if (!item) {
    m_complaint = "the card offers no item \"" + rule.item + "\" to choose from";
    return std::nullopt;
  }
  rule.answer.add(terminal::tag::kItemIdentifier, std::array{*item});
  return rule.answer;
}

Result<terminal::Settings> terminal_settings(const std::map<std::string, std::string>& options) {
  terminal::Settings out;
  for (const auto& [name, text] : options) {
    const bool digits = std::ranges::all_of(text, [](unsigned char c) { return std::isdigit(c) != 0; });
    if (name == "imei") {
      if (!digits || text.size() != 15) return fail(ErrorCode::kMalformed, "an IMEI has 15 digits");
      out.imei = text;
    } else if (name == "language") {
      if (text.size() != 2) return fail(ErrorCode::kMalformed, "a language is two letters (ISO 639)");
      out.language = text;
    } else if (name == "time") {
      const auto time = digits ? terminal::time_of(text) : std::nullopt;
      if (!time) return fail(ErrorCode::kMalformed, "a time is YYMMDDhhmmss");
      out.time = *time;
    } else {
      const auto bytes = from_hex(text);
      if (!bytes || bytes->empty() || bytes->size() > 0xFF) return fail(ErrorCode::kMalformed, name + " is hexadecimal digits");
      (name == "profile" ? out.profile : out.location) = *bytes;
    }
  }
  return out;
}

std::optional<std::uint8_t> event_code(std::string_view name) {
  std::string upper(name);
  std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return c == '-' ? '_' : static_cast<char>(std::toupper(c)); });
  const auto found = std::ranges::find(kEvents, upper);
  if (found != kEvents.end()) return static_cast<std::uint8_t>(found - kEvents.begin());
  const auto code = from_hex(name);
  return code && code->size() == 1 ? std::optional(code->front()) : std::nullopt;
}

}  // namespace uicclab::script
