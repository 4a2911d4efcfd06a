// SPDX-License-Identifier: Apache-2.0
// Keys that the card stores for the terminal, GBA, and the concealment of the subscriber: 3GPP TS 31.102 clauses 4.2, 4.4.3 and 4.4.11.
#include <array>

#include "ef/codec_groups.hpp"

namespace uicclab::ef {
namespace {

constexpr auto kSchemes = std::to_array<Choice>({{0, "null"}, {1, "profile A"}, {2, "profile B"}});

Type keys() {
  return or_empty(record([](Coder& c) {
    c.field("ksi", 1, number());
    c.field("ck", 16, hex());
    c.field("ik", 16, hex());
  }));
}

Type gsm_key() {
  return or_empty(record([](Coder& c) {
    c.field("kc", 8, hex());
    c.field("cksn", 1, number());
  }));
}

Type start_values() {
  return exact([](Coder& c) {
    c.field("start_cs", 3, hex());
    c.field("start_ps", 3, hex());
  });
}

Type eps_context() {
  return or_empty(objects({{0xA0, "context",
                            objects({{0x80, "ksi", number()},
                                     {0x81, "kasme", hex()},
                                     {0x82, "uplink count", hex()},
                                     {0x83, "downlink count", hex()},
                                     {0x84, "algorithms", hex()}},
                                    false)}}));
}

Type context_5gs() {
  return or_empty(objects({{0xA0, "context",
                            objects({{0x80, "ksi", number()},
                                     {0x81, "kamf", hex()},
                                     {0x82, "uplink count", hex()},
                                     {0x83, "downlink count", hex()},
                                     {0x84, "algorithms", hex()},
                                     {0x85, "eps algorithms", hex()}},
                                    false)}}));
}

/// Bootstrapping parameters (TS 31.102 clause 4.2.79).
Type bootstrapping() {
  return or_empty(record([](Coder& c) {
    c.lv("rand", hex());
    c.lv("btid", text());
    c.lv("lifetime", text());
  }));
}

/// EF_SUCI_Calc_Info: two lists, one for schemes by priority and one of public keys.
Type suci_information() {
  const Type scheme = exact([](Coder& c) {
    c.field("scheme", 1, choice(kSchemes));
    c.field("key_index", 1, number());
  });
  return or_empty(
      objects({{0xA0, "schemes", list_of(2, scheme, false)}, {0xA1, "keys", groups_of({{0x80, "id", number()}, {0x81, "key", hex()}})}}));
}

}  // namespace

std::vector<Codec> security_codecs() {
  std::vector<Codec> out{
      {"EF.Keys", "", "3GPP TS 31.102 clause 4.2.3", keys()},
      {"EF.KeysPS", "", "3GPP TS 31.102 clause 4.2.4", keys()},
      {"EF.Kc", "", "3GPP TS 31.102 clause 4.4.3.1", gsm_key()},
      {"EF.KcGPRS", "", "3GPP TS 31.102 clause 4.4.3.2", gsm_key()},
      {"EF.START-HFN", "", "3GPP TS 31.102 clause 4.2.51", start_values()},
      {"EF.THRESHOLD", "", "3GPP TS 31.102 clause 4.2.52", exact([](Coder& c) { c.field("maximum_start", 3, hex()); })},
      {"EF.HiddenKey", "", "3GPP TS 31.102 clause 4.2.42", or_empty(whole("hidden_key", digits()))},
      {"EF.EPSNSC", "", "3GPP TS 31.102 clause 4.2.92", eps_context()},
      {"EF.GBABP", "", "3GPP TS 31.102 clause 4.2.79", bootstrapping()},
      {"EF.GBANL", "", "3GPP TS 31.102 clause 4.2.83", or_empty(objects({{0x80, "naf_id", hex()}, {0x81, "btid", text()}}))},
      {"EF.SUCI_Calc_Info", "", "3GPP TS 31.102 clause 4.4.11.8", suci_information()},
      {"EF.SUCI_Calc_Info_USIM", "", "3GPP TS 31.102 clause 4.4.11.8", suci_information()},
      {"EF.SUPI_NAI", "", "3GPP TS 31.102 clause 4.4.11.10",
       or_empty(objects({{0x80, "network_specific", text()}, {0x81, "global_line", text()}, {0x82, "global_cable", text()}}))},
      {"EF.5GAUTHKEYS", "", "3GPP TS 31.102 clause 4.4.11.6", or_empty(objects({{0x80, "kausf", hex()}, {0x81, "kseaf", hex()}}))},
  };
  add_all(out, {"EF.5GS3GPPNSC", "EF.5GSN3GPPNSC"}, "3GPP TS 31.102 clause 4.4.11", context_5gs());
  return out;
}

}  // namespace uicclab::ef
