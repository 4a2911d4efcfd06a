// SPDX-License-Identifier: Apache-2.0
// Access rules as text.
#include "core/hex.hpp"
#include "gp/access_rules.hpp"

namespace uicclab::gp {
namespace {

constexpr std::string_view kAny = "any";
constexpr std::string_view kDefault = "default";
constexpr std::string_view kAlways = "always";
constexpr std::string_view kNever = "never";
constexpr std::size_t kHeader = 4;
constexpr std::size_t kFilterAndMask = 2 * kHeader;  // and its mask

std::string hex_or_any(const Bytes& value) {
  return value.empty() ? std::string(kAny) : to_hex(value);
}

std::string right_words(const Bytes& value) {
  if (value.size() == 1 && value[0] <= 1) return std::string(value[0] == 1 ? kAlways : kNever);
  if (value.empty() || value.size() % kFilterAndMask != 0) return to_hex(value);
  std::string out;
  for (std::size_t at = 0; at < value.size(); at += kFilterAndMask) {
    const BytesView filter = BytesView(value).subspan(at, kFilterAndMask);
    out += (out.empty() ? "" : " ") + to_hex(filter.first(kHeader)) + "/" + to_hex(filter.last(kHeader));
  }
  return out;
}

Result<Bytes> hex_in(std::string_view field, std::string_view text) {
  auto bytes = from_hex(text);
  if (!bytes) return fail(bytes.error().code, std::string(field) + ": " + bytes.error().text, bytes.error().offset);
  return bytes;
}

Result<Bytes> right_in(std::string_view field, std::string_view text) {
  if (text == kAlways) return Bytes{1};
  if (text == kNever) return Bytes{0};
  Bytes out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(" ,"), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.empty()) continue;
    const std::size_t slash = word.find('/');
    const auto header = from_hex(word.substr(0, slash));
    const auto mask = slash == std::string_view::npos ? Result<Bytes>(Bytes{}) : from_hex(word.substr(slash + 1));
    if (!header || !mask || header->size() != kHeader || mask->size() != kHeader) {
      return fail(ErrorCode::kMalformed, std::string(field) + ": '" + std::string(word) +
                                             "' must be always, never, or a header and a mask of four bytes each: 80CA0000/FFFF0000");
    }
    append(out, *header);
    append(out, *mask);
  }
  return out;
}

}  // namespace

RuleText text_of(const AccessRule& rule) {
  const auto& [target, rights] = rule;
  RuleText out;
  if (target.aid) out.aid = hex_or_any(*target.aid);
  if (target.default_selected) out.aid = kDefault;
  if (target.device_app) out.app = hex_or_any(*target.device_app);
  out.package = target.package;
  if (rights.apdu) out.apdu = right_words(*rights.apdu);
  if (rights.nfc) out.nfc = right_words(*rights.nfc);
  if (rights.permissions) out.permissions = to_hex(*rights.permissions);
  return out;
}

Result<AccessRule> rule_of(const RuleText& text) {
  AccessRule rule;
  const auto set = [](std::optional<Bytes>& field, Result<Bytes> value) -> Result<void> {
    if (!value) return tl::unexpected(value.error());
    field = *std::move(value);
    return {};
  };
  const auto set_name = [&](std::optional<Bytes>& field, std::string_view name, const std::optional<std::string>& words) -> Result<void> {
    return !words ? Result<void>{} : set(field, *words == kAny ? Result<Bytes>(Bytes{}) : hex_in(name, *words));
  };
  rule.target.default_selected = text.aid == kDefault;
  if (!rule.target.default_selected) {
    if (auto done = set_name(rule.target.aid, "aid", text.aid); !done) return tl::unexpected(done.error());
  }
  if (auto done = set_name(rule.target.device_app, "app", text.app); !done) return tl::unexpected(done.error());
  rule.target.package = text.package;
  if (text.apdu) {
    if (auto done = set(rule.rights.apdu, right_in("apdu", *text.apdu)); !done) return tl::unexpected(done.error());
  }
  if (text.nfc) {
    if (auto done = set(rule.rights.nfc, right_in("nfc", *text.nfc)); !done) return tl::unexpected(done.error());
  }
  if (text.permissions) {
    if (auto done = set(rule.rights.permissions, hex_in("permissions", *text.permissions)); !done) return tl::unexpected(done.error());
  }
  if (auto good = check_rule(rule); !good) return tl::unexpected(good.error());
  return rule;
}

}  // namespace uicclab::gp
