// SPDX-License-Identifier: Apache-2.0
// GBA Push Info on its way to the UE: a WAP push in short messages (3GPP TS 24.109 annex J), one TPDU in hexadecimal each.
#pragma once

#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "ota/wap_push.hpp"

namespace uicclab::cli {

inline constexpr const char* kGpiMediaType = "application/vnd.3gpp.gba.gpi";

/// A WAP push as SMS-DELIVER from this number. Throws Exit if the number is not one of digits.
std::vector<std::string> wap_messages(const ota::WapPush& push, const std::string& number);
/// What SMS-DELIVER in hexadecimal bring, all parts of one message. Throws Exit.
ota::WapPush wap_push_in(const std::vector<std::string>& messages);

std::vector<std::string> push_messages(BytesView gpi, const std::string& number);
/// The GPI of such messages, or itself in hexadecimal. Throws Exit.
Bytes gpi_in(const std::vector<std::string>& messages);

}  // namespace uicclab::cli
