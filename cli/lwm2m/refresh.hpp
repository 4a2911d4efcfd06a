// SPDX-License-Identifier: Apache-2.0
// How new session keys reach a device: by remote file or application management under the card's OTA keys, or by GBA Push (SMS session-key
// CR, clause 7.2.2.1). When they are due is for lwm2m::ServerKeyRules to say.
#pragma once

#include "cli/lwm2m/push.hpp"
#include "cli/lwm2m/sms_account.hpp"
#include "cli/ota/esme.hpp"
#include "cli/ota/link.hpp"

namespace uicclab::cli {

/// The least commands that write a session-key file: UPDATE BINARY of 6433, with FF up to the longest one, so that either algorithm
/// replaces either; or INSTALL [for personalization] and STORE DATA through the issuer security domain.
std::vector<Bytes> file_commands(const lwm2m::SessionKeyRecord& record);
std::vector<Bytes> application_commands(const lwm2m::SessionKeyRecord& record);

/// Random keys (AES, or triple DES with odd parity and three different keys).
lwm2m::SessionKeyRecord random_keys(lwm2m::SmsAlgorithm algorithm, std::uint32_t generation, std::chrono::seconds lifetime, Random& random);

struct RefreshOption {
  std::string way;  ///< "rfm", "ram", "push", "push-u"; empty: none is made
  OtaLinkOption link;
  PushOption push;
  SmsAccountOption account;
  std::uint32_t lifetime = 0;
  EsmeOption esme;

  void add_to(App& command);
};

struct MadeRefresh {
  std::uint32_t generation = 0;
  bool again = false;  ///< keys that went out before
  std::vector<ota::SmsDeliver> messages;
};

/// What is due, with the ledger moved; it is to be kept before anything is sent. Nothing if nothing is. Throws Exit.
std::optional<MadeRefresh> make_refresh(const RefreshOption& option, lwm2m::ServerLedger& ledger, lwm2m::Instant now, Random& random);

/// To the service centre, or as lines "refresh TPDU" on standard output. Throws Exit.
void send_refresh(const RefreshOption& option, const MadeRefresh& refresh);

}  // namespace uicclab::cli
