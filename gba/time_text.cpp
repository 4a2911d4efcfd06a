// SPDX-License-Identifier: Apache-2.0
#include "gba/time_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>

namespace uicclab::gba {
namespace {

constexpr std::string_view kForm = "0000-00-00T00:00:00Z";

int number(std::string_view text, std::size_t at, std::size_t size) {
  int out = -1;
  std::from_chars(text.data() + at, text.data() + at + size, out);
  return out;
}

}  // namespace

std::string time_text(std::int64_t seconds) {
  const std::chrono::sys_seconds time{std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, kLatestTime))};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::array<char, 64> out{};
  std::snprintf(out.data(), out.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()));
  return out.data();
}

Result<std::int64_t> parse_time(std::string_view text) {
  const auto wrong = [] { return fail(ErrorCode::kMalformed, "a time is written 2026-11-30T18:00:00Z"); };
  if (text.size() != kForm.size()) return wrong();
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kForm[i] == '0' ? !digit : text[i] != kForm[i]) return wrong();
  }
  using namespace std::chrono;
  const year_month_day date{year(number(text, 0, 4)), month(static_cast<unsigned>(number(text, 5, 2))),
                            day(static_cast<unsigned>(number(text, 8, 2)))};
  const int hour = number(text, 11, 2), minute = number(text, 14, 2), second = number(text, 17, 2);
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return wrong();
  return duration_cast<std::chrono::seconds>(sys_days(date).time_since_epoch()).count() + hour * 3600 + minute * 60 + second;
}

}  // namespace uicclab::gba
