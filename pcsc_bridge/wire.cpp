// SPDX-License-Identifier: Apache-2.0
#include "pcsc_bridge/wire.hpp"

#include <optional>

namespace uicclab::pcsc_bridge::wire {

namespace {

struct Layout {
  Command command;
  std::size_t size;
  /// Where the structure says how many bytes follow it.
  std::optional<std::size_t> announced_at = std::nullopt;
};

constexpr std::array kLayouts{
    Layout{Command::kTransmit, sizeof(Transmit), offsetof(Transmit, send_size)},
    Layout{Command::kEstablish, sizeof(Establish)},
    Layout{Command::kRelease, sizeof(Release)},
    Layout{Command::kConnect, sizeof(Connect)},
    Layout{Command::kReconnect, sizeof(Reconnect)},
    Layout{Command::kDisconnect, sizeof(Disconnect)},
    Layout{Command::kBegin, sizeof(Begin)},
    Layout{Command::kEnd, sizeof(End)},
    Layout{Command::kControl, sizeof(Control), offsetof(Control, send_size)},
    Layout{Command::kStatus, sizeof(Status)},
    Layout{Command::kCancel, sizeof(Cancel)},
    Layout{Command::kGetAttribute, sizeof(Attribute)},
    Layout{Command::kSetAttribute, sizeof(Attribute)},
    Layout{Command::kVersion, sizeof(Version)},
    Layout{Command::kReadersState, 0},
    Layout{Command::kWait, 0},
    Layout{Command::kStopWaiting, 0},
    Layout{Command::kReaderEvents, 0},
    Layout{Command::kReadersSize, 0},
    Layout{Command::kReadersArray, 0},
};

}  // namespace

Result<std::size_t> message_size(BytesView begin) {
  if (begin.size() < sizeof(Header)) return 0;
  const auto header = read<Header>(begin);
  const auto layout = std::ranges::find(kLayouts, header.command, &Layout::command);
  if (layout == kLayouts.end()) return fail(ErrorCode::kUnsupported, "unknown command", offsetof(Header, command));
  if (header.size != layout->size) return fail(ErrorCode::kMalformed, "wrong size for the command", 0);
  const std::size_t size = sizeof(Header) + layout->size;
  if (!layout->announced_at) return size;
  if (begin.size() < size) return 0;
  const std::size_t at = sizeof(Header) + *layout->announced_at;
  const auto announced = read<std::uint32_t>(begin.subspan(at));
  if (announced > kMaxBuffer) return fail(ErrorCode::kRange, "announces more than an extended APDU", at);
  return size + announced;
}

}  // namespace uicclab::pcsc_bridge::wire
