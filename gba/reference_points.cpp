// SPDX-License-Identifier: Apache-2.0
#include "gba/reference_points.hpp"

#include <algorithm>
#include <array>

#include "core/identity.hpp"

namespace uicclab::gba {
namespace {

struct ResultName {
  ResultCode code;
  const char* name;
};
constexpr std::array kResults{
    ResultName{ResultCode::kInvalidAvpValue, "DIAMETER_INVALID_AVP_VALUE"},
    ResultName{ResultCode::kUnableToComply, "DIAMETER_UNABLE_TO_COMPLY"},
    ResultName{ResultCode::kImpiUnknown, "DIAMETER_ERROR_IMPI_UNKNOWN"},
    ResultName{ResultCode::kNotAuthorized, "DIAMETER_ERROR_NOT_AUTHORIZED"},
    ResultName{ResultCode::kTransactionIdentifierInvalid, "DIAMETER_ERROR_TRANSACTION_IDENTIFIER_INVALID"},
};

}  // namespace

const char* name_of(ResultCode code) {
  return std::ranges::find(kResults, code, &ResultName::code)->name;
}

std::optional<ResultCode> parse_result_code(std::uint64_t number) {
  const auto row =
      std::ranges::find_if(kResults, [number](const ResultName& one) { return static_cast<std::uint64_t>(one.code) == number; });
  return row == kResults.end() ? std::nullopt : std::optional(row->code);
}

std::string to_text(const Refused& refused) {
  return refused.role + ": " + name_of(refused.code) + " (" + std::to_string(static_cast<unsigned>(refused.code)) + "): " + refused.text;
}

const char* name_of(UserIdentity::Kind kind) {
  using Kind = UserIdentity::Kind;
  return kind == Kind::kImsi ? "IMSI" : kind == Kind::kMsisdn ? "MSISDN" : "IMEI";
}

Result<UserIdentity> checked(UserIdentity user) {
  const std::string name = name_of(user.kind);
  if (user.kind == UserIdentity::Kind::kMsisdn && user.digits.starts_with('+')) user.digits.erase(0, 1);
  const bool imei = user.kind == UserIdentity::Kind::kImei;
  const std::size_t low = imei ? 14 : 6, high = imei ? 16 : 15;
  if (!all_digits(user.digits) || user.digits.size() < low || user.digits.size() > high) {
    return fail(ErrorCode::kMalformed, "an " + name + " has " + std::to_string(low) + " to " + std::to_string(high) + " digits");
  }
  // The check digit, or the software version, is no part of the device's identity (TS 23.003 clause 6.2).
  if (imei) user.digits.resize(14);
  return user;
}

const char* name_of(UiccType type) {
  return type == UiccType::kGba ? "GBA" : "GBA_U";
}

}  // namespace uicclab::gba
