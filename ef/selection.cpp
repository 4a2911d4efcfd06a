// SPDX-License-Identifier: Apache-2.0
// Names of applications and PINs as commands want them: ETSI TS 101 220 annex E; ETSI TS 102 221 clauses 9.5.1 and 11.1.1.
#include <algorithm>
#include <array>

#include "core/apdu.hpp"
#include "core/hex.hpp"
#include "ef/catalogue.hpp"
#include "uicc/application.hpp"

namespace uicclab::ef {
namespace {

struct PinName {
  std::string_view name;
  std::uint8_t reference;
};
constexpr std::array<PinName, 23> kPins{{
    {"PIN1", 0x01}, {"PIN2", 0x81},  {"PIN3", 0x03}, {"PIN4", 0x04},  {"PIN5", 0x05},  {"PIN6", 0x06},  {"PIN7", 0x07},  {"PIN8", 0x08},
    {"ADM1", 0x0A}, {"ADM2", 0x0B},  {"ADM3", 0x0C}, {"ADM4", 0x0D},  {"ADM5", 0x0E},  {"ADM6", 0x8A},  {"ADM7", 0x8B},  {"ADM8", 0x8C},
    {"ADM9", 0x8D}, {"ADM10", 0x8E}, {"UPIN", 0x11}, {"LPIN1", 0x81}, {"LPIN2", 0x82}, {"LPIN3", 0x83}, {"LPIN4", 0x84},
}};

Result<Bytes> aid_of(const std::string& application, const std::function<Result<Bytes>(const std::string&)>& variable) {
  const std::string name = "AID_" + application.substr(4);
  auto given = variable(name);
  if (given || given.error().code != ErrorCode::kNotFound) return given;
  if (const auto* known = uicc::application_of(std::string_view(application))) return to_bytes(known->aid);
  return fail(ErrorCode::kNotFound, "the AID of " + application + " is not known: set " + name + " = ...");
}

/// The identifiers below the first part of a path.
Result<Bytes> fids_behind(const std::string& path, std::size_t slash) {
  std::string rest = slash == std::string::npos ? "" : path.substr(slash + 1);
  std::erase(rest, '/');
  auto fids = from_hex(rest);
  if (!fids) return fail(ErrorCode::kMalformed, path + " is not a path");
  return fids;
}

}  // namespace

Result<std::vector<Bytes>> selection(const std::string& path, const std::function<Result<Bytes>(const std::string&)>& variable) {
  const auto slash = path.find('/');
  const std::string first = path.substr(0, slash);
  const auto fids = fids_behind(path, slash);
  if (!fids) return tl::unexpected(fids.error());
  if (first.starts_with("ADF.")) {
    const auto aid = aid_of(first, variable);
    if (!aid) return tl::unexpected(aid.error());
    std::vector<Bytes> out{apdu::encode({0x00, 0xA4, 0x04, 0x04, *aid, 256})};
    if (!fids->empty()) out.push_back(apdu::encode({0x00, 0xA4, 0x09, 0x04, *fids, 256}));
    return out;
  }
  if (fids->empty()) return std::vector<Bytes>{apdu::encode({0x00, 0xA4, 0x00, 0x04, "3F00"_h, 256})};
  return std::vector<Bytes>{apdu::encode({0x00, 0xA4, 0x08, 0x04, *fids, 256})};
}

Result<Bytes> selection_in_application(const std::string& path) {
  const auto fids = fids_behind(path, path.find('/'));
  if (!fids) return tl::unexpected(fids.error());
  Bytes data = to_bytes("7FFF"_h);
  append(data, *fids);
  return apdu::encode({0x00, 0xA4, fids->empty() ? std::uint8_t{0x00} : std::uint8_t{0x08}, 0x04, data, 256});
}

std::string pin_name(std::uint8_t reference) {
  const auto known = std::ranges::find(kPins, reference, &PinName::reference);
  return known == kPins.end() ? "key " + to_hex(BytesView(&reference, 1)) : std::string(known->name);
}

std::optional<std::uint8_t> pin_reference(std::string_view name) {
  const auto known = std::ranges::find(kPins, name, &PinName::name);
  return known == kPins.end() ? std::nullopt : std::optional(known->reference);
}

}  // namespace uicclab::ef
