// SPDX-License-Identifier: Apache-2.0
// The BSF of GBA Push: 3GPP TS 33.223 clause 5.1 (may this NAF have this NAF_Id, for how long, where are the keys made), and the GPI and
// the NAF key that it makes of an authentication vector.
#pragma once

#include <vector>

#include "core/environment.hpp"
#include "gba/reference_points.hpp"

namespace uicclab::gba {

/// Local policy for one NAF.
struct NafPolicy {
  enum class GbaU { kRefused, kAllowed, kRequired };
  std::string naf;              ///< its name
  std::vector<Bytes> naf_ids;   ///< that it may use
  std::uint32_t longest = 0;    ///< key lifetime in seconds: a longer one is cut to it. 0: any, also one without end
  GbaU gba_u = GbaU::kAllowed;  ///< allowed: where the subscriber's card can
};

struct BsfPolicy {
  std::string name;  ///< of the BSF, in each P-TID
  std::vector<NafPolicy> nafs;
};

class Bsf {
 public:
  /// `clock` is one of the day (core/wall_clock.hpp).
  Bsf(BsfPolicy policy, Zh zh, const Clock& clock, Random& random)
      : m_policy(std::move(policy)), m_zh(std::move(zh)), m_clock(clock), m_random(random) {}

  Answer<ZpnAnswer> push(const ZpnRequest& request);

 private:
  BsfPolicy m_policy;
  Zh m_zh;
  const Clock& m_clock;
  Random& m_random;
};

/// What the BSF makes of a vector. Of `info` everything but RAND and AUTN is given. With GBA_U AUTN becomes AUTN*.
struct MadePush {
  Bytes gpi;
  crypto::SecretBytes me_key, uicc_key;
};
MadePush make_push(PushInfo info, const AuthenticationVector& vector, std::string_view impi);

}  // namespace uicclab::gba
