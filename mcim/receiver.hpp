// SPDX-License-Identifier: Apache-2.0
// The device's side of an MCIM provisioning: 3GPP TR 33.812 clauses 5.1.3.7.1 and 5.1.3.7.3.3. The object comes from the right home
// operator (signature), answers this registration (nonce, used once), is for this device, and is newer than what is there.
#pragma once

#include "mcim/object.hpp"

namespace uicclab::mcim {

/// Rules of one device; what must survive a power cut is in State, which the caller keeps.
class Receiver {
 public:
  struct State {
    std::optional<Nonce> nonce;  ///< outstanding
    std::chrono::sys_seconds nonce_until{};
    std::uint8_t tries_left = 0;
    std::uint16_t version = 0;  ///< of the last object installed
  };
  struct Options {
    std::string target;                       ///< this device's identifier
    crypto::SecretBytes token;                ///< what an object must carry; empty: nothing
    std::optional<crypto::PublicKey> sender;  ///< whose signature an object must have
    bool literal = false;                     ///< objects in the literal form too; the others always
    std::chrono::seconds nonce_lifetime{std::chrono::hours(24)};
    std::uint8_t tries = 3;
  };
  Receiver(Options options, State state) : m_options(std::move(options)), m_state(state) {}

  /// A registration begins: its nonce, which replaces the one before.
  Nonce begin(std::chrono::sys_seconds now, Random& random);

  /// What a good object brings; the nonce is used up then. Of a bad one a try is used, and with the last one the nonce.
  /// Errors: kRefused with the same text for every error.
  Result<Subscription> accept(BytesView object, BytesView signature, const crypto::PrivateKey& key, std::chrono::sys_seconds now,
                              Random& random);

  const State& state() const { return m_state; }

 private:
  Result<Data> open_any(BytesView object, const crypto::PrivateKey& key, Random& random) const;
  bool fits(const Data& data, const Subscription& subscription, std::chrono::sys_seconds now) const;

  Options m_options;
  State m_state;
};

}  // namespace uicclab::mcim
