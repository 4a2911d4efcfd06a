// SPDX-License-Identifier: Apache-2.0
#include "applet/usim/usim.hpp"

#include "applet/usim/provision.hpp"
#include "applet/usim/suci.hpp"
#include "core/ber_tlv.hpp"

namespace uicclab::applet::usim {
namespace {

using aka::SecurityContext;
using aka::Service;

constexpr std::uint8_t kAuthenticate = 0x88;
constexpr std::uint8_t kGetIdentity = 0x78;

// Services of EF_UST (TS 31.102 clause 4.2.8).
constexpr Service kGsmAccess{27};
constexpr Service kGsmSecurityContext{38};
constexpr Service kGba{68};
constexpr Service kSubscriptionIdentifierPrivacy{124};
constexpr Service kSuciByUsim{125};
constexpr Service kSupiOfOtherType{130};

// P2 of AUTHENTICATE (TS 31.102 clause 7.1.2): bit 8 "specific reference data", bits 3 to 1 the context.
constexpr auto kContexts = std::to_array<aka::ContextRow>({
    {0x80, SecurityContext::kGsm, kGsmSecurityContext},
    {0x81, SecurityContext::kAka, {}},
    {0x82, SecurityContext::kUnsupported, {}},  // VGCS/VBS
    {0x84, SecurityContext::kGba, kGba},
    {0x85, SecurityContext::kUnsupported, {}},  // MBMS
    {0x86, SecurityContext::kUnsupported, {}},  // Local Key Establishment
});

constexpr aka::Application kUsim{
    .service_table = {0x6F, 0x38}, .contexts = kContexts, .kc_service = kGsmAccess, .gba = {{0x6F, 0xD6}, {0x6F, 0xDA}}};

// Files of GET IDENTITY.
constexpr auto kAdministrativeDataFile = "6FAD"_h;
constexpr auto kRoutingIndicatorFile = "5FC04F0A"_h;
constexpr auto kSupiNaiFile = "5FC04F09"_h;
constexpr auto kSuciCalcInfoFile = "5FD04F01"_h;

// Identity contexts in P2 of GET IDENTITY (TS 31.102 clause 7.5.2); bit 8 is not part of them.
constexpr std::uint8_t kSuciContext = 0x01;
constexpr std::uint8_t kNswoContext = 0x02;
constexpr ber::Tag kSuciTag = 0xA1;

/// MNC length of EF_AD byte 4 (TS 31.102 clause 4.2.18); 0 if it is not there.
std::size_t mnc_length(Context& context) {
  const auto file = context.files().read_binary(kAdministrativeDataFile);
  return file && file->size() >= 4 ? (*file)[3] & 0x0FU : 0;
}

/// EF_Routing_Indicator (TS 31.102 clause 4.4.11.11): two bytes of it. Not configured: the digit 0 (TS 23.003 clause 2.2B).
std::array<std::uint8_t, 2> routing_indicator(Context& context) {
  const auto file = context.files().read_binary(kRoutingIndicatorFile);
  if (!file || file->size() < 2 || (*file)[0] == 0xFF) return {0xF0, 0xFF};
  return {(*file)[0], (*file)[1]};
}

/// The SUPI is not the IMSI: service 130 and an EF_SUPI_NAI with something in it (TS 31.102 clause 4.4.11.10).
bool has_other_supi(Context& context) {
  if (!aka::has_service(context, kUsim, kSupiOfOtherType)) return false;
  const auto file = context.files().read_binary(kSupiNaiFile);
  return file && !file->empty() && file->front() != 0xFF;
}

}  // namespace

Usim::Usim() : m_authenticator(kUsim) {}

StatusWord Usim::process(Context& context, const apdu::Command& command, Bytes& out) {
  constexpr std::uint8_t kProprietary = 0x80;  // GET IDENTITY is of class 8X, AUTHENTICATE of class 0X
  switch (command.ins) {
    case kAuthenticate:
      if ((command.cla & kProprietary) != 0) return sw::kClaNotSupported;
      return m_authenticator.authenticate(context, command, out);
    case kGetIdentity:
      if ((command.cla & kProprietary) == 0) return sw::kClaNotSupported;
      return get_identity(context, command, out);
    default:
      return sw::kInsNotSupported;
  }
}

applet::Service* Usim::service(const Aid& /*client*/, ServiceId id) {
  switch (id) {
    case ServiceId::kNafKeys:
      return static_cast<NafKeys*>(this);
    case ServiceId::kSubscribers:
      return static_cast<Subscribers*>(this);
    case ServiceId::kImsSubscribers:
      return nullptr;
    case ServiceId::kGsmAlgorithm:
      return static_cast<GsmAlgorithm*>(this);
  }
  return nullptr;
}

StatusWord Usim::run_gsm_algorithm(Context& context, BytesView rand, Bytes& out) {
  return m_authenticator.run_gsm_algorithm(context, rand, out);
}

std::optional<crypto::SecretBytes> Usim::take_naf_key(Context& context, BytesView naf_id) {
  return aka::take_naf_key(context, kUsim.gba, naf_id);
}

StatusWord Usim::provision(Context& context, const ProvisionedSubscriber& subscriber) {
  m_authenticator.forget();  // also if it comes to nothing: it is made again from what is kept
  return install_subscriber(context, subscriber, kUsim.gba);
}

/// TS 31.102 clause 7.5. The services are asked for before the PIN, the data of the SUCI last: 6A88 if some of it is not there.
StatusWord Usim::get_identity(Context& context, const apdu::Command& command, Bytes& out) {
  if (command.p1 != 0) return sw::kIncorrectP1P2;
  const std::uint8_t identity = command.p2 & 0x7F;
  if (identity == kNswoContext) return sw::kFunctionNotSupported;  // service 142 is not for this card
  if (identity != kSuciContext) return sw::kIncorrectP1P2;
  if (!command.data.empty()) return sw::kWrongLength;
  for (aka::Service service : {kSubscriptionIdentifierPrivacy, kSuciByUsim}) {
    if (!aka::has_service(context, kUsim, service)) return sw::kConditionsNotSatisfied;
  }
  const aka::Engine* const engine = m_authenticator.engine(context);
  if (engine == nullptr) return sw::kConditionsNotSatisfied;
  if (!context.is_satisfied({engine->pin()})) return sw::kSecurityStatusNotSatisfied;
  // DEVIATION: SUCI in NAI format (TS 23.003 clause 28.7.3) is not calculated.
  if (has_other_supi(context)) return sw::kFunctionNotSupported;

  const auto imsi = parse_imsi(context.files().read_binary(kImsiFile).value_or(Bytes()), mnc_length(context));
  if (!imsi) return sw::kReferencedDataNotFound;
  const auto info = parse_suci_calc_info(context.files().read_binary(kSuciCalcInfoFile).value_or(Bytes()));
  if (!info) return sw::kReferencedDataNotFound;
  const auto suci = make_suci(*imsi, routing_indicator(context), *info, context.random());
  if (!suci) return sw::kReferencedDataNotFound;
  out = ber::encode(kSuciTag, *suci);
  return sw::kOk;
}

}  // namespace uicclab::applet::usim
