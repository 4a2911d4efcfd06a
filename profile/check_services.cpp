// SPDX-License-Identifier: Apache-2.0
// Files that a terminal expects: the mandatory ones, and those of the services that a service table claims.
#include "profile/checker.hpp"

namespace uicclab::profile {
namespace {

struct File {
  std::string_view path;  ///< below the ADF; from 3F00 on for others
  std::string_view name;
};

struct ServiceFile {
  std::uint8_t service;
  File file;
};

// ETSI TS 102 221 clause 8.1 and 13.
constexpr File kMandatoryInMf[] = {{"2F00", "EF_DIR"}, {"2F05", "EF_PL"}, {"2F08", "EF_UMPC"}, {"2FE2", "EF_ICCID"}};

// 3GPP TS 31.102 clause 4.2.
constexpr File kMandatoryInUsim[] = {
    {"6F07", "EF_IMSI"},      {"6F08", "EF_Keys"},      {"6F09", "EF_KeysPS"}, {"6F31", "EF_HPPLMN"}, {"6F38", "EF_UST"},
    {"6F5B", "EF_START-HFN"}, {"6F5C", "EF_THRESHOLD"}, {"6F73", "EF_PSLOCI"}, {"6F78", "EF_ACC"},    {"6F7B", "EF_FPLMN"},
    {"6F7E", "EF_LOCI"},      {"6FAD", "EF_AD"},        {"6FB7", "EF_ECC"},    {"6FC4", "EF_NETPAR"},
};

// 3GPP TS 31.103 clause 4.2.
constexpr File kMandatoryInIsim[] = {{"6F02", "EF_IMPI"}, {"6F03", "EF_DOMAIN"}, {"6F04", "EF_IMPU"}, {"6FAD", "EF_AD"}};

// 3GPP TS 31.102 clause 4.2.8 and the clause of each file.
constexpr ServiceFile kUsimServices[] = {
    {1, {"5F3A/4F30", "EF_PBR"}},
    {2, {"6F3B", "EF_FDN"}},
    {2, {"6F56", "EF_EST"}},
    {3, {"6F4B", "EF_EXT2"}},
    {4, {"6F49", "EF_SDN"}},
    {5, {"6F4C", "EF_EXT3"}},
    {6, {"6F4D", "EF_BDN"}},
    {6, {"6F56", "EF_EST"}},
    {7, {"6F55", "EF_EXT4"}},
    {8, {"6F81", "EF_OCI"}},
    {8, {"6F83", "EF_OCT"}},
    {9, {"6F80", "EF_ICI"}},
    {9, {"6F82", "EF_ICT"}},
    {10, {"6F3C", "EF_SMS"}},
    {10, {"6F43", "EF_SMSS"}},
    {11, {"6F47", "EF_SMSR"}},
    {12, {"6F42", "EF_SMSP"}},
    {13, {"6F37", "EF_ACMmax"}},
    {13, {"6F39", "EF_ACM"}},
    {13, {"6F41", "EF_PUCT"}},
    {14, {"6F4F", "EF_CCP2"}},
    {15, {"6F45", "EF_CBMI"}},
    {16, {"6F50", "EF_CBMIR"}},
    {17, {"6F3E", "EF_GID1"}},
    {18, {"6F3F", "EF_GID2"}},
    {19, {"6F46", "EF_SPN"}},
    {20, {"6F60", "EF_PLMNwAcT"}},
    {21, {"6F40", "EF_MSISDN"}},
    {22, {"3F00/7F10/5F50/4F20", "EF_IMG"}},
    {24, {"6FB5", "EF_eMLPP"}},
    {25, {"6FB6", "EF_AAeM"}},
    {27, {"5F3B/4F20", "EF_Kc"}},
    {27, {"5F3B/4F52", "EF_KcGPRS"}},
    {29, {"6F48", "EF_CBMID"}},
    {34, {"6F56", "EF_EST"}},
    {35, {"6F57", "EF_ACL"}},
    {36, {"6F2C", "EF_DCK"}},
    {37, {"6F32", "EF_CNL"}},
    {39, {"5F3B/4F63", "EF_CPBCCH"}},
    {40, {"5F3B/4F64", "EF_InvScan"}},
    {42, {"6F61", "EF_OPLMNwAcT"}},
    {43, {"6F62", "EF_HPLMNwAcT"}},
    {44, {"6F4E", "EF_EXT5"}},
    {45, {"6FC5", "EF_PNN"}},
    {46, {"6FC6", "EF_OPL"}},
    {47, {"6FC7", "EF_MBDN"}},
    {47, {"6FC9", "EF_MBI"}},
    {48, {"6FCA", "EF_MWIS"}},
    {49, {"6FCB", "EF_CFIS"}},
    {51, {"6FCD", "EF_SPDI"}},
    {52, {"6FCE", "EF_MMSN"}},
    {52, {"6FD0", "EF_MMSICP"}},
    {52, {"6FD1", "EF_MMSUP"}},
    {53, {"6FCF", "EF_EXT8"}},
    {55, {"6FD2", "EF_MMSUCP"}},
    {56, {"6FD3", "EF_NIA"}},
    {57, {"6FB1", "EF_VGCS"}},
    {57, {"6FB2", "EF_VGCSS"}},
    {58, {"6FB3", "EF_VBS"}},
    {58, {"6FB4", "EF_VBSS"}},
    {64, {"6FD4", "EF_VGCSCA"}},
    {65, {"6FD5", "EF_VBSCA"}},
    {68, {"6FD6", "EF_GBABP"}},
    {68, {"6FDA", "EF_GBANL"}},
    {69, {"6FD7", "EF_MSK"}},
    {69, {"6FD8", "EF_MUK"}},
    {71, {"6FD9", "EF_EHPLMN"}},
    {73, {"6FDB", "EF_EHPLMNPI"}},
    {74, {"6FDC", "EF_LRPLMNSI"}},
    {76, {"6FDD", "EF_NAFKCA"}},
    {78, {"6FDE", "EF_SPNI"}},
    {79, {"6FDF", "EF_PNNI"}},
    {80, {"6FE2", "EF_NCP-IP"}},
    {85, {"6FE3", "EF_EPSLOCI"}},
    {85, {"6FE4", "EF_EPSNSC"}},
    {86, {"5F50/4F81", "EF_ACSGL"}},
    {86, {"5F50/4F82", "EF_CSGT"}},
    {86, {"5F50/4F83", "EF_HNBN"}},
    {90, {"5F50/4F84", "EF_OCSGL"}},
    {91, {"3F00/7F10/6FE5", "EF_PSISMSC"}},
    {95, {"6FE7", "EF_UICCIARI"}},
    {96, {"6FE8", "EF_NASCONFIG"}},
    {97, {"6FEC", "EF_PWS"}},
    {106, {"6FF3", "EF_ePDGId"}},
    {109, {"3F00/7F10/5F3D/4F01", "EF_MST"}},
    {110, {"6FF5", "EF_ePDGIdEm"}},
    {114, {"6FF7", "EF_FromPreferred"}},
    {115, {"6FF8", "EF_IMSConfigData"}},
    {117, {"6FF9", "EF_3GPPPSDATAOFF"}},
    {118, {"6FFA", "EF_3GPPPSDATAOFFservicelist"}},
    {119, {"3F00/7F10/5F3E/4F01", "EF_VST"}},
    {120, {"6FFC", "EF_XCAPConfigData"}},
    {121, {"6FFD", "EF_EARFCNList"}},
    {122, {"5FC0/4F01", "EF_5GS3GPPLOCI"}},
    {122, {"5FC0/4F02", "EF_5GSN3GPPLOCI"}},
    {122, {"5FC0/4F03", "EF_5GS3GPPNSC"}},
    {122, {"5FC0/4F04", "EF_5GSN3GPPNSC"}},
    {123, {"5FC0/4F05", "EF_5GAUTHKEYS"}},
    {124, {"5FC0/4F0A", "EF_Routing_Indicator"}},
    {125, {"5FD0/4F01", "EF_SUCI_Calc_Info_USIM"}},
    {126, {"5FC0/4F06", "EF_UAC_AIC"}},
    {129, {"5FC0/4F08", "EF_OPL5G"}},
    {130, {"5FC0/4F09", "EF_SUPI_NAI"}},
    {132, {"5FC0/4F0B", "EF_URSP"}},
    {134, {"6FFE", "EF_MuDMiDConfigData"}},
    {137, {"5FC0/4F0D", "EF_CAG"}},
    {138, {"5FC0/4F0E", "EF_SOR-CMCI"}},
    {140, {"5FC0/4F0F", "EF_DRI"}},
    {141, {"5FC0/4F10", "EF_5GSEDRX"}},
    {142, {"5FC0/4F11", "EF_5GNSWO_CONF"}},
    {144, {"5FC0/4F15", "EF_MCHPPLMN"}},
    {145, {"5FC0/4F16", "EF_KAUSF_DERIVATION"}},
};

// 3GPP TS 31.103 clause 4.2.7 and the clause of each file.
constexpr ServiceFile kIsimServices[] = {
    {1, {"6F09", "EF_P-CSCF"}},
    {2, {"6FD5", "EF_GBABP"}},
    {2, {"6FD7", "EF_GBANL"}},
    {4, {"6FDD", "EF_NAFKCA"}},
    {5, {"6F09", "EF_P-CSCF"}},
    {6, {"6F3C", "EF_SMS"}},
    {6, {"6F43", "EF_SMSS"}},
    {7, {"6F47", "EF_SMSR"}},
    {8, {"6F42", "EF_SMSP"}},
    {10, {"6FE7", "EF_UICCIARI"}},
    {15, {"3F00/7F10/5F3D/4F01", "EF_MST"}},
    {17, {"6FF7", "EF_FromPreferred"}},
    {18, {"6FF8", "EF_IMSConfigData"}},
    {19, {"6FFC", "EF_XCAPConfigData"}},
    {20, {"6FFA", "EF_WebRTCURI"}},
    {21, {"6FFE", "EF_MuDMiDConfigData"}},
    {22, {"6F0B", "EF_IMSDCI"}},
};

constexpr std::string_view kUsimClause = "3GPP TS 31.102 clause 4.2";

std::string whole_path(std::string_view directory, std::string_view path) {
  if (path.starts_with(kMfPath)) return std::string(path);
  return std::string(directory).append("/").append(path);
}

void check_mandatory(Checker& checker, std::string_view directory, std::span<const File> files, std::string_view clause) {
  const FileSpec* at = checker.find(directory);
  if (at == nullptr) return;
  for (const File& file : files) {
    const std::string path = whole_path(directory, file.path);
    if (checker.find(path) == nullptr) checker.warn(*at, "the mandatory " + std::string(file.name) + " (" + path + ") is missing", clause);
  }
}

bool claims(BytesView table, std::size_t service) {
  const std::size_t bit = service - 1;
  return bit / 8 < table.size() && (table[bit / 8] >> (bit % 8) & 1) != 0;
}

void check_table(Checker& checker, const FileSpec& table, std::span<const ServiceFile> services, std::string_view clause) {
  const Bytes body = make_body(table);
  for (const ServiceFile& each : services) {
    const std::string path = whole_path(parent_path(table.path), each.file.path);
    if (!claims(body, each.service) || checker.find(path) != nullptr) continue;
    checker.warn(
        table,
        "service " + std::to_string(each.service) + " is claimed, but its " + std::string(each.file.name) + " (" + path + ") is missing",
        clause);
  }
}

/// Who calculates the SUCI: the terminal with EF_SUCI_Calc_Info in DF.5GS, or the USIM (3GPP TS 31.102 clauses 4.4.11.8 and 5.3.47).
void check_suci(Checker& checker, const FileSpec& ust) {
  const Bytes body = make_body(ust);
  const FileSpec* of_terminal = checker.find(whole_path(parent_path(ust.path), "5FC0/4F07"));
  const bool privacy = claims(body, 124);
  const bool by_usim = claims(body, 125);
  constexpr std::string_view clause = "3GPP TS 31.102 clause 4.4.11.8";
  if (privacy && !by_usim && of_terminal == nullptr) {
    checker.warn(ust, "the terminal is to calculate the SUCI (service 124 without 125), but EF_SUCI_Calc_Info (5FC0/4F07) is missing",
                 clause);
  }
  if (by_usim && of_terminal != nullptr) {
    checker.warn(*of_terminal, "the USIM calculates the SUCI (service 125): this file must not be there for the terminal", clause);
  }
  if (by_usim && !privacy) checker.warn(ust, "service 125 is claimed without 124", clause);
}

}  // namespace

void check_services(Checker& checker) {
  check_mandatory(checker, kMfPath, kMandatoryInMf, "ETSI TS 102 221 clause 8.1");
  for (const ApplicationSpec& application : checker.profile().applications) {
    if (application.aid.begins_with(kUsimAid)) {
      check_mandatory(checker, application.adf, kMandatoryInUsim, kUsimClause);
      const FileSpec* ust = checker.find(application.adf + "/6F38");
      if (ust == nullptr) continue;
      check_table(checker, *ust, kUsimServices, "3GPP TS 31.102 clause 4.2.8");
      check_suci(checker, *ust);
      if (!claims(make_body(*ust), 33)) checker.warn(*ust, "the bit of service 33 must be set", "3GPP TS 31.102 clause 4.2.8");
    } else if (application.aid.begins_with(kIsimAid)) {
      check_mandatory(checker, application.adf, kMandatoryInIsim, "3GPP TS 31.103 clause 4.2");
      const FileSpec* ist = checker.find(application.adf + "/6F07");
      if (ist != nullptr) check_table(checker, *ist, kIsimServices, "3GPP TS 31.103 clause 4.2.7");
    }
  }
}

}  // namespace uicclab::profile
