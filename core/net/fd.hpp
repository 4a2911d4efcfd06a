// SPDX-License-Identifier: Apache-2.0
// A file descriptor that closes itself, and an event that may be set from a signal handler.
#pragma once

#include <string>
#include <utility>

namespace uicclab::net {

class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : m_fd(fd) {}
  Fd(Fd&& other) noexcept : m_fd(std::exchange(other.m_fd, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(m_fd, other.m_fd);
    return *this;
  }
  ~Fd() { reset(); }

  int get() const { return m_fd; }
  explicit operator bool() const { return m_fd >= 0; }
  void reset();

 private:
  int m_fd = -1;
};

/// Throws SystemError with `what` and the text of errno.
[[noreturn]] void throw_errno(const std::string& what);

/// Set by anybody, even in a signal handler; waited for with poll() on fd().
class Event {
 public:
  Event();
  int fd() const { return m_fd.get(); }
  void set() const noexcept;
  void clear() const noexcept;

 private:
  Fd m_fd;
};

}  // namespace uicclab::net
