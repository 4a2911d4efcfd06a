// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/device/card_files.hpp"

#include <algorithm>

#include "core/atr.hpp"
#include "core/reader.hpp"
#include "core/transceive.hpp"
#include "uicc/file_facts.hpp"

namespace uicclab::lwm2m::device {
namespace {

constexpr std::uint8_t kVerify = 0x20, kManageChannel = 0x70, kSelect = 0xA4;

}  // namespace

bool takes_extended_length(BytesView atr) {
  constexpr std::uint8_t kCapabilities = 7, kExtendedLength = 0x40;
  const auto info = parse_atr(atr);
  if (!info || !info->offers(Protocol::kT1)) return false;
  ByteReader historical(info->historical);
  const auto category = historical.u8();
  if (category != 0x80 && category != 0x00) return false;
  while (const auto head = historical.u8()) {  // COMPACT-TLV: tag and length in one byte
    const auto value = historical.bytes(*head & 0x0F);
    if (!value) return false;
    if (*head >> 4 == kCapabilities) return value->size() >= 3 && ((*value)[2] & kExtendedLength) != 0;
  }
  return false;
}

CardFiles::~CardFiles() {
  if (m_channel.value == 0) return;
  (void)transceive(m_port, apdu::Command{.ins = kManageChannel, .p1 = 0x80, .p2 = m_channel.value, .data = {}, .le = std::nullopt});
}

Result<void> CardFiles::open_channel() {
  const auto answer = transceive(m_port, apdu::Command{.ins = kManageChannel, .data = {}, .le = 1});
  if (!answer) return tl::unexpected(answer.error());
  if (answer->status == sw::kOk && answer->data.size() == 1 && answer->data[0] <= 19) {
    m_channel = Channel{answer->data[0]};
    m_content.set_channel(m_channel);
  }
  return {};
}

Result<apdu::Response> CardFiles::send(std::uint8_t ins, std::uint8_t p1, std::uint8_t p2, BytesView data,
                                       std::optional<std::uint32_t> le) {
  return transceive(m_port, apdu::Command{apdu::cla_for_channel(0x00, m_channel.value), ins, p1, p2, data, le});
}

Result<SelectedFile> CardFiles::selected(const Result<apdu::Response>& answer) const {
  if (!answer) return tl::unexpected(answer.error());
  SelectedFile out;
  out.status = answer->status;
  if (!answer->status.is_success()) return out;
  auto facts = uicc::FileFacts::from(answer->data);
  if (facts.record_length && (*facts.record_length == 0 || *facts.record_length > 255)) {
    return fail(ErrorCode::kRange,
                "the FCP gives records of " + std::to_string(*facts.record_length) + " bytes; a record has 1 to 255 bytes");
  }
  out.aid = std::move(facts.aid);
  out.size = facts.size;
  out.record = facts.record_length;
  return out;
}

Result<SelectedFile> CardFiles::select_application(BytesView aid) {
  return selected(send(kSelect, 0x04, 0x04, aid, 256));
}

Result<SelectedFile> CardFiles::select(BytesView path) {
  if (path.empty()) return selected(send(kSelect, 0x00, 0x04, "3F00"_h, 256));
  return selected(send(kSelect, 0x08, 0x04, path, 256));
}

Result<StatusWord> CardFiles::write(BytesView content) {
  if (content.size() <= longest_command()) return m_content.update_binary(0, content);
  if (const auto torn = m_content.update_binary(0, "FFFF"_h); !torn || !torn->is_success()) return torn;
  if (const auto rest = m_content.update_binary(2, content.subspan(2)); !rest || !rest->is_success()) return rest;
  return m_content.update_binary(0, content.first(2));
}

Result<std::optional<StatusWord>> CardFiles::write_in_one(BytesView content, BytesView now) {
  std::size_t begin = 0, end = content.size();
  if (now.size() == content.size()) {
    begin = static_cast<std::size_t>(std::ranges::mismatch(content, now).in1 - content.begin());
    while (end > begin && content[end - 1] == now[end - 1]) --end;
  }
  if (end - begin > longest_command()) return std::optional<StatusWord>();
  return m_content.update_binary(begin, content.subspan(begin, end - begin)).map([](StatusWord status) { return std::optional(status); });
}

Result<StatusWord> CardFiles::ask_pin(std::uint8_t reference) {
  return send(kVerify, 0x00, reference, {}).map([](const apdu::Response& answer) { return answer.status; });
}

Result<StatusWord> CardFiles::verify_pin(std::uint8_t reference, const crypto::SecretBytes& pin) {
  crypto::WipedBytes value = crypto::to_wiped(pin.expose(crypto::ExposeSecret{"VERIFY PIN sends it to the card"}));
  value.resize(8, 0xFF);  // clause 9.5.1
  return send(kVerify, 0x00, reference, value).map([](const apdu::Response& answer) { return answer.status; });
}

}  // namespace uicclab::lwm2m::device
