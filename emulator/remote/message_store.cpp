// SPDX-License-Identifier: Apache-2.0
#include "emulator/remote/message_store.hpp"

#include "core/reader.hpp"

namespace uicclab::emulator {
namespace {

constexpr Fid kTelecom{0x7F10};
constexpr Fid kSms{0x6F3C};
// Record: status, address of the service centre behind its length, TPDU.
constexpr std::uint8_t kUsed = 0x01;  // bit of the status
constexpr std::uint8_t kReceivedNotRead = 0x03;

std::optional<FileId> message_file(const Session& session) {
  const auto usim = session.runtime().by_module("usim");
  const auto adf = usim ? session.runtime().instance(*usim).adf : std::nullopt;
  const auto directory = session.files().child(kMfId, kTelecom);
  for (const auto& place : {adf, directory}) {
    const auto file = place ? session.files().child(*place, kSms) : std::nullopt;
    if (!file) continue;
    const FileHeader& header = session.files().header(*file);
    if (header.kind == FileKind::kLinearFixed && header.life_cycle == LifeCycle::kActivated) return file;
  }
  return std::nullopt;
}

}  // namespace

StatusWord store_message(Session& session, const ota::SmsPpDownload& message) {
  const auto file = message_file(session);
  if (!file) return sw::kFileNotFound;
  const Bytes record = ByteWriter().u8(kReceivedNotRead).lv(message.service_centre.value_or(Bytes{})).bytes(message.tpdu).take();
  const FileHeader& header = session.files().header(*file);
  if (record.size() > header.record_length) return sw::kNotEnoughMemory;
  for (std::size_t number = 1; number <= header.record_count; ++number) {
    if ((session.files().record(*file, number).front() & kUsed) != 0) continue;
    session.files().update_record(*file, number, record);
    return sw::kOk;
  }
  return sw::kNotEnoughMemory;
}

}  // namespace uicclab::emulator
