// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/comp128.hpp"

#include "core/crypto/comp128_tables.hpp"

namespace uicclab::crypto {
namespace {

using Key = std::span<const std::uint8_t, 16>;
using State = std::array<std::uint8_t, 32>;

// Version 1: eight rounds. Each puts Ki before the 16 bytes at hand and compresses the 32 values of 8 bits to 32 of 4 bits by a butterfly
// network of five levels; between the rounds the 128 bits are permuted.

/// One level: values `span` apart are mixed by a table of 2^(9 - level) entries and lose one bit.
template <std::size_t N>
void mix_pairs(State& x, std::size_t span, const std::array<std::uint8_t, N>& table) {
  for (std::size_t m = 0; m < x.size(); ++m) {
    if ((m & span) != 0) continue;
    const std::size_t n = m + span;
    const std::size_t first = x[m] + 2U * x[n];
    const std::size_t second = 2U * x[m] + x[n];
    x[m] = table[first % N];
    x[n] = table[second % N];
  }
}

State compressed(Key ki, const Rand& block) {
  State x;
  std::ranges::copy(block, std::ranges::copy(ki, x.begin()).out);
  mix_pairs(x, 16, comp128::kV1Level0);
  mix_pairs(x, 8, comp128::kV1Level1);
  mix_pairs(x, 4, comp128::kV1Level2);
  mix_pairs(x, 2, comp128::kV1Level3);
  mix_pairs(x, 1, comp128::kV1Level4);
  return x;
}

/// `count` bytes out of the 128 bits that 32 values of four bits are: bit i of the result is bit `position(i)`, most significant first.
template <typename Position>
void gather_bits(const State& x, std::span<std::uint8_t> out, Position position) {
  for (std::size_t i = 0; i < out.size() * 8; ++i) {
    const std::size_t from = position(i);
    const unsigned bit = from < 128 ? (x[from / 4] >> (3 - from % 4)) & 1U : 0U;
    out[i / 8] = static_cast<std::uint8_t>((unsigned{out[i / 8]} << 1) | bit);
  }
}

GsmAnswer run_v1(Key ki, const Rand& rand) {
  Rand block = rand;
  for (int round = 1; round < 8; ++round) {
    const State x = compressed(ki, block);
    gather_bits(x, block, [](std::size_t i) { return i * 17 % 128; });
  }
  const State x = compressed(ki, block);
  GsmAnswer answer;
  gather_bits(x, answer.sres, [](std::size_t i) { return i; });
  // Kc is the last 54 of the 128 bits and ten zeros.
  answer.kc = SecretBytes::make(8, [&](std::span<std::uint8_t> kc) { gather_bits(x, kc, [](std::size_t i) { return i + 74; }); });
  return answer;
}

// Versions 2 and 3: the block cipher-like function below, eight times with Ki xor RAND as its key and RAND as its first input.
// Bytes and bits count from the last byte and the least significant bit on.

std::uint8_t substitute(std::uint8_t inner, std::uint8_t other) {
  return comp128::kV23Outer[comp128::kV23Inner[inner] ^ other];
}

/// Five times: both halves are mixed to `a` and `b`, which are dealt out by turns in pieces of 1, 2, 4, 8 and 16 bytes; then 128 of the
/// 256 bits are taken, every 19th.
Rand mixed(const Rand& key, const Rand& block) {
  State x;
  std::ranges::copy(key, std::ranges::copy(block, x.begin()).out);
  for (std::size_t piece = 1; piece <= 16; piece *= 2) {
    State next;
    for (std::size_t i = 0; i < 16; ++i) {
      const std::uint8_t a = substitute(x[16 + i], x[i]);
      const std::uint8_t b = substitute(a, x[16 + i]);
      const std::size_t to = i / piece * 2 * piece + i % piece;
      next[to] = a;
      next[to + piece] = b;
    }
    x = next;
  }
  Rand out{};
  for (std::size_t i = 0; i < 128; ++i) {
    const std::size_t from = 19 * (i + 1) % 256;
    out[i / 8] |= static_cast<std::uint8_t>(((x[from / 8] >> (from % 8)) & 1U) << (i % 8));
  }
  return out;
}

GsmAnswer run_v23(Comp128Version version, Key ki, const Rand& rand) {
  Rand key;
  Rand block;
  for (std::size_t i = 0; i < 16; ++i) {
    block[i] = rand[15 - i];
    key[i] = ki[15 - i] ^ block[i];
  }
  for (int round = 0; round < 8; ++round) block = mixed(key, block);
  wipe(key);
  std::ranges::reverse(block);

  GsmAnswer answer;
  std::copy_n(block.begin(), answer.sres.size(), answer.sres.begin());
  if (version == Comp128Version::k2) {
    block[14] &= 0xFC;
    block[15] = 0;
  }
  answer.kc = SecretBytes(BytesView(block).last(8));
  return answer;
}

}  // namespace

Result<Comp128> Comp128::from(Comp128Version version, const SecretBytes& ki) {
  if (ki.size() != 16) return fail(ErrorCode::kRange, "COMP128: Ki has 16 bytes");
  return Comp128(version, ki.clone());
}

GsmAnswer Comp128::a3a8(const Rand& rand) {
  const Key ki = m_ki.expose(ExposeSecret{"COMP128 mixes it with RAND"}).first<16>();
  return m_version == Comp128Version::k1 ? run_v1(ki, rand) : run_v23(m_version, ki, rand);
}

}  // namespace uicclab::crypto
