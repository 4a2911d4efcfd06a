// SPDX-License-Identifier: Apache-2.0
#include "profile/complete.hpp"

#include <array>

#include "core/ber_tlv.hpp"
#include "core/identity.hpp"
#include "profile/body.hpp"

namespace uicclab::profile {
namespace {

/// The directories whose files can follow from the identity.
enum class Where { kElsewhere, kMf, kTelecom, kGsm, kUsim, k5gs, kIsim };

Where where_is(const Profile& profile, std::string_view directory) {
  if (directory == kMfPath) return Where::kMf;
  if (directory == "3F00/7F10") return Where::kTelecom;
  if (directory == "3F00/7F20") return Where::kGsm;
  for (const ApplicationSpec& application : profile.applications) {
    const bool usim = application.aid.begins_with(kUsimAid);
    if (usim && parent_path(directory) == application.adf && directory.ends_with("/5FC0")) return Where::k5gs;
    if (application.adf != directory) continue;
    if (usim) return Where::kUsim;
    if (application.aid.begins_with(kIsimAid)) return Where::kIsim;
  }
  return Where::kElsewhere;
}

std::string mcc_of(const Identity& identity) {
  return identity.mcc.empty() ? identity.imsi.substr(0, 3) : identity.mcc;
}

bool has_plmn(const Identity& identity) {
  return !identity.mnc.empty() && !mcc_of(identity).empty();
}

/// Home network domain name of the IMS (3GPP TS 23.003 clause 13.2).
std::string domain_of(const Identity& identity) {
  if (!identity.domain.empty() || !has_plmn(identity)) return identity.domain;
  return ims_domain(mcc_of(identity), identity.mnc);
}

using Contents = std::vector<Bytes>;

Contents iccid(const Identity& identity, const uicc::FileHeader&) {
  if (identity.iccid.empty()) return {};
  return {encode_iccid(identity.iccid)};
}

Contents imsi(const Identity& identity, const uicc::FileHeader&) {
  if (identity.imsi.empty()) return {};
  return {encode_imsi(identity.imsi)};
}

Contents access_class(const Identity& identity, const uicc::FileHeader&) {
  if (identity.imsi.empty()) return {};
  return {encode_access_class(identity.imsi)};
}

/// Normal operation, no additional information, length of the MNC (3GPP TS 31.102 clause 4.2.18).
Contents administrative_data(const Identity& identity, const uicc::FileHeader&) {
  if (identity.mnc.empty()) return {};
  return {{0x00, 0x00, 0x00, static_cast<std::uint8_t>(identity.mnc.size())}};
}

/// The registered PLMN need not be displayed as well; the name, padded by the file (3GPP TS 31.102 clause 4.2.12).
Contents provider_name(const Identity& identity, const uicc::FileHeader&) {
  if (identity.spn.empty()) return {};
  Bytes content{0x00};
  append(content, as_bytes(identity.spn));
  return {content};
}

/// Record 1: an empty name, the number, no capability configuration, no extension (3GPP TS 31.102 clause 4.2.26).
Contents own_number(const Identity& identity, const uicc::FileHeader& header) {
  constexpr std::size_t kAfterName = 14;
  if (identity.msisdn.empty() || header.record_length < kAfterName) return {};
  Bytes record(header.record_length - kAfterName, 0xFF);
  append(record, encode_number(identity.msisdn));
  return {record};
}

/// Record 1: the service centre's address, protocol identifier, coding scheme and validity period are given (3GPP TS 31.102 clause 4.2.27).
Contents sms_parameters(const Identity& identity, const uicc::FileHeader& header) {
  constexpr std::size_t kAfterName = 28;
  constexpr std::uint8_t kNoDestination = 0xE1;
  constexpr std::uint8_t kOneDay = 0xA7;  // 3GPP TS 23.040 clause 9.2.3.12.1
  if (identity.smsc.empty() || header.record_length < kAfterName) return {};
  Bytes record(header.record_length - kAfterName, 0xFF);
  record.push_back(kNoDestination);
  record.insert(record.end(), 12, 0xFF);
  append(record, encode_number(identity.smsc));
  append(record, BytesView(std::array<std::uint8_t, 3>{0x00, 0x00, kOneDay}));
  return {record};
}

/// The home PLMN with UTRAN, E-UTRAN, NG-RAN and GSM (3GPP TS 31.102 clauses 4.2.54 and 4.2.5).
Contents home_plmn_with_technology(const Identity& identity, const uicc::FileHeader&) {
  if (!has_plmn(identity)) return {};
  return {concat({encode_plmn(mcc_of(identity), identity.mnc), "C880"_h})};
}

Contents equivalent_home_plmn(const Identity& identity, const uicc::FileHeader&) {
  if (!has_plmn(identity)) return {};
  return {encode_plmn(mcc_of(identity), identity.mnc)};
}

/// Nothing is known of where the subscriber is: no temporary identity, the home PLMN without an area, not updated
/// (3GPP TS 31.102 annex E). `identity_size` bytes of the temporary identity come first, `area_size` of the area after the PLMN.
template <std::size_t identity_size, std::size_t area_size, bool has_rac_or_rfu>
Contents location(const Identity& identity, const uicc::FileHeader&) {
  if (!has_plmn(identity)) return {};
  Bytes content(identity_size, 0xFF);
  append(content, encode_plmn(mcc_of(identity), identity.mnc));
  content.insert(content.end(), area_size, 0x00);
  if (has_rac_or_rfu) content.push_back(0xFF);
  content.push_back(0x01);
  return {content};
}
constexpr auto location_cs = location<4, 2, true>;     // TMSI; LAI; RFU (clause 4.2.17)
constexpr auto location_ps = location<7, 2, true>;     // P-TMSI and its signature; RAI (clause 4.2.23)
constexpr auto location_eps = location<12, 2, false>;  // GUTI; TAI (clause 4.2.91)
constexpr auto location_5gs = location<13, 3, false>;  // 5G-GUTI; TAI (clauses 4.4.11.2 and 4.4.11.3)

/// Record 1: the full name of the network is the provider's (3GPP TS 31.102 clause 4.2.58).
Contents network_name(const Identity& identity, const uicc::FileHeader&) {
  if (identity.spn.empty()) return {};
  return {encode_network_name(identity.spn)};
}

/// Record 1: all areas of the home PLMN have the name in EF_PNN's record 1 (3GPP TS 31.102 clause 4.2.59).
Contents operator_plmn(const Identity& identity, const uicc::FileHeader&) {
  if (!has_plmn(identity)) return {};
  return {concat({encode_plmn(mcc_of(identity), identity.mnc), "0000 FFFE 01"_h})};
}

/// The service provider's name is that of the home PLMN (3GPP TS 31.102 clause 4.2.66).
Contents display_information(const Identity& identity, const uicc::FileHeader&) {
  if (!has_plmn(identity)) return {};
  return {ber::encode(0xA3, ber::encode(0x80, encode_plmn(mcc_of(identity), identity.mnc)))};
}

/// 3GPP TS 23.003 clause 13.3
Contents private_identity(const Identity& identity, const uicc::FileHeader&) {
  if (!identity.impi.empty()) return {encode_ims_identity(identity.impi)};
  if (identity.imsi.empty() || domain_of(identity).empty()) return {};
  return {encode_ims_identity(identity.imsi + "@" + domain_of(identity))};
}

/// 3GPP TS 23.003 clause 13.4B
Contents public_identities(const Identity& identity, const uicc::FileHeader&) {
  Contents records;
  for (const std::string& impu : identity.impu) records.push_back(encode_ims_identity(impu));
  if (records.empty() && !identity.imsi.empty() && !domain_of(identity).empty()) {
    records.push_back(encode_ims_identity("sip:" + identity.imsi + "@" + domain_of(identity)));
  }
  return records;
}

Contents home_domain(const Identity& identity, const uicc::FileHeader&) {
  if (domain_of(identity).empty()) return {};
  return {encode_ims_identity(domain_of(identity))};
}

struct Derived {
  Where where;
  std::uint16_t fid;
  Contents (*make)(const Identity&, const uicc::FileHeader&);
};

constexpr Derived kDerived[] = {
    {Where::kMf, 0x2FE2, iccid},
    {Where::kUsim, 0x6F07, imsi},
    {Where::kGsm, 0x6F07, imsi},
    {Where::kUsim, 0x6F78, access_class},
    {Where::kGsm, 0x6F78, access_class},
    {Where::kUsim, 0x6FAD, administrative_data},
    {Where::kGsm, 0x6FAD, administrative_data},
    {Where::kUsim, 0x6F46, provider_name},
    {Where::kGsm, 0x6F46, provider_name},
    {Where::kUsim, 0x6F40, own_number},
    {Where::kTelecom, 0x6F40, own_number},
    {Where::kUsim, 0x6F42, sms_parameters},
    {Where::kTelecom, 0x6F42, sms_parameters},
    {Where::kUsim, 0x6F62, home_plmn_with_technology},
    {Where::kGsm, 0x6F62, home_plmn_with_technology},
    {Where::kUsim, 0x6FD9, equivalent_home_plmn},
    {Where::kUsim, 0x6FC5, network_name},
    {Where::kGsm, 0x6FC5, network_name},
    {Where::kUsim, 0x6FC6, operator_plmn},
    {Where::kGsm, 0x6FC6, operator_plmn},
    {Where::kUsim, 0x6FCD, display_information},
    {Where::kGsm, 0x6FCD, display_information},
    {Where::kUsim, 0x6F7E, location_cs},
    {Where::kGsm, 0x6F7E, location_cs},
    {Where::kUsim, 0x6F73, location_ps},
    {Where::kGsm, 0x6F53, location_ps},
    {Where::kUsim, 0x6FE3, location_eps},
    {Where::k5gs, 0x4F01, location_5gs},
    {Where::k5gs, 0x4F02, location_5gs},
    {Where::kIsim, 0x6F02, private_identity},
    {Where::kIsim, 0x6F04, public_identities},
    {Where::kIsim, 0x6F03, home_domain},
};

void complete_from_identity(const Profile& profile, FileSpec& file) {
  const Where where = where_is(profile, parent_path(file.path));
  const auto fid = last_fid(file.path);
  for (const Derived& derived : kDerived) {
    if (derived.where != where || !fid || derived.fid != fid->value) continue;
    Contents contents = derived.make(profile.identity, file.header);
    if (has_records(file.header.kind)) {
      file.records = std::move(contents);
    } else if (!contents.empty()) {
      file.content = std::move(contents.front());
    }
  }
}

std::vector<Bytes> dir_records(const Profile& profile) {
  std::vector<Bytes> records;
  for (const ApplicationSpec& application : profile.applications) {
    if (!application.in_dir) continue;
    Bytes value = ber::encode(0x4F, application.aid.bytes());
    if (!application.label.empty()) ber::write(value, 0x50, as_bytes(application.label));
    records.push_back(ber::encode(0x61, value));
  }
  return records;
}

bool is_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  return !text.empty() && text.size() <= 20 && all_digits(text);
}

}  // namespace

Profile complete(Profile profile) {
  const bool identity_is_good = find_identity_errors(profile.identity).empty();
  for (FileSpec& file : profile.files) {
    if (is_directory(file.header.kind) || !file.link.empty() || !file.content.empty() || !file.records.empty()) continue;
    if (file.path == kDirPath) file.records = dir_records(profile);
    if (identity_is_good) complete_from_identity(profile, file);
  }
  return profile;
}

std::vector<Finding> find_identity_errors(const Identity& identity) {
  std::vector<Finding> findings;
  const auto need = [&](bool good, std::string text, std::string clause) {
    if (!good) findings.push_back({Finding::Severity::kError, identity.place, "identity", std::move(text), std::move(clause)});
  };
  const auto digits = [](const std::string& text, std::size_t least, std::size_t most) {
    return text.empty() || (text.size() >= least && text.size() <= most && all_digits(text));
  };
  need(digits(identity.imsi, 6, 15), "imsi must have 6 to 15 digits", "3GPP TS 23.003 clause 2.2");
  need(digits(identity.mcc, 3, 3), "mcc must have 3 digits", "3GPP TS 23.003 clause 2.2");
  need(digits(identity.mnc, 2, 3), "mnc must have 2 or 3 digits", "3GPP TS 23.003 clause 2.2");
  need(identity.imsi.empty() || !identity.mnc.empty(), "mnc is missing: the IMSI does not say how many digits it has",
       "3GPP TS 31.102 clause 4.2.18");
  const bool agree = identity.imsi.empty() || identity.imsi.starts_with(mcc_of(identity) + identity.mnc);
  need(agree, "imsi does not begin with mcc and mnc", "3GPP TS 23.003 clause 2.2");
  need(digits(identity.iccid, 18, 20), "iccid must have 18 to 20 digits", "ETSI TS 102 221 clause 13.2");
  need(identity.msisdn.empty() || is_number(identity.msisdn), "msisdn must be up to 20 digits, with a + before them or not",
       "3GPP TS 31.102 clause 4.2.26");
  need(identity.smsc.empty() || is_number(identity.smsc), "smsc must be up to 20 digits, with a + before them or not",
       "3GPP TS 31.102 clause 4.2.27");
  const bool plain = std::ranges::all_of(identity.spn, [](char c) {
    return c == ' ' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           std::string_view("!\"#%&'()*+,-./:;<=>?").find(c) != std::string_view::npos;
  });
  need(identity.spn.size() <= 16 && plain, "spn must be up to 16 letters, digits and signs that GSM and ASCII code alike",
       "3GPP TS 31.102 clause 4.2.12");
  return findings;
}

}  // namespace uicclab::profile
