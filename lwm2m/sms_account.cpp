// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/sms_account.hpp"

namespace uicclab::lwm2m {
namespace {

constexpr std::uint8_t kTripleDes3 = 0x09;  // the low half of KIc and KID
constexpr std::uint8_t kAes = 0x02;
constexpr std::uint8_t kVersion1 = 0x10;

}  // namespace

bool is_device_tar(const Tar& tar) {
  return tar.value[0] == 0xBF && tar.value[1] == 0xFF;
}

std::optional<EndPoint> sms_end_point(const ObjectInstance& account) {
  const auto mode = decode_integer(account.value(security::kSmsMode).value_or(BytesView()));
  if (!mode) return std::nullopt;
  if (*mode == static_cast<std::int64_t>(SmsSecurityMode::kSecuredPacket)) return EndPoint::kCard;
  if (*mode == static_cast<std::int64_t>(SmsSecurityMode::kDevicePacket)) return EndPoint::kDevice;
  if (*mode != static_cast<std::int64_t>(SmsSecurityMode::kDtls)) return std::nullopt;
  const auto binding = parse_binding(account.value(security::kSmsKeyParameters).value_or(BytesView()));
  return binding && is_device_tar(Tar{binding->tar}) ? std::optional(EndPoint::kDevice) : std::nullopt;
}

std::optional<SmsAlgorithm> algorithm_of(std::uint8_t kic, std::uint8_t kid) {
  if ((kic & 0x0F) != (kid & 0x0F)) return std::nullopt;
  if ((kic & 0x0F) == kAes) return SmsAlgorithm::kAes128;
  if ((kic & 0x0F) == kTripleDes3) return SmsAlgorithm::kTripleDes3;
  return std::nullopt;
}

std::uint8_t indicator_of(SmsAlgorithm algorithm) {
  return kVersion1 | (algorithm == SmsAlgorithm::kAes128 ? kAes : kTripleDes3);
}

std::optional<SmsAccount> sms_account_in(const ObjectInstance& account) {
  const auto parameters = account.value(security::kSmsKeyParameters);
  const auto secrets = account.value(security::kSmsKeys);
  const auto number = account.value(security::kSmsNumber);
  const auto end_point = sms_end_point(account);
  if (!end_point || !parameters || !secrets || !number) return std::nullopt;
  const auto binding = parse_binding(*parameters);
  auto keys = parse_sms_keys(*secrets);
  const auto algorithm = binding ? algorithm_of(binding->kic, binding->kid) : std::nullopt;
  if (!algorithm || !keys || keys->kic.size() != key_size(*algorithm)) return std::nullopt;
  if (has_equal_des_keys(keys->kic) || has_equal_des_keys(keys->kid)) return std::nullopt;
  return SmsAccount{*end_point, *binding, *std::move(keys), std::string(number->begin(), number->end())};
}

std::optional<SmsAccount> find_sms_account(const BootstrapFile& file) {
  const BootstrapObject* object = file.find(kSecurityObject);
  if (object == nullptr) return std::nullopt;
  for (const ObjectInstance& instance : object->instances) {
    if (auto account = sms_account_in(instance)) return account;
  }
  return std::nullopt;
}

}  // namespace uicclab::lwm2m
