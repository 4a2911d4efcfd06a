// SPDX-License-Identifier: Apache-2.0
#include "gp/host/access_rule_client.hpp"

#include "core/reader.hpp"
#include "core/transceive.hpp"

namespace uicclab::gp::host {
namespace {

constexpr std::size_t kMaxAnswer = 1 << 18;  // what a card may report altogether
constexpr unsigned kMaxParts = 2048;

struct RuleMeaning {
  std::uint16_t status;
  std::string_view text;
};
constexpr auto kRuleMeanings = std::to_array<RuleMeaning>({
    {0x6381, "stored; there was a rule for the same applications already"},
    {0x6382, "stored without the data objects that the card does not know"},
    {0x6581, "memory problem"},
    {0x6700, "wrong length"},
    {0x6981, "the ARA-M does not support this data object"},
    {0x6982, "the ARA-M accepts rules only through a secure channel"},
    {0x6984, "the rules were changed and must be read again"},
    {0x6985, "conditions of use not satisfied"},
    {0x6A80, "the card does not accept the rule"},
    {0x6A84, "not enough memory for more rules"},
    {0x6A86, "the card does not know this form of the command"},
    {0x6A88, "no such rule"},
    {0x6A89, "the card has a rule that contradicts it"},
});

apdu::Command get_data(std::uint16_t what) {
  return {
      .cla = 0x80, .ins = 0xCA, .p1 = static_cast<std::uint8_t>(what >> 8), .p2 = static_cast<std::uint8_t>(what), .data = {}, .le = 256};
}

tl::unexpected<Error> refused(std::uint16_t what, StatusWord status) {
  return fail(ErrorCode::kRefused, "GET DATA " + to_hex(ByteWriter().u16(what).view()) + " answered " + ara_meaning(status));
}

/// Bytes of the whole data object that `bytes` begin with. Errors: kMalformed, kTruncated.
Result<std::size_t> whole_size(BytesView bytes) {
  ByteReader in(bytes);
  if (in.u16() != seac::kAll) return fail(ErrorCode::kMalformed, "the answer to GET DATA FF40 does not begin with FF40");
  const auto first = in.u8();
  if (!first) return fail(ErrorCode::kTruncated, "the answer to GET DATA FF40 ends in its length");
  if (*first < 0x80) return in.offset() + *first;
  const std::size_t count = *first & 0x7FU;
  const auto length = count >= 1 && count <= 4 ? in.number(count) : std::nullopt;
  if (!length || *length > kMaxAnswer) return fail(ErrorCode::kMalformed, "the length in the answer to GET DATA FF40 is invalid");
  return in.offset() + static_cast<std::size_t>(*length);
}

ListedRule listed(const ber::Tlv& object) {
  ListedRule out;
  out.object = to_bytes(object.whole);
  if (object.tag != seac::kRefAr) {
    out.odd = "not a rule (REF-AR-DO E2)";
    return out;
  }
  auto read = parse_rule(object.value);
  if (!read) {
    out.odd = read.error().text;
    return out;
  }
  out.rule = std::move(read->rule);
  if (const auto good = check_rule(*out.rule); !good) out.odd = good.error().text;
  if (read->has_unknown) out.odd += (out.odd.empty() ? "" : "; ") + std::string("it contains data objects that SEAC does not define");
  return out;
}

}  // namespace

std::string ara_meaning(StatusWord status) {
  const auto special = std::ranges::find(kRuleMeanings, status.value, &RuleMeaning::status);
  return to_hex(status) + ": " + std::string(special == kRuleMeanings.end() ? meaning(status) : special->text);
}

Result<void> select_ara_m(CardPort& card, const Aid& aid) {
  const auto answer = transceive(card, apdu::Command{.ins = 0xA4, .p1 = 0x04, .data = aid.bytes(), .le = 256});
  if (!answer) return tl::unexpected(answer.error());
  if (answer->status.is_success()) return {};
  const bool absent = answer->status == sw::kFileNotFound;
  return fail(
      absent ? ErrorCode::kNotFound : ErrorCode::kRefused,
      absent ? "the card has no application " + to_hex(aid.bytes()) + " (6A82)"
             : "SELECT of " + to_hex(aid.bytes()) + " answered " + to_hex(answer->status) + ": " + std::string(meaning(answer->status)));
}

Result<RuleList> read_rules(CardPort& card) {
  RuleList out;
  auto answer = transceive(card, get_data(seac::kAll));
  if (!answer) return tl::unexpected(answer.error());
  if (!answer->status.is_success() && answer->status != sw::kReferencedDataNotFound) return refused(seac::kAll, answer->status);
  if (!answer->data.empty()) {
    const auto size = whole_size(answer->data);
    if (!size) return tl::unexpected(size.error());
    Bytes all = std::move(answer->data);
    for (unsigned part = 0; all.size() < *size; ++part) {
      if (part == kMaxParts) return fail(ErrorCode::kMalformed, "the list of rules does not end: more than 2048 answers");
      answer = transceive(card, get_data(seac::kNext));
      if (!answer) return tl::unexpected(answer.error());
      if (!answer->status.is_success()) return refused(seac::kNext, answer->status);
      if (answer->data.empty()) return fail(ErrorCode::kMalformed, "GET DATA FF60 answered nothing, and rules are missing");
      append(all, answer->data);
    }
    if (all.size() > *size) return fail(ErrorCode::kMalformed, "the rules are followed by other bytes", *size);
    const auto whole = ber::only(all, seac::kAll);
    if (!whole) return tl::unexpected(whole.error());
    for (ber::Reader reader(whole->value); !reader.empty();) {
      const auto object = reader.next();
      if (!object) return fail(object.error().code, "after " + std::to_string(out.rules.size()) + " rules: " + object.error().text);
      out.rules.push_back(listed(*object));
    }
  }
  const auto tag = transceive(card, get_data(seac::kRefreshTag));
  if (!tag) return tl::unexpected(tag.error());
  const auto object = ber::only(tag->data, seac::kRefreshTag);
  if (tag->status.is_success() && object) out.refresh_tag = to_bytes(object->value);
  return out;
}

Result<StatusWord> store_rule_command(const SendPlain& send, std::size_t block, BytesView object) {
  constexpr std::uint8_t kBerTlv = 0x10;
  constexpr std::uint8_t kLast = 0x80;
  const std::size_t blocks = (object.size() + block - 1) / block;
  if (blocks > 256) return fail(ErrorCode::kRange, "STORE DATA has at most 256 blocks; this needs " + std::to_string(blocks));
  StatusWord status = sw::kOk;
  for (std::size_t i = 0; i < blocks && status == sw::kOk; ++i) {
    const auto p1 = static_cast<std::uint8_t>(kBerTlv | (i + 1 == blocks ? kLast : 0));
    const BytesView data = object.subspan(i * block, std::min(block, object.size() - i * block));
    const auto answer = send({.cla = 0x80, .ins = 0xE2, .p1 = p1, .p2 = static_cast<std::uint8_t>(i), .data = data, .le = std::nullopt});
    if (!answer) return tl::unexpected(answer.error());
    status = answer->status.sw1() == 0x91 ? sw::kOk : answer->status;
  }
  return status;
}

Bytes delete_command(const RuleList& list, std::size_t index) {
  const auto ref_of = [](const ListedRule& rule) -> Bytes {
    const auto ref = ber::find_path(rule.object, {seac::kRefAr, seac::kRef});
    return ref ? ber::encode(seac::kRef, *ref) : Bytes{};
  };
  const Bytes ref = ref_of(list.rules[index]);
  const auto same = std::ranges::count_if(list.rules, [&](const ListedRule& one) { return ref_of(one) == ref; });
  return ber::encode(seac::kDelete, !ref.empty() && same == 1 ? ref : list.rules[index].object);
}

}  // namespace uicclab::gp::host
