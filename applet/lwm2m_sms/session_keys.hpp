// SPDX-License-Identifier: Apache-2.0
// Session keys of the SMS binding on the card: OMA-TS-LightweightM2M 1.0 clause 7.2.2.1. They lie in the session-key file of the PKCS #15
// application and follow what is written into EF_LWM2M_Bootstrap, or come from a GBA Push, always together with their counters.
#pragma once

#include "applet/api/applet.hpp"
#include "lwm2m/session_key_file.hpp"

namespace uicclab::applet::lwm2m_sms {

inline constexpr auto kBootstrapFile = "6432"_h;
inline constexpr auto kSessionKeyFile = "6433"_h;
inline constexpr Slot kAdoptedSlot{1};  ///< SHA-256 of the account's keys that the session-key file last came from

/// Where secured packets end: SMS Security Mode of LwM2M 1.0, 1 and 2. (1.1 gives the number 1 to DTLS, which has no keys for packets.)
enum class EndPoint : std::uint8_t { kDevice = 1, kCard = 2 };

/// What EF_LWM2M_Bootstrap says of secured packets.
struct Account {
  EndPoint end_point = EndPoint::kCard;
  lwm2m::SmsBinding binding;
  lwm2m::SmsKeys keys;
  std::string server;  ///< its number
};

// `files` are those of the PKCS #15 application.

/// The first such account of a bootstrap file; nothing if there is none, its keys are of no use, or the file is none.
std::optional<Account> parse_account(BytesView content);
std::optional<Account> read_account(const Files& files);

/// The keys in use: those of the session-key file, or, if that is blank, those of the account with counters of 0. Nothing if the file is
/// damaged: without its counters no key may be used.
std::optional<lwm2m::SessionKeyRecord> load_keys(const Files& files, const Account& account);
/// False if the file is not there or too small.
bool save_keys(Files& files, const lwm2m::SessionKeyRecord& record);

/// The bootstrap file may have changed: other keys in it become the session keys, with counters of 0. The same keys once more change
/// nothing, so that no counter is used twice under one key; a file that is not whole changes nothing. Session keys that the server wrote
/// itself stay until other keys are written into the bootstrap file.
void follow_bootstrap_file(Context& context);

/// KIc and KID from the Ks_int_NAF of this NAF (GBA_U), which is used up. Status: 6985, whatever is wrong.
StatusWord derive_keys(Context& context, BytesView naf_id, std::chrono::seconds lifetime);

}  // namespace uicclab::applet::lwm2m_sms
