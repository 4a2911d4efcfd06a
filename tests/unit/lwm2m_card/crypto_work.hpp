// SPDX-License-Identifier: Apache-2.0
// What this program asks of libcrypto: calls and bytes, counted between two moments. Two ways through the card that a stranger must not be
// able to tell apart have the same; this shows it without a clock.
#pragma once

#include <cstddef>
#include <ostream>

namespace uicclab::test {

struct CryptoWork {
  std::size_t ciphers = 0;  ///< calls that encipher or decipher, and their bytes
  std::size_t cipher_bytes = 0;
  std::size_t macs = 0;  ///< HMAC and CMAC
  std::size_t mac_bytes = 0;
  std::size_t digests = 0;
  std::size_t digest_bytes = 0;
  std::size_t points = 0;       ///< multiplications on a curve
  std::size_t decryptions = 0;  ///< RSA
  std::size_t verifications = 0;

  bool operator==(const CryptoWork&) const = default;
  bool empty() const { return *this == CryptoWork(); }
};

std::ostream& operator<<(std::ostream& out, const CryptoWork& work);

/// All that was done since the program began.
const CryptoWork& crypto_work();

/// What `run` costs.
template <typename Run>
CryptoWork work_of(const Run& run) {
  const CryptoWork before = crypto_work();
  run();
  CryptoWork after = crypto_work();
  after.ciphers -= before.ciphers;
  after.cipher_bytes -= before.cipher_bytes;
  after.macs -= before.macs;
  after.mac_bytes -= before.mac_bytes;
  after.digests -= before.digests;
  after.digest_bytes -= before.digest_bytes;
  after.points -= before.points;
  after.decryptions -= before.decryptions;
  after.verifications -= before.verifications;
  return after;
}

}  // namespace uicclab::test
