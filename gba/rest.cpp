// SPDX-License-Identifier: Apache-2.0
#include "gba/rest.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "core/hex.hpp"
#include "core/json.hpp"
#include "gba/time_text.hpp"

namespace uicclab::gba {
namespace {

using nlohmann::json;

constexpr crypto::ExposeSecret kToPeer{"key material goes to the role that it was made for"};
constexpr std::size_t kLongestText = 4096;

/// One object of members; after the first fault nothing more is read.
class Members {
 public:
  explicit Members(std::string_view text) {
    if (json_too_deep(text)) {
      set_fault("it is nested too deeply");
      return;
    }
    m_json = json::parse(text, nullptr, false);
    if (!m_json.is_object()) set_fault("a JSON object is wanted");
  }
  ~Members() {
    for (auto& [name, value] : m_json.items()) {
      if (!value.is_string()) continue;
      auto& secret = value.get_ref<std::string&>();
      crypto::wipe({reinterpret_cast<std::uint8_t*>(secret.data()), secret.size()});
    }
  }
  Members(const Members&) = delete;
  Members& operator=(const Members&) = delete;

  bool has(const char* name) const { return m_json.is_object() && m_json.contains(name); }
  std::string text(const char* name) {
    const json* value = member(name);
    if (value == nullptr) return {};
    if (!value->is_string() || value->get_ref<const std::string&>().size() > kLongestText) return fault(name, "is no text"), std::string();
    return value->get<std::string>();
  }
  std::uint64_t number(const char* name) {
    const json* value = member(name);
    if (value == nullptr) return 0;
    if (!value->is_number_unsigned()) return fault(name, "is no number"), 0;
    return value->get<std::uint64_t>();
  }
  Bytes hex(const char* name, std::size_t low, std::size_t high) {
    const std::string digits = text(name);
    auto bytes = from_hex(digits);
    if (!m_error && (!bytes || bytes->size() < low || bytes->size() > high)) fault(name, "is not hexadecimal, or of a wrong length");
    return m_error ? Bytes() : *std::move(bytes);
  }
  crypto::SecretBytes secret(const char* name, std::size_t size) {
    Bytes bytes = hex(name, size, size);
    crypto::SecretBytes out{BytesView(bytes)};
    crypto::wipe(bytes);
    return out;
  }
  template <std::size_t N>
  std::array<std::uint8_t, N> fixed(const char* name) {
    std::array<std::uint8_t, N> out{};
    const Bytes bytes = hex(name, N, N);
    std::ranges::copy(bytes, out.begin());
    return out;
  }
  std::int64_t time(const char* name) {
    const auto seconds = parse_time(text(name));
    if (!seconds && !m_error) fault(name, "is no time in UTC, 2026-11-30T18:00:00Z");
    return seconds.value_or(0);
  }
  UserIdentity user() {
    UserIdentity out;
    const std::string type = text("ueIdType");
    out.digits = text("ueId");
    for (const auto kind : {UserIdentity::Kind::kImsi, UserIdentity::Kind::kMsisdn, UserIdentity::Kind::kImei}) {
      if (type == name_of(kind)) out.kind = kind;
    }
    if (!m_error && type != name_of(out.kind)) fault("ueIdType", "is IMSI, MSISDN or IMEI");
    auto good = checked(out);
    if (!good && !m_error) fault("ueId", good.error().text.c_str());
    return good ? *std::move(good) : UserIdentity();
  }
  /// As TS 29.309 has it: the FQDN and the Ua security protocol identifier in an object.
  Bytes naf_id() {
    const json* value = member("nafId");
    if (value == nullptr) return {};
    const auto part = [value](const char* name) {
      const auto found = value->find(name);
      return value->is_object() && found != value->end() && found->is_string() ? found->get<std::string>() : std::string();
    };
    auto out = parse_naf_name(part("nafFqdn") + "/" + part("uaSecProtId"));
    if (!out) fault("nafId", "must be an object of nafFqdn, a host name, and uaSecProtId, 10 hexadecimal digits");
    return out ? *std::move(out) : Bytes();
  }
  PushMode mode(const char* name) {
    const std::string value = text(name);
    if (!m_error && value != name_of(PushMode::kMe) && value != name_of(PushMode::kUicc)) fault(name, "is GBA_ME or GBA_U");
    return value == name_of(PushMode::kUicc) ? PushMode::kUicc : PushMode::kMe;
  }
  std::optional<Resynchronisation> resynchronisation() {
    if (!has("auts")) return std::nullopt;
    Resynchronisation out;
    out.rand = fixed<16>("rand");
    out.auts = hex("auts", 14, 38);
    return out;
  }
  template <typename T>
  Result<T> done(T value) const {
    if (m_error) return tl::unexpected(*m_error);
    return value;
  }
  void fault(const char* name, const char* what) { set_fault(std::string(name) + " " + what); }

 private:
  void set_fault(std::string text) {
    if (!m_error) m_error = Error{ErrorCode::kMalformed, std::move(text)};
  }
  const json* member(const char* name) {
    if (m_error) return nullptr;
    const auto found = m_json.find(name);
    if (found == m_json.end()) fault(name, "is missing");
    return m_error ? nullptr : &*found;
  }

  json m_json;
  std::optional<Error> m_error;
};

std::string secret_hex(const crypto::SecretBytes& key) {
  return to_hex(key.expose(kToPeer));
}
void put(Json& out, const UserIdentity& user) {
  out.set("ueIdType", name_of(user.kind));
  out.set("ueId", user.digits);
}
/// Throws SystemError for what is no NAF_Id.
void put_naf_id(Json& out, BytesView naf_id) {
  if (naf_id.size() <= kUaSize) throw SystemError("a NAF_Id ends with the 5 octets of a Ua security protocol identifier");
  const BytesView name = naf_id.first(naf_id.size() - kUaSize);
  Json members = Json::object();
  members.set("nafFqdn", std::string(name.begin(), name.end())).set("uaSecProtId", to_hex(naf_id.last(kUaSize)));
  out.set("nafId", members);
}
void put(Json& out, const std::optional<Resynchronisation>& resynchronisation) {
  if (!resynchronisation) return;
  out.set("rand", to_hex(resynchronisation->rand));
  out.set("auts", to_hex(resynchronisation->auts));
}

}  // namespace

std::string to_json(const ZhRequest& request) {
  Json out = Json::object();
  put(out, request.user);
  put(out, request.resynchronisation);
  return out.text();
}
Result<ZhRequest> parse_zh_request(std::string_view text) {
  Members in(text);
  ZhRequest out;
  out.user = in.user();
  out.resynchronisation = in.resynchronisation();
  return in.done(std::move(out));
}

std::string to_json(const ZhAnswer& answer) {
  Json out = Json::object();
  out.set("impi", answer.impi);
  out.set("uiccType", name_of(answer.uicc_type));
  out.set("rand", to_hex(answer.vector.rand));
  out.set("autn", to_hex(answer.vector.autn));
  out.set("ck", secret_hex(answer.vector.ck));
  out.set("ik", secret_hex(answer.vector.ik));
  return out.text();
}
Result<ZhAnswer> parse_zh_answer(std::string_view text) {
  Members in(text);
  ZhAnswer out;
  out.impi = in.text("impi");
  out.uicc_type = in.text("uiccType") == name_of(UiccType::kGbaU) ? UiccType::kGbaU : UiccType::kGba;
  out.vector.rand = in.fixed<16>("rand");
  out.vector.autn = in.fixed<16>("autn");
  out.vector.ck = in.secret("ck", 16);
  out.vector.ik = in.secret("ik", 16);
  return in.done(std::move(out));
}

std::string to_json(const ZpnRequest& request) {
  Json out = Json::object();
  put(out, request.user);
  put_naf_id(out, request.naf_id);
  if (request.lifetime) out.set("requestedKeyLifetime", *request.lifetime);
  if (request.mode) out.set("uiccOrMe", name_of(*request.mode));
  out.set("uiccAppLabel", request.application);
  put(out, request.resynchronisation);
  return out.text();
}
Result<ZpnRequest> parse_zpn_request(std::string_view text) {
  Members in(text);
  ZpnRequest out;
  out.user = in.user();
  out.naf_id = in.naf_id();
  if (in.has("requestedKeyLifetime")) {
    const std::uint64_t seconds = in.number("requestedKeyLifetime");
    if (seconds > 0xFFFFFFFF) in.fault("requestedKeyLifetime", "has at most 32 bits");
    out.lifetime = static_cast<std::uint32_t>(seconds);
  }
  if (in.has("uiccOrMe")) out.mode = in.mode("uiccOrMe");
  if (in.has("uiccAppLabel")) out.application = in.text("uiccAppLabel");
  out.resynchronisation = in.resynchronisation();
  return in.done(std::move(out));
}

std::string to_json(const ZpnAnswer& answer) {
  Json out = Json::object();
  out.set("gbaPushInfo", to_hex(answer.gpi));
  out.set("nafSaIdentifier", answer.sa_id);
  out.set("impi", answer.impi);
  out.set("meKeyMaterial", secret_hex(answer.me_key));
  if (!answer.uicc_key.empty()) out.set("uiccKeyMaterial", secret_hex(answer.uicc_key));
  out.set("keyExpiryTime", time_text(answer.expires));
  return out.text();
}
Result<ZpnAnswer> parse_zpn_answer(std::string_view text) {
  Members in(text);
  ZpnAnswer out;
  out.gpi = in.hex("gbaPushInfo", 1, 2048);
  out.sa_id = in.text("nafSaIdentifier");
  out.impi = in.text("impi");
  out.me_key = in.secret("meKeyMaterial", 32);
  if (in.has("uiccKeyMaterial")) out.uicc_key = in.secret("uiccKeyMaterial", 32);
  out.expires = in.time("keyExpiryTime");
  return in.done(std::move(out));
}

std::string to_json(const Naf::Push& push) {
  Json out = Json::object();
  out.set("gbaPushInfo", to_hex(push.gpi));
  out.set("nafSaIdentifier", push.sa_id);
  out.set("keyExpiryTime", time_text(push.expires));
  return out.text();
}
Result<Naf::Push> parse_naf_push(std::string_view text) {
  Members in(text);
  Naf::Push out;
  out.gpi = in.hex("gbaPushInfo", 1, 2048);
  out.sa_id = in.text("nafSaIdentifier");
  out.expires = in.time("keyExpiryTime");
  return in.done(std::move(out));
}

std::string to_json(const NafAssociation& association) {
  Json out = Json::object();
  put(out, association.user);
  out.set("nafSaIdentifier", association.sa_id);
  out.set("impi", association.impi);
  put_naf_id(out, association.naf_id);
  out.set("uiccOrMe", name_of(association.mode));
  if (!association.me_key.empty()) out.set("meKeyMaterial", secret_hex(association.me_key));
  if (!association.uicc_key.empty()) out.set("uiccKeyMaterial", secret_hex(association.uicc_key));
  out.set("keyExpiryTime", time_text(association.expires));
  return out.text();
}
Result<NafAssociation> parse_association(std::string_view text) {
  Members in(text);
  NafAssociation out;
  out.user = in.user();
  out.sa_id = in.text("nafSaIdentifier");
  out.impi = in.text("impi");
  out.naf_id = in.naf_id();
  out.mode = in.mode("uiccOrMe");
  if (in.has("meKeyMaterial")) out.me_key = in.secret("meKeyMaterial", 32);
  if (in.has("uiccKeyMaterial")) out.uicc_key = in.secret("uiccKeyMaterial", 32);
  out.expires = in.time("keyExpiryTime");
  return in.done(std::move(out));
}

std::string to_json(const KeyRequest& request) {
  Json out = Json::object();
  if (request.sa_id.empty()) {
    put(out, request.user);
  } else {
    out.set("nafSaIdentifier", request.sa_id);
  }
  return out.text();
}
Result<KeyRequest> parse_key_request(std::string_view text) {
  Members in(text);
  KeyRequest out;
  if (in.has("nafSaIdentifier")) {
    out.sa_id = in.text("nafSaIdentifier");
  } else {
    out.user = in.user();
  }
  return in.done(std::move(out));
}

std::string to_json(const Refused& refused) {
  Json out = Json::object();
  out.set("role", refused.role);
  out.set("result", name_of(refused.code));
  out.set("code", static_cast<unsigned>(refused.code));
  out.set("detail", refused.text);
  return out.text();
}
Result<Refused> parse_refused(std::string_view text) {
  Members in(text);
  Refused out{in.text("role"), ResultCode::kUnableToComply, in.text("detail")};
  const auto code = parse_result_code(in.number("code"));
  if (!code) in.fault("code", "is no result");
  out.code = code.value_or(out.code);
  return in.done(std::move(out));
}

}  // namespace uicclab::gba
