// SPDX-License-Identifier: Apache-2.0
#include "gp/host/card_information.hpp"

#include "core/ber_tlv.hpp"
#include "core/reader.hpp"
#include "core/transceive.hpp"
#include "gp/host/words.hpp"

namespace uicclab::gp::host {
namespace {

/// GET DATA (GP clause 11.3.2); some cards know it in the interindustry class only. Nothing if the card does not have it.
Result<Bytes> get_data(CardPort& port, std::uint16_t tag) {
  Bytes out;
  for (const std::uint8_t cla : std::to_array<std::uint8_t>({0x80, 0x00})) {
    auto answer = transceive(port, Bytes{cla, 0xCA, static_cast<std::uint8_t>(tag >> 8), static_cast<std::uint8_t>(tag), 0x00});
    if (!answer) return tl::unexpected(answer.error());
    if (answer->status == sw::kOk) return std::move(answer->data);
    if (answer->status != sw::kClaNotSupported) break;
  }
  return out;
}

/// The value of the object, or all of it where a card leaves the tag out.
Bytes value_of(const Bytes& object, ber::Tag tag) {
  const auto whole = ber::only(object, tag);
  return whole ? to_bytes(whole->value) : object;
}

struct Said {
  ber::Tag tag;
  std::string_view what;
};
constexpr auto kRecognition = std::to_array<Said>({{0x60, "card management type and version"},
                                                   {0x63, "card identification scheme"},
                                                   {0x64, "secure channel protocol"},
                                                   {0x65, "card configuration"},
                                                   {0x66, "card or chip"},
                                                   {0x67, "trust point for card management"},
                                                   {0x68, "trust point for issuer security domain"}});

void collect_oids(BytesView objects, const std::string& what, std::vector<std::string>& out) {
  for (ber::Reader reader(objects); !reader.empty();) {
    const auto object = reader.next();
    if (!object) return;
    if (object->tag == 0x06) {
      out.push_back(dotted(object->value) + "  " + what);
    } else if (const auto said = std::ranges::find(kRecognition, object->tag, &Said::tag); said != kRecognition.end()) {
      collect_oids(object->value, std::string(said->what), out);
    }
  }
}

void read_capability_protocols(BytesView object, std::vector<SecureChannelProtocol>& out) {
  const auto value = ber::find(object, 0x67);
  for (ber::Reader reader(value.value_or(BytesView{})); !reader.empty();) {
    const auto one = reader.next();
    if (!one) return;
    if (one->tag != 0xA0) continue;
    const BytesView number = ber::find(one->value, 0x80).value_or(BytesView{});
    if (number.size() != 1) continue;
    for (const std::uint8_t i : ber::find(one->value, 0x81).value_or(BytesView{})) out.push_back({number.front(), i});
  }
}

std::string hex_list(BytesView bytes) {
  std::string out;
  for (const std::uint8_t byte : bytes) out += (out.empty() ? "" : " ") + hex_byte(byte);
  return out;
}

std::string named_bits(std::uint8_t bits, std::initializer_list<std::string_view> names) {
  std::string out;
  for (const std::string_view one : names) {
    if ((bits & 1) != 0) out += " " + std::string(one);
    bits = static_cast<std::uint8_t>(bits >> 1);
  }
  return out;
}

}  // namespace

Result<SelectedDomain> SelectedDomain::parse(BytesView fci) {
  const auto outer = ber::find(fci, 0x6F);
  if (!outer) return fail(ErrorCode::kMalformed, "SELECT was answered without file control information (6F)");
  SelectedDomain out;
  if (const auto name = ber::find(*outer, 0x84)) {
    const auto aid = Aid::from(*name);
    if (!aid) return tl::unexpected(aid.error());
    out.aid = *aid;
  }
  if (const auto data = ber::find_path(*outer, {0xA5, 0x73})) out.management_data = ber::encode(0x73, *data);
  // In A5, below 73 on some cards; two bytes of which the first is 00 or 01 on others.
  for (const auto longest : {ber::find_path(*outer, {0xA5, 0x9F65}), ber::find_path(*outer, {0xA5, 0x73, 0x9F65})}) {
    if (!longest || longest->empty() || longest->size() > 2) continue;
    const std::uint64_t size = *ByteReader(*longest).number(longest->size());
    if (size >= 32) out.longest_command_data = std::min<std::size_t>(static_cast<std::size_t>(size), 255);
  }
  return out;
}

std::optional<std::uint8_t> CardInformation::mode_of(std::uint8_t protocol) const {
  std::optional<std::uint8_t> out;
  for (const SecureChannelProtocol& one : protocols) {
    if (one.number == protocol) out = one.i;
  }
  return out;
}

Result<CardInformation> read_information(CardPort& port, const SelectedDomain& domain) {
  CardInformation out;
  out.domain = domain;
  struct Wanted {
    std::uint16_t tag;
    Bytes object;
  };
  auto wanted = std::to_array<Wanted>(
      {{0x9F7F, {}}, {0x0042, {}}, {0x0045, {}}, {0x00CF, {}}, {0x00C1, {}}, {0x0066, {}}, {0x0067, {}}, {0x00E0, {}}, {0xFF21, {}}});
  for (Wanted& one : wanted) {
    auto object = get_data(port, one.tag);
    if (!object) return tl::unexpected(object.error());
    one.object = *std::move(object);
  }
  const auto object = [&](std::uint16_t tag) -> const Bytes& { return std::ranges::find(wanted, tag, &Wanted::tag)->object; };
  const auto odd = [&](std::string_view what, const Error& error) { out.oddities.push_back(std::string(what) + ": " + error.text); };

  out.cplc = value_of(object(0x9F7F), 0x9F7F);
  out.issuer_identification = value_of(object(0x42), 0x42);
  out.card_image = value_of(object(0x45), 0x45);
  out.diversification = value_of(object(0xCF), 0xCF);
  const Bytes counter = value_of(object(0xC1), 0xC1);
  if (counter.size() == 2 || counter.size() == 3) {
    out.sequence_counter = static_cast<std::uint32_t>(*ByteReader(counter).number(counter.size()));
  }
  out.recognition = object(0x66);
  if (!out.recognition.empty()) {
    if (const auto said = ber::find_path(out.recognition, {0x66, 0x73})) collect_oids(*said, "card recognition data", out.oids);
    if (auto protocols = parse_recognition_data(out.recognition)) {
      out.protocols = *std::move(protocols);
    } else {
      odd("card recognition data (66)", protocols.error());
    }
  }
  if (!domain.management_data.empty()) {
    collect_oids(ber::find(domain.management_data, 0x73).value_or(BytesView{}), "security domain management data", out.oids);
    if (out.protocols.empty()) {
      if (auto protocols = parse_recognition_data(ber::encode(0x66, domain.management_data))) {
        out.protocols = *std::move(protocols);
      } else {
        odd("security domain management data (73)", protocols.error());
      }
    }
  }
  out.capabilities = object(0x67);
  if (out.protocols.empty()) read_capability_protocols(out.capabilities, out.protocols);
  if (!object(0xE0).empty()) {
    if (auto keys = parse_key_information(value_of(object(0xE0), 0xE0))) {
      out.keys = *std::move(keys);
    } else {
      odd("key information (E0)", keys.error());
    }
  }
  if (!object(0xFF21).empty()) {
    if (auto resources = parse_resources(object(0xFF21))) {
      out.resources = *resources;
    } else {
      odd("card resources (FF21)", resources.error());
    }
  }
  return out;
}

std::vector<std::pair<std::string_view, BytesView>> cplc_fields(BytesView cplc) {
  struct Field {
    std::string_view name;
    std::size_t size;
  };
  // The order that the industry agreed on (Visa GlobalPlatform 2.1.1 Card Implementation Requirements).
  constexpr auto kFields = std::to_array<Field>({{"IC fabricator", 2},
                                                 {"IC type", 2},
                                                 {"operating system", 2},
                                                 {"operating system release date", 2},
                                                 {"operating system release level", 2},
                                                 {"IC fabrication date", 2},
                                                 {"IC serial number", 4},
                                                 {"IC batch", 2},
                                                 {"IC module fabricator", 2},
                                                 {"IC module packaging date", 2},
                                                 {"ICC manufacturer", 2},
                                                 {"IC embedding date", 2},
                                                 {"IC pre-personaliser", 2},
                                                 {"IC pre-personalisation date", 2},
                                                 {"IC pre-personalisation equipment", 4},
                                                 {"IC personaliser", 2},
                                                 {"IC personalisation date", 2},
                                                 {"IC personalisation equipment", 4}});
  std::vector<std::pair<std::string_view, BytesView>> out;
  if (cplc.size() != kCplcSize) return out;
  ByteReader reader(cplc);
  for (const Field& field : kFields) out.emplace_back(field.name, *reader.bytes(field.size));
  return out;
}

std::vector<std::string> capability_lines(BytesView object) {
  std::vector<std::string> lines;
  const auto value = ber::find(object, 0x67);
  for (ber::Reader reader(value.value_or(BytesView{})); !reader.empty();) {
    const auto one = reader.next();
    if (!one) break;
    switch (one->tag) {
      case 0xA0: {
        const auto number = ber::find(one->value, 0x80);
        std::string line =
            "SCP" + hex_list(number.value_or(BytesView{})) + " i=" + hex_list(ber::find(one->value, 0x81).value_or(BytesView{}));
        const auto sizes = ber::find(one->value, 0x82);
        if (sizes && !sizes->empty()) line += "," + named_bits(sizes->front(), {"AES-128", "AES-192", "AES-256"});
        lines.push_back(line);
        break;
      }
      case 0x81:
      case 0x82: {
        const auto privileges = Privileges::from_bits(
            static_cast<std::uint32_t>(ByteReader(one->value).number(std::min<std::size_t>(3, one->value.size())).value_or(0)));
        lines.push_back((one->tag == 0x81 ? "privileges of security domains: " : "privileges of applications: ") + words(privileges));
        break;
      }
      case 0x83: {
        std::string line = "hashes of load files:";
        for (const std::uint8_t hash : one->value) {
          line += hash == 1 ? " SHA-1" : hash == 2 ? " SHA-256" : hash == 3 ? " SHA-384" : hash == 4 ? " SHA-512" : " " + hex_byte(hash);
        }
        lines.push_back(line);
        break;
      }
      default:
        lines.push_back("object " + to_hex(one->whole));
    }
  }
  return lines;
}

std::string dotted(BytesView oid) {
  std::string out;
  std::uint64_t arc = 0;
  for (const std::uint8_t byte : oid) {
    arc = arc << 7 | (byte & 0x7FU);
    if ((byte & 0x80) != 0) continue;
    if (out.empty()) {  // the first byte holds two arcs (ITU-T X.690 clause 8.19.4)
      const std::uint64_t first = std::min<std::uint64_t>(arc / 40, 2);
      out = std::to_string(first) + "." + std::to_string(arc - 40 * first);
    } else {
      out += "." + std::to_string(arc);
    }
    arc = 0;
  }
  return out;
}

}  // namespace uicclab::gp::host
