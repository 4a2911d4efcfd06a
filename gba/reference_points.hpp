// SPDX-License-Identifier: Apache-2.0
// What HSS, BSF and NAF say to each other: reference points Zh and Zpn (3GPP TS 33.223 clause 4.2; their data elements: 3GPP TS 29.109
// clauses 4 and 6). In one process as these values, between processes as gba/rest.hpp writes them.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "gba/identity.hpp"
#include "gba/push_info.hpp"

namespace uicclab::gba {

/// Results by their names and numbers in TS 29.109 clause 6.2 and RFC 6733 clause 7.1.
enum class ResultCode : std::uint16_t {
  kInvalidAvpValue = 5004,              ///< DIAMETER_INVALID_AVP_VALUE
  kUnableToComply = 5012,               ///< DIAMETER_UNABLE_TO_COMPLY
  kImpiUnknown = 5401,                  ///< DIAMETER_ERROR_IMPI_UNKNOWN
  kNotAuthorized = 5402,                ///< DIAMETER_ERROR_NOT_AUTHORIZED
  kTransactionIdentifierInvalid = 5403  ///< DIAMETER_ERROR_TRANSACTION_IDENTIFIER_INVALID
};
const char* name_of(ResultCode code);
std::optional<ResultCode> parse_result_code(std::uint64_t number);

/// Who refuses what, and why.
struct Refused {
  std::string role;  ///< "HSS", "BSF", "NAF"
  ResultCode code;
  std::string text;
};
/// "BSF: DIAMETER_ERROR_NOT_AUTHORIZED (5402): ..."
std::string to_text(const Refused& refused);

template <typename T>
using Answer = tl::expected<T, Refused>;

inline tl::unexpected<Refused> refuse(const char* role, ResultCode code, std::string text) {
  return tl::unexpected(Refused{role, code, std::move(text)});
}

/// How a subscriber is named (AVPs UE-Id and UE-Id-Type; the IMEI is seed 004's, by the device that the HSS knows with it).
struct UserIdentity {
  enum class Kind { kImsi, kMsisdn, kImei } kind = Kind::kImsi;
  std::string digits;  ///< MSISDN: with or without the + before them
  bool operator==(const UserIdentity&) const = default;
};
/// "IMSI", "MSISDN", "IMEI".
const char* name_of(UserIdentity::Kind kind);
/// Errors: kMalformed for other than 6 to 15 digits, of an IMEI 14 to 16.
Result<UserIdentity> checked(UserIdentity user);

/// RAND and AUTS of a card that found a sequence number used (TS 33.102 clause 6.3.5).
struct Resynchronisation {
  crypto::Rand rand{};
  Bytes auts;
};

// --- Zh: BSF and HSS ---

/// UICC type in the GBA user security settings (TS 29.109 annex A).
enum class UiccType { kGba, kGbaU };
const char* name_of(UiccType type);

struct ZhRequest {
  UserIdentity user;
  std::optional<Resynchronisation> resynchronisation;
};

/// Without XRES, which a push has no use for.
struct AuthenticationVector {
  crypto::Rand rand{};
  std::array<std::uint8_t, 16> autn{};
  crypto::SecretBytes ck, ik;
};

struct ZhAnswer {
  std::string impi;
  UiccType uicc_type = UiccType::kGba;
  AuthenticationVector vector;
};

// --- Zpn: NAF and BSF ---

struct ZpnRequest {
  std::string naf;  ///< who asks, as the BSF has authenticated it
  UserIdentity user;
  Bytes naf_id;
  std::optional<std::uint32_t> lifetime;  ///< AVP Requested-Key-Lifetime, in seconds
  std::optional<PushMode> mode;           ///< AVP UICC-ME; nothing: the BSF decides
  std::string application;
  std::optional<Resynchronisation> resynchronisation;
};

struct ZpnAnswer {
  Bytes gpi;          ///< AVP GBA-Push-Info
  std::string sa_id;  ///< AVP NAF-SA-Identifier, the P-TID
  std::string impi;
  crypto::SecretBytes me_key;    ///< AVP ME-Key-Material: Ks_NAF, or Ks_ext_NAF
  crypto::SecretBytes uicc_key;  ///< AVP UICC-Key-Material: Ks_int_NAF; empty with GBA_ME
  std::int64_t expires = 0;      ///< AVP Key-ExpiryTime, seconds since 1970-01-01 00:00 UTC
};

using Zh = std::function<Answer<ZhAnswer>(const ZhRequest&)>;
using Zpn = std::function<Answer<ZpnAnswer>(const ZpnRequest&)>;

}  // namespace uicclab::gba
