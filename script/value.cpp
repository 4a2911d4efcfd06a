// SPDX-License-Identifier: Apache-2.0
#include "script/value.hpp"

#include <algorithm>
#include <array>

#include "core/ber_tlv.hpp"
#include "core/hex.hpp"

namespace uicclab::script {
namespace {

constexpr std::size_t kMaxNesting = 32;
constexpr std::size_t kMaxValue = 65536 + 16;  // bytes; the longest command
constexpr std::size_t kMaxTokens = 65536;

/// Walks a value; with `random` it is computed, without only checked.
class Evaluator {
 public:
  Evaluator(const Part& part, Random* random, Counting counting) : m_part(part), m_random(random), m_counting(counting) {}

  Result<Bytes> run() {
    auto out = sequence(0);
    if (out && m_at < m_part.tokens.size()) return complain("nothing is expected here");
    return out;
  }

 private:
  bool at_end() const { return m_at >= m_part.tokens.size(); }
  const Token& token() const { return m_part.tokens[m_at]; }
  bool computes() const { return m_random != nullptr; }

  tl::unexpected<Error> complain(std::string_view text) const {
    if (m_part.tokens.empty()) return fail(ErrorCode::kMalformed, std::string(text));
    return fail_at(m_part.place_of(at_end() ? m_part.tokens.back() : token()), text);
  }

  Result<Bytes> sequence(std::size_t depth) {
    Bytes out;
    if (depth > kMaxNesting) return complain("( ) are nested too deep");
    while (!at_end() && !token().is(")") && !token().is(",")) {
      auto one = item(depth);
      if (!one) return one;
      append(out, *one);
      if (out.size() > kMaxValue) return complain("a value longer than any command");
    }
    return out;
  }

  Result<Bytes> item(std::size_t depth) {
    const Token& one = token();
    switch (one.kind) {
      case Token::Kind::kString:
        ++m_at;
        return to_bytes(as_bytes(one.text));
      case Token::Kind::kVariable:
        if (computes()) return complain("$" + one.text + " is not known");
        ++m_at;
        return Bytes{};
      case Token::Kind::kOperator:
        if (!one.is("(")) return complain("'" + one.text + "' is not part of a value");
        return counted(depth);
      case Token::Kind::kWord:
        break;
    }
    if (is_hex_word(one)) {
      ++m_at;
      return *from_hex(one.text);
    }
    if (m_at + 1 < m_part.tokens.size() && m_part.tokens[m_at + 1].is("(")) return function(depth);
    if (from_hex(one.text).has_value() || std::ranges::all_of(one.text, [](unsigned char c) { return std::isxdigit(c) != 0; })) {
      return complain("'" + one.text + "' is half a byte too short: a byte is two hexadecimal digits");
    }
    return complain("'" + one.text + "' is not a value: hexadecimal digits, \"text\", $variable, ( ) or a function");
  }

  /// ( value ): its length, then the value.
  Result<Bytes> counted(std::size_t depth) {
    const std::size_t open = m_at++;
    auto inner = sequence(depth + 1);
    if (!inner) return inner;
    if (at_end() || !token().is(")")) {
      m_at = std::min(open, m_part.tokens.size() - 1);
      return complain("this ( has no matching )");
    }
    ++m_at;
    Bytes out;
    if (depth == 0 && m_counting == Counting::kLc) {
      // ISO/IEC 7816-3 clause 12.1.3.
      if (inner->size() > 0xFFFF) return complain("more data than a command can carry");
      if (inner->size() > 0xFF) out = {0x00, static_cast<std::uint8_t>(inner->size() >> 8)};
      out.push_back(static_cast<std::uint8_t>(inner->size()));
    } else {
      ber::write_header(out, 0x04, inner->size());
      out.erase(out.begin());
    }
    append(out, *inner);
    return out;
  }

  Result<Bytes> function(std::size_t depth) {
    const std::size_t begin = m_at;
    const std::string& name = token().text;
    m_at += 2;
    std::vector<Bytes> arguments;
    while (true) {
      auto one = sequence(depth + 1);
      if (!one) return one;
      arguments.push_back(*std::move(one));
      if (at_end()) {
        m_at = begin;
        return complain(name + "( has no )");
      }
      if (token().is(")")) break;
      ++m_at;
    }
    ++m_at;
    auto out = call(name, arguments);
    if (!out) {
      m_at = begin;
      return complain(out.error().text);
    }
    return out;
  }

  Result<Bytes> call(const std::string& name, const std::vector<Bytes>& arguments) const {
    struct Function {
      std::string_view name;
      std::size_t arguments;
      Result<Bytes> (*call)(const std::vector<Bytes>& arguments, Random& random);
    };
    static constexpr std::array<Function, 5> kFunctions{{
        {"xor", 2, &exclusive_or},
        {"inc", 1, &increment},
        {"repeat", 2, &repeat},
        {"slice", 3, &slice},
        {"random", 1, &random_bytes},
    }};
    const auto found = std::ranges::find(kFunctions, name, &Function::name);
    if (found == kFunctions.end()) return fail(ErrorCode::kMalformed, "no such function: '" + name + "': xor, inc, repeat, slice, random");
    if (arguments.size() != found->arguments) {
      return fail(ErrorCode::kMalformed, name + "() takes " + std::to_string(found->arguments) + " values");
    }
    return computes() ? found->call(arguments, *m_random) : Bytes{};
  }

  static std::size_t number(const Bytes& bytes) {
    std::size_t out = 0;
    for (const std::uint8_t byte : bytes) out = ((out << 8) | byte) & 0xFFFFFF;
    return out;
  }
  static Result<Bytes> exclusive_or(const std::vector<Bytes>& arguments, Random&) {
    Bytes out = arguments[0];
    if (out.size() != arguments[1].size()) return fail(ErrorCode::kMalformed, "xor() needs two values of the same length");
    for (std::size_t i = 0; i < out.size(); ++i) out[i] ^= arguments[1][i];
    return out;
  }
  static Result<Bytes> increment(const std::vector<Bytes>& arguments, Random&) {
    Bytes out = arguments[0];
    for (auto byte = out.rbegin(); byte != out.rend(); ++byte) {
      if (++*byte != 0) break;
    }
    return out;
  }
  static Result<Bytes> repeat(const std::vector<Bytes>& arguments, Random&) {
    const std::size_t times = number(arguments[1]);
    if (times * arguments[0].size() > kMaxValue) return fail(ErrorCode::kMalformed, "repeat() makes a value longer than any command");
    Bytes out;
    for (std::size_t i = 0; i < times && !arguments[0].empty(); ++i) append(out, arguments[0]);
    return out;
  }
  static Result<Bytes> slice(const std::vector<Bytes>& arguments, Random&) {
    const std::size_t from = number(arguments[1]);
    const std::size_t size = number(arguments[2]);
    if (from + size > arguments[0].size()) return fail(ErrorCode::kMalformed, "slice() of more bytes than there are");
    return to_bytes(BytesView(arguments[0]).subspan(from, size));
  }
  static Result<Bytes> random_bytes(const std::vector<Bytes>& arguments, Random& random) {
    const std::size_t size = number(arguments[0]);
    if (size > kMaxValue) return fail(ErrorCode::kMalformed, "random() of more bytes than a command has");
    Bytes out(size);
    random.fill(out);
    return out;
  }

  const Part& m_part;
  Random* m_random;
  Counting m_counting;
  std::size_t m_at = 0;
};

}  // namespace

void Variables::set(const std::string& name, BytesView value) {
  m_values[name] = value.empty() ? Tokens{} : Tokens{{Token::Kind::kWord, to_hex(value)}};
}

const Tokens* Variables::find(std::string_view name) const {
  const auto found = m_values.find(name);
  return found == m_values.end() ? nullptr : &found->second;
}

Result<Tokens> Variables::expand(const Part& part) const {
  Tokens out(part.tokens.begin(), part.tokens.end());
  for (std::size_t at = 0, replaced = 0; at < out.size();) {
    if (out[at].kind != Token::Kind::kVariable) {
      ++at;
      continue;
    }
    const Token name = out[at];
    const Tokens* value = find(name.text);
    if (value == nullptr) {
      const bool masked = name.text.starts_with("masked_");  // by RecordPort
      auto error =
          fail_at(part.place_of(name),
                  "$" + name.text +
                      (masked ? " was masked when this was recorded: give it with --set " + name.text + "=VALUE" : " is not known here"));
      error.value().code = ErrorCode::kNotFound;
      return error;
    }
    if (++replaced > 1000 || out.size() > kMaxTokens)
      return fail_at(part.place_of(name), "$" + name.text + " contains itself, or too much");
    Tokens put = *value;
    for (Token& token : put) {  // an error in it is reported at the variable
      token.line = name.line;
      token.column = name.column;
    }
    if (!put.empty()) put.front().glued = name.glued;
    out.erase(out.begin() + static_cast<std::ptrdiff_t>(at));
    out.insert(out.begin() + static_cast<std::ptrdiff_t>(at), put.begin(), put.end());
  }
  return out;
}

Result<Bytes> evaluate(const Part& part, Random& random, Counting counting) {
  return Evaluator(part, &random, counting).run();
}

Result<void> check_value(const Part& part) {
  const auto checked = Evaluator(part, nullptr, Counting::kBer).run();
  if (!checked) return tl::unexpected(checked.error());
  return {};
}

}  // namespace uicclab::script
