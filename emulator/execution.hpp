// SPDX-License-Identifier: Apache-2.0
// One command on its way through the command table: the input of every handler, and the checks they share.
#pragma once

#include "core/apdu.hpp"
#include "emulator/session.hpp"

namespace uicclab::emulator {

/// Parameters of one command. The command is plain: no secure messaging, the class without its channel.
struct Execution {
  Session& session;
  ChannelState& channel;
  Channel channel_number;
  SecurityContext& security;
  const apdu::Command& command;
  Bytes& out;
  /// Set for a command out of a secured packet: the version of the keys that secured it.
  std::optional<KeyVersion> secured_by = std::nullopt;
  /// Set for a command out of a secure channel: bytes of answer that the channel can protect.
  std::optional<std::size_t> room = std::nullopt;
  /// Set for a command as the terminal sent it: the class byte with channel and secure messaging.
  std::optional<std::uint8_t> sent_class = std::nullopt;
  /// Set by who answers: what is in `out` goes out with an error status too.
  bool data_with_any_status = false;
  /// Set for an application's update of a part: where in the file or record it begins (applet::FileView::update). P1 and P2 of
  /// UPDATE BINARY mean nothing then, and there may be no data.
  std::optional<std::size_t> part_at = std::nullopt;

  FileSystem& files() const { return session.files(); }

  /// May the operation be carried out on the file now? (ETSI TS 102 221 clause 9.2)
  bool allowed(FileId file, const Access& access) const { return session.access().allowed(file, access, security, channel.adf_or_mf()); }

  /// Is Le the most bytes that may come back (ISO/IEC 7816-3 clause 12.1)? Under T=0, and in a secured packet, whose commands are those
  /// of T=0 (TS 102 226 clause 5.1), it is the exact number.
  bool le_is_limit() const { return room || (session.protocol == Protocol::kT1 && !secured_by); }

  /// Is Le good for an answer of `size` bytes? If not, the command answers exact_length(size) and must have changed nothing.
  /// T=0: Le is the size, or 256 and more are there (clause 7.3.1.1). Out of a secured packet 00 asks for what there is.
  bool le_fits(std::size_t size) const {
    if (!command.le) return true;  // cases 3 and 1: the answer waits for GET RESPONSE
    if (!command.data.empty()) return true;
    if (*command.le == size) return true;
    return size < *command.le && (le_is_limit() || (secured_by && command.le_is_maximum()));
  }

  /// What a command that read `size` bytes to the end of the file or record answers: fewer than a limiting Le that is not "as much as
  /// there is" are 6282 (TS 102 221 table 10.16).
  StatusWord read_status(std::size_t size) const {
    const bool short_of = command.data.empty() && command.le && size < *command.le && !command.le_is_maximum();
    return short_of ? sw::kEndOfFile : sw::kOk;
  }

  /// The EF a command means: by SFI in the current directory if `sfi` is not 0, else the current one.
  /// `status` says why there is none: 6986 no EF selected, 6A82 no such SFI, 6985 not shareable and in use.
  std::optional<FileId> target(std::uint8_t sfi, StatusWord& status) const;
  /// The EF is not shareable and is current on another channel, or in an application's view (ETSI TS 102 221 clause 8.7).
  bool in_use_elsewhere(FileId file) const;
  /// A command that found its EF by SFI was carried out: it is selected now (clause 8.5.2).
  void make_current(FileId file, std::uint8_t sfi) const {
    if (sfi != 0) channel.select_file(file, files().header(file));
  }
  /// Record pointer that a command on the EF starts from: that of the current EF, or, as the EF was found by SFI, as after a selection.
  /// 0: not set, or the record is gone since.
  std::uint8_t record_pointer(FileId file, std::uint8_t sfi) const {
    const FileHeader& header = files().header(file);
    const std::uint8_t pointer = sfi != 0 ? std::uint8_t{0} : channel.record;
    return pointer <= header.record_count ? pointer : std::uint8_t{0};
  }

  /// Checks shared by commands on an EF's contents, in the order of the standard: structure 6981, deactivated 6984, terminated 6985,
  /// access 6982.
  std::optional<StatusWord> refuse(FileId file, std::initializer_list<FileKind> kinds, const Access& access) const;
};

/// The file, or a directory above it, is terminated (ETSI TS 102 222 clause 6.7: what is below a terminated DF is out of reach).
bool is_terminated(const FileSystem& files, const FileHeader& file);

/// A command's implementation.
using Handler = StatusWord (*)(Execution&);

}  // namespace uicclab::emulator
