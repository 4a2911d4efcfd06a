// SPDX-License-Identifier: Apache-2.0
// The NAF of GBA Push: 3GPP TS 33.223 clause 5.1. It asks the BSF for a push, keeps the NAF security association, and gives its application
// the NAF key until the key's lifetime ends.
#pragma once

#include <vector>

#include "core/environment.hpp"
#include "gba/reference_points.hpp"

namespace uicclab::gba {

/// NAF security association: the keys, whose they are, and for how long.
struct NafAssociation {
  std::string sa_id;  ///< P-TID; names the uplink
  UserIdentity user;  ///< as the NAF asked for it: where the GPI is sent
  std::string impi;
  Bytes naf_id;
  PushMode mode = PushMode::kMe;
  crypto::SecretBytes me_key, uicc_key;  ///< empty once the lifetime is over
  std::int64_t expires = 0;
};

/// Where associations are kept, secretly.
class NafAssociations {
 public:
  virtual ~NafAssociations() = default;
  virtual void put(const NafAssociation& association) = 0;
  /// By its identifier.
  virtual std::optional<NafAssociation> find(const std::string& sa_id) = 0;
  /// The youngest of this user; of an IMSI also those that were asked for by another identity of the subscriber.
  virtual std::optional<NafAssociation> latest(const UserIdentity& user) = 0;
  /// Keys of all whose lifetime has ended are overwritten; that there was an association stays known.
  virtual void forget_keys(std::int64_t now) = 0;
  virtual bool remove(const std::string& sa_id) = 0;
  /// Without keys.
  virtual std::vector<NafAssociation> all() = 0;
};

class Naf {
 public:
  Naf(std::string name, Zpn zpn, NafAssociations& associations, const Clock& clock)
      : m_name(std::move(name)), m_zpn(std::move(zpn)), m_associations(associations), m_clock(clock) {}

  /// A GPI for this user. The association is kept before the GPI can be sent.
  struct Push {
    Bytes gpi;
    std::string sa_id;
    std::int64_t expires = 0;
  };
  Answer<Push> push(ZpnRequest request);

  /// The association with its keys, for the application.
  Answer<NafAssociation> key(const std::string& sa_id);
  Answer<NafAssociation> latest_key(const UserIdentity& user);
  void forget_keys();

 private:
  Answer<NafAssociation> alive(std::optional<NafAssociation> found, const std::string& what) const;
  std::int64_t now() const { return std::chrono::duration_cast<std::chrono::seconds>(m_clock.now()).count(); }

  std::string m_name;
  Zpn m_zpn;
  NafAssociations& m_associations;
  const Clock& m_clock;
};

}  // namespace uicclab::gba
