// SPDX-License-Identifier: Apache-2.0
#include "emulator/bench.hpp"

#include <algorithm>
#include <optional>

namespace uicclab::emulator {
namespace {

constexpr std::uint8_t kByDfName = 0x04;
constexpr std::uint8_t kByPathFromDf = 0x09;

std::optional<FileId> application(const FileSystem& files, BytesView aid) {
  for (const FileId adf : files.adfs()) {
    if (files.header(adf).aid.begins_with(aid)) return adf;
  }
  return std::nullopt;
}

/// The file that these SELECT commands lead to.
std::optional<FileId> locate(const FileSystem& files, std::span<const Bytes> selection) {
  std::optional<FileId> at = kMfId;
  for (const Bytes& bytes : selection) {
    const auto command = apdu::parse(bytes);
    if (!command) return std::nullopt;
    if (command->p1 == kByDfName) {
      at = application(files, command->data);
    } else {
      if (command->p1 != kByPathFromDf) at = kMfId;
      for (std::size_t i = 0; at && i + 1 < command->data.size(); i += 2) {
        const Fid fid = fid_at(command->data, i);
        at = fid == kMfFid ? std::optional(kMfId) : files.child(*at, fid);
      }
    }
    if (!at) return std::nullopt;
  }
  return at;
}

/// The command path wants a handler; what is written, and where, comes with the command: P1 the record or P1 P2 the offset.
StatusWord write_binary(Execution& e) {
  Bytes& body = e.files().edit_body(*e.channel.file);
  std::ranges::copy(e.command.data, body.begin() + e.command.p1p2());
  return sw::kOk;
}

StatusWord write_record(Execution& e) {
  e.files().put_record(*e.channel.file, e.command.p1, e.command.data);
  return sw::kOk;
}

Result<void> check(const FileHeader& header, Part part, BytesView value) {
  if (header.kind == FileKind::kTransparent) {
    if (part.record != 0) return fail(ErrorCode::kNotFound, "the file has no records");
    if (part.offset > header.size || part.offset > 0xFFFF || value.size() > header.size - part.offset) {
      return fail(ErrorCode::kRange, "the file has " + std::to_string(header.size) + " bytes");
    }
    return {};
  }
  if (!has_records(header.kind)) return fail(ErrorCode::kUnsupported, "no transparent EF and no EF with records");
  if (part.offset != 0) return fail(ErrorCode::kUnsupported, "a record is written as a whole");
  if (part.record == 0 || part.record > header.record_count) {
    return fail(ErrorCode::kNotFound, "the file has records 1 to " + std::to_string(header.record_count));
  }
  if (value.size() > header.record_length) {
    return fail(ErrorCode::kRange, "a record of the file has " + std::to_string(header.record_length) + " bytes");
  }
  return {};
}

Result<void> write(Card& card, std::span<const Bytes> selection, Part part, BytesView value) {
  const Session& session = *card.session();
  const auto file = locate(session.files(), selection);
  if (!file) return fail(ErrorCode::kNotFound, "the card has no such file");
  const FileHeader& header = session.files().header(*file);
  if (is_directory(header.kind)) return fail(ErrorCode::kUnsupported, "this is a directory");
  if (auto checked = check(header, part, value); !checked) return checked;
  const bool binary = header.kind == FileKind::kTransparent;
  apdu::Command command;
  command.p1 = binary ? static_cast<std::uint8_t>(part.offset >> 8) : part.record;
  command.p2 = binary ? static_cast<std::uint8_t>(part.offset) : std::uint8_t{0};
  command.data = value;
  ChannelState channel;
  channel.select_file(*file, header);
  const auto status = card.run(channel, command, binary ? write_binary : write_record);
  if (!status) return tl::unexpected(status.error());
  if (*status != sw::kOk) return fail(ErrorCode::kRefused, "the card refused to store it: " + std::string(meaning(*status)));
  return {};
}

}  // namespace

Result<void> write_file(Card& card, std::span<const Bytes> selection, Part part, BytesView value) {
  if (card.session() != nullptr) return write(card, selection, part, value);
  if (const auto atr = card.reset(); !atr) return tl::unexpected(atr.error());
  auto done = write(card, selection, part, value);
  card.power_off();
  return done;
}

Result<void> queue_proactive(Card& card, BytesView command) {
  if (card.session() == nullptr) return fail(ErrorCode::kRefused, "the card is off");
  if (card.session()->cat.terminal_profile().empty()) return fail(ErrorCode::kRefused, "no terminal has sent TERMINAL PROFILE");
  if (!card.session()->toolkit().send(ToolkitRuntime::kNobody, command))
    return fail(ErrorCode::kRefused, "the queue of proactive commands is full");
  return {};
}

}  // namespace uicclab::emulator
