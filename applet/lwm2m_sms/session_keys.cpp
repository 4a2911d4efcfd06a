// SPDX-License-Identifier: Apache-2.0
#include "applet/lwm2m_sms/session_keys.hpp"

#include "core/crypto/hash.hpp"
#include "core/crypto/secret.hpp"
#include "lwm2m/bootstrap_file.hpp"

namespace uicclab::applet::lwm2m_sms {
namespace {

namespace security = lwm2m::security;
using lwm2m::SessionKeyRecord;

constexpr crypto::ExposeSecret kDigest{"keys are told from others by their digest"};
constexpr std::uint8_t kTripleDes3 = 0x09;  // KIc, low half: ETSI TS 102 225 clause 5.1.2
constexpr std::uint8_t kAes = 0x02;

std::optional<lwm2m::SmsAlgorithm> algorithm_of(const lwm2m::SmsBinding& binding) {
  if ((binding.kic & 0x0F) != (binding.kid & 0x0F)) return std::nullopt;
  if ((binding.kic & 0x0F) == kAes) return lwm2m::SmsAlgorithm::kAes128;
  if ((binding.kic & 0x0F) == kTripleDes3) return lwm2m::SmsAlgorithm::kTripleDes3;
  return std::nullopt;
}

std::optional<EndPoint> end_point_of(std::int64_t mode) {
  for (const EndPoint one : {EndPoint::kDevice, EndPoint::kCard}) {
    if (mode == static_cast<std::int64_t>(one)) return one;
  }
  return std::nullopt;
}

Bytes digest_of(const Account& account) {
  const auto digest =
      crypto::sha256({lwm2m::encode_binding(account.binding), account.keys.kic.expose(kDigest), account.keys.kid.expose(kDigest)});
  return to_bytes(digest);
}

bool is_adopted(const Context& context, const Account& account) {
  const auto adopted = context.load(kAdoptedSlot);
  return adopted && equal(*adopted, digest_of(account));
}

SessionKeyRecord fresh(const Account& account, std::uint32_t generation) {
  SessionKeyRecord record;
  record.generation = generation;
  record.kic = account.binding.kic;
  record.kid = account.binding.kid;
  record.keys = account.keys.clone();
  return record;
}

/// Generation of what is in the file now; 0 if nothing can be read.
std::uint32_t generation_of(const Files& files) {
  const auto record = lwm2m::parse_session_keys(files.read_binary(kSessionKeyFile).value_or(Bytes()));
  return record ? record->generation : 0;
}

}  // namespace

std::optional<Account> parse_account(BytesView content) {
  const auto file = lwm2m::parse_bootstrap_file(content);
  const lwm2m::BootstrapObject* object = file ? file->find(lwm2m::kSecurityObject) : nullptr;
  if (object == nullptr) return std::nullopt;
  for (const lwm2m::ObjectInstance& instance : object->instances) {
    const auto mode = lwm2m::decode_integer(instance.value(security::kSmsMode).value_or(BytesView()));
    const auto parameters = instance.value(security::kSmsKeyParameters);
    const auto secrets = instance.value(security::kSmsKeys);
    const auto number = instance.value(security::kSmsNumber);
    const auto end_point = mode ? end_point_of(*mode) : std::nullopt;
    if (!end_point || !parameters || !secrets || !number) continue;
    const auto binding = lwm2m::parse_binding(*parameters);
    auto keys = lwm2m::parse_sms_keys(*secrets);
    const auto algorithm = binding ? algorithm_of(*binding) : std::nullopt;
    if (!algorithm || !keys || keys->kic.size() != lwm2m::key_size(*algorithm)) continue;
    if (lwm2m::has_equal_des_keys(keys->kic) || lwm2m::has_equal_des_keys(keys->kid)) continue;
    return Account{*end_point, *binding, *std::move(keys), std::string(number->begin(), number->end())};
  }
  return std::nullopt;
}

std::optional<Account> read_account(const Files& files) {
  return parse_account(files.read_binary(kBootstrapFile).value_or(Bytes()));
}

std::optional<SessionKeyRecord> load_keys(const Files& files, const Account& account) {
  const auto content = files.read_binary(kSessionKeyFile);
  if (!content) return std::nullopt;
  auto record = lwm2m::parse_session_keys(*content);
  if (record) return *std::move(record);
  if (record.error().code != ErrorCode::kNotFound) return std::nullopt;
  return fresh(account, 1);
}

bool save_keys(Files& files, const SessionKeyRecord& record) {
  const auto size = files.read_binary(kSessionKeyFile).value_or(Bytes()).size();
  auto content = lwm2m::encode_session_keys(record);
  if (!content || content->size() > size) return false;
  content->resize(size, 0xFF);
  const bool done = files.update_binary(kSessionKeyFile, 0, *content);
  crypto::wipe(*content);
  return done;
}

void follow_bootstrap_file(Context& context) {
  const auto account = read_account(context.files());
  if (!account || is_adopted(context, *account)) return;
  if (!context.load(kAdoptedSlot) && generation_of(context.files()) != 0) {
    // The server wrote session keys of its own: from here on the account counts as known.
    context.store(kAdoptedSlot, digest_of(*account));
    return;
  }
  if (!save_keys(context.files(), fresh(*account, generation_of(context.files()) + 1))) return;
  context.store(kAdoptedSlot, digest_of(*account));
}

StatusWord derive_keys(Context& context, BytesView naf_id, std::chrono::seconds lifetime) {
  const auto account = read_account(context.files());
  const auto algorithm = account ? algorithm_of(account->binding) : std::nullopt;
  std::optional<crypto::SecretBytes> ks;
  (void)use_service<NafKeys>(context, [&](NafKeys& keys, Context& server) {
    ks = keys.take_naf_key(server, naf_id);
    return ks.has_value();
  });
  if (!algorithm || !ks) return sw::kConditionsNotSatisfied;
  auto keys = lwm2m::truncate(lwm2m::derive_dm_keys(*ks), *algorithm);
  if (!keys) return sw::kConditionsNotSatisfied;
  SessionKeyRecord record = fresh(*account, generation_of(context.files()) + 1);
  record.keys = *std::move(keys);
  record.lifetime = lifetime;
  return save_keys(context.files(), record) ? sw::kOk : sw::kConditionsNotSatisfied;
}

}  // namespace uicclab::applet::lwm2m_sms
