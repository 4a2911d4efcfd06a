// SPDX-License-Identifier: Apache-2.0
// Files of the MF: ETSI TS 102 221 clause 13.
#include <array>

#include "ef/access_rule.hpp"
#include "ef/codec_groups.hpp"

namespace uicclab::ef {
namespace {

constexpr auto kSuspension = std::to_array<Flag>({{1, "more idle current"}, {2, "UICC suspension"}});

Type language_list() {
  return whole("languages", list_of(2, or_empty(text())));
}

Type application_template() {
  return objects({{0x61, "application",
                   objects({{0x4F, "aid", hex()},
                            {0x50, "label", text()},
                            {0x51, "path", hex()},
                            {0x52, "command", hex()},
                            {0x53, "discretionary data", hex()},
                            {0x73, "discretionary template", hex()},
                            {0x5F50, "url", text()}},
                           false)}});
}

Type maximum_power() {
  return record([](Coder& c) {
    c.field("milliamperes", 1, number());
    c.field("seconds", 1, number());
    c.optional("functions", 1, flags(kSuspension));
  });
}

}  // namespace

std::vector<Codec> card_codecs() {
  return {
      {"EF.ICCID", "", "ETSI TS 102 221 clause 13.2", or_empty(whole("iccid", digits()))},
      {"EF.DIR", "", "ETSI TS 102 221 clause 13.1", or_empty(application_template())},
      {"EF.PL", "", "ETSI TS 102 221 clause 13.3", language_list()},
      {"EF.ARR", "", "ETSI TS 102 221 clause 13.4", or_empty(access_rules())},
      {"EF.UMPC", "", "ETSI TS 102 221 clause 13.5", or_empty(maximum_power())},
      {"EF.LI", "", "3GPP TS 31.102 clause 4.2.1", language_list()},
      {"EF.LP", "", "3GPP TS 51.011 clause 10.3.1", whole("languages", list_of(1, or_empty(hex())))},
  };
}

}  // namespace uicclab::ef
