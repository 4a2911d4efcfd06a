// SPDX-License-Identifier: Apache-2.0
// Times in short messages: TP-SCTS, 3GPP TS 23.040 clause 9.2.3.11.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

namespace uicclab::ota {

/// A time since 1970-01-01 00:00 UTC, as from WallClock (core/wall_clock.hpp).
using Moment = std::chrono::milliseconds;

/// The fields of a date and a time of day, in UTC.
struct CivilTime {
  std::chrono::year_month_day date;
  std::chrono::hh_mm_ss<std::chrono::milliseconds> time;

  explicit CivilTime(Moment moment);
  /// Year (of its century), month, day, hour, minute, second.
  std::array<unsigned, 6> fields() const;
};

/// TP-SCTS: semi-octets swapped, in UTC.
std::array<std::uint8_t, 7> timestamp(Moment moment);

}  // namespace uicclab::ota
