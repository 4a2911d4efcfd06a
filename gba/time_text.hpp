// SPDX-License-Identifier: Apache-2.0
// Points of time as RFC 3339 writes them, in UTC: KeyExpiryTime.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace uicclab::gba {

inline constexpr std::int64_t kLatestTime = 253402300799;  ///< 9999-12-31T23:59:59Z

/// "2026-11-30T18:00:00Z"; of years 1970 to 9999.
std::string time_text(std::int64_t seconds);
/// Errors: kMalformed.
Result<std::int64_t> parse_time(std::string_view text);

}  // namespace uicclab::gba
