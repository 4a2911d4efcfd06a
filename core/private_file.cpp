// SPDX-License-Identifier: Apache-2.0
#include "core/private_file.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <streambuf>
#include <system_error>

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/hex.hpp"

namespace uicclab {
namespace {

constexpr mode_t kOwnerOnly = S_IRUSR | S_IWUSR;

tl::unexpected<Error> failure(const std::string& path) {
  return fail(ErrorCode::kIo, "cannot write " + path + ": " + std::generic_category().message(errno));
}

bool write_all(int file, BytesView bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

std::string directory_of(const std::string& path) {
  const std::string directory = std::filesystem::path(path).parent_path().string();
  return directory.empty() ? "." : directory;
}

/// A device or a pipe, which has no place to be put into.
bool is_special(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode);
}

/// A new file next to `path`; removed again unless put_in_place() is called.
class Beside {
 public:
  explicit Beside(const std::string& path) : m_path(path) {
    for (int tries = 0; tries < 100; ++tries) {
      std::array<std::uint8_t, 8> random{};
      if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) return;
      m_name = directory_of(path) + "/.uicclab-" + to_hex(random);
      m_file = net::Fd(::open(m_name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kOwnerOnly));
      if (m_file || errno != EEXIST) return;
    }
  }
  ~Beside() {
    if (m_file) ::unlink(m_name.c_str());
  }
  Beside(const Beside&) = delete;
  Beside& operator=(const Beside&) = delete;

  explicit operator bool() const { return static_cast<bool>(m_file); }
  int get() const { return m_file.get(); }
  /// The open file under its name, or nothing, and errno.
  net::Fd put_in_place() {
    if (std::rename(m_name.c_str(), m_path.c_str()) != 0) return {};
    return std::move(m_file);
  }

  /// Under its name, too, if nothing has that name; otherwise errno is EEXIST.
  bool link_in_place() const { return ::link(m_name.c_str(), m_path.c_str()) == 0; }

 private:
  std::string m_path;
  std::string m_name;
  net::Fd m_file;
};

}  // namespace

Result<void> write_private_file(const std::string& path, BytesView content) {
  if (is_special(path)) {
    const net::Fd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
    if (!file || !write_all(file.get(), content)) return failure(path);
    return {};
  }
  Beside file(path);
  if (!file || !write_all(file.get(), content) || ::fsync(file.get()) != 0 || !file.put_in_place()) return failure(path);
  const net::Fd directory(::open(directory_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory || ::fsync(directory.get()) != 0) return failure(path);
  return {};
}

Result<bool> make_private_file(const std::string& path) {
  const net::Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, kOwnerOnly));
  if (file) return true;
  const int error = errno;
  if (error == EEXIST) return false;
  return fail(ErrorCode::kIo, "\"" + path + "\" cannot be made: " + std::generic_category().message(error));
}

Result<bool> make_private_file(const std::string& path, BytesView content) {
  const Beside file(path);  // keeps its other name until it is destroyed
  if (!file || !write_all(file.get(), content) || ::fsync(file.get()) != 0) return failure(path);
  if (!file.link_in_place()) return errno == EEXIST ? Result<bool>(false) : failure(path);
  const net::Fd directory(::open(directory_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory || ::fsync(directory.get()) != 0) return failure(path);
  return true;
}

Result<net::Fd> begin_private_file(const std::string& path) {
  if (is_special(path)) {
    net::Fd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
    if (!file) return failure(path);
    return file;
  }
  Beside beside(path);
  if (!beside) return failure(path);
  net::Fd file = beside.put_in_place();
  if (!file) return failure(path);
  return file;
}

class PrivateStream::Buffer final : public std::streambuf {
 public:
  explicit Buffer(net::Fd file) : m_file(std::move(file)) { setp(m_bytes.data(), m_bytes.data() + m_bytes.size()); }

 private:
  int_type overflow(int_type c) override {
    if (sync() != 0) return traits_type::eof();
    if (!traits_type::eq_int_type(c, traits_type::eof())) sputc(traits_type::to_char_type(c));
    return traits_type::not_eof(c);
  }
  int sync() override {
    const auto size = static_cast<std::size_t>(pptr() - pbase());
    const bool written = write_all(m_file.get(), as_bytes({pbase(), size}));
    setp(m_bytes.data(), m_bytes.data() + m_bytes.size());
    return written ? 0 : -1;
  }

  net::Fd m_file;
  std::array<char, 16384> m_bytes{};
};

PrivateStream::PrivateStream(net::Fd file) : std::ostream(nullptr), m_buffer(std::make_unique<Buffer>(std::move(file))) {
  rdbuf(m_buffer.get());
}

PrivateStream::~PrivateStream() {
  flush();
  rdbuf(nullptr);
}

std::optional<std::string> told_if_readable_by_others(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode) || (info.st_mode & (S_IRWXG | S_IRWXO)) == 0) return std::nullopt;
  std::array<char, 8> mode{};
  std::snprintf(mode.data(), mode.size(), "%04o", static_cast<unsigned>(info.st_mode & 07777));
  return path + " can be read by others (mode " + mode.data() + "): chmod 600 " + path;
}

}  // namespace uicclab
