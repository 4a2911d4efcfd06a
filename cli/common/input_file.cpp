// SPDX-License-Identifier: Apache-2.0
#include "cli/common/input_file.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <iostream>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/common/commands.hpp"
#include "core/net/fd.hpp"

namespace uicclab::cli {
namespace {

tl::unexpected<Error> refused(ErrorCode code, const InputKind& kind, const std::string& path, const std::string& why) {
  return fail(code, "cannot read the " + std::string(kind.name) + " " + path + ": " + why);
}

/// <(command) of a shell is a pipe, and meant.
bool handed_over(const std::string& path) {
  return path.starts_with("/dev/fd/") || path.starts_with("/proc/self/fd/") || path == "/dev/stdin";
}

Result<Bytes> read_all(int file, const std::string& path, const InputKind& kind) {
  Bytes out;
  std::array<std::uint8_t, 65536> buffer{};
  while (true) {
    const ssize_t got = ::read(file, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return refused(ErrorCode::kIo, kind, path, std::strerror(errno));
    if (got == 0) return out;
    if (out.size() + static_cast<std::size_t>(got) > kind.most) {
      return refused(ErrorCode::kRange, kind, path, "it is larger than " + std::to_string(kind.most) + " bytes");
    }
    out.insert(out.end(), buffer.begin(), buffer.begin() + got);
  }
}

std::string to_string(const Bytes& bytes) {
  return {bytes.begin(), bytes.end()};
}

Bytes or_exit(Result<Bytes> bytes) {
  if (!bytes) throw Exit{kUsage, bytes.error().text};
  return *std::move(bytes);
}

}  // namespace

Result<Bytes> try_read_input(const std::string& path, const InputKind& kind) {
  // O_NONBLOCK: a named pipe without a writer must not block the program before it is refused.
  const net::Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat info {};
  if (!file || ::fstat(file.get(), &info) != 0) return refused(ErrorCode::kNotFound, kind, path, std::strerror(errno));
  if (!S_ISREG(info.st_mode) && !(S_ISFIFO(info.st_mode) && handed_over(path))) {
    return refused(ErrorCode::kUnsupported, kind, path, S_ISDIR(info.st_mode) ? "it is a directory" : "it is not a regular file");
  }
  const int flags = ::fcntl(file.get(), F_GETFL);
  (void)::fcntl(file.get(), F_SETFL, flags & ~O_NONBLOCK);
  return read_all(file.get(), path, kind);
}

Bytes read_input(const std::string& path, const InputKind& kind) {
  return or_exit(try_read_input(path, kind));
}
std::string read_input_text(const std::string& path, const InputKind& kind) {
  return to_string(read_input(path, kind));
}
std::string read_standard_input(const InputKind& kind) {
  return to_string(or_exit(read_all(STDIN_FILENO, "(standard input)", kind)));
}
std::optional<std::string> read_standard_line() {
  std::string line;
  for (int c = std::cin.get(); c != '\n'; c = std::cin.get()) {
    if (c == std::istream::traits_type::eof()) return line.empty() ? std::nullopt : std::optional(line);
    if (line.size() == kMebibyte) throw Exit{kUsage, "standard input has a line of more than " + std::to_string(kMebibyte) + " characters"};
    line += static_cast<char>(c);
  }
  return line;
}
std::string read_text_or_standard_input(const std::string& path, const InputKind& kind) {
  return path == "-" ? read_standard_input(kind) : read_input_text(path, kind);
}

}  // namespace uicclab::cli
