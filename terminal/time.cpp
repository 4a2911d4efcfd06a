// SPDX-License-Identifier: Apache-2.0
#include "terminal/time.hpp"

#include <algorithm>

namespace uicclab::terminal {
namespace {

std::uint8_t swapped(std::int64_t value) {
  return static_cast<std::uint8_t>(((value % 10) << 4) | (value / 10 % 10));
}

/// Nothing if a half is no digit.
std::optional<int> digits(std::uint8_t byte) {
  const int tens = byte & 0x0F;
  const int ones = byte >> 4;
  return tens > 9 || ones > 9 ? std::nullopt : std::optional(tens * 10 + ones);
}

}  // namespace

std::optional<std::chrono::milliseconds> duration_of(BytesView value) {
  if (value.size() != 2) return std::nullopt;
  switch (value[0]) {
    case 0x00:
      return std::chrono::minutes(value[1]);
    case 0x01:
      return std::chrono::seconds(value[1]);
    case 0x02:
      return std::chrono::milliseconds(100 * value[1]);
    default:
      return std::nullopt;
  }
}

Bytes timer_value(std::chrono::milliseconds time) {
  const auto seconds = std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::seconds>(time).count());
  return {swapped(seconds / 3600), swapped(seconds / 60 % 60), swapped(seconds % 60)};
}

std::optional<std::chrono::milliseconds> timer_value_of(BytesView value) {
  if (value.size() != 3) return std::nullopt;
  const auto hours = digits(value[0]);
  const auto minutes = digits(value[1]);
  const auto seconds = digits(value[2]);
  if (!hours || !minutes || !seconds || *minutes > 59 || *seconds > 59) return std::nullopt;
  return std::chrono::hours(*hours) + std::chrono::minutes(*minutes) + std::chrono::seconds(*seconds);
}

Bytes date_time(std::chrono::seconds time) {
  const auto days = std::chrono::floor<std::chrono::days>(std::chrono::sys_seconds(time));
  const std::chrono::year_month_day date(days);
  const std::chrono::hh_mm_ss clock(std::chrono::sys_seconds(time) - days);
  return {swapped(static_cast<int>(date.year()) % 100),
          swapped(static_cast<unsigned>(date.month())),
          swapped(static_cast<unsigned>(date.day())),
          swapped(clock.hours().count()),
          swapped(clock.minutes().count()),
          swapped(clock.seconds().count()),
          0x00};
}

std::optional<std::chrono::seconds> time_of(std::string_view text) {
  if (text.size() != 12 || !std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
  const auto pair = [text](std::size_t at) { return (text[at] - '0') * 10 + (text[at + 1] - '0'); };
  const std::chrono::year_month_day date(std::chrono::year(2000 + pair(0)), std::chrono::month(static_cast<unsigned>(pair(2))),
                                         std::chrono::day(static_cast<unsigned>(pair(4))));
  if (!date.ok() || pair(6) > 23 || pair(8) > 59 || pair(10) > 59) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch() + std::chrono::hours(pair(6)) + std::chrono::minutes(pair(8)) +
         std::chrono::seconds(pair(10));
}

}  // namespace uicclab::terminal
