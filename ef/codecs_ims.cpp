// SPDX-License-Identifier: Apache-2.0
// The ISIM: 3GPP TS 31.103 clause 4.2; and the files for an ePDG: 3GPP TS 31.102 clause 4.2.
#include <array>

#include <arpa/inet.h>

#include "ef/codec_groups.hpp"

namespace uicclab::ef {
namespace {

constexpr auto kFormats = std::to_array<Choice>({{0, "operator identified"}, {1, "location based"}});

enum AddressType : std::uint8_t { kFqdn = 0, kIpv4 = 1, kIpv6 = 2 };

struct AddressForm {
  std::uint8_t type;
  int family;
  std::size_t size;
};

std::string address_text(int family, const std::uint8_t* address) {
  std::array<char, INET6_ADDRSTRLEN> out{};
  ::inet_ntop(family, address, out.data(), out.size());
  return out.data();
}

/// A byte for the type, and the name or address (3GPP TS 31.103 clause 4.2.8).
Type host() {
  return {[](BytesView bytes) -> Coded<Value> {
            if (bytes.empty()) return faulty(ErrorCode::kTruncated, "has no type");
            const BytesView address = bytes.subspan(1);
            if (bytes[0] == kFqdn) {
              auto name = text().decode(address);
              if (!name) name.error().offset += 1;
              return name;
            }
            const bool v4 = bytes[0] == kIpv4 && address.size() == 4;
            const bool v6 = bytes[0] == kIpv6 && address.size() == 16;
            if (!v4 && !v6) return faulty(ErrorCode::kMalformed, "neither a name nor an address of IPv4 or IPv6");
            return address_text(v4 ? AF_INET : AF_INET6, address.data());
          },
          [](const Value& value, std::optional<std::size_t>) -> Coded<Bytes> {
            if (value.text() == nullptr) return faulty(ErrorCode::kMalformed, "must be a name or an address");
            for (const auto& [type, family, size] : {AddressForm{kIpv4, AF_INET, 4}, AddressForm{kIpv6, AF_INET6, 16}}) {
              std::array<std::uint8_t, 16> address{};
              // One that would be written otherwise is a name to us.
              if (::inet_pton(family, value.text()->c_str(), address.data()) != 1 || address_text(family, address.data()) != *value.text())
                continue;
              return concat({BytesView(&type, 1), BytesView(address).first(size)});
            }
            Bytes out{kFqdn};
            append(out, as_bytes(*value.text()));
            return out;
          }};
}

Type one_object(std::string_view name, const Type& type) {
  return or_empty(objects({{0x80, name, type}}));
}

Type selection_of_epdg() {
  return one_object("networks", list_of(6, exact([](Coder& c) {
                                          c.field("plmn", 3, plmn());
                                          c.field("priority", 2, number());
                                          c.field("format", 1, choice(kFormats));
                                        }),
                                        false));
}

}  // namespace

std::vector<Codec> ims_codecs() {
  std::vector<Codec> out{
      {"EF.IMPI", "", "3GPP TS 31.103 clause 4.2.2", one_object("impi", text())},
      {"EF.DOMAIN", "", "3GPP TS 31.103 clause 4.2.3", one_object("domain", text())},
      {"EF.IMPU", "", "3GPP TS 31.103 clause 4.2.4", one_object("impu", text())},
      {"EF.P-CSCF", "", "3GPP TS 31.103 clause 4.2.8", one_object("address", host())},
      {"EF.NAFKCA", "", "3GPP TS 31.103 clause 4.2", one_object("address", text())},
  };
  add_all(out, {"EF.ePDGId", "EF.ePDGIdEm"}, "3GPP TS 31.102 clause 4.2", one_object("address", host()));
  add_all(out, {"EF.ePDGSelection", "EF.ePDGSelectionEm"}, "3GPP TS 31.102 clause 4.2", selection_of_epdg());
  return out;
}

}  // namespace uicclab::ef
