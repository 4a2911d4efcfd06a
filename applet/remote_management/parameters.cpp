// SPDX-License-Identifier: Apache-2.0
#include "applet/remote_management/parameters.hpp"

#include <array>

namespace uicclab::applet::remote_management {
namespace {

constexpr std::size_t kTarSize = 3;
constexpr std::size_t kMaxTars = 16;

Result<Bytes> read_domain(const Parameters& parameters, std::string_view key) {
  if (!parameters.contains(key)) return Bytes{0x00};
  auto domain = parameters.hex(key, {1, 4});
  if (!domain) return domain;
  const bool by_keys = domain->front() == 0x02;
  if (by_keys != (domain->size() == 4) || (!by_keys && domain->front() != 0x00 && domain->front() != 0xFF)) {
    return fail(ErrorCode::kRange, std::string(key) + " must be 00, FF, or 02 and three bytes");
  }
  return domain;
}

}  // namespace

Result<std::optional<gp::ToolkitParameters>> read_toolkit(const Parameters& parameters) {
  if (!parameters.contains("tars")) {
    if (parameters.contains("minimum_security")) return fail(ErrorCode::kMalformed, "minimum_security needs tars");
    return std::nullopt;
  }
  gp::ToolkitParameters toolkit;
  const auto tars = parameters.hex("tars");
  if (!tars) return tl::unexpected(tars.error());
  if (tars->empty() || tars->size() % kTarSize != 0 || tars->size() > kMaxTars * kTarSize) {
    return fail(ErrorCode::kRange, "tars must be 1 to 16 times three bytes");
  }
  for (std::size_t i = 0; i < tars->size(); i += kTarSize) {
    const Tar tar{{(*tars)[i], (*tars)[i + 1], (*tars)[i + 2]}};
    if (std::ranges::find(toolkit.tars, tar) != toolkit.tars.end())
      return fail(ErrorCode::kMalformed, "tars: " + to_hex(tar) + " occurs twice");
    toolkit.tars.push_back(tar);
  }
  if (parameters.contains("minimum_security")) {
    const auto level = parameters.hex("minimum_security", {1});
    if (!level) return tl::unexpected(level.error());
    toolkit.minimum_spi1 = level->front();
  }
  return toolkit;
}

Result<gp::UiccParameters> read_uicc(const Parameters& parameters) {
  constexpr std::array<std::string_view, 7> kKnown{"tars", "minimum_security", "adf", "access", "adf_access", "admin_access", "gsm_class"};
  for (const auto& [name, value] : parameters.all()) {
    if (std::ranges::find(kKnown, name) == kKnown.end())
      return fail(ErrorCode::kMalformed, name + " is not a parameter of remote management");
  }
  gp::UiccParameters uicc;
  auto toolkit = read_toolkit(parameters);
  if (!toolkit) return tl::unexpected(toolkit.error());
  if (!*toolkit) return fail(ErrorCode::kNotFound, "tars is missing");
  uicc.toolkit = *std::move(toolkit);
  const auto shared = read_domain(parameters, "access");
  if (!shared) return tl::unexpected(shared.error());
  const auto administrative = read_domain(parameters, "admin_access");
  if (!administrative) return tl::unexpected(administrative.error());
  const auto own = read_domain(parameters, "adf_access");
  if (!own) return tl::unexpected(own.error());
  uicc.access.push_back({{}, *shared, {}});
  uicc.administrative_access.push_back({{}, *administrative, {}});
  if (!parameters.contains("adf")) {
    if (parameters.contains("adf_access")) return fail(ErrorCode::kMalformed, "adf_access needs adf");
    return uicc;
  }
  const auto bytes = parameters.hex("adf");
  if (!bytes) return tl::unexpected(bytes.error());
  const auto aid = Aid::from(*bytes);
  if (!aid) return fail(ErrorCode::kRange, "adf: " + aid.error().text);
  uicc.access.push_back({*aid, *own, {}});
  uicc.administrative_access.push_back({*aid, *administrative, {}});
  return uicc;
}

}  // namespace uicclab::applet::remote_management
