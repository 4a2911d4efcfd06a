// SPDX-License-Identifier: Apache-2.0
#include "gp/card_data.hpp"

#include "core/ber_tlv.hpp"
#include "core/reader.hpp"

namespace uicclab::gp {
namespace {

// { globalPlatform 1.2.840.114283 }: 1 card recognition data, 2 version, 3 card identification scheme, 4 secure channel protocol.
constexpr auto kGlobalPlatform = "2A864886FC6B"_h;
constexpr ber::Tag kOid = 0x06;
constexpr ber::Tag kProtocolTag = 0x64;

Bytes oid(std::initializer_list<std::uint8_t> arcs) {
  Bytes value = to_bytes(kGlobalPlatform);
  value.insert(value.end(), arcs);
  return ber::encode(kOid, value);
}

/// One arc in base 128.
void put_arc(Bytes& out, std::uint8_t arc) {
  if (arc >= 0x80) out.push_back(0x81);
  out.push_back(static_cast<std::uint8_t>(arc & 0x7F));
}

}  // namespace

Bytes encode_recognition_data(const std::vector<SecureChannelProtocol>& protocols) {
  Bytes value = oid({0x01});
  ber::write(value, 0x60, oid({0x02, 0x02, 0x03}));  // version 2.3
  ber::write(value, 0x63, oid({0x03}));
  for (const SecureChannelProtocol& protocol : protocols) {
    Bytes arcs = to_bytes(kGlobalPlatform);
    arcs.push_back(0x04);
    put_arc(arcs, protocol.number);
    put_arc(arcs, protocol.i);
    ber::write(value, kProtocolTag, ber::encode(kOid, arcs));
  }
  return ber::encode(0x66, ber::encode(0x73, value));
}

Result<std::vector<SecureChannelProtocol>> parse_recognition_data(BytesView object) {
  const auto value = ber::find_path(object, {0x66, 0x73});
  if (!value) return fail(ErrorCode::kMalformed, "no card recognition data 66 with 73");
  std::vector<SecureChannelProtocol> protocols;
  for (ber::Reader reader(*value); !reader.empty();) {
    const auto one = reader.next();
    if (!one) return tl::unexpected(one.error());
    if (one->tag != kProtocolTag) continue;
    for (ber::Reader oids(one->value); !oids.empty();) {
      const auto identifier = oids.next();
      if (!identifier) return tl::unexpected(identifier.error());
      ByteReader arcs(identifier->value);
      const auto root = arcs.bytes(kGlobalPlatform.size());
      if (identifier->tag != kOid || !root || !equal(*root, kGlobalPlatform) || arcs.u8() != 0x04) continue;
      std::vector<std::uint8_t> numbers;
      for (unsigned arc = 0; const auto byte = arcs.u8();) {
        arc = (arc << 7 | (*byte & 0x7FU)) & 0xFF;
        if ((*byte & 0x80) != 0) continue;
        numbers.push_back(static_cast<std::uint8_t>(arc));
        arc = 0;
      }
      if (numbers.size() != 2) return fail(ErrorCode::kMalformed, "a secure channel protocol is two numbers", identifier->offset);
      protocols.push_back({numbers[0], numbers[1]});
    }
  }
  return protocols;
}

Bytes encode_capabilities(const std::vector<SecureChannelProtocol>& protocols, Privileges of_domains, Privileges of_applications) {
  Bytes value;
  for (const SecureChannelProtocol& protocol : protocols) {
    Bytes one;
    ber::write(one, 0x80, BytesView{&protocol.number, 1});
    ber::write(one, 0x81, BytesView{&protocol.i, 1});
    if (protocol.number == 0x03) ber::write(one, 0x82, "07"_h);  // AES of 128, 192 and 256 bits
    ber::write(value, 0xA0, one);
  }
  ber::write(value, 0x81, of_domains.encoded());
  ber::write(value, 0x82, of_applications.encoded());
  ber::write(value, 0x83, "01020304"_h);  // SHA-1, SHA-256, SHA-384, SHA-512 of the load file data block
  return ber::encode(0x67, value);
}

Bytes encode_application_list(const std::vector<RegistryEntry>& entries) {
  Bytes out;
  for (const RegistryEntry& entry : entries) {
    if (entry.kind != RegistryEntry::Kind::kLoadFile) ber::write(out, 0x61, ber::encode(0x4F, entry.aid.bytes()));
  }
  return out;
}

Bytes encode_resources(const CardResources& resources) {
  Bytes value;
  ber::write(value, 0x81, ByteWriter().u16(resources.applications).view());
  ber::write(value, 0x82, ByteWriter().u32(resources.non_volatile_free).view());
  ber::write(value, 0x83, ByteWriter().u32(resources.volatile_free).view());
  return ber::encode(0xFF21, value);
}

Result<CardResources> parse_resources(BytesView object) {
  const auto whole = ber::only(object, 0xFF21);
  if (!whole) return tl::unexpected(whole.error());
  const auto number = [&](ber::Tag tag) -> std::optional<std::uint64_t> {
    const auto bytes = ber::find(whole->value, tag);
    return bytes && !bytes->empty() && bytes->size() <= 4 ? ByteReader(*bytes).number(bytes->size()) : std::nullopt;
  };
  const auto applications = number(0x81);
  const auto non_volatile = number(0x82);
  const auto volatile_free = number(0x83);
  if (!applications || *applications > 0xFFFF || !non_volatile || !volatile_free) {
    return fail(ErrorCode::kMalformed, "card resources need 81, 82 and 83 of at most four bytes");
  }
  return CardResources{static_cast<std::uint16_t>(*applications), static_cast<std::uint32_t>(*non_volatile),
                       static_cast<std::uint32_t>(*volatile_free)};
}

Bytes encode_fci(const Aid& aid, std::uint8_t longest_command_data) {
  Bytes value = ber::encode(kFciName, aid.bytes());
  ber::write(value, 0xA5, ber::encode(0x9F65, BytesView{&longest_command_data, 1}));
  return ber::encode(kFci, value);
}

}  // namespace uicclab::gp
