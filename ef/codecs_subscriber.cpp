// SPDX-License-Identifier: Apache-2.0
// Identity of the subscriber and services of the card: 3GPP TS 31.102 clause 4.2; 3GPP TS 31.103 clause 4.2.
#include <array>

#include "core/identity.hpp"
#include "ef/codec_groups.hpp"
#include "ef/service_names.hpp"

namespace uicclab::ef {
namespace {

constexpr auto kOperationModes = std::to_array<Choice>({{0x00, "normal"},
                                                        {0x80, "type approval"},
                                                        {0x01, "normal and specific facilities"},
                                                        {0x02, "type approval and specific facilities"},
                                                        {0x04, "maintenance"},
                                                        {0x08, "cell test"}});
constexpr auto kSpecificFacilities =
    std::to_array<Flag>({{1, "ciphering indicator"}, {2, "CSG display control"}, {3, "ProSe"}, {4, "extended DRX"}});
constexpr auto kAccessClasses = std::to_array<Flag>({{1, "0"},
                                                     {2, "1"},
                                                     {3, "2"},
                                                     {4, "3"},
                                                     {5, "4"},
                                                     {6, "5"},
                                                     {7, "6"},
                                                     {8, "7"},
                                                     {9, "8"},
                                                     {10, "9"},
                                                     {11, "10"},
                                                     {12, "11"},
                                                     {13, "12"},
                                                     {14, "13"},
                                                     {15, "14"},
                                                     {16, "15"}});
constexpr auto kNameDisplay = std::to_array<Flag>({{1, "show at home"}, {2, "hide elsewhere"}});
constexpr auto kCallCategories = std::to_array<Flag>({{1, "police"},
                                                      {2, "ambulance"},
                                                      {3, "fire brigade"},
                                                      {4, "marine guard"},
                                                      {5, "mountain rescue"},
                                                      {6, "manual eCall"},
                                                      {7, "automatic eCall"}});
constexpr auto kAccessIdentities = std::to_array<Flag>({{1, "multimedia priority service"}, {2, "mission critical services"}});

Type imsi() {
  return {[](BytesView bytes) -> Coded<Value> {
            const auto digits = decode_imsi(bytes);
            if (digits) return *digits;
            return faulty(ErrorCode::kMalformed, "length, parity, identity type or a digit is wrong");
          },
          [](const Value& value, std::optional<std::size_t>) -> Coded<Bytes> {
            if (value.text() == nullptr || !all_digits(*value.text()) || value.text()->size() < 6 || value.text()->size() > 15) {
              return faulty(ErrorCode::kMalformed, "must have 6 to 15 digits");
            }
            return encode_imsi(*value.text());
          }};
}

Type administrative_data() {
  return record([](Coder& c) {
    c.field("mode", 1, choice(kOperationModes));
    c.field("facilities", 2, flags(kSpecificFacilities));
    c.optional("mnc_digits", 1, number());
  });
}

Type provider_name() {
  return record([](Coder& c) {
    c.field("display", 1, flags(kNameDisplay));
    c.rest("name", alpha());
  });
}

Type emergency_call() {
  return record([](Coder& c) {
    c.field("number", 3, digits(true));
    c.rest("name", alpha(), 1);
    c.field("category", 1, flags(kCallCategories));
  });
}

Type access_identities() {
  return record([](Coder& c) { c.field("identities", 1, flags(kAccessIdentities)); });
}

}  // namespace

std::vector<Codec> subscriber_codecs() {
  return {
      {"EF.IMSI", "", "3GPP TS 31.102 clause 4.2.2", or_empty(whole("imsi", imsi()))},
      {"EF.AD", "", "3GPP TS 31.102 clause 4.2.18", or_empty(administrative_data())},
      {"EF.ACC", "", "3GPP TS 31.102 clause 4.2.15", exact([](Coder& c) { c.field("classes", 2, flags(kAccessClasses)); })},
      {"EF.UST", "", "3GPP TS 31.102 clause 4.2.8", whole("services", services(kUsimServices))},
      {"EF.IST", "", "3GPP TS 31.103 clause 4.2.7", whole("services", services(kIsimServices))},
      {"EF.EST", "", "3GPP TS 31.102 clause 4.2.47", whole("services", services(kEnabledServices))},
      {"EF.SPN", "", "3GPP TS 31.102 clause 4.2.12", or_empty(provider_name())},
      {"EF.ECC", "ADF.USIM", "3GPP TS 31.102 clause 4.2.21", or_empty(emergency_call())},
      {"EF.ECC", "", "3GPP TS 51.011 clause 10.3.27", whole("numbers", list_of(3, or_empty(digits(true))))},
      {"EF.UAC_AIC", "", "3GPP TS 31.102 clause 4.4.11.7", access_identities()},
  };
}

}  // namespace uicclab::ef
