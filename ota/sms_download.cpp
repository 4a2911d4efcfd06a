// SPDX-License-Identifier: Apache-2.0
#include "ota/sms_download.hpp"

#include <span>

#include "core/ber_tlv.hpp"
#include "core/comprehension_tlv.hpp"
#include "core/reader.hpp"

namespace uicclab::ota {
namespace {

// Templates (ETSI TS 101 220 table 7.17) and data objects (table 7.23).
constexpr ber::Tag kProactiveCommand = 0xD0;
constexpr ber::Tag kSmsPpDownload = 0xD1;
constexpr ber::Tag kCellBroadcastDownload = 0xD2;
constexpr std::uint16_t kCommandDetails = 0x01;
constexpr std::uint16_t kDevices = 0x02;
constexpr std::uint16_t kAlphaIdentifier = 0x05;
constexpr std::uint16_t kAddress = 0x06;
constexpr std::uint16_t kSmsTpdu = 0x0B;
constexpr std::uint16_t kCellBroadcastPage = 0x0C;

constexpr std::uint8_t kCommandSendShortMessage = 0x13;
constexpr auto kNetworkToCard = "8381"_h;
constexpr auto kCardToNetwork = "8183"_h;

/// A data object that a template may hold; `value` is set when it was there.
struct Slot {
  std::uint16_t tag;
  std::optional<BytesView> value = std::nullopt;
};

/// Fills the slots from a template and returns the other data objects as they are.
Result<Bytes> read_template(BytesView bytes, ber::Tag tag, std::span<Slot> slots) {
  const auto outer = ber::first(bytes);
  if (!outer) return tl::unexpected(outer.error());
  if (outer->tag != tag) return fail(ErrorCode::kMalformed, "another template");
  if (outer->whole.size() != bytes.size()) return fail(ErrorCode::kTrailing, "bytes after the template", outer->whole.size());
  const std::size_t start = bytes.size() - outer->value.size();
  Bytes others;
  ctlv::Reader reader(outer->value);
  while (!reader.empty()) {
    const auto object = reader.next();
    if (!object) return fail(object.error().code, object.error().text, start + object.error().offset);
    const auto slot = std::ranges::find(slots, object->tag, &Slot::tag);
    if (slot != slots.end()) {
      if (slot->value) return fail(ErrorCode::kMalformed, "a data object twice", start + object->offset);
      slot->value = object->value;
    } else if (object->comprehension_required) {
      return fail(ErrorCode::kUnsupported, "an unknown data object that requires comprehension", start + object->offset);
    } else {
      ctlv::write(others, object->tag, object->value, false);
    }
  }
  return others;
}

Result<void> require_devices(const Slot& slot, BytesView expected) {
  if (!slot.value) return fail(ErrorCode::kNotFound, "no device identities");
  if (slot.value->size() != 2) return fail(ErrorCode::kMalformed, "device identities that are not two");
  if (!equal(*slot.value, expected)) return fail(ErrorCode::kRange, "other device identities");
  return {};
}

std::optional<Bytes> owned(const Slot& slot) {
  if (!slot.value) return std::nullopt;
  return to_bytes(*slot.value);
}

}  // namespace

Result<SmsPpDownload> SmsPpDownload::parse(BytesView envelope) {
  std::array<Slot, 3> slots{{{kDevices}, {kAddress}, {kSmsTpdu}}};
  auto others = read_template(envelope, kSmsPpDownload, slots);
  if (!others) return tl::unexpected(others.error());
  if (auto devices = require_devices(slots[0], kNetworkToCard); !devices) return tl::unexpected(devices.error());
  if (!slots[2].value) return fail(ErrorCode::kNotFound, "no SMS TPDU");
  return SmsPpDownload{owned(slots[1]), to_bytes(*slots[2].value), *std::move(others)};
}

Bytes SmsPpDownload::build() const {
  Bytes objects;
  ctlv::write(objects, kDevices, kNetworkToCard);
  if (service_centre) ctlv::write(objects, kAddress, *service_centre, false);
  ctlv::write(objects, kSmsTpdu, tpdu);
  append(objects, others);
  return ber::encode(kSmsPpDownload, objects);
}

Result<CellBroadcastDownload> CellBroadcastDownload::parse(BytesView envelope) {
  std::array<Slot, 2> slots{{{kDevices}, {kCellBroadcastPage}}};
  auto others = read_template(envelope, kCellBroadcastDownload, slots);
  if (!others) return tl::unexpected(others.error());
  if (auto devices = require_devices(slots[0], kNetworkToCard); !devices) return tl::unexpected(devices.error());
  if (!slots[1].value) return fail(ErrorCode::kNotFound, "no cell broadcast page");
  if (slots[1].value->size() != CellBroadcastPage::kSize) return fail(ErrorCode::kMalformed, "a page must have 88 octets");
  return CellBroadcastDownload{to_bytes(*slots[1].value), *std::move(others)};
}

Bytes CellBroadcastDownload::build() const {
  if (page.size() != CellBroadcastPage::kSize) throw SystemError("a cell broadcast page must have 88 octets");
  Bytes objects;
  ctlv::write(objects, kDevices, kNetworkToCard);
  ctlv::write(objects, kCellBroadcastPage, page);
  append(objects, others);
  return ber::encode(kCellBroadcastDownload, objects);
}

Result<CellBroadcastPage> CellBroadcastPage::parse(BytesView bytes) {
  if (bytes.size() != kSize) return fail(ErrorCode::kRange, "a page must have 88 octets");
  ByteReader reader(bytes);
  CellBroadcastPage out;
  out.serial_number = *reader.u16();
  out.message_identifier = *reader.u16();
  out.dcs = *reader.u8();
  const std::uint8_t parameter = *reader.u8();
  out.page = parameter >> 4;
  out.total = parameter & 0x0F;
  if (out.page == 0 || out.total == 0) out.page = out.total = 1;
  out.content = to_bytes(reader.rest());
  return out;
}

Result<Bytes> CellBroadcastPage::build() const {
  if (content.size() > kContentSize) return fail(ErrorCode::kRange, "a page of more than 82 octets");
  if (page == 0 || page > 15 || total == 0 || total > 15) return fail(ErrorCode::kRange, "pages that are not 1 to 15");
  ByteWriter writer;
  writer.u16(serial_number).u16(message_identifier).u8(dcs).u8(static_cast<std::uint8_t>((page << 4) | total)).bytes(content);
  writer.fill(kContentSize - content.size(), 0x00);
  return writer.take();
}

Result<SendShortMessage> SendShortMessage::parse(BytesView command) {
  std::array<Slot, 5> slots{{{kCommandDetails}, {kDevices}, {kAlphaIdentifier}, {kAddress}, {kSmsTpdu}}};
  auto others = read_template(command, kProactiveCommand, slots);
  if (!others) return tl::unexpected(others.error());
  const auto& details = slots[0].value;
  if (!details) return fail(ErrorCode::kNotFound, "no command details");
  if (details->size() != 3 || (*details)[1] != kCommandSendShortMessage) return fail(ErrorCode::kMalformed, "not SEND SHORT MESSAGE");
  if (auto devices = require_devices(slots[1], kCardToNetwork); !devices) return tl::unexpected(devices.error());
  if (!slots[4].value) return fail(ErrorCode::kNotFound, "no SMS TPDU");
  SendShortMessage out;
  out.number = (*details)[0];
  out.packing_required = ((*details)[2] & 0x01) != 0;
  out.alpha_identifier = owned(slots[2]);
  out.service_centre = owned(slots[3]);
  out.tpdu = to_bytes(*slots[4].value);
  out.others = *std::move(others);
  return out;
}

Bytes SendShortMessage::build() const {
  Bytes objects;
  const std::array<std::uint8_t, 3> details{number, kCommandSendShortMessage, static_cast<std::uint8_t>(packing_required ? 1 : 0)};
  ctlv::write(objects, kCommandDetails, details);
  ctlv::write(objects, kDevices, kCardToNetwork);
  if (alpha_identifier) ctlv::write(objects, kAlphaIdentifier, *alpha_identifier);
  if (service_centre) ctlv::write(objects, kAddress, *service_centre);
  ctlv::write(objects, kSmsTpdu, tpdu);
  append(objects, others);
  return ber::encode(kProactiveCommand, objects);
}

}  // namespace uicclab::ota
