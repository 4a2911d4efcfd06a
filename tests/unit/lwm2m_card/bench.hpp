// SPDX-License-Identifier: Apache-2.0
// The default card and a device at it that can open a secure channel with the PKCS #15 application.
#pragma once

#include <doctest/doctest.h>

#include "tests/support/domain_card.hpp"
#include "tests/unit/lwm2m_card/accounts.hpp"

namespace uicclab::test {

inline constexpr std::string_view kPkcs15 = "A000000063504B43532D3135";

inline std::shared_ptr<const emulator::CardImage> card_image() {
  static const auto image = changed_default([](profile::Profile&) {});
  return image;
}

struct Device {
  explicit Device(Protocol protocol = Protocol::kT1, std::shared_ptr<const emulator::CardImage> image = card_image())
      : terminal(std::move(image), protocol), port(terminal.card, random) {}

  std::string plain(std::string_view command) { return terminal.exchange(command); }
  std::string select(std::string_view aid) {
    return plain("00A40400" + to_hex(std::array{static_cast<std::uint8_t>(aid.size() / 2)}) + std::string(aid) + "00");
  }
  /// Opens a session with the selected application; empty if that worked, else what was wrong.
  std::string open(scp03::SecurityLevel level, std::string_view aid = kPkcs15, std::string_view key = kTestKey, std::uint8_t channel = 0) {
    port.close();
    scp03::HostSession::Options options;
    options.key_version = KeyVersion{0};
    options.level = level;
    options.aid = *Aid::from(*from_hex(aid));
    options.channel = Channel{channel};
    const auto opened = port.open(options, key_set(key));
    return opened ? "" : opened.error().text;
  }
  /// Through the session if there is one.
  std::string send(std::string_view command) {
    const auto answer = port.transmit(*from_hex(command));
    return answer ? to_hex(*answer) : "error: " + answer.error().text;
  }

  Terminal terminal;
  SeededRandom random{5};
  scp03::SecureChannelPort port;
};

}  // namespace uicclab::test
