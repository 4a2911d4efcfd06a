// A recording on disk.
#pragma once

#include <memory>
#include <string>

#include "script/record_port.hpp"

namespace uicclab::cli {

/// A file that holds whole lines at any time: each write is on the disk when it returns, so that neither a kill nor the loss of power takes
/// what a client has seen.
class RecordingFile {
 public:
  /// Begins anew. With secrets it is this user's alone. Throws Exit.
  RecordingFile(const std::string& path, bool with_secrets);
  ~RecordingFile();
  RecordingFile(const RecordingFile&) = delete;
  RecordingFile& operator=(const RecordingFile&) = delete;

  /// Errors: kIo.
  Result<void> add(std::string_view lines);

 private:
  std::string m_path;
  int m_file;
};

}  // namespace uicclab::cli
