// SPDX-License-Identifier: Apache-2.0
// Puts a card into a USB smart card reader of QEMU (usb-ccid with ccid-card-passthru): a guest sees it like a card in a real reader.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "core/card_port.hpp"
#include "core/net/connection.hpp"
#include "pcsc_bridge/vscard_messages.hpp"

namespace uicclab::pcsc_bridge {

/// Where QEMU's chardev listens: a UNIX socket if there is a path, else a TCP port.
struct VscardAddress {
  std::string path;
  std::string host;
  std::uint16_t port = 0;
  std::string text() const { return path.empty() ? host + ":" + std::to_string(port) : path; }
};

/// The card's end of a VSCARD connection. When the connection fails, it is made again with a growing pause.
///
/// VSCARD does not say when the reader powers or resets the card: a guest's resets change nothing on it, unless QEMU's own log tells of
/// them
/// (`power_log`). The card speaks T=0, as QEMU's reader does.
///
/// Threads: run() in one of its own; all others by anybody at any time. They wait for a command under way.
class VscardClient {
 public:
  using Log = std::function<void(const std::string&)>;

  /// `power_log`: a descriptor from which the lines that QEMU prints for `usb-ccid,debug=3` can be read, a FIFO for example.
  VscardClient(VscardAddress address, CardPort& card, Log log = {}, std::optional<net::Fd> power_log = std::nullopt);

  /// Serves until stop(). The card has left the reader then, and is off. Not to be called again. Errors: SystemError.
  void run();
  /// Lets run() return. May be called from a signal handler.
  void stop() noexcept { m_stop.set(); }

  /// The card is in the reader, or will be once QEMU is there. At first it is.
  bool present();
  /// Puts the card back. Errors: those of the card's reset; it stays outside then.
  Result<void> insert();
  void eject();
  /// A warm reset of which the guest learns nothing. Errors: those of the card.
  Result<void> reset();

 private:
  /// False: the connection is of no use any more.
  bool serve_once(vscard::MessageReader& messages);
  bool on_message(const vscard::Message& message);
  bool on_command(BytesView command);
  Result<void> show_card();
  void follow_power();
  bool send(vscard::Type type, BytesView payload = {});
  bool stopping() const;
  net::Fd connect();
  void leave();
  void log(const std::string& text) const;

  const VscardAddress m_address;
  Log m_log;
  std::optional<net::Fd> m_power;
  vscard::PowerLog m_power_log;
  net::Event m_stop;
  net::Pause m_pause;

  std::mutex m_mutex;  ///< of what follows
  CardPort& m_card;
  net::Fd m_socket;  ///< none without a connection
  bool m_present = true;
  bool m_powered = false;
  std::uint32_t m_reader = vscard::kNoReader;  ///< as QEMU has numbered it
};

}  // namespace uicclab::pcsc_bridge
