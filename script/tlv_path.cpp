// SPDX-License-Identifier: Apache-2.0
#include "script/tlv_path.hpp"

#include <charconv>

#include "core/ber_tlv.hpp"
#include "core/comprehension_tlv.hpp"
#include "core/hex.hpp"

namespace uicclab::script {
namespace {

constexpr std::uint32_t kFirstCatTemplate = 0xD0;  // ETSI TS 101 220 clause 7.2: proactive command; the others are for the card
constexpr std::uint32_t kLastCatTemplate = 0xDF;

std::optional<std::size_t> number(std::string_view text) {
  std::size_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || out > 65536) return std::nullopt;
  return out;
}

bool is_cat_template(std::uint32_t tag) {
  return tag >= kFirstCatTemplate && tag <= kLastCatTemplate;
}

/// A data object of either coding: `required` is the comprehension bit.
struct Found {
  BytesView value;
  std::size_t offset = 0;
  bool required = false;
};

std::optional<Found> nth_ber(BytesView in, std::uint32_t tag, std::size_t which) {
  for (ber::Reader reader(in); !reader.empty();) {
    const auto one = reader.next();
    if (!one) return std::nullopt;
    if (one->tag == tag && --which == 0) return Found{one->value, one->offset};
  }
  return std::nullopt;
}

std::optional<Found> nth_comprehension(BytesView in, std::uint32_t tag, std::size_t which) {
  for (ctlv::Reader reader(in); !reader.empty();) {
    const auto one = reader.next();
    if (!one) return std::nullopt;
    if (one->tag == (tag & 0x7F) && --which == 0) return Found{one->value, one->offset, one->comprehension_required};
  }
  return std::nullopt;
}

std::optional<Found> nth(bool comprehension, BytesView in, std::uint32_t tag, std::size_t which) {
  return comprehension ? nth_comprehension(in, tag, which) : nth_ber(in, tag, which);
}

}  // namespace

Result<TlvPath> TlvPath::of(std::string_view text) {
  TlvPath out;
  if (text.ends_with(']')) {
    const auto open = text.find('[');
    if (open == std::string_view::npos) return fail(ErrorCode::kMalformed, "] without [");
    const std::string_view inside = text.substr(open + 1, text.size() - open - 2);
    const auto dots = inside.find("..");
    const auto first = number(inside.substr(0, dots));
    const auto last = dots == std::string_view::npos ? first : number(inside.substr(dots + 2));
    if (!first || !last || *last < *first)
      return fail(ErrorCode::kMalformed, "[ ] has the number of a byte, or the first and the last: [2..5]");
    out.m_first = *first;
    out.m_last = *last;
    text = text.substr(0, open);
  }
  if (text == "data" || text == "sw") {
    out.m_root = text == "data" ? Root::kData : Root::kStatus;
    return out;
  }
  while (true) {
    const auto slash = text.find('/');
    std::string_view part = text.substr(0, slash);
    Step step;
    if (const auto colon = part.find(':'); colon != std::string_view::npos) {
      const auto which = number(part.substr(colon + 1));
      if (!which || *which == 0) return fail(ErrorCode::kMalformed, "after : comes the number of the object with this tag, from 1");
      step.which = *which;
      part = part.substr(0, colon);
    }
    const auto tag = from_hex(part);
    if (!tag || tag->empty() || tag->size() > 3 || tag->size() * 2 != part.size()) {
      return fail(ErrorCode::kMalformed, "'" + std::string(part) + "' is not a tag; a path is data, sw, or tags between slashes: 62/83");
    }
    for (const std::uint8_t byte : *tag) step.tag = (step.tag << 8) | byte;
    out.m_steps.push_back(step);
    if (slash == std::string_view::npos) return out;
    text = text.substr(slash + 1);
  }
}

std::optional<Bytes> TlvPath::find(const apdu::Response& response) const {
  const Bytes status{response.status.sw1(), response.status.sw2()};
  BytesView at = m_root == Root::kStatus ? BytesView(status) : BytesView(response.data);
  bool comprehension = false;
  for (const Step& step : m_steps) {
    const auto found = nth(comprehension, at, step.tag, step.which);
    if (!found) return std::nullopt;
    at = found->value;
    comprehension = comprehension || is_cat_template(step.tag);
  }
  if (!m_first) return to_bytes(at);
  if (m_last >= at.size()) return std::nullopt;
  return to_bytes(at.subspan(*m_first, m_last - *m_first + 1));
}

std::optional<Bytes> TlvPath::rewrite(BytesView in, std::size_t step, bool comprehension, const Change& change) const {
  if (step == m_steps.size()) {
    if (!m_first) return change(in).value_or(Bytes());
    if (m_last >= in.size()) return std::nullopt;
    const Bytes middle = change(in.subspan(*m_first, m_last - *m_first + 1)).value_or(Bytes());
    return concat({in.first(*m_first), middle, in.subspan(m_last + 1)});
  }
  const auto [tag, which] = m_steps[step];
  const auto found = nth(comprehension, in, tag, which);
  if (!found) return std::nullopt;
  const auto end = static_cast<std::size_t>(found->value.data() - in.data()) + found->value.size();
  Bytes out = to_bytes(in.first(found->offset));
  const bool last = step + 1 == m_steps.size() && !m_first;
  const auto value = last ? change(found->value) : rewrite(found->value, step + 1, comprehension || is_cat_template(tag), change);
  if (!value && !last) return std::nullopt;
  if (value && comprehension) ctlv::write(out, static_cast<std::uint16_t>(tag & 0x7F), *value, found->required);
  if (value && !comprehension) ber::write(out, tag, *value);
  append(out, in.subspan(end));
  return out;
}

std::optional<apdu::Response> TlvPath::change(const apdu::Response& response, const Change& change) const {
  const Bytes status{response.status.sw1(), response.status.sw2()};
  auto out = rewrite(is_status() ? BytesView(status) : BytesView(response.data), 0, false, change);
  if (!out) return std::nullopt;
  if (!is_status()) return apdu::Response{*std::move(out), response.status};
  if (out->size() != 2) return std::nullopt;
  return apdu::Response{response.data, {static_cast<std::uint16_t>(((*out)[0] << 8) | (*out)[1])}};
}

}  // namespace uicclab::script
