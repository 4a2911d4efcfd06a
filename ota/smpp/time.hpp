// SPDX-License-Identifier: Apache-2.0
// Times of SMPP: Short Message Peer to Peer Protocol Specification v3.4 clause 7.1.1, appendix B.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "ota/sms_time.hpp"

namespace uicclab::ota::smpp {

/// schedule_delivery_time or validity_period: "YYMMDDhhmmsstnn+", local time with its distance from UTC in quarters of an hour, or
/// "YYMMDDhhmmss000R", from `now` on. Nothing for an empty text. Errors: kMalformed, with the offset.
Result<std::optional<Moment>> read_time(std::string_view text, Moment now);

/// An absolute time in UTC, as in final_date.
std::string write_time(Moment moment);

/// "YYMMDDhhmm" in UTC, as in delivery receipts.
std::string receipt_time(Moment moment);

}  // namespace uicclab::ota::smpp
