// INSTALL, LOAD, DELETE: GP clauses 11.5, 11.6, 11.2.
#include "applet/issuer_sd/security_domain.hpp"

namespace uicclab::applet::issuer_sd {
namespace {

constexpr std::uint8_t kNoReceipt = 0x00;  // the answer without a confirmation
constexpr std::uint8_t kLast = 0x80;
constexpr std::uint8_t kRelated = 0x80;

// Refusals of data, by what was wrong with them.
StatusWord refusal(const Error& error) {
  return error.code == ErrorCode::kUnsupported ? sw::kFunctionNotSupported : sw::kIncorrectData;
}

}  // namespace

StatusWord SecurityDomain::install(Call& call) {
  call.work.load.reset();
  call.work.storing = {};
  const std::uint8_t p1 = call.command.p1;
  if (call.command.p2 != 0) return sw::kIncorrectP1P2;  // combined with a LOAD: not supported
  const BytesView data = call.command.data;
  if (p1 == gp::install::kLoad) {
    auto request = gp::InstallForLoad::parse(data);
    if (!request) return refusal(request.error());
    const StatusWord status = call.card.may_load(*request);
    if (status != sw::kOk) return status;
    call.work.load.emplace(*std::move(request));
    call.out = {kNoReceipt};
    return sw::kOk;
  }
  const auto fields = gp::InstallFields::parse(data);
  if (!fields) return refusal(fields.error());
  StatusWord status = sw::kIncorrectP1P2;
  switch (p1) {
    case gp::install::kInstall:
      status = call.card.install(*fields, false);
      break;
    case gp::install::kInstall | gp::install::kMakeSelectable:
      status = call.card.install(*fields, true);
      break;
    case gp::install::kMakeSelectable:
      status = call.card.make_selectable(*fields);
      break;
    case gp::install::kExtradition:
      status = call.card.extradite(*fields);
      break;
    case gp::install::kRegistryUpdate:
      status = call.card.update_registry(*fields);
      break;
    case gp::install::kPersonalization:
      if (fields->third.empty()) return sw::kIncorrectData;
      status = call.card.may_personalize(fields->third);
      if (status == sw::kOk) call.work.storing.target = fields->third;
      break;
    default:
      break;
  }
  if (status == sw::kOk) call.out = {kNoReceipt};
  return status;
}

StatusWord SecurityDomain::load(Call& call) {
  if (!call.work.load) return sw::kConditionsNotSatisfied;
  const std::uint8_t p1 = call.command.p1;
  StatusWord status = sw::kIncorrectP1P2;
  if ((p1 & ~kLast) == 0) status = call.work.load->add(call.command.p2, call.command.data, call.card.resources().non_volatile_free);
  const bool last = (p1 & kLast) != 0;
  if (status == sw::kOk && last) status = call.work.load->finish(call.card);
  if (last || status != sw::kOk) call.work.load.reset();  // an error ends the sequence (clause 9.3.5)
  if (last && status == sw::kOk) call.out = {kNoReceipt};
  return status;
}

StatusWord SecurityDomain::remove(Call& call) {
  if (call.command.p1 != 0 || (call.command.p2 & ~kRelated) != 0) return sw::kIncorrectP1P2;
  const auto which = gp::DeleteData::parse(call.command.data);
  if (!which) return refusal(which.error());
  const StatusWord status = which->is_key() ? remove_keys(call, *which) : call.card.remove(*which, (call.command.p2 & kRelated) != 0);
  if (status == sw::kOk) call.out = {kNoReceipt};
  return status;
}

}  // namespace uicclab::applet::issuer_sd
