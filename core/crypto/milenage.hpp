// SPDX-License-Identifier: Apache-2.0
// Milenage: 3GPP TS 35.206 (TS 35.205 for the overview, TS 35.207 and 35.208 for test data).
#pragma once

#include "core/crypto/aes.hpp"
#include "core/crypto/auth_algorithm.hpp"

namespace uicclab::crypto {

/// The constants c1..c5 and rotations r1..r5 (TS 35.206 clause 4.1); an operator may choose others (TS 35.206 clause 5.3).
struct MilenageConstants {
  std::array<Bytes16, 5> c{Bytes16{}, Bytes16{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1},
                           Bytes16{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2}, Bytes16{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4},
                           Bytes16{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8}};
  std::array<std::uint8_t, 5> r{64, 0, 32, 64, 96};  ///< bits to the left, 0 to 127
};

/// Milenage with one subscriber's key. answer() costs five AES blocks.
class Milenage final : public AuthAlgorithm {
 public:
  /// Errors: kRange if K or OPc does not have 16 bytes or a rotation is over 127.
  static Result<Milenage> from(const SecretBytes& k, const SecretBytes& opc, const MilenageConstants& constants = {});

  /// OPc = OP xor E_K(OP) (TS 35.206 clause 4.1). Errors: kRange if one does not have 16 bytes.
  static Result<SecretBytes> opc_from_op(const SecretBytes& k, const SecretBytes& op);

  F2345 f2345(const Rand& rand) override;
  Mac f1(const Rand& rand, const Sqn& sqn, const Amf& amf) override;
  Mac f1star(const Rand& rand, const Sqn& sqn, const Amf& amf) override;
  Ak f5star(const Rand& rand) override;
  Answer answer(const Rand& rand, const Sqn& concealed_sqn, const Amf& amf) override;

 private:
  Milenage(const AesKey& k, SecretBytes opc, const MilenageConstants& constants);

  /// TEMP = E_K(RAND xor OPc).
  SecretBytes temp(const Rand& rand);
  /// OUT1: f1 in its first half, f1* in the second.
  Bytes16 out1(const SecretBytes& temp, const Sqn& sqn, const Amf& amf);
  /// OUT2, OUT3 and OUT4, in one call of the cipher.
  F2345 out234(const SecretBytes& temp);
  /// The cipher's input for OUT2 to OUT5.
  void write_input(std::size_t number, const SecretBytes& temp, std::span<std::uint8_t, 16> in) const;

  AesBlock m_aes;
  SecretBytes m_opc;
  MilenageConstants m_constants;
};

}  // namespace uicclab::crypto
