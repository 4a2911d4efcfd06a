// SPDX-License-Identifier: Apache-2.0
#include "applet/aka/provision.hpp"

#include "applet/aka/personalise.hpp"
#include "applet/aka/slots.hpp"

namespace uicclab::applet::aka {
namespace {

std::optional<Algorithm> algorithm_of(std::string_view name) {
  if (name == "milenage") return Algorithm::kMilenage;
  if (name == "tuak") return Algorithm::kTuak;
  if (name == "xor") return Algorithm::kXor;
  return std::nullopt;
}

/// As docs/formats/mcim.md has them. False: not of this algorithm.
bool set_constants(Subscriber& s, BytesView constants) {
  if (constants.empty()) return true;
  if (s.algorithm == Algorithm::kMilenage && constants.size() == 85) {
    std::ranges::copy(constants.first(5), s.milenage.r.begin());
    for (std::size_t i = 0; i < 5; ++i) std::ranges::copy(constants.subspan(5 + 16 * i, 16), s.milenage.c[i].begin());
    return true;
  }
  if (s.algorithm == Algorithm::kTuak && constants.size() == 5) {
    s.tuak = {
        .mac_size = constants[2], .res_size = constants[1], .ck_size = constants[3], .ik_size = constants[4], .iterations = constants[0]};
    s.res_length = s.tuak.res_size;
    return true;
  }
  if (s.algorithm == Algorithm::kXor && constants.size() == 1) {
    s.res_length = constants[0];
    return true;
  }
  return false;
}

}  // namespace

void forget_gba(Context& context, const GbaFiles& gba) {
  context.erase(kKsSlot);
  const std::size_t count = context.files().record_count(gba.gbanl);
  for (std::size_t number = 1; number <= count; ++number) {
    context.erase(naf_slot(number));
    (void)context.files().update_record(gba.gbanl, number, {});
  }
  if (const auto content = context.files().read_binary(gba.gbabp)) {
    (void)context.files().update_binary(gba.gbabp, 0, Bytes(content->size(), 0xFF));
  }
}

StatusWord provision_keys(Context& context, const ProvisionedSubscriber& wanted) {
  const auto algorithm = algorithm_of(wanted.algorithm);
  if (!algorithm) return sw::kIncorrectData;
  NewSubscriber made;
  made.subscriber.algorithm = *algorithm;
  made.subscriber.k = wanted.k.clone();
  made.subscriber.opc = wanted.opc.clone();
  constexpr std::size_t kXorRes = 16;  // as a profile has it
  if (*algorithm == Algorithm::kXor) made.subscriber.res_length = kXorRes;
  const auto kept = context.load(kSubscriberSlot);
  const auto old = kept ? decode_subscriber(*kept) : Result<Subscriber>(fail(ErrorCode::kNotFound, "no subscriber"));
  if (old) made.subscriber.pin = old->pin;  // a PIN of the card, not of the subscription
  const bool keeps_key = wanted.k.empty();
  if (keeps_key) {
    if (!old) return sw::kIncorrectData;
    made.subscriber.k = old->k.clone();
    made.subscriber.sqn = old->sqn;  // the stored numbers are laid out by these rules
  }
  if (!set_constants(made.subscriber, wanted.constants)) return sw::kIncorrectData;
  auto objects = objects_of(made);
  if (!objects) return sw::kIncorrectData;
  for (auto& [slot, value] : *objects) {
    const bool stays = slot == kSqnSlot && keeps_key && context.load(kSqnSlot).has_value();
    if (!stays) context.store(slot, value);
    crypto::wipe(value);
  }
  return sw::kOk;
}

}  // namespace uicclab::applet::aka
