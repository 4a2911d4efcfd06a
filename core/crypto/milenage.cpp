// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/milenage.hpp"

namespace uicclab::crypto {
namespace {

constexpr ExposeSecret kInput{"Milenage works on it"};

/// 128 bits as two big-endian halves, which is the shape for rotations.
struct Block {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  static std::uint64_t load_half(const std::uint8_t* bytes) {
    std::uint64_t half = 0;
    for (int i = 0; i < 8; ++i) half = (half << 8) | bytes[i];
    return half;
  }
  static Block load(View16 bytes) { return {load_half(bytes.data()), load_half(bytes.data() + 8)}; }

  void store(std::span<std::uint8_t, 16> out) const {
    for (std::size_t i = 0; i < 8; ++i) {
      out[i] = static_cast<std::uint8_t>(high >> (56 - 8 * i));
      out[i + 8] = static_cast<std::uint8_t>(low >> (56 - 8 * i));
    }
  }
  Block operator^(const Block& other) const { return {high ^ other.high, low ^ other.low}; }

  /// rot(x, r) of TS 35.206 clause 2.1: towards the most significant bit.
  Block rotated(unsigned bits) const {
    Block b = bits < 64 ? *this : Block{low, high};
    const unsigned rest = bits % 64;
    if (rest == 0) return b;
    return {(b.high << rest) | (b.low >> (64 - rest)), (b.low << rest) | (b.high >> (64 - rest))};
  }
};

Block load(const SecretBytes& secret) {
  return Block::load(secret.expose(kInput).first<16>());
}

/// IN1 = SQN || AMF || SQN || AMF (TS 35.206 clause 4.1).
Block in1(const Sqn& sqn, const Amf& amf) {
  std::array<std::uint8_t, 8> half;
  std::ranges::copy(sqn, half.begin());
  std::ranges::copy(amf, half.begin() + 6);
  const std::uint64_t value = Block::load_half(half.data());
  return {value, value};
}

bool is_128_bits(const SecretBytes& secret) {
  return secret.size() == 16;
}

}  // namespace

Result<Milenage> Milenage::from(const SecretBytes& k, const SecretBytes& opc, const MilenageConstants& constants) {
  if (!is_128_bits(k) || !is_128_bits(opc)) return fail(ErrorCode::kRange, "Milenage: K and OPc have 16 bytes");
  if (std::ranges::any_of(constants.r, [](unsigned r) { return r > 127; })) {
    return fail(ErrorCode::kRange, "Milenage: a rotation is at most 127");
  }
  return Milenage(AesKey::from(k.clone()).value(), opc.clone(), constants);
}

Result<SecretBytes> Milenage::opc_from_op(const SecretBytes& k, const SecretBytes& op) {
  if (!is_128_bits(k) || !is_128_bits(op)) return fail(ErrorCode::kRange, "Milenage: K and OP have 16 bytes");
  AesBlock aes(AesKey::from(k.clone()).value());
  return SecretBytes::make(16, [&](std::span<std::uint8_t> out) {
    aes.encrypt(op.expose(kInput), out);
    (Block::load(out.first<16>()) ^ load(op)).store(out.first<16>());
  });
}

Milenage::Milenage(const AesKey& k, SecretBytes opc, const MilenageConstants& constants)
    : m_aes(k), m_opc(std::move(opc)), m_constants(constants) {}

SecretBytes Milenage::temp(const Rand& rand) {
  return SecretBytes::make(16, [&](std::span<std::uint8_t> out) {
    (Block::load(rand) ^ load(m_opc)).store(out.first<16>());
    m_aes.encrypt(out, out);
  });
}

Bytes16 Milenage::out1(const SecretBytes& temp, const Sqn& sqn, const Amf& amf) {
  const Block opc = load(m_opc);
  Bytes16 out;
  (load(temp) ^ (in1(sqn, amf) ^ opc).rotated(m_constants.r[0]) ^ Block::load(m_constants.c[0])).store(out);
  m_aes.encrypt(out, out);
  (Block::load(out) ^ opc).store(out);
  return out;
}

void Milenage::write_input(std::size_t number, const SecretBytes& temp, std::span<std::uint8_t, 16> in) const {
  ((load(temp) ^ load(m_opc)).rotated(m_constants.r[number - 1]) ^ Block::load(m_constants.c[number - 1])).store(in);
}

F2345 Milenage::out234(const SecretBytes& temp) {
  F2345 keys;
  const SecretBytes out = SecretBytes::make(48, [&](std::span<std::uint8_t> blocks) {
    write_input(2, temp, blocks.subspan<0, 16>());
    write_input(3, temp, blocks.subspan<16, 16>());
    write_input(4, temp, blocks.subspan<32, 16>());
    m_aes.encrypt(blocks, blocks);
    const Block opc = load(m_opc);
    (Block::load(blocks.subspan<0, 16>()) ^ opc).store(blocks.subspan<0, 16>());
    (Block::load(blocks.subspan<16, 16>()) ^ opc).store(blocks.subspan<16, 16>());
    (Block::load(blocks.subspan<32, 16>()) ^ opc).store(blocks.subspan<32, 16>());
  });
  const BytesView out2 = out.expose(kInput).first(16);
  std::copy_n(out2.begin(), keys.ak.size(), keys.ak.begin());  // f5: the first 48 bits of OUT2
  keys.res = Res(out2.last(8));                                // f2: the last 64
  keys.ck = out.part(16, 16);
  keys.ik = out.part(32, 16);
  return keys;
}

F2345 Milenage::f2345(const Rand& rand) {
  return out234(temp(rand));
}

Mac Milenage::f1(const Rand& rand, const Sqn& sqn, const Amf& amf) {
  return Mac(BytesView(out1(temp(rand), sqn, amf)).first(8));
}

Mac Milenage::f1star(const Rand& rand, const Sqn& sqn, const Amf& amf) {
  return Mac(BytesView(out1(temp(rand), sqn, amf)).last(8));
}

Ak Milenage::f5star(const Rand& rand) {
  const SecretBytes temp_value = temp(rand);
  Bytes16 out;
  write_input(5, temp_value, out);
  m_aes.encrypt(out, out);
  (Block::load(out) ^ load(m_opc)).store(out);
  Ak ak;
  std::copy_n(out.begin(), ak.size(), ak.begin());
  return ak;
}

Answer Milenage::answer(const Rand& rand, const Sqn& concealed_sqn, const Amf& amf) {
  const SecretBytes temp_value = temp(rand);
  Answer answer;
  answer.keys = out234(temp_value);
  answer.sqn = conceal(concealed_sqn, answer.keys.ak);
  answer.xmac = Mac(BytesView(out1(temp_value, answer.sqn, amf)).first(8));
  return answer;
}

}  // namespace uicclab::crypto
