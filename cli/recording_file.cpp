#include "cli/recording_file.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/commands.hpp"

namespace uicclab::cli {

RecordingFile::RecordingFile(const std::string& path, bool with_secrets)
    : m_path(path), m_file(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, with_secrets ? 0600 : 0666)) {
  if (m_file < 0) throw Exit{kEnvironment, "cannot write " + path + ": " + std::strerror(errno)};
  if (with_secrets) fchmod(m_file, 0600);  // also of a file that was there before
}

RecordingFile::~RecordingFile() {
  close(m_file);
}

Result<void> RecordingFile::add(std::string_view lines) {
  while (!lines.empty()) {
    const ssize_t written = write(m_file, lines.data(), lines.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return fail(ErrorCode::kIo, "the recording " + m_path + " cannot be written: " + std::strerror(errno));
    lines.remove_prefix(static_cast<std::size_t>(written));
  }
  // EINVAL: a pipe or a terminal, which has no disk behind it.
  if (fdatasync(m_file) != 0 && errno != EINVAL) return fail(ErrorCode::kIo, "the recording " + m_path + " cannot be written: " + std::strerror(errno));
  return {};
}

}  // namespace uicclab::cli
