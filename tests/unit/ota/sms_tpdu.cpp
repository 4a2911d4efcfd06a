// SPDX-License-Identifier: Apache-2.0
#include "ota/sms_tpdu.hpp"

#include <doctest/doctest.h>

#include "tests/support/vector_file.hpp"

using namespace uicclab;
using namespace uicclab::ota;

namespace {

constexpr auto kDeliver = "44099194032143F57FF66211216041020005027000AABB"_h;

Bytes changed(BytesView bytes, std::size_t at, std::uint8_t value) {
  Bytes out = to_bytes(bytes);
  out.at(at) = value;
  return out;
}

}  // namespace

TEST_CASE("SMS-DELIVER: every field is read and written (TS 23.040 clause 9.2.2.1)") {
  const auto deliver = SmsDeliver::parse(kDeliver);
  REQUIRE(deliver);
  CHECK(deliver->no_more_messages);
  CHECK_FALSE(deliver->loop_prevention);
  CHECK_FALSE(deliver->status_report);
  CHECK_FALSE(deliver->reply_path);
  CHECK(deliver->originator.text() == "+493012345");
  CHECK(deliver->body.pid == pid::kSimDataDownload);
  CHECK(deliver->body.dcs == kDcsForCard);
  CHECK(deliver->body.has_header);
  CHECK(to_hex(deliver->timestamp) == "62112160410200");
  const auto data = deliver->body.parsed_user_data();
  REQUIRE(data);
  CHECK(data->find(iei::kCommandPacket) != nullptr);
  CHECK(to_hex(data->payload) == "AABB");
  CHECK(deliver->build() == to_bytes(kDeliver));
}

TEST_CASE("SMS-DELIVER: each flag has its bit (TS 23.040 clause 9.2.3)") {
  SmsDeliver deliver = SmsDeliver::parse(kDeliver).value();
  deliver.body.has_header = false;
  deliver.no_more_messages = false;
  CHECK(deliver.build().value()[0] == 0x00);
  deliver.no_more_messages = true;
  CHECK(deliver.build().value()[0] == 0x04);
  deliver.loop_prevention = true;
  CHECK(deliver.build().value()[0] == 0x0C);
  deliver.status_report = true;
  CHECK(deliver.build().value()[0] == 0x2C);
  deliver.reply_path = true;
  CHECK(deliver.build().value()[0] == 0xAC);
  CHECK(SmsDeliver::parse(deliver.build().value()) == deliver);
}

TEST_CASE("SMS-DELIVER: a 7 bit text counts septets and keeps its packed octets (TS 23.040 clause 9.2.3.16)") {
  const Bytes tpdu = to_bytes("04 04912143 00 00 62112160410200 05 E8329BFD06"_h);
  const auto deliver = SmsDeliver::parse(tpdu);
  REQUIRE(deliver);
  CHECK(deliver->body.septets == 5);
  CHECK(deliver->body.user_data.size() == 5);
  CHECK(deliver->build() == tpdu);
  SmsDeliver wrong = *deliver;
  wrong.body.septets = 7;
  CHECK(wrong.build().error().code == ErrorCode::kRange);
  wrong.body.has_header = true;
  CHECK(wrong.body.parsed_user_data().error().code == ErrorCode::kUnsupported);
}

TEST_CASE("SMS-DELIVER: broken ones are refused, with the place") {
  for (std::size_t size = 0; size < kDeliver.size(); ++size) {
    CAPTURE(size);
    const auto cut = SmsDeliver::parse(BytesView(kDeliver).first(size));
    REQUIRE_FALSE(cut);
    CHECK(cut.error().code == ErrorCode::kTruncated);
  }
  CHECK(SmsDeliver::parse(changed(kDeliver, 0, 0x45)).error().code == ErrorCode::kMalformed);  // SUBMIT
  CHECK(SmsDeliver::parse(changed(kDeliver, 0, 0x46)).error().code == ErrorCode::kMalformed);  // STATUS-REPORT
  CHECK(SmsDeliver::parse(changed(kDeliver, 1, 21)).error().code == ErrorCode::kRange);
  CHECK(SmsDeliver::parse(changed(kDeliver, 17, 0x06)).error().code == ErrorCode::kTruncated);
  CHECK(SmsDeliver::parse(changed(kDeliver, 17, 141)).error().code == ErrorCode::kRange);
  const auto longer = SmsDeliver::parse(changed(kDeliver, 17, 0x04));
  CHECK(longer.error().code == ErrorCode::kTrailing);
  CHECK(longer.error().offset == kDeliver.size() - 1);
}

TEST_CASE("User data of more than 140 octets does not go into one TPDU") {
  TpduBody body;
  UserData data;
  data.payload.resize(141);
  CHECK(body.set_user_data(data).error().code == ErrorCode::kRange);
  data.payload.resize(140);
  REQUIRE(body.set_user_data(data));
  CHECK_FALSE(body.has_header);
  SmsDeliver deliver;
  deliver.body = body;
  CHECK(deliver.build());
  deliver.body.user_data.resize(141);
  CHECK(deliver.build().error().code == ErrorCode::kRange);
}

TEST_CASE("SMS-SUBMIT: fields and validity formats (TS 23.040 clauses 9.2.2.2 and 9.2.3.3)") {
  const auto tpdu = "41000991940321 43F57FF602AABB"_h;
  const auto submit = SmsSubmit::parse(tpdu);
  // TP-UDHI is set and the header says AA octets: the TPDU is taken, its user data is not.
  REQUIRE(submit);
  CHECK(submit->destination.text() == "+493012345");
  CHECK(submit->body.parsed_user_data().error().code == ErrorCode::kTruncated);
  CHECK(submit->build() == to_bytes(tpdu));
  struct Example {
    ValidityFormat format;
    std::size_t size;
    std::uint8_t first;
  };
  for (const Example& e : {Example{ValidityFormat::kNone, 0, 0x41}, Example{ValidityFormat::kRelative, 1, 0x51},
                           Example{ValidityFormat::kEnhanced, 7, 0x49}, Example{ValidityFormat::kAbsolute, 7, 0x59}}) {
    SmsSubmit with = *submit;
    with.validity_format = e.format;
    with.validity.assign(e.size, 0xA7);
    const auto built = with.build();
    REQUIRE(built);
    CHECK(built->at(0) == e.first);
    CHECK(SmsSubmit::parse(*built) == with);
    with.validity.push_back(0);
    CHECK(with.build().error().code == ErrorCode::kRange);
    CHECK(SmsSubmit::parse(BytesView(*built).first(built->size() - 1)).error().code == ErrorCode::kTruncated);
    CHECK(SmsSubmit::parse(concat({*built, "00"_h})).error().code == ErrorCode::kTrailing);
  }
}

TEST_CASE("SMS-SUBMIT: each flag has its bit, and broken ones are refused") {
  SmsSubmit submit;
  submit.destination = Address::from_number("+1234").value();
  submit.reference = 0x42;
  submit.reject_duplicates = true;
  CHECK(to_hex(submit.build().value()) ==
        "054204912143"
        "7FF600");
  submit.status_report = true;
  submit.reply_path = true;
  CHECK(submit.build().value()[0] == 0xA5);
  CHECK(SmsSubmit::parse(submit.build().value()) == submit);
  CHECK(SmsSubmit::parse(changed(submit.build().value(), 0, 0x04)).error().code == ErrorCode::kMalformed);
  const Bytes whole = submit.build().value();
  for (std::size_t size = 0; size < whole.size(); ++size) CHECK_FALSE(SmsSubmit::parse(BytesView(whole).first(size)));
}

TEST_CASE("TPDUs made by others are parsed and built equal") {
  std::size_t delivers = 0;
  std::size_t submits = 0;
  for (const test::VectorSet& set : test::load_vectors("ota_worked.txt")) {
    CAPTURE(set.text("id"));
    for (const char* key : {"deliver", "part1_deliver", "part2_deliver"}) {
      if (!set.has(key)) continue;
      const auto deliver = SmsDeliver::parse(set.bytes(key));
      REQUIRE(deliver);
      CHECK(deliver->build() == set.bytes(key));
      SmsDeliver again = *deliver;
      again.body = {};
      REQUIRE(again.body.set_user_data(deliver->body.parsed_user_data().value()));
      CHECK(again.build() == set.bytes(key));
      if (std::string_view(key) == "deliver") CHECK(to_hex(deliver->body.user_data) == set.text("user_data"));
      ++delivers;
    }
    if (set.has("submit")) {
      const auto submit = SmsSubmit::parse(set.bytes("submit"));
      REQUIRE(submit);
      CHECK(submit->build() == set.bytes("submit"));
      CHECK(to_hex(submit->body.user_data) == set.text("response"));
      ++submits;
    }
  }
  CHECK(delivers == 15);
  CHECK(submits == 2);
}

TEST_CASE("A TP-UDL that covers only the header, as one test suite writes it, is refused") {
  std::size_t seen = 0;
  for (const test::VectorSet& set : test::load_vectors("ota_pysim.txt")) {
    if (!set.has("deliver_with_wrong_udl")) continue;
    ++seen;
    Bytes tpdu = set.bytes("deliver_with_wrong_udl");
    CHECK(SmsDeliver::parse(tpdu).error().code == ErrorCode::kTrailing);
    tpdu[16] = static_cast<std::uint8_t>(tpdu.size() - 17);
    const auto repaired = SmsDeliver::parse(tpdu);
    REQUIRE(repaired);
    CHECK(to_hex(repaired->body.parsed_user_data().value().payload) == set.text("packet"));
  }
  CHECK(seen == 4);
}
