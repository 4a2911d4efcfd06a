// SPDX-License-Identifier: Apache-2.0
#include "applet/lwm2m_sms/session_keys.hpp"

#include <algorithm>

#include "core/crypto/hash.hpp"
#include "core/crypto/secret.hpp"

namespace uicclab::applet::lwm2m_sms {
namespace {

namespace security = lwm2m::security;
using lwm2m::SessionKeyRecord;

Bytes digest_of(const Account& account) {
  const auto digest =
      crypto::sha256({lwm2m::encode_binding(account.binding), account.keys.kic.expose(kDigest), account.keys.kid.expose(kDigest)});
  return to_bytes(digest);
}

bool is_adopted(const Context& context, const Account& account) {
  const auto adopted = context.load(kAdoptedSlot);
  return adopted && equal(*adopted, digest_of(account));
}

/// The account as it is now counts as known.
void adopt(Context& context) {
  const auto account = read_account(context.files());
  if (account && !is_adopted(context, *account)) context.store(kAdoptedSlot, digest_of(*account));
}

SessionKeyRecord fresh(const Account& account, std::uint32_t generation) {
  SessionKeyRecord record;
  record.generation = generation;
  record.kic = account.binding.kic;
  record.kid = account.binding.kid;
  record.keys = account.keys.clone();
  return record;
}

/// What is in the file now; nothing if that cannot be read.
std::optional<SessionKeyRecord> record_in(const Files& files) {
  auto record = lwm2m::parse_session_keys(files.read_binary(kSessionKeyFile).value_or(Bytes()));
  if (!record) return std::nullopt;
  return *std::move(record);
}

std::uint32_t next_generation(const Files& files) {
  const auto record = record_in(files);
  return record ? record->generation + 1 : 1;
}

bool has_keys_of(const Account& account, const SessionKeyRecord& record) {
  return account.binding.kic == record.kic && account.binding.kid == record.kid && account.keys.kic == record.keys.kic &&
         account.keys.kid == record.keys.kid;
}

/// "The Smart Card SHALL place the updated session keys in the provisioning file EF_LWM2M_Bootstrap" (SMS session-key CR, clause 7.2.2.1):
/// resources 7 and 8 of the account become those of the record; the rest of the file stays. False if there is no room, or the keys are of
/// no use.
bool place_in_bootstrap_file(Files& files, const SessionKeyRecord& record) {
  const auto old = files.read_binary(kBootstrapFile);
  auto file = old ? lwm2m::parse_bootstrap_file(*old) : fail(ErrorCode::kNotFound, "");
  if (!file) return false;
  const auto object = std::ranges::find(file->objects, lwm2m::kSecurityObject, &lwm2m::BootstrapObject::id);
  if (object == file->objects.end()) return false;
  for (lwm2m::ObjectInstance& instance : object->instances) {
    if (!lwm2m::sms_account_in(instance)) continue;
    Bytes parameters = to_bytes(*instance.value(security::kSmsKeyParameters));
    parameters[0] = record.kic;
    parameters[1] = record.kid;
    instance.set(security::kSmsKeyParameters, BytesView(parameters));
    const crypto::WipedBytes keys = lwm2m::encode_sms_keys(record.keys);
    instance.set(security::kSmsKeys, BytesView(keys));
    if (!lwm2m::sms_account_in(instance)) return false;
    auto content = lwm2m::encode_bootstrap_file(*file);
    if (!content || content->size() > old->size()) return false;
    content->resize(old->size(), 0xFF);
    return files.update_binary(kBootstrapFile, 0, *content);
  }
  return false;
}

}  // namespace

std::optional<Account> parse_account(BytesView content) {
  const auto file = lwm2m::parse_bootstrap_file(content);
  return file ? lwm2m::find_sms_account(*file) : std::nullopt;
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

void follow_files(Context& context) {
  const auto account = read_account(context.files());
  if (!account) return;
  const auto record = record_in(context.files());
  if (is_adopted(context, *account) || (record && !context.load(kAdoptedSlot))) {
    // The account is the known one, so what the server wrote are session keys.
    if (!record) return;
    if (!has_keys_of(*account, *record) && !place_in_bootstrap_file(context.files(), *record)) return;
  } else if (!save_keys(context.files(), fresh(*account, next_generation(context.files())))) {
    return;
  }
  adopt(context);
}

StatusWord derive_keys(Context& context, BytesView naf_id, std::chrono::seconds lifetime) {
  const auto account = read_account(context.files());
  const auto algorithm = account ? lwm2m::algorithm_of(account->binding.kic, account->binding.kid) : std::nullopt;
  std::optional<crypto::SecretBytes> ks;
  (void)use_service<NafKeys>(context, [&](NafKeys& keys, Context& server) {
    ks = keys.take_naf_key(server, naf_id);
    return ks.has_value();
  });
  if (!algorithm || !ks) return sw::kConditionsNotSatisfied;
  auto keys = lwm2m::truncate(lwm2m::derive_dm_keys(*ks), *algorithm);
  if (!keys) return sw::kConditionsNotSatisfied;
  SessionKeyRecord record = fresh(*account, next_generation(context.files()));
  record.keys = *std::move(keys);
  record.lifetime = lifetime;
  return put_keys(context, record);
}

StatusWord put_keys(Context& context, const SessionKeyRecord& record) {
  if (!read_account(context.files())) return sw::kConditionsNotSatisfied;
  if (!place_in_bootstrap_file(context.files(), record) || !save_keys(context.files(), record)) return sw::kConditionsNotSatisfied;
  adopt(context);
  return sw::kOk;
}

}  // namespace uicclab::applet::lwm2m_sms
