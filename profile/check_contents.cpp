// SPDX-License-Identifier: Apache-2.0
// Contents that identify card and subscriber, coded wrong; EF_DIR that does not lead to the applications.
#include "core/ber_tlv.hpp"
#include "core/identity.hpp"
#include "profile/checker.hpp"

namespace uicclab::profile {
namespace {

constexpr std::string_view kDirClause = "ETSI TS 102 221 clause 13.1";

bool is_blank(BytesView bytes) {
  return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0xFF; });
}

void check_dir(Checker& checker) {
  const FileSpec* dir = checker.find(kDirPath);
  if (dir == nullptr) return;  // check_services() says so
  const auto& applications = checker.profile().applications;
  bool usim = false;
  for (std::size_t i = 0; i < dir->records.size(); ++i) {
    const Bytes& record = dir->records[i];
    const std::string who = "record " + std::to_string(i + 1);
    if (is_blank(record)) continue;
    const auto entry = ber::first(record);
    const auto aid = entry && entry->tag == 0x61 ? ber::find(entry->value, 0x4F) : std::nullopt;
    if (!aid) {
      checker.warn(*dir, who + " is not an application template (61) with an AID (4F)", kDirClause);
      continue;
    }
    if (!is_blank(BytesView(record).subspan(entry->whole.size()))) {
      checker.warn(*dir, who + " has bytes other than FF after the application template", kDirClause);
    }
    if (aid->size() >= kUsimAid.size() && equal(aid->first(kUsimAid.size()), kUsimAid)) usim = true;
    const bool known = std::ranges::any_of(applications, [&](const ApplicationSpec& each) { return each.aid.begins_with(*aid); });
    if (!known) checker.warn(*dir, who + " lists " + to_hex(*aid) + ", which is not an application of this card", kDirClause);
  }
  if (!usim) {
    checker.warn(*dir, "it lists no USIM (an AID that begins with A0000000871002): a telephone finds no subscription",
                 "3GPP TS 31.102 clause 5.1.1; ETSI TS 101 220 annex E");
  }
}

void check_iccid(Checker& checker) {
  const FileSpec* file = checker.find("3F00/2FE2");
  if (file == nullptr) return;
  const auto iccid = decode_iccid(make_body(*file));
  if (!iccid) {
    checker.warn(*file, "its content is not an ICCID: ten bytes of swapped digits, padded with F", "ETSI TS 102 221 clause 13.2");
  } else if (iccid->size() < 18) {
    checker.warn(*file, "the ICCID has " + std::to_string(iccid->size()) + " digits, not 18 to 20", "ETSI TS 102 221 clause 13.2");
  } else if (!luhn_is_good(*iccid)) {
    checker.warn(*file, "the check digit of the ICCID " + *iccid + " is wrong", "ETSI TS 102 221 clause 13.2; ISO/IEC 7812-1 annex B");
  }
}

void check_imsi(Checker& checker, const std::string& directory) {
  const FileSpec* file = checker.find(directory + "/6F07");
  if (file == nullptr || decode_imsi(make_body(*file))) return;
  checker.warn(*file, "its content is not an IMSI: length byte, type and parity, digits and FF must fit together",
               "3GPP TS 31.102 clause 4.2.2");
}

void check_administrative_data(Checker& checker, const std::string& directory) {
  const FileSpec* file = checker.find(directory + "/6FAD");
  if (file == nullptr) return;
  const Bytes body = make_body(*file);
  const unsigned length = body.size() < 4 ? 0 : body[3] & 0x0FU;
  if (length == 2 || length == 3) return;
  checker.warn(*file, "byte 4, the length of the MNC, is missing or neither 2 nor 3: the terminal guesses the network",
               "3GPP TS 31.102 clause 4.2.18");
}

/// A data object with tag 80 and text in it, and FF behind it.
void check_ims_identity(Checker& checker, const FileSpec* file, BytesView body) {
  if (file == nullptr || is_blank(body)) return;
  const auto object = ber::first(body);
  if (object && object->tag == 0x80 && !object->value.empty() && is_blank(body.subspan(object->whole.size()))) return;
  checker.warn(*file, "its content is not a data object with tag 80, padded with FF", "3GPP TS 31.103 clause 4.2");
}

}  // namespace

void check_contents(Checker& checker) {
  check_dir(checker);
  check_iccid(checker);
  if (checker.find("3F00/7F20") != nullptr) {
    check_imsi(checker, "3F00/7F20");
    check_administrative_data(checker, "3F00/7F20");
  }
  for (const ApplicationSpec& application : checker.profile().applications) {
    if (application.adf.empty()) continue;
    if (application.aid.begins_with(kUsimAid)) {
      check_imsi(checker, application.adf);
      check_administrative_data(checker, application.adf);
    } else if (application.aid.begins_with(kIsimAid)) {
      for (const char* fid : {"/6F02", "/6F03"}) {
        const FileSpec* file = checker.find(application.adf + fid);
        if (file != nullptr) check_ims_identity(checker, file, make_body(*file));
      }
      const FileSpec* impu = checker.find(application.adf + "/6F04");
      for (std::size_t i = 0; impu != nullptr && i < impu->records.size(); ++i) check_ims_identity(checker, impu, impu->records[i]);
    }
  }
}

}  // namespace uicclab::profile
