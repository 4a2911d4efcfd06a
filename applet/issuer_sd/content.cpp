// SPDX-License-Identifier: Apache-2.0
// INSTALL, LOAD, DELETE: GP clauses 11.5, 11.6, 11.2.
#include <utility>

#include "applet/issuer_sd/security_domain.hpp"

namespace uicclab::applet::issuer_sd {
namespace {

constexpr std::uint8_t kNoReceipt = 0x00;  // the answer without a confirmation
constexpr std::uint8_t kLast = 0x80;
constexpr std::uint8_t kRelated = 0x80;
constexpr std::size_t kMaxInstallData = 1024;

// P1 and P2 of INSTALL (tables 11-41 and 11-42).
enum Form : std::uint16_t {
  kForLoad = gp::install::kLoad << 8,
  kForInstall = gp::install::kInstall << 8,
  kForMakeSelectable = gp::install::kMakeSelectable << 8,
  kForInstallAndMakeSelectable = kForInstall | kForMakeSelectable,
  kForExtradition = gp::install::kExtradition << 8,
  kForPersonalization = gp::install::kPersonalization << 8,
  kForRegistryUpdate = gp::install::kRegistryUpdate << 8,
  kBeginOfCombined = kForLoad | kForInstall | kForMakeSelectable | 0x01,
  kEndOfCombined = kForLoad | kForInstall | kForMakeSelectable | 0x03,
};

// Refusals of data, by what was wrong with them.
StatusWord refusal_of_fields(const Error& error) {
  return error.code == ErrorCode::kUnsupported ? sw::kFunctionNotSupported : sw::kIncorrectData;
}

}  // namespace

/// The data may come in several commands, with bit 8 of P1 in all but the last (table 11-41).
StatusWord SecurityDomain::install_content(Call& call) {
  const auto form = static_cast<std::uint16_t>(call.command.p1p2() & ~(gp::install::kMore << 8));
  Installing& begun = call.work.installing;
  if (!begun.data.empty() && form != begun.form) begun = {};
  if (begun.data.size() + call.command.data.size() > kMaxInstallData) {
    begun = {};
    return sw::kIncorrectData;
  }
  append(begun.data, call.command.data);
  begun.form = form;
  if ((call.command.p1 & gp::install::kMore) != 0) return sw::kOk;
  const Bytes data = std::exchange(begun, {}).data;
  // The end of a combined process finds what was loaded in it; any other INSTALL forgets what was begun.
  if (form != kEndOfCombined) call.work.load.reset();
  call.work.storing = {};
  const StatusWord status = install_content(call, form, data);
  if (status == sw::kOk) {
    call.out = {kNoReceipt};
  } else {
    call.work.load.reset();
  }
  return status;
}

StatusWord SecurityDomain::install_content(Call& call, std::uint16_t form, BytesView data) {
  if (form == kForLoad || form == kBeginOfCombined) {
    auto request = gp::InstallForLoad::parse(data);
    if (!request) return refusal_of_fields(request.error());
    const StatusWord status = call.card.may_load(*request);
    if (status != sw::kOk) return status;
    call.work.load.emplace(*std::move(request), form == kBeginOfCombined, call.card.resources().non_volatile_free);
    return status;
  }
  const auto fields = gp::InstallFields::parse(data);
  if (!fields) return refusal_of_fields(fields.error());
  switch (form) {
    case kForInstall:
      return call.card.install(*fields, false);
    case kForInstallAndMakeSelectable:
      return call.card.install(*fields, true);
    case kEndOfCombined: {
      if (!call.work.load || !call.work.load->is_complete()) return sw::kConditionsNotSatisfied;
      const StatusWord status = call.work.load->enter(call.card);
      call.work.load.reset();
      return status == sw::kOk ? call.card.install(*fields, true) : status;
    }
    case kForMakeSelectable:
      return call.card.make_selectable(*fields);
    case kForExtradition:
      return call.card.extradite(*fields);
    case kForRegistryUpdate:
      return call.card.update_registry(*fields);
    case kForPersonalization: {
      if (fields->third.empty()) return sw::kIncorrectData;
      const StatusWord status = call.card.may_personalize(fields->third);
      if (status == sw::kOk) call.work.storing.target = fields->third;
      return status;
    }
    default:
      return sw::kIncorrectP1P2;
  }
}

StatusWord SecurityDomain::load(Call& call) {
  if (!call.work.load || call.work.load->is_complete()) return sw::kConditionsNotSatisfied;
  const std::uint8_t p1 = call.command.p1;
  StatusWord status = sw::kIncorrectP1P2;
  if ((p1 & ~kLast) == 0) status = call.work.load->add(call.command.p2, call.command.data);
  const bool last = (p1 & kLast) != 0;
  if (status == sw::kOk && last) status = call.work.load->finish(call.card);
  const bool goes_on = !last || call.work.load->is_combined();
  if (!goes_on || status != sw::kOk) call.work.load.reset();  // an error ends the sequence (clause 9.3.5)
  if (last && status == sw::kOk) call.out = {kNoReceipt};
  return status;
}

StatusWord SecurityDomain::remove(Call& call) {
  if (call.command.p1 != 0 || (call.command.p2 & ~kRelated) != 0) return sw::kIncorrectP1P2;
  const auto which = gp::DeleteData::parse(call.command.data);
  if (!which) return refusal_of_fields(which.error());
  const StatusWord status = which->is_key() ? remove_keys(call, *which) : call.card.remove(*which, (call.command.p2 & kRelated) != 0);
  if (status == sw::kOk) call.out = {kNoReceipt};
  return status;
}

}  // namespace uicclab::applet::issuer_sd
