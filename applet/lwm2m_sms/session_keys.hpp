// SPDX-License-Identifier: Apache-2.0
// Session keys of the SMS binding on the card: the change request of docs/lwm2m-requirements.md, clause 7.2.2.1. They lie in the
// session-key file of the PKCS #15 application and follow what is written into EF_LWM2M_Bootstrap, or come from a GBA Push, always together
// with their counters.
#pragma once

#include "applet/api/applet.hpp"
#include "lwm2m/session_key_file.hpp"
#include "lwm2m/sms_account.hpp"

namespace uicclab::applet::lwm2m_sms {

inline constexpr auto kBootstrapFile = "6432"_h;
inline constexpr auto kSessionKeyFile = "6433"_h;
inline constexpr crypto::ExposeSecret kDigest{"keys are told from others by their digest"};
inline constexpr Slot kAdoptedSlot{1};  ///< SHA-256 of the account's keys that the session-key file last came from

using lwm2m::EndPoint;

/// What EF_LWM2M_Bootstrap says of secured packets.
using Account = lwm2m::SmsAccount;

// `files` are those of the PKCS #15 application.

/// The first such account of a bootstrap file; nothing if there is none, its keys are unusable, or the file is malformed.
std::optional<Account> parse_account(BytesView content);
std::optional<Account> read_account(const Files& files);

/// The keys in use: those of the session-key file, or, if that is blank, those of the account with counters of 0. Nothing if the file is
/// damaged: without its counters no key may be used.
std::optional<lwm2m::SessionKeyRecord> load_keys(const Files& files, const Account& account);
/// False if the file is not there or too small.
bool save_keys(Files& files, const lwm2m::SessionKeyRecord& record);

/// One of the two files has changed: the other follows, in the same transaction. Other keys in the bootstrap file become the session keys,
/// with counters of 0; the same keys once more change nothing, so that no counter is used twice under one key; a file that is not whole
/// changes nothing. Session keys that the server wrote itself are placed in the bootstrap file (clause 7.2.2.1).
void follow_files(Context& context);

/// Into both files. Status: 6985 without an account, or where they are of no use or find no room.
StatusWord put_keys(Context& context, const lwm2m::SessionKeyRecord& record);

/// KIc and KID from the Ks_int_NAF of this NAF (GBA_U), which is used up. Status: 6985 for every error.
StatusWord derive_keys(Context& context, BytesView naf_id, std::chrono::seconds lifetime);

}  // namespace uicclab::applet::lwm2m_sms
