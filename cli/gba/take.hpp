// SPDX-License-Identifier: Apache-2.0
// A GBA Push at a card: `gba take`, and what `lwm2m take-push` and `dm verify` use of it.
#pragma once

#include <string>

#include "cli/common/commands.hpp"
#include "core/net/fd.hpp"
#include "gba/naf_keys.hpp"
#include "lwm2m/device/card_files.hpp"

namespace uicclab::cli {

/// Who the USIM's subscriber is.
struct CardSubscriber {
  std::string imsi, impi;
};
/// Selects the USIM on the channel of `files`, and gives it the PIN if it wants one. Throws Exit.
CardSubscriber subscriber_of(lwm2m::device::CardFiles& files, const std::string& pin);

/// What the push brings, out of the card's USIM, which subscriber_of() has selected. `naf_id`: the only one that is taken; empty: any.
/// Throws Exit in plain words; after a replay with what the network needs to resynchronise.
gba::ReceivedPush take_push(CardPort& port, BytesView gpi, const std::string& impi, BytesView naf_id);

/// --keys with --storage-key: the NAF keys of a UE, sealed (docs/formats/naf-keys.md).
struct NafKeysOption {
  std::string name, storage_key;
  void add_to(App& command, bool required);
};
class NafKeysFile {
 public:
  /// Opened, without keys that are over; no other program reads or changes it as long as this lives. Throws Exit: another storage key, no
  /// such directory.
  NafKeysFile(const NafKeysOption& option, Random& random);
  gba::NafKeys& keys() { return m_keys; }
  /// Throws Exit.
  void keep() const;
  std::int64_t now() const { return m_now; }

 private:
  const NafKeysOption& m_option;
  net::Fd m_lock;
  Random& m_random;
  crypto::SecretBytes m_storage_key;
  std::int64_t m_now;
  gba::NafKeys m_keys;
};

}  // namespace uicclab::cli
