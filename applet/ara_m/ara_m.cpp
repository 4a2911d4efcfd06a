// SPDX-License-Identifier: Apache-2.0
#include "applet/ara_m/ara_m.hpp"

#include "applet/ara_m/rule_store.hpp"

namespace uicclab::applet::ara_m {
namespace {

namespace seac = gp::seac;

constexpr std::uint8_t kInitializeUpdate = 0x50;
constexpr std::uint8_t kExternalAuthenticate = 0x82;
constexpr std::uint8_t kGetData = 0xCA;
constexpr std::uint8_t kStoreData = 0xE2;
constexpr std::uint8_t kBerTlv = 0x10;  // P1 of STORE DATA (SEAC clause 5.1; GP table 11-89)
constexpr std::uint8_t kCMac = 0x01;    // of a security level
constexpr StatusWord kUnsupportedObject{0x6981};

// SEAC 1.1 (tables 6-11 and 6-12).
constexpr auto kInterfaceVersion = "010100"_h;

bool demands_secure_channel(const Context& context) {
  const auto settings = context.load(kSettingsSlot);
  return !settings || settings->size() != 1 || settings->front() != 0;
}

/// REF-DO alone, as the data of GET DATA [Specific] (SEAC table 4-1).
Result<gp::RuleTarget> target_in(BytesView data) {
  const auto object = ber::only(data, seac::kRef);
  if (!object) return tl::unexpected(object.error());
  return gp::parse_target(object->value);
}

/// Device-Config-DO (SEAC table 6-10): the device's data are not needed here, but must be well-formed.
bool is_device_config(BytesView data) {
  const auto config = ber::only(data, seac::kDeviceConfig);
  if (!config) return false;
  const auto version = ber::find(config->value, seac::kInterfaceVersion);
  return version && version->size() == kInterfaceVersion.size();
}

}  // namespace

// No FCI: cards in the field have none here, and clients recognise the application by that (pySim lists an application with FCI as a
// directory).
StatusWord AraM::select(Context& context, Bytes& /*out*/) {
  deselect(context);  // selected again, its session is reset
  return sw::kOk;
}

void AraM::deselect(Context& context) {
  m_work.erase(context.channel().value);
}

StatusWord AraM::process(Context& context, const apdu::Command& command, Bytes& out) {
  if (command.ins == kInitializeUpdate || command.ins == kExternalAuthenticate) return context.process_security(command, out);
  if (command.ins != kGetData && command.ins != kStoreData) return sw::kInsNotSupported;
  if (!apdu::is_proprietary(command.cla) || apdu::is_secured(command.cla)) return sw::kClaNotSupported;
  if (command.ins == kGetData) return get_data(context, command, out);
  if (demands_secure_channel(context) && (context.secure_channel_level() & kCMac) == 0) return sw::kSecurityStatusNotSatisfied;
  return store_data(context, command, out);
}

// Here the security domain has checked who sends it.
StatusWord AraM::personalize(Context& context, const apdu::Command& store_data_command, Bytes& out) {
  if (store_data_command.ins != kStoreData) return sw::kInsNotSupported;
  return store_data(context, store_data_command, out);
}

StatusWord AraM::get_data(Context& context, const apdu::Command& command, Bytes& out) {
  if (command.p1p2() == seac::kNext) return command.data.empty() ? next(context, out) : sw::kWrongLength;
  work(context).answer.clear();  // [Next] follows at once or not at all
  switch (command.p1p2()) {
    case seac::kAll:
      if (!command.data.empty()) return sw::kWrongLength;
      return begin(context, ber::encode(seac::kAll, gp::encode(load_rules(context))), out);
    case seac::kSpecific: {
      const auto target = target_in(command.data);
      if (!target) return sw::kIncorrectData;
      Bytes rights;
      for (const gp::AccessRule& rule : load_rules(context)) {
        if (rule.target == *target) append(rights, gp::encode(rule.rights));
      }
      if (rights.empty()) return sw::kReferencedDataNotFound;
      return begin(context, ber::encode(seac::kSpecific, rights), out);
    }
    case seac::kRefreshTag:
      if (!command.data.empty()) return sw::kWrongLength;
      out = ber::encode(seac::kRefreshTag, refresh_tag(context));
      return sw::kOk;
    case seac::kConfig:
      if (!command.data.empty() && !is_device_config(command.data)) return sw::kIncorrectData;
      out = ber::encode(seac::kConfig, ber::encode(seac::kAraMConfig, ber::encode(seac::kInterfaceVersion, kInterfaceVersion)));
      return sw::kOk;
    default:
      return sw::kIncorrectP1P2;
  }
}

StatusWord AraM::begin(Context& context, Bytes answer, Bytes& out) {
  work(context).answer = std::move(answer);
  work(context).sent = 0;
  return next(context, out);
}

StatusWord AraM::next(Context& context, Bytes& out) {
  Work& reading = work(context);
  if (reading.sent >= reading.answer.size()) return sw::kConditionsNotSatisfied;
  const std::size_t size = std::min(context.room(), reading.answer.size() - reading.sent);
  append(out, BytesView(reading.answer).subspan(reading.sent, size));
  if (context.fits(size)) reading.sent += size;
  return sw::kOk;
}

StatusWord AraM::store_data(Context& context, const apdu::Command& command, Bytes& out) {
  const auto message = work(context).blocks.add(command, kBerTlv);
  if (!message) return message.error();
  if (!*message) return sw::kOk;
  if ((*message)->kind != kBerTlv) return sw::kIncorrectP1P2;
  const BytesView data = (*message)->data;
  const auto object = ber::first(data);
  if (!object || object->whole.size() != data.size()) return sw::kIncorrectData;
  if (object->tag == seac::kGetNext) return object->value.empty() ? next(context, out) : sw::kIncorrectData;
  work(context).answer.clear();
  switch (object->tag) {
    case seac::kStore:
      return store_rule(context, object->value);
    case seac::kDelete:
      return delete_rules(context, object->value);
    case seac::kUpdateRefreshTag:
      if (!object->value.empty()) return sw::kIncorrectData;
      renew_refresh_tag(context);
      return sw::kOk;
    case seac::kGetAll:
      if (!object->value.empty()) return sw::kIncorrectData;
      return begin(context, ber::encode(seac::kAll, gp::encode(load_rules(context))), out);
    case seac::kGet: {
      const auto target = gp::parse_target(object->value);
      if (!target || target->device_app || target->package) return sw::kIncorrectData;
      auto rules = load_rules(context);
      std::erase_if(rules, [&](const gp::AccessRule& rule) {
        return rule.target.aid != target->aid || rule.target.default_selected != target->default_selected;
      });
      return begin(context, ber::encode(seac::kAll, gp::encode(rules)), out);
    }
    default:
      return kUnsupportedObject;
  }
}

}  // namespace uicclab::applet::ara_m
