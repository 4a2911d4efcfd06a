// SPDX-License-Identifier: Apache-2.0
// The NAF keys that a UE has, with their lifetimes, as bytes to be sealed (core/crypto/sealed_storage.hpp): docs/formats/naf-keys.md.
#pragma once

#include <vector>

#include "core/crypto/wiped_bytes.hpp"
#include "core/environment.hpp"
#include "gba/user_equipment.hpp"

namespace uicclab::gba {

/// A NAF security association at the UE.
struct NafKey {
  std::string p_tid;
  PushMode mode = PushMode::kMe;
  Bytes naf_id;
  crypto::SecretBytes key;   ///< Ks_NAF or Ks_ext_NAF, 32 bytes
  std::int64_t expires = 0;  ///< seconds since 1970-01-01 00:00 UTC; 0: no end
};

class NafKeys {
 public:
  /// Sealed with `storage_key`. Errors: kMismatch for another storage key or a changed file; kMalformed; kUnsupported for another version.
  static Result<NafKeys> open(BytesView sealed, const crypto::SecretBytes& storage_key);
  Bytes sealed(const crypto::SecretBytes& storage_key, Random& random) const;

  /// In the place of an older one for the same NAF_Id; the oldest of more than kMost goes.
  void add(NafKey key);
  /// For this NAF, if its lifetime lasts.
  const NafKey* find(BytesView naf_id, std::int64_t now) const;
  /// Keys whose lifetime has ended are wiped.
  void forget_over(std::int64_t now);
  const std::vector<NafKey>& all() const { return m_keys; }

  static constexpr std::size_t kMost = 64;

 private:
  std::vector<NafKey> m_keys;  ///< the youngest first
};

}  // namespace uicclab::gba
