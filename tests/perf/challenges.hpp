// SPDX-License-Identifier: Apache-2.0
// AUTHENTICATE commands for the benchmarks: what the network of the built-in test card sends.
#pragma once

#include <cstdint>
#include <vector>

#include "core/crypto/milenage.hpp"
#include "core/environment.hpp"
#include "core/hex.hpp"

namespace uicclab::perf {

inline constexpr auto kKey = "465B5CE8B199B49FAA5F0A2EE238A6BC"_h;
inline constexpr auto kOpc = "CD63CB71954A9F4E48A5994E37A02BAF"_h;

/// In the 3G context, without Le; the sequence numbers rise, so that a card accepts each once and in order.
inline std::vector<Bytes> challenges(std::size_t count) {
  auto network = crypto::Milenage::from(crypto::SecretBytes(kKey), crypto::SecretBytes(kOpc)).value();
  SeededRandom random(1);
  std::vector<Bytes> commands;
  for (std::uint64_t i = 1; i <= count; ++i) {
    crypto::Rand rand;
    random.fill(rand);
    crypto::Sqn sqn;
    for (std::size_t k = 0; k < sqn.size(); ++k) sqn[k] = static_cast<std::uint8_t>((i * 33) >> (40 - 8 * k));
    commands.push_back(concat({"0088008122 10"_h, rand, "10"_h, crypto::make_autn(network, rand, sqn, {0x80, 0x00})}));
  }
  return commands;
}

}  // namespace uicclab::perf
