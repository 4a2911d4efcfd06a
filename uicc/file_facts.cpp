// SPDX-License-Identifier: Apache-2.0
#include "uicc/file_facts.hpp"

#include "core/ber_tlv.hpp"
#include "core/reader.hpp"
#include "uicc/fcp.hpp"
#include "uicc/fcp_tags.hpp"

namespace uicclab::uicc {
using namespace fcp;

FileFacts FileFacts::from(BytesView answer) {
  FileFacts out;
  auto template_value = ber::find(answer, kFcpTemplate);
  if (!template_value) template_value = ber::find(answer, kFciTemplate);
  if (!template_value) return out;
  const BytesView parameters = *template_value;
  if (const auto descriptor = ber::find(parameters, kDescriptor); descriptor && !descriptor->empty()) {
    out.kind = kind_of_descriptor((*descriptor)[0]);
    // Descriptor, data coding, record length (two bytes), number of records: clause 11.1.1.4.3.
    if (descriptor->size() >= 5) {
      ByteReader records(descriptor->subspan(2));
      out.record_length = records.u16();
      out.record_count = records.u8();
    }
  }
  if (const auto fid = ber::find(parameters, kFileId); fid && fid->size() == 2) out.fid = fid_at(*fid);
  if (const auto aid = ber::find(parameters, kDfName)) out.aid = to_bytes(*aid);
  if (const auto sfi = ber::find(parameters, kSfi); sfi && sfi->size() == 1) {
    const auto value = static_cast<std::uint8_t>((*sfi)[0] >> 3);
    if (value >= 1 && value <= 30) out.sfi = Sfi{value};
  }
  if (const auto size = ber::find(parameters, kFileSize); size && !size->empty() && size->size() <= 4) {
    out.size = static_cast<std::uint32_t>(*ByteReader(*size).number(size->size()));
  }
  return out;
}

std::vector<bool> enabled_keys(BytesView fcp) {
  std::vector<bool> out;
  const auto enabled = ber::find_path(fcp, {kFcpTemplate, kPinStatus, kPinEnabled});
  if (!enabled) return out;
  for (const std::uint8_t byte : *enabled) {
    for (unsigned bit = 0x80; bit != 0; bit >>= 1) out.push_back((byte & bit) != 0);
  }
  return out;
}

}  // namespace uicclab::uicc
