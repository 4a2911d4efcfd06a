// SPDX-License-Identifier: Apache-2.0
#include "ef/access_rule.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/hex.hpp"
#include "ef/catalogue.hpp"

namespace uicclab::ef {
namespace {

constexpr std::array<std::string_view, 8> kFileAccess{"read", "update", "write", "deactivate", "activate", "terminate", "delete", "bit 8"};
constexpr std::array<std::string_view, 8> kDirectoryAccess{"delete child", "create EF", "create DF", "deactivate",
                                                           "activate",     "terminate", "delete",    "bit 8"};
constexpr ber::Tag kAccessMode = 0x80;
constexpr ber::Tag kInstruction = 0x84;
constexpr int kMaxDepth = 8;

/// Templates of conditions (ISO/IEC 7816-4 table 33).
struct Join {
  ber::Tag tag;
  std::string_view word;
};
constexpr std::array<Join, 2> kJoins{{{0xA0, " or "}, {0xAF, " and "}}};

/// Conditions that are always the same bytes.
struct Fixed {
  std::string_view words;
  std::string_view bytes;
};
constexpr auto kFixed = std::to_array<Fixed>({
    {"always", "9000"},
    {"never", "9700"},
    {"integrity of commands", "B403950110"},
    {"integrity of responses", "B403950120"},
    {"integrity both ways", "B403950130"},
    {"confidentiality of commands", "B803950110"},
    {"confidentiality of responses", "B803950120"},
    {"confidentiality both ways", "B803950130"},
});

std::span<const std::string_view> names_of(AccessOf of) {
  return of == AccessOf::kFile ? kFileAccess : kDirectoryAccess;
}

std::string as_tag(const ber::Tlv& tlv) {
  return "tag " + to_hex(tlv.whole);
}

/// `inner`: inside another condition, where joins are in parentheses.
std::string condition_text(const ber::Tlv& tlv, bool inner, int depth) {
  const std::string hex = to_hex(tlv.whole);
  if (const auto fixed = std::ranges::find(kFixed, hex, &Fixed::bytes); fixed != kFixed.end()) return std::string(fixed->words);
  if (tlv.tag == 0xA4 && hex.size() == 16 && hex.starts_with("A4068301") && hex.ends_with("950108")) return pin_name(tlv.value[2]);
  const auto join = std::ranges::find(kJoins, tlv.tag, &Join::tag);
  const bool negation = tlv.tag == 0xA7;
  if ((join == kJoins.end() && !negation) || depth >= kMaxDepth) return as_tag(tlv);
  std::vector<std::string> parts;
  for (ber::Reader reader(tlv.value); !reader.empty();) {
    const auto part = reader.next();
    if (!part) return as_tag(tlv);
    parts.push_back(condition_text(*part, true, depth + 1));
  }
  if (negation) return parts.size() == 1 ? "not " + parts[0] : as_tag(tlv);
  if (parts.size() < 2) return as_tag(tlv);  // a join of one would read as the one
  std::string out = parts[0];
  for (std::size_t i = 1; i < parts.size(); ++i) out += std::string(join->word) + parts[i];
  return inner ? "(" + out + ")" : out;
}

/// Reads a condition in words.
class ConditionParser {
 public:
  explicit ConditionParser(std::string_view text) : m_text(text) {}

  Coded<Bytes> parse() {
    auto out = join(0);
    if (out && !m_text.empty()) return unknown();
    return out;
  }

 private:
  Coded<Bytes> unknown() const {
    return faulty(ErrorCode::kMalformed,
                  "no condition: '" + std::string(m_text) + "'; one is always, never, PIN1, ADM1, ..., with and, or, not, ( )");
  }
  bool skip(std::string_view word) {
    if (!m_text.starts_with(word)) return false;
    m_text.remove_prefix(word.size());
    return true;
  }

  Coded<Bytes> join(int depth) {
    auto first = term(depth);
    if (!first) return first;
    for (const Join& one : kJoins) {
      if (!m_text.starts_with(one.word)) continue;
      Bytes parts = *first;
      while (skip(one.word)) {
        const auto next = term(depth);
        if (!next) return next;
        append(parts, *next);
      }
      return ber::encode(one.tag, parts);
    }
    return first;
  }

  Coded<Bytes> term(int depth) {
    if (depth >= kMaxDepth) return faulty(ErrorCode::kRange, "conditions nested too deep");
    if (skip("(")) {
      auto inner = join(depth + 1);
      if (inner && !skip(")")) return faulty(ErrorCode::kMalformed, "a ) is missing");
      return inner;
    }
    if (skip("not ")) {
      const auto inner = term(depth + 1);
      return inner ? Coded<Bytes>(ber::encode(0xA7, *inner)) : inner;
    }
    for (const Fixed& fixed : kFixed) {
      if (skip(fixed.words)) return from_hex(fixed.bytes).value();
    }
    const bool tag = skip("tag ");
    const bool key = !tag && skip("key ");
    const std::size_t end = std::min({m_text.find(' '), m_text.find(')'), m_text.size()});
    const std::string_view word = m_text.substr(0, end);
    const auto bytes = from_hex(word);
    if (tag && bytes && ber::first(*bytes) && ber::first(*bytes)->whole.size() == bytes->size()) {
      m_text.remove_prefix(end);
      return *bytes;
    }
    const auto reference = key ? (bytes && bytes->size() == 1 ? std::optional(bytes->front()) : std::nullopt) : pin_reference(word);
    if (tag || !reference) return unknown();
    m_text.remove_prefix(end);
    return Bytes{0xA4, 0x06, 0x83, 0x01, *reference, 0x95, 0x01, 0x08};
  }

  std::string_view m_text;
};

void add_access(List& access, const ber::Tlv& tlv, AccessOf of) {
  if (tlv.tag == kAccessMode && tlv.value.size() == 1) {
    for (std::size_t bit = 0; bit < 8; ++bit) {
      if ((tlv.value[0] >> bit & 1) != 0) access.emplace_back(names_of(of)[bit]);
    }
  } else if (tlv.tag == kInstruction && tlv.value.size() == 1) {
    access.emplace_back("INS " + to_hex(tlv.value));
  } else {
    access.emplace_back("command " + to_hex(tlv.whole.first(1)) + " " + to_hex(tlv.value));
  }
}

Coded<Value> decode_rules(BytesView bytes, AccessOf of) {
  List rules;
  List access;
  std::string condition;
  const auto close = [&] {
    Value rule{Members()};
    rule.set("access", std::exchange(access, {}));
    rule.set("condition", std::exchange(condition, {}));
    rules.push_back(std::move(rule));
  };
  for (ber::Reader reader(bytes); !reader.empty() && reader.rest()[0] != 0xFF;) {
    const auto one = reader.next();
    if (!one) return faulty(one.error().code, one.error().text, one.error().offset);
    if (one->tag >= 0x80 && one->tag <= 0x8F) {
      if (!condition.empty()) close();
      add_access(access, *one, of);
    } else if (access.empty()) {
      return faulty(ErrorCode::kMalformed, "a condition without the access that it allows", one->offset);
    } else {
      // Of several conditions behind one access mode each is enough (clause 9.2.4).
      condition += (condition.empty() ? "" : "; ") + condition_text(*one, false, 0);
    }
  }
  if (!access.empty() && condition.empty()) return faulty(ErrorCode::kTruncated, "an access mode without a condition", bytes.size());
  if (!access.empty()) close();
  Value out{Members()};
  out.set("rules", std::move(rules));
  return out;
}

Coded<Bytes> encode_access(const List& access, AccessOf of) {
  Bytes out;
  std::uint8_t mode = 0;
  Bytes commands;
  for (const Value& one : access) {
    const std::string name = one.text() == nullptr ? "" : *one.text();
    const auto known = std::ranges::find(names_of(of), name);
    const auto ins = name.starts_with("INS ") ? from_hex(name.substr(4)) : Result<Bytes>(Bytes());
    const auto command = name.starts_with("command ") ? from_hex(name.substr(8)) : Result<Bytes>(Bytes());
    if (known != names_of(of).end()) {
      mode |= static_cast<std::uint8_t>(1U << (known - names_of(of).begin()));
    } else if (ins && ins->size() == 1) {
      ber::write(commands, kInstruction, *ins);
    } else if (command && command->size() >= 2 && command->front() >= 0x80 && command->front() <= 0x8F) {
      ber::write(commands, command->front(), BytesView(*command).subspan(1));
    } else {
      return faulty(ErrorCode::kMalformed,
                    "'" + name + "' is not an access; it must be read, update, write, deactivate, activate, terminate, delete, INS D4");
    }
  }
  if (mode != 0) ber::write(out, kAccessMode, BytesView(&mode, 1));
  append(out, commands);
  return out;
}

Coded<Bytes> encode_rules(const Value& value, AccessOf of, std::optional<std::size_t> size) {
  const Value* rules = value.find("rules");
  if (rules == nullptr || rules->list() == nullptr) return faulty(ErrorCode::kMalformed, "must be a list of rules");
  Bytes out;
  for (std::size_t i = 0; i < rules->list()->size(); ++i) {
    const Value& rule = (*rules->list())[i];
    const std::string at = "rules." + std::to_string(i);
    const Value* access = rule.find("access");
    const Value* condition = rule.find("condition");
    if (access == nullptr || access->list() == nullptr) return within({ErrorCode::kNotFound, "", "is missing"}, at + ".access", 0);
    if (condition == nullptr || condition->text() == nullptr || condition->text()->empty())
      return within({ErrorCode::kNotFound, "", "is missing"}, at + ".condition", 0);
    const auto modes = encode_access(*access->list(), of);
    if (!modes) return within(modes.error(), at + ".access", 0);
    append(out, *modes);
    std::string_view text = *condition->text();
    while (!text.empty()) {
      const auto end = std::min(text.find("; "), text.size());
      const auto bytes = ConditionParser(text.substr(0, end)).parse();
      if (!bytes) return within(bytes.error(), at + ".condition", 0);
      append(out, *bytes);
      text = text.substr(std::min(end + 2, text.size()));
    }
  }
  if (size && out.size() > *size)
    return faulty(ErrorCode::kRange, "is " + std::to_string(out.size()) + " bytes, there is room for " + std::to_string(*size));
  if (size) out.resize(*size, 0xFF);
  return out;
}

}  // namespace

Type access_rules(AccessOf of) {
  return {[of](BytesView bytes) { return decode_rules(bytes, of); },
          [of](const Value& value, std::optional<std::size_t> size) { return encode_rules(value, of, size); }};
}

}  // namespace uicclab::ef
