// SPDX-License-Identifier: Apache-2.0
// The management objects of 3GPP TR 33.812 clause 5.1.3.7.3.3: M2MMobj, with which a DM server learns of a machine (M2ME) and its trusted
// environment (TRE), and M2MSIMMobj, which carries an MCIM object to it. The clause names them and says what they are for; their nodes are
// ours (docs/formats/m2m-objects.md).
#pragma once

#include "dm/tnds.hpp"

namespace uicclab::dm {

const ObjectDescription& m2mmobj();
const ObjectDescription& m2msimmobj();

inline constexpr const char* kM2mmobj = "./M2MMobj";
inline constexpr const char* kM2msimmobj = "./M2MSIMMobj";

/// Where a machine is in its provisioning.
enum class M2mState { kRegistered, kInstalled, kRefused };
/// "registered", "installed", "refused".
std::string_view name_of(M2mState state);
std::optional<M2mState> parse_m2m_state(std::string_view name);

/// Values of M2MMobj. Octets are base64 in the tree.
struct M2mEquipment {
  std::string device;
  std::string evidence;      ///< a statement of the TRE; empty if it gives none
  Bytes platform_key;        ///< PK_D: a certificate or SubjectPublicKeyInfo, DER
  Bytes registration_nonce;  ///< of the DPF
  Bytes card_nonce;          ///< what the object for the card must contain
  M2mState state = M2mState::kRegistered;
};
/// Values of M2MSIMMobj.
struct M2mSubscription {
  std::string sho;
  Bytes registration_nonce;
  Bytes object;
  Bytes signature;  ///< the SHO's, over the object; may be empty
};

std::vector<TreeCommand> nodes_of(const M2mEquipment& equipment);
std::vector<TreeCommand> nodes_of(const M2mSubscription& subscription);
/// Errors: as check_object(); kMalformed for a value, with its node.
Result<M2mEquipment> read_m2mmobj(const ManagementTree& tree);
Result<M2mSubscription> read_m2msimmobj(const ManagementTree& tree);

}  // namespace uicclab::dm
