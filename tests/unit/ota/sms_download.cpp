// SPDX-License-Identifier: Apache-2.0
#include "ota/sms_download.hpp"

#include <doctest/doctest.h>

#include "ota/sms_tpdu.hpp"
#include "tests/support/vector_file.hpp"

using namespace uicclab;
using namespace uicclab::ota;

namespace {

constexpr auto kEnvelope = "D1 10 82028381 06069194710700F0 8B024400"_h;
constexpr auto kProactive = "D0 0F 8103011300 82028183 8B0441000102"_h;

template <typename Message>
ErrorCode refused(std::string_view hex) {
  const auto message = Message::parse(from_hex(hex).value());
  REQUIRE_FALSE(message);
  return message.error().code;
}

}  // namespace

TEST_CASE("SMS-PP download: devices, service centre, TPDU (TS 31.111 clause 7.1.1.2)") {
  const auto download = SmsPpDownload::parse(kEnvelope);
  REQUIRE(download);
  CHECK(to_hex(*download->service_centre) == "9194710700F0");
  CHECK(to_hex(download->tpdu) == "4400");
  CHECK(download->others.empty());
  CHECK(download->build() == to_bytes(kEnvelope));
}

TEST_CASE("SMS-PP download: order and comprehension bits are free, unknown objects are kept or refused by their bit") {
  const auto download = SmsPpDownload::parse("D1 0E 0B024400 0202 8381 8600 1F02AABB"_h);
  REQUIRE(download);
  CHECK(download->service_centre == Bytes());
  CHECK(to_hex(download->others) == "1F02AABB");
  CHECK(SmsPpDownload::parse(download->build()) == *download);
  CHECK(refused<SmsPpDownload>("D10B 82028381 8B0144 9F0101") == ErrorCode::kTruncated);
  CHECK(refused<SmsPpDownload>("D10A 82028381 8B0144 9F01AA") == ErrorCode::kUnsupported);
  CHECK(SmsPpDownload::parse("D107 82028381 8B0144"_h)->service_centre == std::nullopt);
}

TEST_CASE("SMS-PP download: broken ones are refused") {
  CHECK(refused<SmsPpDownload>("") == ErrorCode::kTruncated);
  CHECK(refused<SmsPpDownload>("D2088202 83818B024400") == ErrorCode::kMalformed);
  CHECK(refused<SmsPpDownload>("D1088202 83818B024400 00") == ErrorCode::kTrailing);
  CHECK(refused<SmsPpDownload>("D1098202 83818B024400") == ErrorCode::kTruncated);
  CHECK(refused<SmsPpDownload>("D1088202 83818B034400") == ErrorCode::kTruncated);
  CHECK(refused<SmsPpDownload>("D104 8B024400") == ErrorCode::kNotFound);
  CHECK(refused<SmsPpDownload>("D104 82028381") == ErrorCode::kNotFound);
  CHECK(refused<SmsPpDownload>("D107 820183 8B024400") == ErrorCode::kMalformed);
  CHECK(refused<SmsPpDownload>("D108 82028183 8B024400") == ErrorCode::kRange);
  CHECK(refused<SmsPpDownload>("D10C 82028381 8B024400 0B024400") == ErrorCode::kMalformed);
  CHECK(SmsPpDownload::parse("D1088202 83818B034400"_h).error().offset == 8);
  for (std::size_t size = 0; size < kEnvelope.size(); ++size) CHECK_FALSE(SmsPpDownload::parse(BytesView(kEnvelope).first(size)));
}

TEST_CASE("Cell broadcast download: one page of 88 octets (TS 31.111 clause 7.1.2; TS 23.041 clause 9.4.1.2)") {
  CellBroadcastPage page;
  page.serial_number = 0x1234;
  page.message_identifier = 0x1080;
  page.dcs = 0x55;
  page.page = 2;
  page.total = 3;
  page.content = to_bytes("AABBCC"_h);
  const auto octets = page.build();
  REQUIRE(octets);
  REQUIRE(octets->size() == 88);
  CHECK(to_hex(BytesView(*octets).first(10)) ==
        "12341080"
        "5523"
        "AABBCC00");
  const Bytes envelope = CellBroadcastDownload{*octets, {}}.build();
  CHECK(to_hex(BytesView(envelope).first(8)) == "D25E820283818C58");
  const auto download = CellBroadcastDownload::parse(envelope);
  REQUIRE(download);
  auto again = CellBroadcastPage::parse(download->page);
  REQUIRE(again);
  again->content.resize(3);
  CHECK(*again == page);
}

TEST_CASE("Cell broadcast download: broken ones are refused") {
  CellBroadcastPage page;
  page.content.resize(83);
  CHECK(page.build().error().code == ErrorCode::kRange);
  page.content.resize(82);
  page.total = 16;
  CHECK(page.build().error().code == ErrorCode::kRange);
  page.total = 1;
  page.page = 0;
  CHECK(page.build().error().code == ErrorCode::kRange);
  page.page = 1;
  Bytes octets = page.build().value();
  octets[5] = 0x20;
  CHECK(CellBroadcastPage::parse(octets)->page == 1);
  octets.pop_back();
  CHECK(CellBroadcastPage::parse(octets).error().code == ErrorCode::kRange);
  CHECK_THROWS_AS((CellBroadcastDownload{octets, {}}.build()), SystemError);
  CHECK(refused<CellBroadcastDownload>("D207 82028381 8C0100") == ErrorCode::kMalformed);
  CHECK(refused<CellBroadcastDownload>("D204 82028381") == ErrorCode::kNotFound);
  CHECK(refused<CellBroadcastDownload>("D107 82028381 8C0100") == ErrorCode::kMalformed);
}

TEST_CASE("SEND SHORT MESSAGE is read and written (TS 102 223 clause 6.6.9)") {
  const auto command = SendShortMessage::parse(kProactive);
  REQUIRE(command);
  CHECK(command->number == 1);
  CHECK_FALSE(command->packing_required);
  CHECK(to_hex(command->tpdu) == "41000102");
  CHECK(command->build() == to_bytes(kProactive));
  SendShortMessage full = *command;
  full.number = 9;
  full.packing_required = true;
  full.alpha_identifier = to_bytes("5445"_h);
  full.service_centre = to_bytes("9121"_h);
  full.others = to_bytes("1E020101"_h);
  CHECK(to_hex(full.build()) ==
        "D01B"
        "8103091301"
        "82028183"
        "85025445"
        "86029121"
        "8B0441000102"
        "1E020101");
  CHECK(SendShortMessage::parse(full.build()) == full);
}

TEST_CASE("SEND SHORT MESSAGE: broken ones are refused") {
  CHECK(refused<SendShortMessage>("D00F 8103011100 82028183 8B0441000102") == ErrorCode::kMalformed);
  CHECK(refused<SendShortMessage>("D00E 81020113 82028183 8B0441000102") == ErrorCode::kMalformed);
  CHECK(refused<SendShortMessage>("D00F 8103011300 82028182 8B0441000102") == ErrorCode::kRange);
  CHECK(refused<SendShortMessage>("D00A 82028183 8B0441000102") == ErrorCode::kNotFound);
  CHECK(refused<SendShortMessage>("D009 8103011300 82028183") == ErrorCode::kNotFound);
  CHECK(refused<SendShortMessage>("D10F 8103011300 82028183 8B0441000102") == ErrorCode::kMalformed);
}

TEST_CASE("Envelopes and proactive commands made by others are parsed and built equal") {
  std::size_t envelopes = 0;
  std::size_t commands = 0;
  for (const char* file : {"ota_worked.txt", "ota_onomondo.txt"}) {
    for (const test::VectorSet& set : test::load_vectors(file)) {
      CAPTURE(set.text("id"));
      for (const char* key : {"envelope", "part1_envelope", "part2_envelope"}) {
        if (!set.has(key)) continue;
        const auto download = SmsPpDownload::parse(set.bytes(key));
        REQUIRE(download);
        CHECK(download->build() == set.bytes(key));
        CHECK(SmsDeliver::parse(download->tpdu)->build() == download->tpdu);
        ++envelopes;
      }
      if (set.has("proactive")) {
        const auto command = SendShortMessage::parse(set.bytes("proactive"));
        REQUIRE(command);
        CHECK(command->build() == set.bytes("proactive"));
        CHECK(to_hex(SmsSubmit::parse(command->tpdu)->body.user_data) == set.text("response"));
        ++commands;
      }
    }
  }
  CHECK(envelopes == 15 + 5);
  CHECK(commands == 2 + 1);
}
