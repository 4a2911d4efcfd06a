// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/device/card_files.hpp"

#include <algorithm>

#include "core/atr.hpp"
#include "core/reader.hpp"
#include "core/transceive.hpp"
#include "uicc/file_facts.hpp"

namespace uicclab::lwm2m::device {
namespace {

constexpr std::uint8_t kVerify = 0x20, kManageChannel = 0x70, kSelect = 0xA4, kReadBinary = 0xB0, kReadRecord = 0xB2, kUpdateBinary = 0xD6;
constexpr std::size_t kLargestOffset = 0x7FFF;  // 15 bits in P1 and P2

std::uint8_t high(std::size_t offset) {
  return static_cast<std::uint8_t>(offset >> 8);
}
std::uint8_t low(std::size_t offset) {
  return static_cast<std::uint8_t>(offset);
}

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
  if (answer->status == sw::kOk && answer->data.size() == 1 && answer->data[0] <= 19) m_channel = Channel{answer->data[0]};
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
                "the FCP tells records of " + std::to_string(*facts.record_length) + " bytes; a record has 1 to 255 bytes");
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

Result<FileContent> CardFiles::read(std::optional<std::size_t> size) {
  FileContent out{sw::kOk, {}};
  const std::size_t end = size.value_or(kLargestOffset + 1);
  while (out.bytes.size() < end && out.bytes.size() <= kLargestOffset) {
    const std::size_t offset = out.bytes.size();
    const std::size_t wanted = std::min(m_longest_answer, end - offset);
    auto answer = send(kReadBinary, high(offset), low(offset), {}, static_cast<std::uint32_t>(wanted));
    if (!answer) return tl::unexpected(answer.error());
    const bool end_reached = answer->status == sw::kEndOfFile || answer->status == sw::kWrongP1P2;
    if (answer->status != sw::kOk && !(end_reached && (offset > 0 || !answer->data.empty()))) {
      out.status = answer->status;
      return out;
    }
    out.bytes.insert(out.bytes.end(), answer->data.begin(), answer->data.end());
    const std::size_t got = answer->data.size();
    crypto::wipe(answer->data);
    if (end_reached || got < wanted) break;
  }
  return out;
}

Result<FileContent> CardFiles::read_record(std::uint8_t number, std::size_t size) {
  const auto answer = send(kReadRecord, number, 0x04, {}, static_cast<std::uint32_t>(size));
  if (!answer) return tl::unexpected(answer.error());
  return FileContent{answer->status, crypto::to_wiped(answer->data)};
}

Result<StatusWord> CardFiles::update(std::size_t offset, BytesView data) {
  while (!data.empty()) {
    const BytesView part = data.first(std::min(data.size(), m_longest_command));
    const auto answer = send(kUpdateBinary, high(offset), low(offset), part);
    if (!answer) return tl::unexpected(answer.error());
    if (answer->status != sw::kOk) return answer->status;
    offset += part.size();
    data = data.subspan(part.size());
  }
  return sw::kOk;
}

Result<StatusWord> CardFiles::write(BytesView content) {
  if (content.size() <= m_longest_command) return update(0, content);
  if (const auto torn = update(0, "FFFF"_h); !torn || *torn != sw::kOk) return torn;
  if (const auto rest = update(2, content.subspan(2)); !rest || *rest != sw::kOk) return rest;
  return update(0, content.first(2));
}

Result<std::optional<StatusWord>> CardFiles::write_in_one(BytesView content, BytesView now) {
  std::size_t begin = 0, end = content.size();
  if (now.size() == content.size()) {
    begin = static_cast<std::size_t>(std::ranges::mismatch(content, now).in1 - content.begin());
    while (end > begin && content[end - 1] == now[end - 1]) --end;
  }
  if (end - begin > m_longest_command) return std::optional<StatusWord>();
  return update(begin, content.subspan(begin, end - begin)).map([](StatusWord status) { return std::optional(status); });
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
