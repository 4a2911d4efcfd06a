// SPDX-License-Identifier: Apache-2.0
// The time of day, for times in messages. It may jump: durations are measured by SystemClock.
#pragma once

#include "core/environment.hpp"

namespace uicclab {

/// std::chrono::system_clock: since 1970-01-01 00:00 UTC.
class WallClock final : public Clock {
 public:
  std::chrono::milliseconds now() const override {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch());
  }
};

}  // namespace uicclab
