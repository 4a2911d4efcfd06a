// SPDX-License-Identifier: Apache-2.0
#include "script/fields.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace uicclab::script {
namespace {

struct TagName {
  std::string_view path;
  std::string_view name;
};

// ETSI TS 102 221 clauses 11.1.1.3, 11.1.1.4 and 13.1; GlobalPlatform Card Specification clauses 11.3, 11.4, 11.9; ETSI TS 102 223
// clause 8.
constexpr auto kTags = std::to_array<TagName>({
    {"62", "file control parameters"},
    {"62/80", "file size"},
    {"62/81", "total file size"},
    {"62/82", "file descriptor"},
    {"62/83", "file identifier"},
    {"62/84", "DF name (AID)"},
    {"62/88", "short file identifier"},
    {"62/8A", "life cycle status"},
    {"62/8B", "security attributes, referenced to EF_ARR"},
    {"62/8C", "security attributes, compact"},
    {"62/AB", "security attributes, expanded"},
    {"62/A5", "proprietary information"},
    {"62/A5/80", "UICC characteristics"},
    {"62/A5/81", "application power consumption"},
    {"62/A5/82", "minimum clock frequency"},
    {"62/A5/83", "available memory"},
    {"62/A5/84", "file details"},
    {"62/A5/85", "reserved file size"},
    {"62/A5/86", "maximum file size"},
    {"62/A5/87", "supported system commands"},
    {"62/A5/88", "environmental conditions"},
    {"62/C6", "PIN status template"},
    {"62/C6/90", "which PINs are enabled"},
    {"62/C6/95", "usage qualifier"},
    {"62/C6/83", "key reference"},
    {"61", "application template"},
    {"61/4F", "AID"},
    {"61/50", "application label"},
    {"6F", "file control information"},
    {"6F/84", "AID of the application"},
    {"6F/A5", "proprietary data"},
    {"6F/A5/73", "security domain management data"},
    {"6F/A5/9F6E", "production life cycle data"},
    {"6F/A5/9F65", "longest data field of a command"},
    {"E3", "registry entry"},
    {"E3/4F", "AID"},
    {"E3/9F70", "life cycle state"},
    {"E3/C5", "privileges"},
    {"E3/C4", "load file"},
    {"E3/CC", "security domain"},
    {"E3/CE", "version"},
    {"E3/84", "executable module"},
    {"E0", "key information template"},
    {"E0/C0", "key information"},
    {"66", "card data"},
    {"66/73", "card recognition data"},
    {"D0", "proactive command"},
    {"D0/81", "command details"},
    {"D0/82", "device identities"},
    {"D0/83", "result"},
    {"D0/84", "duration"},
    {"D0/85", "alpha identifier"},
    {"D0/86", "address"},
    {"D0/8B", "SMS TPDU"},
    {"D0/8D", "text string"},
    {"D0/8E", "tone"},
    {"D0/8F", "item"},
    {"D0/90", "item identifier"},
    {"D0/91", "response length"},
    {"D0/92", "file list"},
    {"D0/97", "default text"},
    {"D0/99", "event list"},
    {"D0/9E", "icon identifier"},
    {"D0/A4", "timer identifier"},
    {"D0/A5", "timer value"},
    {"D0/B5", "bearer description"},
    {"D0/B6", "channel data"},
    {"D0/B7", "channel data length"},
    {"D0/B8", "channel status"},
    {"D0/B9", "buffer size"},
    {"D0/BC", "UICC transport level"},
    {"D0/BE", "other address"},
});

// 3GPP TS 31.102 clause 4.2; ETSI TS 102 221 clause 13; sorted by file.
constexpr auto kFiles = std::to_array<FileField>({
    {"2F05", "preferred language", 0, 0},
    {"2FE2", "ICCID, digits swapped", 0, 10},
    {"6F05", "language", 0, 0},
    {"6F07", "length of IMSI", 0, 1},
    {"6F07", "parity and first digit", 1, 1},
    {"6F07", "IMSI, digits swapped", 2, 7},
    {"6F08", "KSI", 0, 1},
    {"6F08", "CK", 1, 16},
    {"6F08", "IK", 17, 16},
    {"6F09", "KSI", 0, 1},
    {"6F09", "CK", 1, 16},
    {"6F09", "IK", 17, 16},
    {"6F31", "higher priority PLMN search period", 0, 1},
    {"6F38", "services, one a bit", 0, 0},
    {"6F3C", "status of the message", 0, 1},
    {"6F3C", "message", 1, 175},
    {"6F46", "display condition", 0, 1},
    {"6F46", "service provider name", 1, 16},
    {"6F56", "enabled services", 0, 1},
    {"6F5B", "START CS", 0, 3},
    {"6F5B", "START PS", 3, 3},
    {"6F5C", "maximum of START", 0, 3},
    {"6F73", "P-TMSI", 0, 4},
    {"6F73", "P-TMSI signature", 4, 3},
    {"6F73", "RAI", 7, 6},
    {"6F73", "routing area update status", 13, 1},
    {"6F78", "access control classes", 0, 2},
    {"6F7B", "forbidden PLMNs", 0, 0},
    {"6F7E", "TMSI", 0, 4},
    {"6F7E", "LAI", 4, 5},
    {"6F7E", "reserved", 9, 1},
    {"6F7E", "location update status", 10, 1},
    {"6FAD", "UE operation mode", 0, 1},
    {"6FAD", "additional information", 1, 2},
    {"6FAD", "digits of the MNC", 3, 1},
    {"6FE3", "GUTI", 0, 12},
    {"6FE3", "last visited TAI", 12, 5},
    {"6FE3", "EPS update status", 17, 1},
});

}  // namespace

std::string field_name(std::string_view path) {
  std::string plain;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == ':') {  // which one it is has nothing to do with its name
      while (i + 1 < path.size() && path[i + 1] != '/') ++i;
    } else if (path[i] == '[') {
      break;
    } else {
      plain += static_cast<char>(std::toupper(static_cast<unsigned char>(path[i])));
    }
  }
  const auto found = std::ranges::find(kTags, plain, &TagName::path);
  return found == kTags.end() ? std::string() : std::string(found->name);
}

std::span<const FileField> file_fields(std::string_view file) {
  const std::string_view fid = file.size() > 4 ? file.substr(file.size() - 4) : file;
  const auto found = std::ranges::equal_range(kFiles, fid, {}, &FileField::fid);
  return {found.begin(), found.end()};
}

const FileField* file_field(std::string_view file, std::size_t offset) {
  for (const FileField& field : file_fields(file)) {
    if (offset >= field.offset && (field.size == 0 || offset < field.offset + field.size)) return &field;
  }
  return nullptr;
}

}  // namespace uicclab::script
