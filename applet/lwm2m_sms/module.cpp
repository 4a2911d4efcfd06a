// SPDX-License-Identifier: Apache-2.0
#include "applet/lwm2m_sms/module.hpp"

#include "applet/lwm2m_sms/settings.hpp"
#include "applet/lwm2m_sms/sms_security.hpp"
#include "applet/remote_management/parameters.hpp"
#include "lwm2m/secured_sms.hpp"

namespace uicclab::applet::lwm2m_sms {
namespace {

constexpr auto kPkcs15 = "A000000063504B43532D3135"_h;
constexpr std::uint8_t kMinimumSecurity = 0x16;  // LwM2M 1.0 clause 7.2.2.3: a cryptographic checksum, ciphered, a counter that is higher

Result<Aid> pkcs15_of(const Parameters& parameters) {
  if (!parameters.contains("pkcs15")) return Aid::from(kPkcs15);
  const auto bytes = parameters.hex("pkcs15");
  if (!bytes) return tl::unexpected(bytes.error());
  const auto aid = Aid::from(*bytes);
  if (!aid) return fail(ErrorCode::kRange, "pkcs15: " + aid.error().text);
  return aid;
}

}  // namespace

Aid SmsSecurityModule::load_file_aid() const {
  return Aid::from("F075696363 6C616204"_h).value();
}

Aid SmsSecurityModule::module_aid() const {
  return Aid::from("F075696363 6C616204 01"_h).value();
}

Result<InitialObjects> SmsSecurityModule::personalise(const Parameters& parameters) const {
  constexpr std::array<std::string_view, 4> kKnown{"tars", "pkcs15", "server_tar", "secure_channel"};
  for (const auto& [name, value] : parameters.all()) {
    if (std::ranges::find(kKnown, name) == kKnown.end()) return fail(ErrorCode::kMalformed, name + " is not a parameter of lwm2m-sms");
  }
  Settings settings;
  const auto pkcs15 = pkcs15_of(parameters);
  if (!pkcs15) return tl::unexpected(pkcs15.error());
  settings.pkcs15 = *pkcs15;
  if (parameters.contains("server_tar")) {
    const auto tar = parameters.hex("server_tar", {3});
    if (!tar) return tl::unexpected(tar.error());
    settings.server_tar.emplace();
    std::ranges::copy(*tar, settings.server_tar->value.begin());
  }
  if (parameters.contains("secure_channel")) {
    const auto flag = parameters.flag("secure_channel");
    if (!flag) return tl::unexpected(flag.error());
    settings.secure_channel = *flag;
  }
  return InitialObjects{{kSettingsSlot, settings.encoded()}};
}

Result<Registration> SmsSecurityModule::registration(const Parameters& parameters) const {
  auto toolkit = remote_management::read_toolkit(parameters);
  if (!toolkit) return tl::unexpected(toolkit.error());
  const auto pkcs15 = pkcs15_of(parameters);
  if (!pkcs15) return tl::unexpected(pkcs15.error());
  Registration out;
  out.uicc.toolkit = toolkit->value_or(gp::ToolkitParameters{});
  if (out.uicc.toolkit->tars.empty()) out.uicc.toolkit->tars = {lwm2m::kToCard};
  out.uicc.toolkit->minimum_spi1 = kMinimumSecurity;
  out.uicc.access.push_back({*pkcs15, {0x00}, {}});
  return out;
}

std::unique_ptr<Applet> SmsSecurityModule::make() const {
  return std::make_unique<SmsSecurity>();
}

}  // namespace uicclab::applet::lwm2m_sms
