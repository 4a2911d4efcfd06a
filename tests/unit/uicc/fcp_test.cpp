// SPDX-License-Identifier: Apache-2.0
#include "uicc/fcp.hpp"

#include <doctest/doctest.h>

#include "core/ber_tlv.hpp"
#include "core/hex.hpp"

using namespace uicclab;
using namespace uicclab::uicc;

namespace {
Bytes fcp_of(const FileHeader& header) {
  Bytes out;
  encode_fcp(header, {}, out);
  return out;
}
}  // namespace

TEST_CASE("FCP of real EFs parses and encodes to the same content (TS 102 221 clause 11.1.1.3)") {
  // Answers of a sysmocom card, as recorded in pySim's test_decode_select_resp.py; the order of 8A, 8B, 80, 88 is ours.
  const auto imsi = parse_fcp("621782024121 83026F07 8A0105 8B036F060A 80020009 880138"_h);
  REQUIRE(imsi);
  CHECK(imsi->kind == FileKind::kTransparent);
  CHECK(imsi->fid == Fid{0x6F07});
  CHECK(imsi->size == 9);
  CHECK(imsi->sfi == Sfi{7});
  CHECK(fcp_of(*imsi) == to_bytes("621782024121 83026F07 8A0105 8B036F060A 80020009 880138"_h));

  const auto ecc = parse_fcp("621A 82054221000E02 83026FB7 8A0105 8B036F0608 8002001C 880108"_h);
  REQUIRE(ecc);
  CHECK(ecc->record_length == 14);
  CHECK(ecc->record_count == 2);
}

TEST_CASE("FCP without tag 88: the SFI is the low five bits of the FID; with an empty one there is none (TS 102 221 clause 11.1.1.4.8)") {
  CHECK(parse_fcp("6214 82024121 83026F07 8A0105 8B036F060A 80020009"_h)->sfi == Sfi{7});
  CHECK_FALSE(parse_fcp("6216 82024121 83026F07 8A0105 8B036F060A 80020009 8800"_h)->sfi.has_value());
}

TEST_CASE("FCP that breaks a rule is refused (TS 102 222 clause 6.3.2.2)") {
  const std::pair<const char*, const char*> bad[] = {
      {"", "descriptor"},
      {"83026F07 8A0105 8B036F060A 80020009", "descriptor"},
      {"82024121 8A0105 8B036F060A 80020009", "identifier"},
      {"82024121 83026F07 8B036F060A 80020009", "life cycle"},
      {"82024121 83026F07 8A0105 8B036F060A", "size"},
      {"82024121 83016F 8A0105 8B036F060A 80020009", "identifier"},
      {"82054221000003 83026F07 8A0105 8B036F060A 80020009", "record"},
      {"82054221000403 83026F07 8A0105 8B036F060A 80020009", "multiple"},
      {"82054221000302 83026F07 8A0105 8B036F060A 80020009", "fit together"},
      {"82024121 83026F07 8A0105 8B036F060A 80020009 8801F8", "short file identifier"},
      {"82024121 83026F07 8A0102 8B036F060A 80020009 880138", "life cycle"},
      {"82024121 83026F07 8A0105 8B036F060A 80020009 8801", "value ends"},
      {"82024521 83026F07 8A0105 8B036F060A 80020009", "structure"},
      {"82024121 83026F07 8A0105 8B036F060A 80020009 4D00", "does not have"},
  };
  for (const auto& [body, reason] : bad) {
    CAPTURE(body);
    const auto header = parse_fcp(ber::encode(0x62, *from_hex(body)));
    REQUIRE_FALSE(header);
    CHECK_MESSAGE(header.error().text.find(reason) != std::string::npos, header.error().text);
  }
}

TEST_CASE("A file header survives its way through NVM") {
  FileHeader header;
  header.parent = FileId{7};
  header.fid = Fid{0x7FD0};
  header.kind = FileKind::kAdf;
  header.aid = *Aid::from("A0000000871002FF49FF0589"_h);
  header.security = {SecurityAttributes::Form::kReferenced, to_bytes("2F0601"_h)};
  header.keys = {KeyReference{0x01}, KeyReference{0x81}, KeyReference{0x0A}};
  auto back = decode_header(encode_header(header));
  REQUIRE(back);
  CHECK(*back == header);

  FileHeader tlv;
  tlv.parent = FileId{1};
  tlv.fid = Fid{0x6F77};
  tlv.kind = FileKind::kBerTlv;
  tlv.size = 100000;
  tlv.max_size = 200000;
  tlv.proprietary = to_bytes("C00140"_h);
  back = decode_header(encode_header(tlv));
  REQUIRE(back);
  CHECK(*back == tlv);
}
