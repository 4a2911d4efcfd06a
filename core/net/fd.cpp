// SPDX-License-Identifier: Apache-2.0
#include "core/net/fd.hpp"

#include <cerrno>
#include <cstdint>
#include <system_error>

#include <sys/eventfd.h>
#include <unistd.h>

#include "core/result.hpp"

namespace uicclab::net {

void Fd::reset() {
  if (m_fd >= 0) ::close(m_fd);
  m_fd = -1;
}

void throw_errno(const std::string& what) {
  throw SystemError(what + ": " + std::generic_category().message(errno));
}

Event::Event() : m_fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!m_fd) throw_errno("eventfd");
}

void Event::set() const noexcept {
  const int saved = errno;  // a signal handler must not change it
  const std::uint64_t one = 1;
  (void)!::write(m_fd.get(), &one, sizeof(one));
  errno = saved;
}

void Event::clear() const noexcept {
  std::uint64_t count = 0;
  (void)!::read(m_fd.get(), &count, sizeof(count));
}

}  // namespace uicclab::net
