// SPDX-License-Identifier: Apache-2.0
// Networks, and where the terminal was: 3GPP TS 31.102 clauses 4.2 and 4.4.6, 4.4.11.
#include <algorithm>
#include <array>

#include "core/gsm_alphabet.hpp"
#include "ef/codec_groups.hpp"

namespace uicclab::ef {
namespace {

// Two bytes; bits next to others narrow them (3GPP TS 31.102 clause 4.2.5).
constexpr auto kAccessTechnologies = std::to_array<Flag>({{16, "UTRAN"},
                                                          {15, "E-UTRAN"},
                                                          {14, "WB-S1"},
                                                          {13, "NB-S1"},
                                                          {12, "NG-RAN"},
                                                          {8, "GSM"},
                                                          {7, "GSM COMPACT"},
                                                          {6, "cdma2000 HRPD"},
                                                          {5, "cdma2000 1xRTT"},
                                                          {4, "EC-GSM-IoT"},
                                                          {3, "GSM without EC-GSM-IoT"}});
constexpr auto kLocationStatus =
    std::to_array<Choice>({{0, "updated"}, {1, "not updated"}, {2, "PLMN not allowed"}, {3, "location area not allowed"}});
constexpr auto kRoutingStatus =
    std::to_array<Choice>({{0, "updated"}, {1, "not updated"}, {2, "PLMN not allowed"}, {3, "routing area not allowed"}});
constexpr auto kEpsStatus = std::to_array<Choice>({{0, "updated"}, {1, "not updated"}, {2, "roaming not allowed"}});
constexpr auto k5gsStatus = std::to_array<Choice>({{0, "5U1 updated"}, {1, "5U2 not updated"}, {2, "5U3 roaming not allowed"}});
constexpr auto kPresentation = std::to_array<Choice>({{0, "no preference"}, {1, "highest priority EHPLMN"}, {2, "all EHPLMNs"}});
constexpr auto kLastRplmn = std::to_array<Choice>({{0, "last RPLMN"}, {1, "home network or last RPLMN"}});
constexpr auto kWarnings = std::to_array<Flag>({{1, "ignore at home"}, {2, "ignore elsewhere"}});
constexpr auto kCsgSource = std::to_array<Choice>({{0, "from other sources"}, {1, "from this file"}});
constexpr auto kCsgDisplay = std::to_array<Choice>({{0, "all available"}, {1, "only those of this file"}});

Type plmn_list() {
  return whole("plmns", list_of(3, plmn()));
}

Type plmns_with_technology() {
  return whole("plmns", list_of(5, or_empty(exact([](Coder& c) {
                                  c.field("plmn", 3, plmn());
                                  c.field("technologies", 2, flags(kAccessTechnologies));
                                }))));
}

Type location() {
  return record([](Coder& c) {
    c.field("tmsi", 4, hex());
    c.field("plmn", 3, plmn());
    c.field("lac", 2, hex());
    c.usually("reserved", "FF"_h, hex());
    c.field("status", 1, choice(kLocationStatus));
  });
}

Type packet_location() {
  return record([](Coder& c) {
    c.field("ptmsi", 4, hex());
    c.field("signature", 3, hex());
    c.field("plmn", 3, plmn());
    c.field("lac", 2, hex());
    c.field("rac", 1, hex());
    c.field("status", 1, choice(kRoutingStatus));
  });
}

Type tracking_location(std::size_t guti, std::size_t tac, std::span<const Choice> states) {
  return record([=](Coder& c) {
    c.field("guti", guti, hex());
    c.field("plmn", 3, plmn());
    c.field("tac", tac, hex());
    c.field("status", 1, choice(states));
  });
}

constexpr std::uint8_t kUcs2Name = 0x90;
constexpr std::uint8_t kGsmName = 0x80;

/// Names of networks: 3GPP TS 24.008 clause 10.5.3.5a.
Type network_name() {
  return {[](BytesView bytes) -> Coded<Value> {
            if (bytes.empty()) return faulty(ErrorCode::kTruncated, "has no coding");
            Bytes plain;
            if ((bytes[0] & 0x70) == 0x10) {
              plain = concat({"80"_h, bytes.subspan(1)});
            } else if ((bytes[0] & 0x70) == 0) {
              const std::size_t bits = (bytes.size() - 1) * 8 - std::min<std::size_t>(bytes[0] & 0x07, (bytes.size() - 1) * 8);
              plain = gsm::unpack(bytes.subspan(1), bits / 7);
            } else {
              return faulty(ErrorCode::kUnsupported, "is coded in a way that is reserved");
            }
            return alpha().decode(plain);
          },
          [](const Value& value, std::optional<std::size_t>) -> Coded<Bytes> {
            const auto characters = value.text() == nullptr ? std::nullopt : codepoints(*value.text());
            if (!characters) return faulty(ErrorCode::kMalformed, "must be a text of characters up to U+FFFF");
            if (const auto septets = gsm::septets_of(*value.text())) {
              const Bytes packed = gsm::pack(*septets);
              const auto spare = static_cast<std::uint8_t>(kGsmName | (packed.size() * 8 - septets->size() * 7));
              return concat({BytesView(&spare, 1), packed});
            }
            Bytes out{kUcs2Name};
            for (const char32_t c : *characters) {
              out.push_back(static_cast<std::uint8_t>(c >> 8));
              out.push_back(static_cast<std::uint8_t>(c));
            }
            return out;
          }};
}

Type network_names() {
  return objects({{0x43, "full", network_name()}, {0x45, "short", network_name()}, {0x80, "additional information", hex()}});
}

Type operator_list(std::size_t area) {
  return record([area](Coder& c) {
    c.field("plmn", 3, plmn());
    c.field("from", area, hex());
    c.field("to", area, hex());
    c.field("name_record", 1, number());
  });
}

Type csg_list() {
  const Type information = exact([](Coder& c) {
    c.field("type", 1, choice(kCsgSource));
    c.field("name", 1, choice(kCsgSource));
    c.field("id", 4, hex());
  });
  return objects(
      {{0xA0, "csg", objects({{0x80, "plmn", plmn()}, {0x81, "csg", information}, {0x82, "display", choice(kCsgDisplay)}}, false)}});
}

Type earfcn_list() {
  const Type corner = exact([](Coder& c) {
    c.field("latitude", 3, number());
    c.field("longitude", 3, number());
  });
  return objects({{0xA0, "list", objects({{0x80, "earfcn", number(4)}, {0x81, "area", list_of(6, corner, false)}}, false)}});
}

Type number_field(std::string_view name, std::size_t size) {
  return record([=](Coder& c) { c.field(name, size, number()); });
}

}  // namespace

std::vector<Codec> network_codecs() {
  std::vector<Codec> out{
      {"EF.PLMNwAcT", "", "3GPP TS 31.102 clause 4.2.5", plmns_with_technology()},
      {"EF.OPLMNwAcT", "", "3GPP TS 31.102 clause 4.2.53", plmns_with_technology()},
      {"EF.HPLMNwAcT", "", "3GPP TS 31.102 clause 4.2.54", plmns_with_technology()},
      {"EF.PLMNsel", "", "3GPP TS 51.011 clause 10.3.4", plmn_list()},
      {"EF.FPLMN", "", "3GPP TS 31.102 clause 4.2.16", plmn_list()},
      {"EF.EHPLMN", "", "3GPP TS 31.102 clause 4.2", plmn_list()},
      {"EF.SPDI", "", "3GPP TS 31.102 clause 4.2.66",
       or_empty(objects({{0xA3, "display", objects({{0x80, "plmns", list_of(3, plmn())}}, false)}}))},
      {"EF.LOCI", "", "3GPP TS 31.102 clause 4.2.17", or_empty(location())},
      {"EF.PSLOCI", "", "3GPP TS 31.102 clause 4.2.23", or_empty(packet_location())},
      {"EF.LOCIGPRS", "", "3GPP TS 51.011 clause 10.3.33", or_empty(packet_location())},
      {"EF.EPSLOCI", "", "3GPP TS 31.102 clause 4.2.91", or_empty(tracking_location(12, 2, kEpsStatus))},
      {"EF.5GS3GPPLOCI", "", "3GPP TS 31.102 clause 4.4.11.2", or_empty(tracking_location(13, 3, k5gsStatus))},
      {"EF.5GSN3GPPLOCI", "", "3GPP TS 31.102 clause 4.4.11.3", or_empty(tracking_location(13, 3, k5gsStatus))},
      {"EF.HPPLMN", "", "3GPP TS 31.102 clause 4.2.6", number_field("interval", 1)},
      {"EF.EHPLMNPI", "", "3GPP TS 31.102 clause 4.2", exact([](Coder& c) { c.field("presentation", 1, choice(kPresentation)); })},
      {"EF.LRPLMNSI", "", "3GPP TS 31.102 clause 4.2", exact([](Coder& c) { c.field("selection", 1, choice(kLastRplmn)); })},
      {"EF.PNN", "", "3GPP TS 31.102 clause 4.2.58", or_empty(network_names())},
      {"EF.OPL", "", "3GPP TS 31.102 clause 4.2.59", or_empty(operator_list(2))},
      {"EF.OPL5G", "", "3GPP TS 31.102 clause 4.4.11.9", or_empty(operator_list(3))},
      {"EF.PWS", "", "3GPP TS 31.102 clause 4.2", exact([](Coder& c) { c.field("warnings", 1, flags(kWarnings)); })},
      {"EF.EARFCNList", "", "3GPP TS 31.102 clause 4.2", or_empty(earfcn_list())},
      {"EF.Routing_Indicator", "", "3GPP TS 31.102 clause 4.4.11.11",
       or_empty(record([](Coder& c) { c.field("routing_indicator", 2, digits()); }))},
  };
  add_all(out, {"EF.ACSGL", "EF.OCSGL"}, "3GPP TS 31.102 clause 4.4.6", or_empty(csg_list()));
  add_all(out, {"EF.CSGT", "EF.OCSGT"}, "3GPP TS 31.102 clause 4.4.6",
          or_empty(objects({{0x89, "text", alpha()}, {0x80, "graphics", text()}})));
  add_all(out, {"EF.HNBN", "EF.OHNBN"}, "3GPP TS 31.102 clause 4.4.6", or_empty(objects({{0x80, "name", alpha()}})));
  return out;
}

}  // namespace uicclab::ef
