// SPDX-License-Identifier: Apache-2.0
#include "ota/sms_tpdu.hpp"

namespace uicclab::ota {
namespace {

// Bits of the first octet (clause 9.2.3.1 to 9.2.3.28).
constexpr std::uint8_t kTypeMask = 0x03;
constexpr std::uint8_t kDeliver = 0x00;
constexpr std::uint8_t kSubmit = 0x01;
constexpr std::uint8_t kBit3 = 0x04;  // TP-MMS, TP-RD
constexpr std::uint8_t kBit4 = 0x08;  // TP-LP
constexpr std::uint8_t kReport = 0x20;
constexpr std::uint8_t kHeader = 0x40;
constexpr std::uint8_t kReplyPath = 0x80;

std::uint8_t bit(bool set, std::uint8_t mask) {
  return set ? mask : 0;
}

bool counts_septets(std::uint8_t dcs) {
  return user_data_octets(dcs, 8) != 8;
}

std::size_t validity_size(ValidityFormat format) {
  if (format == ValidityFormat::kNone) return 0;
  return format == ValidityFormat::kRelative ? 1 : 7;
}

/// TP-UDL and TP-UD up to the end of the TPDU.
Result<void> read_user_data(ByteReader& reader, TpduBody& body) {
  const std::size_t start = reader.offset();
  const auto udl = reader.u8();
  if (!udl) return fail(ErrorCode::kTruncated, "no TP-UDL", start);
  const std::size_t size = user_data_octets(body.dcs, *udl);
  if (size > kMaxUserData) return fail(ErrorCode::kRange, "TP-UDL of more than 140 octets", start);
  const auto data = reader.bytes(size);
  if (!data) return fail(ErrorCode::kTruncated, "the user data ends before TP-UDL does", start);
  if (!reader.empty()) return fail(ErrorCode::kTrailing, "octets after the user data", reader.offset());
  body.user_data = to_bytes(*data);
  if (counts_septets(body.dcs)) body.septets = *udl;
  return {};
}

Result<void> write_user_data(ByteWriter& writer, const TpduBody& body) {
  if (body.user_data.size() > kMaxUserData) return fail(ErrorCode::kRange, "user data of more than 140 octets");
  const auto udl = counts_septets(body.dcs) ? body.septets : static_cast<std::uint8_t>(body.user_data.size());
  if (user_data_octets(body.dcs, udl) != body.user_data.size()) {
    return fail(ErrorCode::kRange, "the number of septets and the user data do not agree");
  }
  writer.u8(udl).bytes(body.user_data);
  return {};
}

}  // namespace

Result<UserData> TpduBody::parsed_user_data() const {
  if (has_header && counts_septets(dcs)) {
    return fail(ErrorCode::kUnsupported, "7 bit text after a header is not supported");
  }
  return parse_user_data(user_data, has_header);
}

Result<void> TpduBody::set_user_data(const UserData& data) {
  auto bytes = data.encode();
  if (!bytes) return tl::unexpected(bytes.error());
  if (bytes->size() > kMaxUserData) return fail(ErrorCode::kRange, "user data of more than 140 octets");
  has_header = !data.header.empty();
  user_data = *std::move(bytes);
  return {};
}

Result<SmsDeliver> SmsDeliver::parse(BytesView tpdu) {
  ByteReader reader(tpdu);
  const auto first = reader.u8();
  if (!first) return fail(ErrorCode::kTruncated, "an empty TPDU");
  // The clause lets a receiver take the reserved type 3 as an SMS-DELIVER; nothing sends it to a card, so it is refused.
  if ((*first & kTypeMask) != kDeliver) return fail(ErrorCode::kMalformed, "not an SMS-DELIVER");
  SmsDeliver deliver;
  deliver.no_more_messages = (*first & kBit3) != 0;
  deliver.loop_prevention = (*first & kBit4) != 0;
  deliver.status_report = (*first & kReport) != 0;
  deliver.body.has_header = (*first & kHeader) != 0;
  deliver.reply_path = (*first & kReplyPath) != 0;
  auto address = read_address(reader);
  if (!address) return tl::unexpected(address.error());
  deliver.originator = *std::move(address);
  const std::size_t start = reader.offset();
  const auto protocol = reader.u8();
  const auto dcs = reader.u8();
  const auto timestamp = reader.bytes(deliver.timestamp.size());
  if (!timestamp) return fail(ErrorCode::kTruncated, "no TP-PID, TP-DCS and TP-SCTS", start);
  deliver.body.pid = *protocol;
  deliver.body.dcs = *dcs;
  std::ranges::copy(*timestamp, deliver.timestamp.begin());
  if (auto done = read_user_data(reader, deliver.body); !done) return tl::unexpected(done.error());
  return deliver;
}

Result<Bytes> SmsDeliver::build() const {
  ByteWriter writer;
  writer.u8(static_cast<std::uint8_t>(kDeliver | bit(no_more_messages, kBit3) | bit(loop_prevention, kBit4) | bit(status_report, kReport) |
                                      bit(body.has_header, kHeader) | bit(reply_path, kReplyPath)));
  write_address(writer, originator);
  writer.u8(body.pid).u8(body.dcs).bytes(timestamp);
  if (auto done = write_user_data(writer, body); !done) return tl::unexpected(done.error());
  return writer.take();
}

Result<SmsSubmit> SmsSubmit::parse(BytesView tpdu) {
  ByteReader reader(tpdu);
  const auto first = reader.u8();
  const auto reference = reader.u8();
  if (!reference) return fail(ErrorCode::kTruncated, "no TP-MR");
  if ((*first & kTypeMask) != kSubmit) return fail(ErrorCode::kMalformed, "not an SMS-SUBMIT");
  SmsSubmit submit;
  submit.reject_duplicates = (*first & kBit3) != 0;
  submit.validity_format = static_cast<ValidityFormat>((*first >> 3) & 0x03);
  submit.status_report = (*first & kReport) != 0;
  submit.body.has_header = (*first & kHeader) != 0;
  submit.reply_path = (*first & kReplyPath) != 0;
  submit.reference = *reference;
  auto address = read_address(reader);
  if (!address) return tl::unexpected(address.error());
  submit.destination = *std::move(address);
  const std::size_t start = reader.offset();
  const auto protocol = reader.u8();
  const auto dcs = reader.u8();
  const auto validity = reader.bytes(validity_size(submit.validity_format));
  if (!dcs || !validity) return fail(ErrorCode::kTruncated, "no TP-PID, TP-DCS and TP-VP", start);
  submit.body.pid = *protocol;
  submit.body.dcs = *dcs;
  submit.validity = to_bytes(*validity);
  if (auto done = read_user_data(reader, submit.body); !done) return tl::unexpected(done.error());
  return submit;
}

Result<Bytes> SmsSubmit::build() const {
  if (validity.size() != validity_size(validity_format)) return fail(ErrorCode::kRange, "a validity period of another length");
  ByteWriter writer;
  writer.u8(static_cast<std::uint8_t>(kSubmit | bit(reject_duplicates, kBit3) | (static_cast<unsigned>(validity_format) << 3) |
                                      bit(status_report, kReport) | bit(body.has_header, kHeader) | bit(reply_path, kReplyPath)));
  writer.u8(reference);
  write_address(writer, destination);
  writer.u8(body.pid).u8(body.dcs).bytes(validity);
  if (auto done = write_user_data(writer, body); !done) return tl::unexpected(done.error());
  return writer.take();
}

}  // namespace uicclab::ota
