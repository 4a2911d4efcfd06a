// SPDX-License-Identifier: Apache-2.0
#include "ota/sms_time.hpp"

namespace uicclab::ota {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::sys_days;

CivilTime::CivilTime(Moment moment) : date(sys_days(floor<days>(moment))), time(moment - floor<days>(moment)) {}

std::array<unsigned, 6> CivilTime::fields() const {
  const auto number = [](auto count) { return static_cast<unsigned>(count); };
  return {number((static_cast<int>(date.year()) % 100 + 100) % 100),
          static_cast<unsigned>(date.month()),
          static_cast<unsigned>(date.day()),
          number(time.hours().count()),
          number(time.minutes().count()),
          number(time.seconds().count())};
}

std::array<std::uint8_t, 7> timestamp(Moment moment) {
  std::array<std::uint8_t, 7> out{};
  const auto fields = CivilTime(moment).fields();
  for (std::size_t i = 0; i < fields.size(); ++i) out[i] = static_cast<std::uint8_t>((fields[i] % 10 << 4) | (fields[i] / 10));
  return out;
}

}  // namespace uicclab::ota
