// SPDX-License-Identifier: Apache-2.0
// The card's part of GBA_U: 3GPP TS 33.220 clause 5.3 and annexes B.3 and G; files of 3GPP TS 31.102 clauses 4.2.79 and 4.2.83
// (ISIM: 3GPP TS 31.103 clauses 4.2.9 and 4.2.11).
#pragma once

#include "applet/api/applet.hpp"
#include "core/crypto/auth_algorithm.hpp"

namespace uicclab::applet::aka {

/// EF_GBABP and EF_GBANL of an application: paths below its ADF.
struct GbaFiles {
  std::array<std::uint8_t, 2> gbabp;
  std::array<std::uint8_t, 2> gbanl;
};

/// Authentication error, no memory space available (TS 31.102 clause 7.3.1).
inline constexpr StatusWord kNoMemorySpace{0x9866};

/// Bootstrapping: the instance keeps Ks = CK || IK and RAND instead of those of the bootstrapping before; EF_GBABP gets RAND, B-TID and key
/// lifetime become empty, the ME writes them next (TS 33.220 annex G.1). kOk; 9866 if EF_GBABP is not there or too small.
StatusWord keep_bootstrap(Context& context, const GbaFiles& files, const crypto::Rand& rand, const crypto::F2345& keys);

/// EF_GBABP can take a RAND: asked before a challenge uses up its sequence number.
bool can_bootstrap(Context& context, const GbaFiles& files);

/// NAF derivation: `out` becomes Ks_ext_NAF (32 bytes); Ks_int_NAF stays, with NAF_ID and B-TID, under the record of EF_GBANL that has this
/// NAF_ID, or an empty one, or the one least recently used (TS 33.220 annex G.2). kOk; 6985 without Ks; 9866 if EF_GBANL has no record or
/// NAF_ID and B-TID do not fit into one. NAF_ID and IMPI have at most 255 bytes.
StatusWord derive_naf_keys(Context& context, const GbaFiles& files, BytesView naf_id, BytesView impi, crypto::SecretBytes& out);

/// Ks_int_NAF that was derived for this NAF_ID, for another application of the card. It is given once: it and Ks are forgotten, so that no
/// key is ever derived a second time (TS 33.223 clause 4.3: Ks is disposable).
std::optional<crypto::SecretBytes> take_naf_key(Context& context, const GbaFiles& files, BytesView naf_id);

}  // namespace uicclab::applet::aka
