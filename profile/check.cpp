// SPDX-License-Identifier: Apache-2.0
#include "profile/check.hpp"

#include "core/atr.hpp"
#include "core/reader.hpp"
#include "emulator/security/pin.hpp"
#include "profile/checker.hpp"
#include "profile/complete.hpp"

namespace uicclab::profile {
namespace {

constexpr std::string_view kAtrClause = "ETSI TS 102 221 clause 6.3.3";
constexpr std::string_view kHistoricalClause = "ISO/IEC 7816-4 clause 8.1.1.2";

void warn_atr(Checker& checker, std::string text, std::string_view clause) {
  checker.warn(checker.profile().atr_place, "atr", std::move(text), clause);
}

/// Third byte of the card capabilities: channels that are promised; 8 means 8 or more.
void check_capabilities(Checker& checker, BytesView capabilities) {
  if (capabilities.size() != 3) {
    warn_atr(checker, "the card capabilities have " + std::to_string(capabilities.size()) + " bytes, not 3", kHistoricalClause);
    return;
  }
  const std::size_t promised = (capabilities[2] & 0x18) == 0 ? 1U : (capabilities[2] & 0x07U) + 1U;
  const std::size_t channels = checker.profile().logical_channels + 1U;
  if (promised != std::min<std::size_t>(channels, 8)) {
    checker.warn(
        SourcePlace{}, "atr",
        "the card capabilities promise " + std::to_string(promised) + " logical channels, the card has " + std::to_string(channels),
        "ETSI TS 102 221 clause 11.1.17");
  }
}

void check_historical(Checker& checker, BytesView historical) {
  if (historical.empty() || historical[0] != 0x80) {
    warn_atr(checker, "the historical bytes do not begin with the category 80", kHistoricalClause);
    return;
  }
  bool service = false;
  bool capabilities = false;
  ByteReader in(historical.subspan(1));
  while (const auto header = in.u8()) {
    const auto value = in.bytes(*header & 0x0F);
    if (!value) {
      warn_atr(checker, "a data object of the historical bytes is longer than they are", kHistoricalClause);
      return;
    }
    if (*header >> 4 == 3) service = true;
    if (*header >> 4 != 7) continue;
    capabilities = true;
    check_capabilities(checker, *value);
  }
  if (!service) warn_atr(checker, "the historical bytes lack the card service data (tag 3)", kAtrClause);
  if (!capabilities) warn_atr(checker, "the historical bytes lack the card capabilities (tag 7)", kAtrClause);
}

bool is_puk(BytesView value) {
  return emulator::is_pin_value(value) && value.back() != 0xFF;
}

}  // namespace

void check_answer_to_reset(Checker& checker) {
  const Atr& atr = checker.profile().atr;
  const auto info = parse_atr(atr);
  if (!info) {
    warn_atr(checker, "no reader will understand it: " + info.error().text, "ISO/IEC 7816-3 clause 8.2");
    return;
  }
  if (!info->offers(Protocol::kT0)) warn_atr(checker, "T=0 is not offered, which every terminal knows", "ETSI TS 102 221 clause 7.2");
  if (!info->clock_and_class) {
    warn_atr(checker, "the ATR has no T=15 byte for supply voltage classes and clock stop", kAtrClause);
  }
  check_historical(checker, info->historical);
}

void check_pins(Checker& checker) {
  for (const PinSpec& pin : checker.profile().pins) {
    const auto low = static_cast<std::uint8_t>(pin.key.value & 0x7F);
    if (low >= 0x0A && low <= 0x0E) continue;  // the value of an ADM is its owner's affair
    const std::string who = "pin " + to_hex(BytesView{&pin.key.value, 1});
    if (!emulator::is_pin_value(pin.value))
      checker.warn(pin.place, who, "its value is not 4 to 8 digits, padded with FF", "ETSI TS 102 221 clause 9.5.1");
    if (!pin.puk.empty() && !is_puk(pin.puk)) checker.warn(pin.place, who, "its PUK is not 8 digits", "ETSI TS 102 221 clause 9.5.1");
    if (pin.puk.empty()) checker.warn(pin.place, who, "it has no PUK: once blocked it stays so", "ETSI TS 102 221 clause 9.5.1");
  }
  for (const emulator::ChvOfAdm& adm : checker.profile().choices.gsm_adm) {
    if (std::ranges::find(checker.profile().pins, adm.key, &PinSpec::key) != checker.profile().pins.end()) continue;
    checker.warn(
        SourcePlace{}, "gsm_adm",
        "CHV " + to_hex(BytesView{&adm.chv, 1}) + " means ADM " + to_hex(BytesView{&adm.key.value, 1}) + ", which is not among the pins",
        "3GPP TS 51.011 clause 11.3");
  }
}

namespace {

void check_modules(Checker& checker, const applet::ModuleCatalogue& catalogue) {
  const gp::SessionVersions opens{checker.profile().choices.version_70_opens_sessions};
  for (const ApplicationSpec& application : checker.profile().applications) {
    const auto module = std::ranges::find(catalogue, application.module, [](const auto& entry) { return entry->name(); });
    if (module == catalogue.end()) continue;
    for (std::string& remark : (*module)->remarks(application.parameters, opens)) {
      checker.warn(application.place, "application " + application.module, std::move(remark), "GP clause 7.5.2, Amd D clause 5.2");
    }
  }
}

}  // namespace

std::vector<Finding> check_profile(const Profile& profile, const applet::ModuleCatalogue& catalogue) {
  std::vector<Finding> findings = find_errors(profile);
  const Profile whole = complete(profile);
  Checker checker(whole);
  check_answer_to_reset(checker);
  check_pins(checker);
  check_headers(checker);
  check_contents(checker);
  check_services(checker);
  check_modules(checker, catalogue);
  std::ranges::move(checker.take(), std::back_inserter(findings));
  return findings;
}

std::string to_text(const Profile& profile, const Finding& finding) {
  std::string text;
  if (finding.place.line != 0) {
    if (!profile.source.empty()) text += profile.source + ":";
    text += (profile.source.empty() ? "line " : "") + std::to_string(finding.place.line) + ": ";
  } else if (!profile.source.empty()) {
    text += profile.source + ": ";
  }
  text += finding.severity == Finding::Severity::kError ? "error: " : "warning: ";
  text += finding.subject + ": " + finding.text;
  if (!finding.clause.empty()) text += " (" + finding.clause + ")";
  return text;
}

}  // namespace uicclab::profile
