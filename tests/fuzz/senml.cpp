// SPDX-License-Identifier: Apache-2.0
// SenML in both forms, link format, and payloads of writes: what is read is written so that it is read as the same. The input: a byte that
// says which, then the text or the bytes.
#include "lwm2m/transport/senml.hpp"

#include "lwm2m/transport/link_format.hpp"
#include "lwm2m/transport/payloads.hpp"
#include "tests/support/fuzz.hpp"

using namespace uicclab;
using namespace uicclab::lwm2m;
using test::require;

namespace {

void same(const std::vector<SenmlRecord>& one, const Result<std::vector<SenmlRecord>>& other) {
  require(other && other->size() == one.size(), "records are read back");
  for (std::size_t i = 0; i < one.size(); ++i) require((*other)[i].path == one[i].path, "paths are read back as they were");
}

void payload(BytesView bytes) {
  if (bytes.size() < 4) return;
  coap::Message message;
  constexpr std::array<std::uint16_t, 6> kFormats{0, 42, 110, 112, 1542, 11542};
  message.add_number(coap::option::kContentFormat, kFormats[bytes[0] % kFormats.size()]);
  std::vector<std::uint16_t> path{static_cast<std::uint16_t>(bytes[1] % 5)};
  for (std::size_t i = 0; i < bytes[2] % 4U; ++i) path.push_back(static_cast<std::uint16_t>(bytes[3] >> (2 * i) & 3));
  message.payload = to_bytes(bytes.subspan(4));
  const auto instances = decode_payload(path, message);
  if (!instances || instances->empty()) return;
  for (const std::uint16_t format : kFormats) {
    const auto out = encode_payload({path[0]}, *instances, format);
    require(out.code.is_success() || out.code == coap::kNotAcceptable, "a read has an answer");
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const BytesView bytes(data + 1, size - 1);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  switch (data[0] & 3) {
    case 0:
      if (const auto records = parse_senml_json(text)) {
        for (const SenmlRecord& one : *records) require(one.path.size() >= 3 && one.path.size() <= 4, "a path of a value");
        same(*records, parse_senml_json(senml_json(*records)));
      }
      break;
    case 1:
      if (const auto records = parse_senml_cbor(bytes)) same(*records, parse_senml_cbor(senml_cbor(*records)));
      break;
    case 2:
      if (const auto links = parse_links(text); !links)
        require(links.error().offset <= text.size(), "the place of an error lies in the text");
      break;
    default:
      payload(bytes);
  }
  return 0;
}
