// SPDX-License-Identifier: Apache-2.0
// Keys and packets of the vector files, for the tests of this folder.
#pragma once

#include <doctest/doctest.h>

#include "ota/secured_packet_response.hpp"
#include "tests/support/vector_file.hpp"

namespace uicclab::test {

inline ota::OtaKey des_key(BytesView bytes) {
  return crypto::DesKey::from(crypto::SecretBytes(bytes)).value();
}

inline ota::OtaKey aes_key(BytesView bytes) {
  return crypto::AesKey::from(crypto::SecretBytes(bytes)).value();
}

/// A key of the type that the low half of KIc or KID names.
inline ota::OtaKey key_for(std::uint8_t indicator, BytesView bytes) {
  if (bytes.empty()) return {};
  return (indicator & 0x0F) == 0x02 ? aes_key(bytes) : des_key(bytes);
}

inline constexpr ota::AlgorithmPolicy kEverything{true, true};

/// Header, counter and keys of a set of the files ota_*.txt.
struct PacketVector {
  ota::PacketHeader header;
  ota::Cntr cntr;
  ota::PacketKeys keys;

  explicit PacketVector(const VectorSet& set)
      : header(header_of(set)),
        cntr{number(set.bytes("cntr"))},
        keys(header.kic, header.kid,
             {key_for(header.kic, set.has("kic_key") ? set.bytes("kic_key") : Bytes()),
              // Where KID names a CRC, a key of this set is not for it.
              header.spi.check() == ota::Check::kRc && header.spi.por_check() != ota::Check::kCc
                  ? ota::OtaKey()
                  : key_for(header.kid, set.has("kid_key") ? set.bytes("kid_key") : Bytes())},
             kEverything) {}

  static std::uint64_t number(const Bytes& bytes) {
    std::uint64_t value = 0;
    for (std::uint8_t byte : bytes) value = (value << 8) | byte;
    return value;
  }

 private:
  static ota::PacketHeader header_of(const VectorSet& set) {
    const auto spi = set.array<2>("spi");
    return {{spi[0], spi[1]}, set.array<1>("kic")[0], set.array<1>("kid")[0], Tar{set.array<3>("tar")}};
  }
};

}  // namespace uicclab::test
