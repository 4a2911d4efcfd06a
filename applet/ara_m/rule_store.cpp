// SPDX-License-Identifier: Apache-2.0
#include "applet/ara_m/rule_store.hpp"

#include "core/crypto/hash.hpp"

namespace uicclab::applet::ara_m {
namespace {

using gp::AccessRule;
namespace seac = gp::seac;

constexpr StatusWord kRuleExists{0x6381};
constexpr StatusWord kUnknownDiscarded{0x6382};

void save(Context& context, const std::vector<AccessRule>& rules) {
  context.store(kRulesSlot, gp::encode(rules));
  renew_refresh_tag(context);
}

}  // namespace

Bytes first_refresh_tag(BytesView rules) {
  const auto digest = crypto::sha256({rules});
  return to_bytes(BytesView(digest).first(kRefreshTagSize));
}

std::vector<AccessRule> load_rules(const Context& context) {
  auto rules = gp::parse_rules(context.load(kRulesSlot).value_or(BytesView()));
  if (!rules) throw SystemError("access rules that were good when they were written");
  return *std::move(rules);
}

StatusWord store_rule(Context& context, BytesView value) {
  std::optional<gp::ReadRule> read;
  bool unknown = false;
  for (ber::Reader reader(value); !reader.empty();) {
    const auto object = reader.next();
    if (!object) return sw::kIncorrectData;
    if (object->tag != seac::kRefAr) {
      unknown = true;
      continue;
    }
    auto rule = gp::parse_rule(object->value);
    if (read || !rule) return sw::kIncorrectData;
    read = *std::move(rule);
  }
  if (!read || !gp::check_rule(read->rule)) return sw::kIncorrectData;
  auto rules = load_rules(context);
  const bool exists = std::ranges::find(rules, read->rule.target, &AccessRule::target) != rules.end();
  if (std::ranges::find(rules, read->rule) == rules.end()) {
    rules.insert(rules.begin(), read->rule);
    if (gp::encode(rules).size() > kMaxRules) return sw::kNotEnoughMemory;
    save(context, rules);
  }
  if (exists) return kRuleExists;
  return unknown || read->has_unknown ? kUnknownDiscarded : sw::kOk;
}

StatusWord delete_rules(Context& context, BytesView value) {
  auto rules = load_rules(context);
  if (value.empty()) {
    if (!rules.empty()) save(context, {});
    return sw::kOk;
  }
  const auto which = ber::first(value);
  if (!which || which->whole.size() != value.size()) return sw::kIncorrectData;
  const auto erase = [&](const auto& matches) {
    if (std::erase_if(rules, matches) == 0) return sw::kReferencedDataNotFound;
    save(context, rules);
    return sw::kOk;
  };
  switch (which->tag) {
    case seac::kAidRef:
      return erase([&](const AccessRule& rule) { return rule.target.aid && equal(*rule.target.aid, which->value); });
    case seac::kDefaultSelectedRef:
      if (!which->value.empty()) return sw::kIncorrectData;
      return erase([](const AccessRule& rule) { return rule.target.default_selected; });
    case seac::kRef: {
      const auto target = gp::parse_target(which->value);
      if (!target) return sw::kIncorrectData;
      return erase([&](const AccessRule& rule) { return rule.target == *target; });
    }
    case seac::kRefAr: {
      const auto wanted = gp::parse_rule(which->value);
      if (!wanted) return sw::kIncorrectData;
      return erase([&](const AccessRule& rule) { return rule == wanted->rule; });
    }
    default:
      return sw::kIncorrectData;
  }
}

void renew_refresh_tag(Context& context) {
  Bytes tag(kRefreshTagSize);
  context.random().fill(tag);
  context.store(kRefreshTagSlot, tag);
}

Bytes refresh_tag(const Context& context) {
  if (const auto tag = context.load(kRefreshTagSlot)) return to_bytes(*tag);
  return first_refresh_tag(context.load(kRulesSlot).value_or(BytesView()));
}

}  // namespace uicclab::applet::ara_m
