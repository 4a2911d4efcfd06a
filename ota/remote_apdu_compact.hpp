// SPDX-License-Identifier: Apache-2.0
// Compact remote application data: ETSI TS 102 226 clause 5.1.
//
// Commands in a row, each CLA INS P1 P2 P3 and then, unless it only asks for data, P3 bytes of data. The response has the number that were
// executed, and the status and data of the last of them.
#pragma once

#include <optional>
#include <vector>

#include "core/apdu.hpp"

namespace uicclab::ota {

/// Whose commands a script has: P3 means Le for some of them, and INS F2 is STATUS here and GET STATUS there.
enum class CommandSet {
  kFiles,        ///< remote file management (clause 7.1)
  kApplications  ///< remote application management (clause 8.2)
};

/// A parsed script. `commands` point into it; P3 is part of each, so that one without data has five bytes.
struct CompactScript {
  std::vector<BytesView> commands;
  /// What does not read as a command after them, with its offset. The commands before it are good: a receiver works through the script
  /// as it comes. kTruncated: fewer than five bytes, or less data than P3 says.
  std::optional<Error> broken;

  static CompactScript parse(BytesView script, CommandSet set);
};

/// P3 of this command, of four bytes at least, is Le (case 2, and GET RESPONSE). RETRIEVE DATA brings its tag with the first block only.
bool is_outgoing(BytesView command, CommandSet set);

/// A script of C-APDUs as a terminal would send them. A case 1 command gets P3 = 00, a case 4 command loses its Le; if it is the last,
/// a GET RESPONSE for so much follows it. Errors, with the index of the command as offset: kTruncated, kTrailing (not a C-APDU);
/// kUnsupported for an extended one, or one that is read differently in this form; kRefused for one that asks for data and is not the
/// last, since only the last is answered with data (clause 5.1.1); kRange for more than 255 commands.
Result<Bytes> build_compact(const std::vector<Bytes>& commands, CommandSet set);

/// The response data of a script.
struct CompactResponse {
  std::uint8_t executed = 0;
  StatusWord status;
  Bytes data;

  /// Errors: kTruncated under three bytes.
  static Result<CompactResponse> parse(BytesView response);
  /// At most `limit` bytes, 3 at least: data that does not fit is lost and the status becomes 62F1 (clause 5.1.1).
  Bytes build(std::size_t limit = SIZE_MAX) const;
  bool operator==(const CompactResponse&) const = default;
};

}  // namespace uicclab::ota
