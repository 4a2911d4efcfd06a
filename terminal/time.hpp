// SPDX-License-Identifier: Apache-2.0
// Durations, timers, date and time: ETSI TS 102 223 clauses 8.8, 8.38 and 8.39.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "core/bytes.hpp"

namespace uicclab::terminal {

/// The value of a Duration data object: unit (minutes, seconds, tenths) and how many. Nothing if it is invalid.
std::optional<std::chrono::milliseconds> duration_of(BytesView value);

/// Hours, minutes and seconds as swapped digits.
Bytes timer_value(std::chrono::milliseconds time);
/// Nothing for what is no such time.
std::optional<std::chrono::milliseconds> timer_value_of(BytesView value);

/// Seconds since 1970 as year, month, day, hour, minute, second in swapped digits, and the time zone, which is UTC.
Bytes date_time(std::chrono::seconds time);

/// Seconds since 1970 of "260131235959": year, month, day, hour, minute, second of this century. Nothing for what is no such time.
std::optional<std::chrono::seconds> time_of(std::string_view digits);

}  // namespace uicclab::terminal
