// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/tuak.hpp"

#include <string_view>

namespace uicclab::crypto {
namespace {

constexpr ExposeSecret kSpongeInput{"TUAK works on it"};
constexpr std::string_view kAlgorithmName = "TUAK1.0";

// The INSTANCE byte (TS 35.231 clauses 6.2 to 6.6), its bit 0 the most significant.
constexpr std::uint8_t kInstanceF1 = 0x00;
constexpr std::uint8_t kInstanceF1Star = 0x80;
constexpr std::uint8_t kInstanceF2345 = 0x40;
constexpr std::uint8_t kInstanceF5Star = 0xC0;
constexpr std::uint8_t kInstanceCk256 = 0x04;
constexpr std::uint8_t kInstanceIk256 = 0x02;
constexpr std::uint8_t kInstanceKey256 = 0x01;

/// Bits 2 to 4 of INSTANCE: 000 for 4 bytes, 001 for 8, 010 for 16, 100 for 32.
std::uint8_t instance_size(std::size_t size) {
  return size == 4 ? 0 : static_cast<std::uint8_t>(size);
}

/// The 1600 bits that Keccak works on (TS 35.231 clause 7): every field with its bytes in reverse order, from bit 0 on.
class Sponge {
 public:
  Sponge() = default;
  Sponge(const Sponge&) = delete;
  Sponge& operator=(const Sponge&) = delete;
  ~Sponge() { wipe({reinterpret_cast<std::uint8_t*>(m_lanes.data()), sizeof(m_lanes)}); }

  void put(BytesView field) {
    for (std::size_t i = field.size(); i-- > 0;) put_byte(field[i]);
  }
  void skip(std::size_t size) { m_at += size; }

  /// The padding of clause 7.1: 1F at byte 96, 80 at byte 135, zeros else; then the permutation.
  void run(unsigned iterations) {
    m_at = 96;
    put_byte(0x1F);
    m_at = 135;
    put_byte(0x80);
    for (unsigned i = 0; i < iterations; ++i) keccak_f1600(m_lanes);
  }

  /// Output field of `out.size()` bytes that begins at byte `offset`, its bytes in reverse order again.
  void get(std::size_t offset, std::span<std::uint8_t> out) const {
    for (std::size_t i = 0; i < out.size(); ++i) {
      const std::size_t at = offset + out.size() - 1 - i;
      out[i] = static_cast<std::uint8_t>(m_lanes[at / 8] >> (8 * (at % 8)));
    }
  }
  SecretBytes get_secret(std::size_t offset, std::size_t size) const {
    return SecretBytes::make(size, [&](std::span<std::uint8_t> out) { get(offset, out); });
  }

 private:
  void put_byte(std::uint8_t byte) {
    m_lanes[m_at / 8] ^= std::uint64_t{byte} << (8 * (m_at % 8));
    ++m_at;
  }

  KeccakState m_lanes{};
  std::size_t m_at = 0;
};

/// TOP or TOPc || INSTANCE || ALGONAME || RAND || AMF || SQN || KEY; RAND, AMF and SQN are zeros where a function has none.
void fill(Sponge& sponge, const SecretBytes& top, std::uint8_t instance, const SecretBytes& k, BytesView rand = {}, BytesView amf = {},
          BytesView sqn = {}) {
  const auto put_or_skip = [&](BytesView field, std::size_t size) { field.empty() ? sponge.skip(size) : sponge.put(field); };
  if (k.size() == 32) instance |= kInstanceKey256;
  sponge.put(top.expose(kSpongeInput));
  sponge.put({&instance, 1});
  sponge.put(as_bytes(kAlgorithmName));
  put_or_skip(rand, 16);
  put_or_skip(amf, 2);
  put_or_skip(sqn, 6);
  sponge.put(k.expose(kSpongeInput));
}

bool is_key_size(std::size_t size) {
  return size == 16 || size == 32;
}

bool are_good(const SecretBytes& k, const SecretBytes& top, unsigned iterations) {
  return is_key_size(k.size()) && top.size() == Tuak::kTopSize && iterations >= 1 && iterations <= 255;
}

constexpr std::string_view kBadKey = "TUAK: K has 16 or 32 bytes, TOP and TOPc 32; 1 to 255 iterations";

Mac mac_of(const SecretBytes& k, const SecretBytes& topc, const TuakParameters& p, std::uint8_t instance, const Rand& rand, const Sqn& sqn,
           const Amf& amf) {
  Sponge sponge;
  fill(sponge, topc, instance | instance_size(p.mac_size), k, rand, amf, sqn);
  sponge.run(p.iterations);
  std::array<std::uint8_t, 32> mac;
  sponge.get(0, std::span(mac).first(p.mac_size));
  return Mac(BytesView(mac).first(p.mac_size));
}

}  // namespace

Result<Tuak> Tuak::from(const SecretBytes& k, const SecretBytes& topc, const TuakParameters& p) {
  if (!are_good(k, topc, p.iterations)) return fail(ErrorCode::kRange, std::string(kBadKey));
  if (p.mac_size != 8 && p.mac_size != 16 && p.mac_size != 32) return fail(ErrorCode::kRange, "TUAK: a MAC has 8, 16 or 32 bytes");
  if (p.res_size != 4 && p.res_size != 8 && p.res_size != 16 && p.res_size != 32) {
    return fail(ErrorCode::kRange, "TUAK: RES has 4, 8, 16 or 32 bytes");
  }
  if (!is_key_size(p.ck_size) || !is_key_size(p.ik_size)) return fail(ErrorCode::kRange, "TUAK: CK and IK have 16 or 32 bytes");
  return Tuak(k.clone(), topc.clone(), p);
}

Result<SecretBytes> Tuak::topc_from_top(const SecretBytes& k, const SecretBytes& top, unsigned iterations) {
  if (!are_good(k, top, iterations)) return fail(ErrorCode::kRange, std::string(kBadKey));
  Sponge sponge;
  fill(sponge, top, 0, k);
  sponge.run(iterations);
  return sponge.get_secret(0, kTopSize);
}

Tuak::Tuak(SecretBytes k, SecretBytes topc, const TuakParameters& parameters)
    : m_k(std::move(k)), m_topc(std::move(topc)), m_parameters(parameters) {}

F2345 Tuak::f2345(const Rand& rand) {
  const TuakParameters& p = m_parameters;
  const int instance =
      kInstanceF2345 | instance_size(p.res_size) | (p.ck_size == 32 ? kInstanceCk256 : 0) | (p.ik_size == 32 ? kInstanceIk256 : 0);
  Sponge sponge;
  fill(sponge, m_topc, static_cast<std::uint8_t>(instance), m_k, rand);
  sponge.run(p.iterations);

  F2345 keys;  // TS 35.231 clause 6.4: RES, CK, IK and AK begin at bits 0, 256, 512 and 768
  std::array<std::uint8_t, 32> res;
  sponge.get(0, std::span(res).first(p.res_size));
  keys.res = Res(BytesView(res).first(p.res_size));
  keys.ck = sponge.get_secret(32, p.ck_size);
  keys.ik = sponge.get_secret(64, p.ik_size);
  sponge.get(96, keys.ak);
  return keys;
}

Mac Tuak::f1(const Rand& rand, const Sqn& sqn, const Amf& amf) {
  return mac_of(m_k, m_topc, m_parameters, kInstanceF1, rand, sqn, amf);
}

Mac Tuak::f1star(const Rand& rand, const Sqn& sqn, const Amf& amf) {
  return mac_of(m_k, m_topc, m_parameters, kInstanceF1Star, rand, sqn, amf);
}

Ak Tuak::f5star(const Rand& rand) {
  Sponge sponge;
  fill(sponge, m_topc, kInstanceF5Star, m_k, rand);
  sponge.run(m_parameters.iterations);
  Ak ak;
  sponge.get(96, ak);
  return ak;
}

}  // namespace uicclab::crypto
