// SPDX-License-Identifier: Apache-2.0
#include "applet/aka/authenticate.hpp"

#include "applet/aka/slots.hpp"
#include "core/crypto/gba.hpp"
#include "core/reader.hpp"

namespace uicclab::applet::aka {
namespace {

constexpr StatusWord kContextNotSupported{0x9864};  // TS 31.102 clause 7.3.1

// TS 31.102 clause 7.1.2
constexpr std::uint8_t kSuccessTag = 0xDB;
constexpr std::uint8_t kSynchronisationFailureTag = 0xDC;
constexpr std::uint8_t kBootstrappingTag = 0xDD;
constexpr std::uint8_t kNafDerivationTag = 0xDE;

constexpr crypto::ExposeSecret kAnswer{"AUTHENTICATE gives the keys of a session to the ME"};

/// LV RAND and LV AUTN, taken apart.
struct Challenge {
  crypto::Rand rand;
  crypto::Sqn concealed_sqn;
  crypto::Amf amf;
  crypto::Mac mac;
};

/// Nothing if a length is wrong.
std::optional<Challenge> parse_challenge(BytesView data, std::size_t mac_size) {
  ByteReader in(data);
  const auto rand = in.lv();
  const auto autn = in.lv();
  Challenge challenge;
  if (!rand || !autn || !in.empty() || rand->size() != challenge.rand.size()) return std::nullopt;
  if (autn->size() != challenge.concealed_sqn.size() + challenge.amf.size() + mac_size) return std::nullopt;
  std::ranges::copy(*rand, challenge.rand.begin());
  // SQN xor AK || AMF || MAC
  std::ranges::copy(autn->first(6), challenge.concealed_sqn.begin());
  std::ranges::copy(autn->subspan(6, 2), challenge.amf.begin());
  challenge.mac = crypto::Mac(autn->subspan(8));
  return challenge;
}

/// Judges MAC and SQN of a challenge (TS 33.102 clause 6.3.3; TS 31.102 clauses 7.1.1.1 and 7.1.1.4). Nothing: the challenge is good, and
/// its SQN is used up, in persistent memory already. Else what AUTHENTICATE answers, at a synchronisation failure with AUTS in `out`.
std::optional<StatusWord> refuse(Context& context, Engine& engine, const Challenge& challenge, const crypto::Answer& answer,
                                 BytesView expected_mac, Bytes& out) {
  if (!crypto::constant_time_equal(challenge.mac, expected_mac)) return sw::kAuthenticationError;
  const auto stored = context.load(kSqnSlot);
  if (!stored) return sw::kConditionsNotSatisfied;
  auto state = SqnState::from(engine.sqn_rules(), *stored);
  if (!state) throw SystemError("the sequence numbers of this instance are damaged: " + state.error().text);

  const std::uint64_t sqn = to_number(answer.sqn);
  if (state->judge(sqn) != SqnVerdict::kFresh) {
    const crypto::Auts auts = engine.auts(challenge.rand, state->highest());
    ByteWriter response;
    out = response.u8(kSynchronisationFailureTag).lv(auts).take();
    return sw::kOk;
  }
  state->accept(sqn);
  context.store_now(kSqnSlot, state->encoded());
  return std::nullopt;
}

}  // namespace

bool has_service(Context& context, const Application& application, Service service) {
  if (service.number == 0) return false;
  const auto table = context.files().read_binary(application.service_table);
  const std::size_t index = service.number - std::size_t{1};
  return table && index / 8 < table->size() && ((*table)[index / 8] >> (index % 8) & 1) != 0;
}

Engine* Authenticator::engine(const Context& context) {
  if (m_engine) return &*m_engine;
  const auto object = context.load(kSubscriberSlot);
  if (!object) return nullptr;
  const auto subscriber = decode_subscriber(*object);
  if (!subscriber) throw SystemError("the subscriber of this instance is damaged: " + subscriber.error().text);
  auto made = Engine::from(*subscriber);
  if (!made) throw SystemError("the subscriber of this instance is damaged: " + made.error().text);
  m_engine = *std::move(made);
  return &*m_engine;
}

StatusWord Authenticator::authenticate(Context& context, const apdu::Command& command, Bytes& out) {
  if (command.p1 != 0) return sw::kIncorrectP1P2;
  const auto row = std::ranges::find(m_application.contexts, command.p2, &ContextRow::p2);
  if (row == m_application.contexts.end()) return sw::kIncorrectP1P2;
  if (row->context == SecurityContext::kUnsupported) return kContextNotSupported;
  if (row->service.number != 0 && !has_service(context, m_application, row->service)) return kContextNotSupported;
  Engine* const keyed = engine(context);
  if (keyed == nullptr) return sw::kConditionsNotSatisfied;
  if (row->context != SecurityContext::kGsm && !keyed->has_aka()) return kContextNotSupported;
  if (!context.is_satisfied({keyed->pin()})) return sw::kSecurityStatusNotSatisfied;
  switch (row->context) {
    case SecurityContext::kGsm:
      return gsm(*keyed, command, out);
    case SecurityContext::kAka:
      return aka(context, *keyed, command, out);
    case SecurityContext::kGba:
      return gba(context, *keyed, command, out);
    case SecurityContext::kUnsupported:
      break;
  }
  return kContextNotSupported;
}

/// 3GPP TS 51.011 clauses 8.16 and 9.2.16.
StatusWord Authenticator::run_gsm_algorithm(Context& context, BytesView rand, Bytes& out) {
  crypto::Rand challenge;
  if (rand.size() != challenge.size()) return sw::kWrongLength;
  Engine* const keyed = engine(context);
  if (keyed == nullptr) return sw::kConditionsNotSatisfied;
  if (!context.is_satisfied({keyed->pin()})) return sw::kSecurityStatusNotSatisfied;
  std::ranges::copy(rand, challenge.begin());
  const crypto::GsmAnswer answer = keyed->gsm(challenge);
  out = concat({answer.sres, answer.kc.expose(kAnswer)});
  return sw::kOk;
}

/// TS 31.102 clauses 7.1.1.2 and 7.1.2.1: LV RAND; LV SRES, LV Kc.
StatusWord Authenticator::gsm(Engine& keyed, const apdu::Command& command, Bytes& out) {
  crypto::Rand rand;
  ByteReader in(command.data);
  const auto bytes = in.lv();
  if (!bytes || bytes->size() != rand.size() || !in.empty()) return sw::kWrongLength;
  std::ranges::copy(*bytes, rand.begin());
  const crypto::GsmAnswer answer = keyed.gsm(rand);
  ByteWriter response;
  out = response.lv(answer.sres).lv(answer.kc.expose(kAnswer)).take();
  return sw::kOk;
}

/// TS 31.102 clauses 7.1.1.1 and 7.1.2.1: LV RAND, LV AUTN; DB, LV RES, LV CK, LV IK and, if the service is there, LV Kc; or DC, LV AUTS.
StatusWord Authenticator::aka(Context& context, Engine& keyed, const apdu::Command& command, Bytes& out) {
  const auto challenge = parse_challenge(command.data, keyed.mac_size());
  if (!challenge) return sw::kWrongLength;
  const crypto::Answer answer = keyed.answer(challenge->rand, challenge->concealed_sqn, challenge->amf);
  if (const auto refused = refuse(context, keyed, *challenge, answer, answer.xmac, out)) return *refused;

  ByteWriter response;
  response.u8(kSuccessTag).lv(answer.keys.res).lv(answer.keys.ck.expose(kAnswer)).lv(answer.keys.ik.expose(kAnswer));
  if (has_service(context, m_application, m_application.kc_service)) {
    response.lv(crypto::kc_of(answer.keys.ck, answer.keys.ik).expose(kAnswer));
  }
  out = response.take();
  return sw::kOk;
}

/// TS 31.102 clauses 7.1.1.4 and 7.1.1.5.
StatusWord Authenticator::gba(Context& context, Engine& keyed, const apdu::Command& command, Bytes& out) {
  if (command.data.empty()) return sw::kWrongLength;
  const BytesView rest = command.data.subspan(1);
  switch (command.data[0]) {
    case kBootstrappingTag:
      return gba_bootstrap(context, keyed, rest, out);
    case kNafDerivationTag:
      return gba_naf(context, rest, out);
    default:
      return sw::kIncorrectData;
  }
}

/// TS 31.102 clause 7.1.2.3: DD, LV RAND, LV AUTN*; DB, LV RES; or DC, LV AUTS.
StatusWord Authenticator::gba_bootstrap(Context& context, Engine& keyed, BytesView data, Bytes& out) {
  const auto challenge = parse_challenge(data, keyed.mac_size());
  if (!challenge) return sw::kWrongLength;
  if (!can_bootstrap(context, m_application.gba)) return kNoMemorySpace;
  const crypto::Answer answer = keyed.answer(challenge->rand, challenge->concealed_sqn, challenge->amf);
  const auto mask = crypto::gba_mac_mask(answer.keys.ik);
  // TS 33.220 defines MAC* for a MAC of 64 bits. DEVIATION: of a longer one (TUAK) the first 64 bits are modified.
  Bytes expected = to_bytes(answer.xmac);
  for (std::size_t i = 0; i < mask.size(); ++i) expected[i] ^= mask[i];
  if (const auto refused = refuse(context, keyed, *challenge, answer, expected, out)) return *refused;

  const StatusWord kept = keep_bootstrap(context, m_application.gba, challenge->rand, answer.keys);
  if (kept != sw::kOk) return kept;
  ByteWriter response;
  out = response.u8(kSuccessTag).lv(answer.keys.res).take();
  return sw::kOk;
}

/// TS 31.102 clause 7.1.2.4: DE, LV NAF_ID, LV IMPI; DB, LV Ks_ext_NAF.
StatusWord Authenticator::gba_naf(Context& context, BytesView data, Bytes& out) {
  ByteReader in(data);
  const auto naf_id = in.lv();
  const auto impi = in.lv();
  if (!naf_id || !impi || !in.empty() || naf_id->empty() || impi->empty()) return sw::kWrongLength;
  crypto::SecretBytes ks_ext_naf;
  const StatusWord status = derive_naf_keys(context, m_application.gba, *naf_id, *impi, ks_ext_naf);
  if (status != sw::kOk) return status;
  ByteWriter response;
  out = response.u8(kSuccessTag).lv(ks_ext_naf.expose(kAnswer)).take();
  return sw::kOk;
}

}  // namespace uicclab::applet::aka
