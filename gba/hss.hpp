// SPDX-License-Identifier: Apache-2.0
// The HSS as GBA Push needs it (3GPP TS 33.223 clause 4.2, reference point Zh): authentication vectors of its subscribers, and their
// sequence numbers (3GPP TS 33.102 clause 6.3 and annex C).
#pragma once

#include <memory>

#include "core/environment.hpp"
#include "gba/reference_points.hpp"

namespace uicclab::gba {

inline constexpr std::uint64_t kMaxSqn = (std::uint64_t{1} << 48) - 1;

struct HssSubscriber {
  std::string imsi, impi;
  UiccType uicc_type = UiccType::kGba;
  std::unique_ptr<crypto::AuthAlgorithm> algorithm;
};

/// Where subscribers and their sequence numbers are kept.
class HssSubscribers {
 public:
  virtual ~HssSubscribers() = default;
  virtual std::optional<HssSubscriber> find(const UserIdentity& user) = 0;
  /// The last one that was used becomes `next(last)`, which is returned, in one step that a kill does not undo: no number is given twice,
  /// also to two processes. `next` may say nothing: there is none left, and nothing changes.
  virtual std::optional<std::uint64_t> advance(const std::string& imsi,
                                               const std::function<std::optional<std::uint64_t>(std::uint64_t last)>& next) = 0;
};

class Hss {
 public:
  Hss(HssSubscribers& subscribers, Random& random) : m_subscribers(subscribers), m_random(random) {}
  /// A new vector, after the sequence number of AUTS has been taken over if there is one.
  Answer<ZhAnswer> vector(const ZhRequest& request);

 private:
  HssSubscribers& m_subscribers;
  Random& m_random;
};

}  // namespace uicclab::gba
