// SPDX-License-Identifier: Apache-2.0
// One file, although a long one: the handlers of all statements share what one run knows (variables, last answer, proactive command).
#include "script/case_runner.hpp"

#include <algorithm>
#include <array>

#include "core/ber_tlv.hpp"
#include "core/comprehension_tlv.hpp"
#include "core/enum_table.hpp"
#include "core/hex.hpp"
#include "core/transceive.hpp"
#include "script/explain.hpp"
#include "script/fields.hpp"
#include "script/file_names.hpp"
#include "script/line.hpp"
#include "script/pattern.hpp"
#include "script/terminal_block.hpp"
#include "script/tlv_path.hpp"

namespace uicclab::script {
namespace {

using Outcome = CaseResult::Outcome;
constexpr std::size_t kMaxUses = 64;  // of definitions in one another

struct Stop {
  Outcome outcome;
  Failure failure;
};
using Step = tl::expected<void, Stop>;

class Runner final : private CaseValues {
 public:
  Runner(const CaseRun& run, CardPort& card, PortMaker& ports, Random& random, const CaseOptions& options, CaseResult& result)
      : m_script(*run.script),
        m_run(run),
        m_card(card),
        m_port(&card),
        m_ports(ports),
        m_random(random),
        m_options(options),
        m_result(result) {}

  void run() {
    Step step = begin();
    if (step) step = block(m_script.setup);
    if (step) step = block(m_run.one->body);
    m_port = &m_card;
    keep(step);
    if (!m_script.teardown.empty() && m_result.outcome != Outcome::kError) keep(block(m_script.teardown));
    m_card.power_off();
  }

 private:
  using Handler = Step (Runner::*)(const Statement&);

  void keep(const Step& step) {
    if (step || m_result.failure) return;
    m_result.outcome = step.error().outcome;
    m_result.failure = step.error().failure;
  }

  tl::unexpected<Stop> stop(Outcome outcome, const Statement& at, std::string text, std::vector<std::string> details = {}) const {
    return tl::unexpected(Stop{outcome, {at.place, at.text, std::move(text), std::move(details)}});
  }
  /// What a port or a part of the script says.
  tl::unexpected<Stop> stop(const Statement& at, const Error& error) const {
    // A refusal is of the one who guards a real card.
    return stop(error.code == ErrorCode::kRefused ? Outcome::kSkipped : Outcome::kError, at, error.text);
  }

  Step begin() {
    const auto atr = m_card.reset();
    if (!atr) return tl::unexpected(Stop{Outcome::kError, {m_run.one->place, "", atr.error().text}});
    m_last = {*atr, sw::kOk};
    for (const Statement& one : m_script.globals) {
      if (!m_options.variables.contains(one.name)) {
        if (auto done = set(one); !done) return done;
      }
    }
    for (const auto& [name, text] : m_options.variables) {
      auto tokens = tokens_of(text, {"--set " + name, 1, 1});
      if (!tokens) return tl::unexpected(Stop{Outcome::kError, {m_run.one->place, "", tokens.error().text}});
      m_variables.set(name, *std::move(tokens));
    }
    if (m_run.row != nullptr) {
      for (std::size_t i = 0; i < m_run.one->columns.size(); ++i) m_variables.set(m_run.one->columns[i], m_run.row->cells[i]);
    }
    return {};
  }

  Step block(const Block& statements) {
    using Kind = Statement::Kind;
    static constexpr auto kHandlers = enum_table<Kind::kListen, Handler>({
        {Kind::kSend, &Runner::send},
        {Kind::kRaw, &Runner::raw},
        {Kind::kSelect, &Runner::select},
        {Kind::kVerify, &Runner::verify},
        {Kind::kReset, &Runner::reset},
        {Kind::kPowerOff, &Runner::power_off},
        {Kind::kProtocol, &Runner::protocol},
        {Kind::kFetch, &Runner::fetch},
        {Kind::kAnswer, &Runner::answer},
        {Kind::kCheck, &Runner::check},
        {Kind::kSet, &Runner::set},
        {Kind::kCapture, &Runner::capture},
        {Kind::kFor, &Runner::loop},
        {Kind::kUse, &Runner::use},
        {Kind::kSecure, &Runner::secure_channel},
        {Kind::kOverAir, &Runner::over_the_air},
        {Kind::kPrint, &Runner::print},
        {Kind::kTerminal, &Runner::in_terminal},
        {Kind::kOn, &Runner::of_terminal},
        {Kind::kMenu, &Runner::of_terminal},
        {Kind::kSaw, &Runner::of_terminal},
        {Kind::kSent, &Runner::of_terminal},
        {Kind::kAdvance, &Runner::of_terminal},
        {Kind::kEvent, &Runner::of_terminal},
        {Kind::kListen, &Runner::of_terminal},
    });
    for (const Statement& one : statements) {
      if (++m_statements > m_options.most_statements) return stop(Outcome::kError, one, "this case does not end");
      if (auto done = (this->*kHandlers[one.kind])(one); !done) return done;
    }
    return {};
  }

  Result<Tokens> expand(const Statement& one, const Tokens& tokens) const { return m_variables.expand({one.place.file, tokens}); }
  Result<Bytes> value(const Statement& one, const Tokens& tokens, Counting counting = Counting::kBer) const {
    const auto expanded = expand(one, tokens);
    if (!expanded) return tl::unexpected(expanded.error());
    return evaluate({one.place.file, *expanded}, m_random, counting);
  }

  // Commands.

  Result<void> exchange(const Statement& one, BytesView command, bool raw) {
    Result<apdu::Response> response;
    if (raw) {
      const auto answer = m_port->transmit(command);
      response = answer ? apdu::parse_response(*answer) : tl::unexpected(answer.error());
    } else {
      response = transceive(*m_port, command);
    }
    if (!response) return tl::unexpected(response.error());
    m_last = *std::move(response);
    m_command = to_bytes(command);
    if (m_last.status.sw1() == 0x91) m_proactive = m_last.status.sw2();
    m_result.exchanges.push_back({one.place, m_command, m_last.data, m_last.status});
    if (m_terminal != nullptr) note_traffic(one);
    return {};
  }

  /// Sends, and compares with what the statement expects.
  Step carry_out(const Statement& one, BytesView command, bool raw = false) {
    if (auto sent = exchange(one, command, raw); !sent) return stop(one, sent.error());
    return judge(one);
  }

  Step judge(const Statement& one) {
    Expectation wanted{std::nullopt, StatusPattern::success()};
    if (one.expects) {
      const auto tokens = expand(one, one.expected);
      if (!tokens) return stop(one, tokens.error());
      if (tokens->empty()) return stop(Outcome::kError, one, "-> is followed by nothing");
      auto read = Expectation::of({one.place.file, *tokens});
      if (!read) return stop(one, read.error());
      wanted = *std::move(read);
    } else if (m_script.unchecked) {
      return {};
    }
    m_result.checks += wanted.data ? 2 : 1;
    if (!wanted.status->fits(m_last.status)) {
      if (is_hidden(one, *wanted.status)) {
        return stop(Outcome::kSkipped, one,
                    "the reader itself handles 61xx and 6Cxx (APDU level): " + wanted.status->text() + " is never seen");
      }
      std::vector<std::string> details{"expected  " + wanted.status->text() + meaning_of(*wanted.status),
                                       "got       " + describe(m_last.status)};
      if (!m_last.data.empty()) details.push_back("data      " + to_hex(m_last.data));
      return stop(Outcome::kFailed, one,
                  describe_command(m_command) + ": status " + to_hex(m_last.status) + ", not " + wanted.status->text(), details);
    }
    if (wanted.data) return compare(one, describe_command(m_command) + ": data", *wanted.data, m_last.data);
    return {};
  }

  /// The answer has come at once, under T=0 or whatever the reader makes of it.
  bool is_hidden(const Statement& one, const StatusPattern& wanted) const {
    return one.kind == Statement::Kind::kRaw && wanted.is_of_transmission() && !m_chose_t1 && m_port->protocol() == Protocol::kT1 &&
           m_last.status.is_success();
  }

  static std::string meaning_of(const StatusPattern& pattern) {
    const auto digits = from_hex(pattern.text());
    if (!digits || digits->size() != 2) return {};
    return " (" + std::string(meaning(StatusWord{static_cast<std::uint16_t>(((*digits)[0] << 8) | (*digits)[1])})) + ")";
  }

  Step compare(const Statement& one, const std::string& what, const Pattern& pattern, BytesView got) {
    const auto wrong = pattern.mismatch(got);
    if (!wrong) return {};
    const std::string where = field_at(got, *wrong, m_file);
    std::string at =
        *wrong >= got.size() ? "ends after " + std::to_string(got.size()) + " bytes" : "differs at byte " + std::to_string(*wrong);
    if (!where.empty()) at += ", " + where;
    std::vector<std::string> details{"expected  " + pattern.text(), "got       " + (got.empty() ? "none" : to_hex(got))};
    const auto fixed = pattern.fixed();
    auto fields = fixed ? differences(*fixed, got, m_file) : decode(got);
    for (std::string& line : fields) details.push_back("          " + std::move(line));
    return stop(Outcome::kFailed, one, what + " " + at, details);
  }

  Step send(const Statement& one) {
    const auto command = value(one, one.operands, Counting::kLc);
    if (!command) return stop(one, command.error());
    note_selection(*command);
    return carry_out(one, *command);
  }

  Step raw(const Statement& one) {
    const auto command = value(one, one.operands, Counting::kLc);
    if (!command) return stop(one, command.error());
    note_selection(*command);
    return carry_out(one, *command, true);
  }

  /// For the names of fields: which file a SELECT leads to.
  void note_selection(BytesView command) {
    const auto parsed = apdu::parse(command);
    if (!parsed || parsed->ins != apdu::kSelect || parsed->p1 == 0x04 || parsed->data.size() < 2) return;
    m_file = to_hex(parsed->data.last(2));
  }

  Step select(const Statement& one) {
    const auto tokens = expand(one, one.operands);
    if (!tokens) return stop(one, tokens.error());
    std::string name;
    for (const Token& token : *tokens) name += token.text;
    const auto path = path_of_file(name, m_script.files);
    if (!path)
      return stop(Outcome::kError, one,
                  "'" + name + "' is not a known file: give its name, a path like ADF.USIM/6F07, or file NAME = PATH");
    const auto commands = selection(*path, [this](const std::string& variable) -> Result<Bytes> {
      const Tokens* value = m_variables.find(variable);
      if (value == nullptr) return fail(ErrorCode::kNotFound, variable + " is not known");
      return evaluate({variable, *value}, m_random);
    });
    if (!commands) return stop(one, commands.error());
    for (std::size_t i = 0; i + 1 < commands->size(); ++i) {
      if (auto sent = exchange(one, (*commands)[i], false); !sent) return stop(one, sent.error());
      if (!StatusPattern::success().fits(m_last.status)) {
        return stop(Outcome::kFailed, one, describe_command(m_command) + ", on the way to " + *path + ": " + describe(m_last.status));
      }
    }
    m_file = *path;
    return carry_out(one, commands->back());
  }

  Step verify(const Statement& one) {
    const auto reference = pin_reference(one.name);
    if (!reference) return stop(Outcome::kError, one, "'" + one.name + "' is not a PIN: PIN1, PIN2, UPIN, ADM1 to ADM10, LPIN1 to LPIN4");
    Tokens operands = one.operands;
    if (operands.empty()) operands.push_back({Token::Kind::kVariable, one.name, one.place.line, one.place.column});
    auto pin = value(one, operands);
    if (!pin) return stop(one, pin.error());
    if (pin->size() > 8) return stop(Outcome::kError, one, one.name + " has more than eight bytes");
    pin->resize(8, 0xFF);
    return carry_out(one, apdu::encode({0x00, 0x20, 0x00, *reference, *pin, std::nullopt}));
  }

  Step reset(const Statement& one) {
    const auto atr = m_port->reset();
    if (!atr) return stop(one, atr.error());
    m_last = {*atr, sw::kOk};
    m_chose_t1 = false;
    m_file.clear();
    if (!one.expects) return {};
    const auto tokens = expand(one, one.expected);
    if (!tokens) return stop(one, tokens.error());
    const auto pattern = Pattern::of({one.place.file, *tokens});
    if (!pattern) return stop(one, pattern.error());
    ++m_result.checks;
    return compare(one, "answer to reset", *pattern, *atr);
  }

  Step power_off(const Statement&) {
    m_port->power_off();
    return {};
  }

  Step protocol(const Statement& one) {
    m_chose_t1 = one.name != "0";
    const auto done = m_port->select_protocol(m_chose_t1 ? Protocol::kT1 : Protocol::kT0);
    return done ? Step() : Step(stop(one, done.error()));
  }

  // Toolkit: ETSI TS 102 221 clauses 11.2.3 and 11.2.4; ETSI TS 102 223 clauses 6.6 and 6.8.

  Step fetch(const Statement& one) {
    ++m_result.checks;
    if (!m_proactive) return stop(Outcome::kFailed, one, "no proactive command waits: no status word was 91xx");
    const std::uint8_t size = *m_proactive;
    m_proactive.reset();
    const Bytes command{0x80, 0x12, 0x00, 0x00, size};
    if (auto sent = exchange(one, command, false); !sent) return stop(one, sent.error());
    const auto proactive = ber::find(m_last.data, 0xD0);
    m_details = proactive ? ctlv::find(*proactive, 0x01) ? to_bytes(*ctlv::find(*proactive, 0x01)) : Bytes{} : Bytes{};
    if (auto judged = judge(one); !judged || one.name.empty()) return judged;
    const auto wanted = proactive_type(one.name);
    if (!wanted) return stop(Outcome::kError, one, "'" + one.name + "' is not a proactive command, for example DISPLAY_TEXT or 21");
    const std::uint8_t type = m_details.size() == 3 ? m_details[1] : std::uint8_t{0};
    if (type == *wanted) return {};
    std::vector<std::string> lines = decode(m_last.data);
    return stop(Outcome::kFailed, one,
                "the proactive command is " + std::string(proactive_name(type)) + " (" + to_hex(std::array{type}) + "), not " +
                    std::string(proactive_name(*wanted)),
                lines);
  }

  Step answer(const Statement& one) {
    if (m_details.size() != 3) return stop(Outcome::kError, one, "no proactive command to answer: fetch it first");
    const auto first = value(one, {one.operands.front()});
    const auto more = value(one, Tokens(one.operands.begin() + 1, one.operands.end()));
    if (!first) return stop(one, first.error());
    if (!more) return stop(one, more.error());
    Bytes data;
    ctlv::write(data, 0x01, m_details);
    ctlv::write(data, 0x02, "8281"_h, false);
    ctlv::write(data, 0x03, *first, false);
    append(data, *more);
    m_details.clear();
    return carry_out(one, apdu::encode({0x80, 0x14, 0x00, 0x00, data, std::nullopt}));
  }

  // Checks and variables.

  /// The left side of a check, or what is captured.
  Result<std::optional<Bytes>> look_up(const Statement& one, const Token& token) {
    if (token.kind == Token::Kind::kVariable) {
      auto bytes = value(one, {token});
      if (!bytes) return tl::unexpected(bytes.error());
      return std::optional(*std::move(bytes));
    }
    const auto path = TlvPath::of(token.text);
    if (!path) return fail_at({one.place.file, token.line, token.column}, path.error().text);
    return path->find(m_last);
  }

  Step check(const Statement& one) {
    ++m_result.checks;
    const Token& path = one.operands.front();
    auto found = look_up(one, path);
    if (!found) return stop(one, found.error());
    if (one.name == "absent") {
      return !*found ? Step() : Step(stop(Outcome::kFailed, one, path.text + " is there: " + to_hex(**found), decode(m_last.data)));
    }
    if (!*found) {
      std::vector<std::string> lines{"data      " + to_hex(m_last.data)};
      for (const std::string& line : decode(m_last.data)) lines.push_back("          " + line);
      return stop(Outcome::kFailed, one, path.text + " is not there", lines);
    }
    if (one.name == "exists") return {};
    Bytes got = **found;
    if (one.operands.size() == 3) {
      const auto mask = from_hex(one.operands[2].text);
      if (!mask || mask->size() != got.size())
        return stop(Outcome::kError, one, "the mask must have the length of the value: " + std::to_string(got.size()) + " bytes");
      for (std::size_t i = 0; i < got.size(); ++i) got[i] &= (*mask)[i];
    }
    return one.name == "==" || one.name == "!=" ? compare_pattern(one, path.text, got) : compare_number(one, path.text, got);
  }

  Step compare_pattern(const Statement& one, const std::string& path, BytesView got) {
    const auto tokens = expand(one, one.expected);
    if (!tokens) return stop(one, tokens.error());
    const auto pattern = Pattern::of({one.place.file, *tokens});
    if (!pattern) return stop(one, pattern.error());
    if (one.name == "==") {
      const std::string name = field_name(path);
      return compare(one, path + (name.empty() ? "" : " (" + name + ")"), *pattern, got);
    }
    if (pattern->mismatch(got)) return {};
    return stop(Outcome::kFailed, one, path + " is " + to_hex(got) + ", which it must not be");
  }

  Step compare_number(const Statement& one, const std::string& path, BytesView got) {
    const auto wanted = value(one, one.expected);
    if (!wanted) return stop(one, wanted.error());
    if (got.size() > 8 || wanted->size() > 8) return stop(Outcome::kError, one, "numbers have up to eight bytes");
    const auto number = [](BytesView bytes) {
      std::uint64_t out = 0;
      for (const std::uint8_t byte : bytes) out = (out << 8) | byte;
      return out;
    };
    const std::uint64_t a = number(got);
    const std::uint64_t b = number(*wanted);
    const bool holds = one.name == "<" ? a < b : one.name == "<=" ? a <= b : one.name == ">" ? a > b : a >= b;
    if (holds) return {};
    return stop(Outcome::kFailed, one, path + " is " + to_hex(got) + ", not " + one.name + " " + to_hex(*wanted));
  }

  Step set(const Statement& one) {
    const auto bytes = value(one, one.operands);
    if (!bytes) return stop(one, bytes.error());
    m_variables.set(one.name, *bytes);
    return {};
  }

  Step capture(const Statement& one) {
    const auto found = look_up(one, one.operands.front());
    if (!found) return stop(one, found.error());
    if (!*found) return stop(Outcome::kFailed, one, one.operands.front().text + " is not there to be captured", decode(m_last.data));
    m_variables.set(one.name, **found);
    return {};
  }

  // Blocks.

  Step loop(const Statement& one) {
    const auto tokens = expand(one, one.operands);
    if (!tokens) return stop(one, tokens.error());
    for (const Token& token : *tokens) {
      if (const auto range = range_of(token)) {
        for (std::size_t i = range->first; i <= range->second; ++i) {
          Bytes bytes;
          if (range->second > 0xFF) bytes.push_back(static_cast<std::uint8_t>(i >> 8));
          bytes.push_back(static_cast<std::uint8_t>(i));
          m_variables.set(one.name, bytes);
          if (++m_statements > m_options.most_statements) return stop(Outcome::kError, one, "this case does not end");
          if (auto done = block(one.block); !done) return done;
        }
        continue;
      }
      m_variables.set(one.name, Tokens{token});
      if (auto done = block(one.block); !done) return done;
    }
    return {};
  }

  /// "1..10"
  static std::optional<std::pair<std::size_t, std::size_t>> range_of(const Token& token) {
    const auto dots = token.text.find("..");
    if (token.kind != Token::Kind::kWord || dots == std::string::npos || dots == 0 || dots > 5 || token.text.size() > dots + 7)
      return std::nullopt;
    const std::string first = token.text.substr(0, dots);
    const std::string last = token.text.substr(dots + 2);
    const auto digits = [](const std::string& text) {
      return !text.empty() && std::ranges::all_of(text, [](unsigned char c) { return std::isdigit(c) != 0; });
    };
    if (!digits(first) || !digits(last)) return std::nullopt;
    const auto range = std::pair<std::size_t, std::size_t>{std::stoul(first), std::stoul(last)};
    return range.second > 0xFFFF ? std::nullopt : std::optional(range);
  }

  Step use(const Statement& one) {
    const Definition& definition = m_script.definitions.find(one.name)->second;
    if (++m_uses > kMaxUses) return stop(Outcome::kError, one, "'" + one.name + "' uses itself without end");
    const auto arguments = arguments_of(one);
    std::vector<Tokens> values;
    for (const Tokens& argument : arguments) {
      auto expanded = expand(one, argument);
      if (!expanded) return stop(one, expanded.error());
      values.push_back(*std::move(expanded));
    }
    for (std::size_t i = 0; i < definition.parameters.size(); ++i) m_variables.set(definition.parameters[i], std::move(values[i]));
    const Step done = block(definition.body);
    --m_uses;
    return done;
  }

  Result<PortMaker::Options> options_of(const Statement& one) {
    PortMaker::Options out;
    for (std::size_t i = 0; i + 1 < one.operands.size(); i += 2) {
      const auto tokens = expand(one, {one.operands[i + 1]});
      if (!tokens) return tl::unexpected(tokens.error());
      for (const Token& token : *tokens) out[one.operands[i].text] += token.text;
    }
    return out;
  }

  using Make = Result<std::unique_ptr<CardPort>> (PortMaker::*)(CardPort&, const PortMaker::Options&);

  Step through(const Statement& one, Make make) {
    const auto options = options_of(one);
    if (!options) return stop(one, options.error());
    const auto port = (m_ports.*make)(*m_port, *options);
    ++m_result.checks;
    if (!port)
      return stop(port.error().code == ErrorCode::kIo        ? Outcome::kError
                  : port.error().code == ErrorCode::kRefused ? Outcome::kSkipped
                                                             : Outcome::kFailed,
                  one, port.error().text);
    CardPort* const outer = std::exchange(m_port, port->get());
    Step done = block(one.block);
    m_port = outer;
    return done;
  }

  Step secure_channel(const Statement& one) { return through(one, &PortMaker::secure_channel); }
  Step over_the_air(const Statement& one) { return through(one, &PortMaker::over_the_air); }

  // The terminal: terminal_block.hpp.

  Result<Bytes> value_of(const Statement& one, std::span<const Token> tokens) const override {
    return value(one, Tokens(tokens.begin(), tokens.end()));
  }
  Result<Pattern> pattern_of(const Statement& one, std::span<const Token> tokens) const override {
    const auto expanded = expand(one, Tokens(tokens.begin(), tokens.end()));
    if (!expanded) return tl::unexpected(expanded.error());
    return Pattern::of({one.place.file, *expanded});
  }

  Step in_terminal(const Statement& one) {
    if (m_terminal != nullptr) return stop(Outcome::kError, one, "there is a terminal already");
    const auto options = options_of(one);
    if (!options) return stop(one, options.error());
    auto settings = terminal_settings(*options);
    if (!settings) return stop(one, settings.error());
    settings->only_own_servers = !m_options.network;
    if (!m_options.network) settings->patience = std::chrono::milliseconds(0);
    TerminalBlock terminal(*m_port, *settings, *this);
    const auto atr = terminal.terminal().reset();
    if (!atr) return stop(one, atr.error());
    m_terminal = &terminal;
    CardPort* const outer = std::exchange(m_port, &terminal.terminal());
    note_traffic(one);
    Step done = block(one.block);
    m_port = outer;
    m_terminal = nullptr;
    return done;
  }

  Step of_terminal(const Statement& one) {
    if (m_terminal == nullptr) return stop(Outcome::kError, one, "this is for a block \"in terminal {\"");
    auto done = m_terminal->carry_out(one);
    note_traffic(one);
    if (!done) return stop(one, done.error());
    if (const auto complaint = m_terminal->take_complaint()) return stop(Outcome::kFailed, one, *complaint);
    if (!done->failure.empty()) return stop(Outcome::kFailed, one, done->failure, done->details);
    if (done->last) m_last = *done->last;
    if (done->command.empty()) {
      if (one.kind == Statement::Kind::kSaw || one.kind == Statement::Kind::kSent) ++m_result.checks;
      return done->comparison ? compare(one, done->comparison->what, done->comparison->pattern, done->comparison->got) : Step();
    }
    m_command = done->command;
    return judge(one);
  }

  /// What the terminal sent by itself in the course of the statement.
  void note_traffic(const Statement& one) {
    for (auto& [command, response] : m_terminal->terminal().take_traffic()) {
      m_result.exchanges.push_back({one.place, std::move(command), std::move(response.data), response.status});
    }
  }

  Step print(const Statement& one) {
    std::string line;
    for (const Token& token : one.operands) {
      const auto tokens = expand(one, {token});
      if (!tokens) return stop(one, tokens.error());
      for (const Token& each : *tokens) line += (line.empty() ? "" : " ") + each.text;
    }
    m_result.printed.push_back(line);
    return {};
  }

  const Script& m_script;
  const CaseRun& m_run;
  CardPort& m_card;
  CardPort* m_port;
  PortMaker& m_ports;
  Random& m_random;
  const CaseOptions& m_options;
  CaseResult& m_result;
  Variables m_variables;
  apdu::Response m_last;
  Bytes m_command;
  std::string m_file;                       ///< path or identifier of the selected file, for names of fields
  std::optional<std::uint8_t> m_proactive;  ///< length of the command that waits, 0 for 256
  Bytes m_details;                          ///< command details of the one fetched
  TerminalBlock* m_terminal = nullptr;      ///< of the block "in terminal" that is run
  bool m_chose_t1 = false;                  ///< by the script, since the last reset
  std::size_t m_uses = 0;
  std::size_t m_statements = 0;
};

}  // namespace

std::string_view to_text(CaseResult::Outcome outcome) {
  static constexpr auto kTexts = enum_table<Outcome::kSkipped, std::string_view>(
      {{Outcome::kPassed, "passed"}, {Outcome::kFailed, "failed"}, {Outcome::kError, "error"}, {Outcome::kSkipped, "skipped"}});
  return kTexts[outcome];
}

std::string CaseRun::name() const {
  std::string out = one->name;
  bool named = false;
  for (std::size_t i = 0; row != nullptr && i < one->columns.size(); ++i) {
    const std::string variable = "$" + one->columns[i];
    for (auto at = out.find(variable); at != std::string::npos; at = out.find(variable, at + row->texts[i].size())) {
      out.replace(at, variable.size(), row->texts[i]);
      named = true;
    }
  }
  if (row != nullptr && !named) out += " [" + row->texts.front() + "]";
  if (repetition > 0) out += " (" + std::to_string(repetition + 1) + ")";
  return out;
}

CaseResult run_case(const CaseRun& run, CardPort& card, PortMaker& ports, Random& random, const CaseOptions& options) {
  CaseResult result;
  result.file = run.script->file;
  result.name = run.name();
  result.place = run.row != nullptr ? run.row->place : run.one->place;
  result.tags = run.one->tags;
  result.clause = run.one->clause;
  if (!run.one->skip.empty()) {
    result.outcome = Outcome::kSkipped;
    result.failure = Failure{result.place, "", run.one->skip};
    return result;
  }
  const auto begun = std::chrono::steady_clock::now();
  Runner(run, card, ports, random, options, result).run();
  result.time = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begun);
  return result;
}

}  // namespace uicclab::script
