// SPDX-License-Identifier: Apache-2.0
#include "pcsc_bridge/vscard_client.hpp"

#include <array>
#include <cerrno>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/atr.hpp"

namespace uicclab::pcsc_bridge {

using vscard::Type;

namespace {

constexpr int kLastWordsMs = 1000;      // for QEMU to close its end
constexpr timeval kSendTimeout{10, 0};  // QEMU takes messages even while the guest is stopped

}  // namespace

VscardClient::VscardClient(VscardAddress address, CardPort& card, Log log, std::optional<net::Fd> power_log)
    : m_address(std::move(address)), m_log(std::move(log)), m_power(std::move(power_log)), m_card(card) {}

void VscardClient::log(const std::string& text) const {
  if (m_log) m_log(text);
}

bool VscardClient::stopping() const {
  pollfd wait{m_stop.fd(), POLLIN, 0};
  return ::poll(&wait, 1, 0) > 0;
}

net::Fd VscardClient::connect() {
  std::string why;
  net::Fd socket =
      m_address.path.empty() ? net::connect_tcp(m_address.host, m_address.port, m_stop, why) : net::connect_unix(m_address.path, why);
  if (!socket) {
    if (m_pause.is_first()) log("no QEMU at " + m_address.text() + " (" + why + "), trying again");
    return socket;
  }
  const int yes = 1;
  if (m_address.path.empty()) (void)::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
  (void)::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &kSendTimeout, sizeof(kSendTimeout));
  return socket;
}

void VscardClient::run() {
  while (!stopping()) {
    net::Fd socket = connect();
    if (socket) {
      vscard::MessageReader messages;
      {
        const std::lock_guard lock(m_mutex);
        m_socket = std::move(socket);
        m_reader = vscard::kNoReader;
        (void)send(Type::kInit, vscard::init_payload());
        (void)send(Type::kReaderAdd, Bytes{'u', 'i', 'c', 'c', 'l', 'a', 'b'});
      }
      while (serve_once(messages)) {
      }
      leave();
    }
    if (!stopping()) m_pause.wait(m_stop);
  }
  const std::lock_guard lock(m_mutex);
  m_card.power_off();
  m_powered = false;
}

bool VscardClient::serve_once(vscard::MessageReader& messages) {
  std::array<pollfd, 3> wait{pollfd{m_stop.fd(), POLLIN, 0}, pollfd{m_socket.get(), POLLIN, 0},
                             pollfd{m_power ? m_power->get() : -1, POLLIN, 0}};
  if (::poll(wait.data(), wait.size(), -1) < 0) return errno == EINTR;
  if (wait[0].revents != 0) return false;
  // What QEMU wrote before it sent a command comes before the command.
  const std::lock_guard lock(m_mutex);
  follow_power();
  if (wait[1].revents == 0) return true;
  std::array<std::uint8_t, 4096> buffer{};
  const auto got = ::recv(m_socket.get(), buffer.data(), buffer.size(), 0);
  if (got < 0 && errno == EINTR) return true;
  if (got <= 0) {
    log("QEMU closed the connection");
    return false;
  }
  follow_power();
  messages.received(BytesView(buffer).first(static_cast<std::size_t>(got)));
  for (;;) {
    const auto message = messages.next();
    if (!message) {
      log("QEMU's message cannot be read: " + message.error().text);
      return false;
    }
    if (!*message) return true;
    if (!on_message(**message)) return false;
  }
}

bool VscardClient::on_message(const vscard::Message& message) {
  switch (message.type) {
    case Type::kInit:
      if (const auto init = vscard::check_init(message.payload); !init) {
        log("this is not QEMU's ccid-card-passthru: " + init.error().text);
        return false;
      }
      m_pause.begin_anew();
      return true;
    case Type::kError: {
      const auto code = vscard::error_code(message.payload);
      if (!code) {
        log(code.error().text);
        return false;
      }
      if (*code != vscard::kSuccess) {
        log(m_reader == vscard::kNoReader
                ? "QEMU has no free reader (is another card connected to it?)"
                : "QEMU refuses the card (its ATR must be complete, with at most 33 bytes), or another one is in the reader");
        return m_reader != vscard::kNoReader;
      }
      if (m_reader != vscard::kNoReader) return true;
      m_reader = message.reader;  // the answer to ReaderAdd
      if (!m_present) return true;
      if (const auto shown = show_card(); !shown) log("the card does not answer a reset: " + shown.error().text);
      return true;
    }
    case Type::kApdu:
      return on_command(message.payload);
    default:
      return true;  // of no concern to a card
  }
}

bool VscardClient::on_command(BytesView command) {
  auto answer = m_card.transmit(command);
  if (!answer) {
    log("the card failed: " + answer.error().text);
    return send(Type::kError, vscard::error_payload(vscard::kGeneralError));
  }
  if (answer->size() > vscard::kMaxAnswer) {
    log("an answer of " + std::to_string(answer->size()) + " bytes became 6F00: QEMU's reader carries " +
        std::to_string(vscard::kMaxAnswer));
    *answer = Bytes{0x6F, 0x00};
  }
  return send(Type::kApdu, *answer);
}

Result<void> VscardClient::show_card() {
  const auto atr = m_card.reset();
  m_powered = atr.has_value();
  if (!atr) return tl::unexpected(atr.error());
  if (m_reader != vscard::kNoReader && send(Type::kAtr, *atr)) log("card inserted at " + m_address.text());
  return {};
}

void VscardClient::follow_power() {
  if (!m_power) return;
  std::array<std::uint8_t, 4096> buffer{};
  for (;;) {
    const auto got = ::read(m_power->get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got == 0) m_power.reset();  // it has no writer any more
    if (got <= 0) return;
    for (const auto action : m_power_log.received(BytesView(buffer).first(static_cast<std::size_t>(got)))) {
      if (!m_present) continue;
      if (action == vscard::PowerLog::Action::kOff) {
        m_card.power_off();
        m_powered = false;
      } else if (const auto atr = m_card.reset(); !atr) {
        log("the card does not answer a reset: " + atr.error().text);
      } else {
        m_powered = true;
      }
    }
  }
}

bool VscardClient::send(Type type, BytesView payload) {
  return m_socket && net::send_all(m_socket.get(), vscard::encode(type, m_reader, payload));
}

/// QEMU leaves a card in its reader whose end of the connection is gone; each command of the guest would wait for ever.
void VscardClient::leave() {
  net::Fd socket;
  {
    const std::lock_guard lock(m_mutex);
    if (m_present && m_reader != vscard::kNoReader) (void)send(Type::kCardRemove);
    m_card.power_off();
    m_powered = false;
    std::swap(socket, m_socket);
    m_reader = vscard::kNoReader;
  }
  (void)::shutdown(socket.get(), SHUT_WR);
  // Whoever closes a TCP socket with unread bytes in it takes back what he said last.
  std::array<std::uint8_t, 4096> rest{};
  pollfd wait{socket.get(), POLLIN, 0};
  while (::poll(&wait, 1, kLastWordsMs) > 0 && ::recv(socket.get(), rest.data(), rest.size(), 0) > 0) {
  }
  log("card removed");
}

bool VscardClient::present() {
  const std::lock_guard lock(m_mutex);
  return m_present;
}

Result<void> VscardClient::insert() {
  const std::lock_guard lock(m_mutex);
  if (m_present) return {};
  if (m_reader != vscard::kNoReader) {
    if (auto shown = show_card(); !shown) return shown;
  }
  m_present = true;
  return {};
}

void VscardClient::eject() {
  const std::lock_guard lock(m_mutex);
  if (!m_present) return;
  m_present = false;
  if (m_reader != vscard::kNoReader) (void)send(Type::kCardRemove);
  m_card.power_off();
  m_powered = false;
}

Result<void> VscardClient::reset() {
  const std::lock_guard lock(m_mutex);
  if (!m_present || !m_powered) return {};
  const auto atr = m_card.reset();
  m_powered = atr.has_value();
  if (!atr) return tl::unexpected(atr.error());
  return {};
}

}  // namespace uicclab::pcsc_bridge
