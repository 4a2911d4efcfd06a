// SPDX-License-Identifier: Apache-2.0
#include "cli/trace/recording_file.hpp"

#include <cerrno>
#include <cstring>

#include <unistd.h>

#include "cli/common/commands.hpp"
#include "core/private_file.hpp"

namespace uicclab::cli {

RecordingFile::RecordingFile(const std::string& path) : m_path(path) {
  auto begun = begin_private_file(path);
  if (!begun) throw Exit{kEnvironment, begun.error().text};
  m_file = *std::move(begun);
}

Result<void> RecordingFile::add(std::string_view lines) {
  while (!lines.empty()) {
    const ssize_t written = write(m_file.get(), lines.data(), lines.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return fail(ErrorCode::kIo, "the recording " + m_path + " cannot be written: " + std::strerror(errno));
    lines.remove_prefix(static_cast<std::size_t>(written));
  }
  // EINVAL: a pipe or a terminal, which has no disk behind it.
  if (fdatasync(m_file.get()) != 0 && errno != EINVAL)
    return fail(ErrorCode::kIo, "the recording " + m_path + " cannot be written: " + std::strerror(errno));
  return {};
}

}  // namespace uicclab::cli
