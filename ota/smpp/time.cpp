// SPDX-License-Identifier: Apache-2.0
#include "ota/smpp/time.hpp"

#include <algorithm>

namespace uicclab::ota::smpp {
namespace {

using namespace std::chrono;

constexpr std::size_t kSize = 16;
constexpr std::size_t kTenths = 12, kQuarters = 13, kSign = 15;
constexpr unsigned kMaxQuarters = 48;

unsigned two_digits(std::string_view text, std::size_t at) {
  return static_cast<unsigned>(text[at] - '0') * 10 + static_cast<unsigned>(text[at + 1] - '0');
}

std::string two_digits(unsigned number) {
  return {static_cast<char>('0' + number / 10 % 10), static_cast<char>('0' + number % 10)};
}

/// Calendar months and years first; a day that the month does not have is its last one.
Moment after(std::string_view text, Moment now) {
  const CivilTime start(now);
  auto date = start.date + years(two_digits(text, 0)) + months(two_digits(text, 2));
  if (!date.ok()) date = date.year() / date.month() / last;
  return sys_days(date).time_since_epoch() + start.time.to_duration() + days(two_digits(text, 4)) + hours(two_digits(text, 6)) +
         minutes(two_digits(text, 8)) + seconds(two_digits(text, 10));
}

}  // namespace

Result<std::optional<Moment>> read_time(std::string_view text, Moment now) {
  if (text.empty()) return std::nullopt;
  if (text.size() != kSize) return fail(ErrorCode::kMalformed, "a time has 16 characters, not " + std::to_string(text.size()));
  const auto wrong = std::ranges::find_if(text.substr(0, kSign), [](char c) { return c < '0' || c > '9'; });
  if (wrong != text.begin() + kSign) {
    return fail(ErrorCode::kMalformed, "not a digit in a time", static_cast<std::size_t>(wrong - text.begin()));
  }
  const unsigned quarters = two_digits(text, kQuarters);
  if (text[kSign] == 'R') {
    if (text[kTenths] != '0' || quarters != 0) return fail(ErrorCode::kMalformed, "a relative time ends with 000R", kTenths);
    return after(text, now);
  }
  if (text[kSign] != '+' && text[kSign] != '-') return fail(ErrorCode::kMalformed, "a time ends with +, - or R", kSign);
  const year_month_day date{year(2000 + static_cast<int>(two_digits(text, 0))), month(two_digits(text, 2)), day(two_digits(text, 4))};
  if (!date.ok()) return fail(ErrorCode::kMalformed, "no such day", 0);
  if (two_digits(text, 6) > 23 || two_digits(text, 8) > 59 || two_digits(text, 10) > 59)
    return fail(ErrorCode::kMalformed, "no such time of day", 6);
  if (quarters > kMaxQuarters) return fail(ErrorCode::kMalformed, "more than 48 quarters of an hour from UTC", kQuarters);
  const Moment local = sys_days(date).time_since_epoch() + hours(two_digits(text, 6)) + minutes(two_digits(text, 8)) +
                       seconds(two_digits(text, 10)) + milliseconds(100 * (text[kTenths] - '0'));
  const minutes ahead(15 * static_cast<int>(quarters));
  return text[kSign] == '+' ? local - ahead : local + ahead;
}

std::string write_time(Moment moment) {
  std::string out;
  const CivilTime time(moment);
  for (const unsigned field : time.fields()) out += two_digits(field);
  out += static_cast<char>('0' + time.time.subseconds().count() / 100);
  return out + "00+";
}

std::string receipt_time(Moment moment) {
  return write_time(moment).substr(0, 10);
}

}  // namespace uicclab::ota::smpp
