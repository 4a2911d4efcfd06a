// SPDX-License-Identifier: Apache-2.0
// The rules of an ARA-M, read and changed over any CardPort: GlobalPlatform Secure Element Access Control v1.1 (SEAC) chapters 4 and 5.
#pragma once

#include <functional>

#include "core/apdu.hpp"
#include "core/card_port.hpp"
#include "gp/access_rules.hpp"

namespace uicclab::gp::host {

/// A REF-AR-DO as the card has it.
struct ListedRule {
  Bytes object;                    ///< whole: tag, length, value
  std::optional<AccessRule> rule;  ///< nothing: it breaks the coding
  std::string odd;                 ///< why, or what rules of SEAC it does not keep
};

struct RuleList {
  std::vector<ListedRule> rules;
  std::optional<Bytes> refresh_tag;  ///< nothing: the card has none
};

/// SELECT. Errors: kNotFound (6A82: there is none), kRefused, those of the port.
Result<void> select_ara_m(CardPort& card, const Aid& aid);

/// GET DATA [All] and as many [Next] as it takes, and the refresh tag; the application is selected. Errors: kRefused; kMalformed (the
/// answer is no FF40, or does not come to an end); those of the port.
Result<RuleList> read_rules(CardPort& card);

/// How a plain command goes out: bare, or through a secure channel.
using SendPlain = std::function<Result<apdu::Response>(const apdu::Command&)>;

/// STORE DATA of one command data object (F0, F1, ...), in blocks of `block` bytes. The status of the last one that was sent. Errors:
/// kRange (more than 256 blocks), those of `send`.
Result<StatusWord> store_rule_command(const SendPlain& send, std::size_t block, BytesView object);

/// What a status word says after STORE DATA and GET DATA of an ARA-M (SEAC clauses 4.1.2 and 5.1.2), as text.
std::string ara_meaning(StatusWord status);

/// The data object that deletes this rule of the list and no other: by its REF-DO where no other rule has the same, as some cards know no
/// deletion by the whole rule.
Bytes delete_command(const RuleList& list, std::size_t index);

}  // namespace uicclab::gp::host
