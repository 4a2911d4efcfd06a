// SPDX-License-Identifier: Apache-2.0
// File control parameters: ETSI TS 102 221 clause 11.1.1.3 and 11.1.1.4; the way in for CREATE FILE: ETSI TS 102 222 clause 6.3.
#pragma once

#include <functional>
#include <optional>

#include "core/result.hpp"
#include "uicc/file.hpp"

namespace uicclab::uicc {

/// What the card adds to a header when it answers with the FCP.
struct FcpExtras {
  /// Appends what the card computes for a DF: UICC characteristics (tag 80 in A5), memory, supported commands. Not asked for EFs.
  std::function<void(Bytes&)> proprietary;
  /// Is the key of the PIN status template enabled? (PS_DO, tag 90)
  std::function<bool(KeyReference)> key_enabled;
};

/// The structure that a file descriptor byte names, a DF for any directory (ETSI TS 102 221 clause 11.1.1.4.3); nothing if it names none.
std::optional<FileKind> kind_of_descriptor(std::uint8_t byte);

/// FCP template (tag 62) as SELECT and STATUS answer it.
void encode_fcp(const FileHeader& header, const FcpExtras& extras, Bytes& out);

/// The header as it is kept in NVM: parent number, then an FCP without computed parts. Inverse of decode_header.
Bytes encode_header(const FileHeader& header);
/// Errors: as parse_fcp; kTruncated.
Result<FileHeader> decode_header(BytesView bytes);

/// Parses an FCP template given to CREATE FILE (or read from NVM or a real card). `parent` stays 0.
/// Errors: kMalformed, kRange, kNotFound (a mandatory data object is missing), with the offset.
Result<FileHeader> parse_fcp(BytesView fcp);

}  // namespace uicclab::uicc
