// SPDX-License-Identifier: Apache-2.0
// GBA Push at the UE: 3GPP TS 33.223 clause 5.1.3, with the keys of TS 33.220 annex B.3.
#pragma once

#include <variant>

#include "gba/push_info.hpp"

namespace uicclab::gba {

struct SyncFailure {
  Bytes auts;
};
struct NotAuthenticated {};  ///< wrong MAC, context not supported, no such card

/// What GBA asks of the card (TS 31.102 clause 7.1.2).
class GbaCard {
 public:
  struct AkaKeys {
    crypto::SecretBytes ck, ik;
  };
  template <typename T>
  using Answer = std::variant<T, SyncFailure, NotAuthenticated>;

  virtual ~GbaCard() = default;
  /// AUTHENTICATE in the 3G context.
  virtual Answer<AkaKeys> authenticate(const crypto::Rand& rand, BytesView autn) = 0;
  /// AUTHENTICATE in the GBA context, bootstrapping.
  virtual Answer<std::monostate> bootstrap(const crypto::Rand& rand, BytesView autn_star) = 0;
  /// The same, NAF derivation: Ks_ext_NAF; Ks_int_NAF stays in the card.
  virtual Answer<crypto::SecretBytes> derive(BytesView naf_id, BytesView impi) = 0;
};

struct ReceivedPush {
  PushInfo info;
  crypto::SecretBytes ks_naf;  ///< Ks_NAF, or Ks_ext_NAF of GBA_U, whose Ks_int_NAF the card has
};

/// A push that led to no keys.
struct PushRefusal {
  enum class Reason {
    kMalformed,      ///< no GPI
    kOtherNaf,       ///< for another NAF than those that the UE takes keys for; the card was not asked
    kReplayed,       ///< the card has seen its sequence number: AUTS goes back
    kRefused,        ///< the card did not accept the challenge
    kWrongIntegrity  ///< the check value is wrong
  };
  Reason reason;
  Bytes auts;
};

/// Runs a push through the card and checks it with what comes out. One NAF key is derived of its Ks, that of its NAF_Id (TS 33.223 clause
/// 3.1, disposable Ks). `naf_id`: the only one that is taken; empty: any.
tl::expected<ReceivedPush, PushRefusal> receive_push(BytesView bytes, GbaCard& card, BytesView impi, BytesView naf_id = {});

}  // namespace uicclab::gba
