// SPDX-License-Identifier: Apache-2.0
// EF_SMS: 3GPP TS 31.102 clause 4.2.25; of the shared file system, 3GPP TS 51.011 clause 10.5.3.
#pragma once

#include "emulator/session.hpp"
#include "ota/sms_download.hpp"

namespace uicclab::emulator {

/// Writes the message to the first free record of the USIM's EF_SMS, or that of DF_TELECOM if there is none, as received and not read yet.
/// It belongs to the transaction of the command. Status: 6A82 without such a file, 6A84 if no record is free or is long enough.
StatusWord store_message(Session& session, const ota::SmsPpDownload& message);

}  // namespace uicclab::emulator
