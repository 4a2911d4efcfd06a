// SPDX-License-Identifier: Apache-2.0
// A recording on disk.
#pragma once

#include <memory>
#include <string>

#include "core/net/fd.hpp"
#include "script/record_port.hpp"

namespace uicclab::cli {

/// A file that holds whole lines at any time: each write is on the disk when it returns, so that neither a kill nor the loss of power takes
/// what a client has seen.
class RecordingFile {
 public:
  /// Starts an empty file, only for this user: answers may contain keys, too. Throws Exit.
  explicit RecordingFile(const std::string& path);

  /// Errors: kIo.
  Result<void> add(std::string_view lines);

 private:
  std::string m_path;
  net::Fd m_file;
};

}  // namespace uicclab::cli
