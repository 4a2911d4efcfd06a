// SPDX-License-Identifier: Apache-2.0
// A card with an issuer security domain and our own host at it.
#pragma once

#include <doctest/doctest.h>

#include "tests/support/domain_card.hpp"

namespace uicclab::test {

/// A card on, T=1 unless said otherwise, and a host that can open a session.
class Management {
 public:
  explicit Management(const DomainOptions& options = {}, Protocol protocol = Protocol::kT1,
                      std::unique_ptr<emulator::NvmStore> store = nullptr)
      : Management(domain_image(options), protocol, std::move(store)) {}
  explicit Management(std::shared_ptr<const emulator::CardImage> image, Protocol protocol = Protocol::kT1,
                      std::unique_ptr<emulator::NvmStore> store = nullptr)
      : terminal(std::move(image), protocol, std::move(store)), port(terminal.card, host_random) {}

  void reset() {
    (void)port.reset();
    terminal.card.session()->protocol = Protocol::kT1;
  }
  std::string select(std::string_view aid) {
    const std::string size = to_hex(Bytes{static_cast<std::uint8_t>(aid.size() / 2)});
    return plain("00A40400" + size + std::string(aid) + "00");
  }
  /// Selects the issuer domain (or `aid`) and opens a session with it; empty if that works, else what was wrong.
  std::string open(scp03::SecurityLevel level = scp03::Level::kAll, std::string_view key = kTestKey, std::uint8_t version = 0x30,
                   std::string_view aid = kIssuer) {
    port.close();
    const std::string selected = select(aid);
    if (!selected.ends_with("9000") && !selected.ends_with("6283")) return "select: " + selected;
    scp03::HostSession::Options options;
    options.key_version = KeyVersion{version};
    options.level = level;
    options.s16 = s16;
    options.aid = *Aid::from(*from_hex(aid));
    const auto opened = port.open(options, key_set(key, version));
    return opened ? "" : opened.error().text;
  }
  /// Through the session, if one is open.
  std::string send(std::string_view command) {
    const auto answer = port.transmit(*from_hex(command));
    return answer ? to_hex(*answer) : "error: " + answer.error().text;
  }
  /// INS, P1, P2 and data as one command of class 80 with Le.
  std::string manage(std::string_view header, std::string_view data) {
    const Bytes bytes = *from_hex(data);
    apdu::Command command;
    const Bytes h = *from_hex(header);
    command.cla = 0x80;
    command.ins = h[0];
    command.p1 = h[1];
    command.p2 = h[2];
    command.data = bytes;
    command.le = 256;
    return send(to_hex(apdu::encode(command)));
  }
  std::string plain(std::string_view command) { return terminal.exchange(command); }

  Terminal terminal;
  SeededRandom host_random{99};
  scp03::SecureChannelPort port;
  bool s16 = false;
};

}  // namespace uicclab::test
