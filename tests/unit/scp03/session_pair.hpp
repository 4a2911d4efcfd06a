// SPDX-License-Identifier: Apache-2.0
// A host and a card that have opened a session with each other, for tests of what may follow.
#pragma once

#include "tests/unit/scp03/recorded_session.hpp"

namespace uicclab::test {

struct SessionPair {
  explicit SessionPair(scp03::SecurityLevel level, scp03::Mode mode = {0x70}, std::uint64_t seed = 1,
                       scp03::KeyChooser keys_of_host = scp03::fixed_keys(keys()))
      : identity{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, mode, Aid::from("A000000151000000"_h).value()},
        random(seed),
        host({.key_version = KeyVersion{0x30}, .level = level, .s16 = mode.is_s16(), .aid = identity.aid}, std::move(keys_of_host)) {}

  static scp03::KeySet keys() {
    return key_set("404142434445464748494A4B4C4D4E4F"_h, "505152535455565758595A5B5C5D5E5F"_h, "606162636465666768696A6B6C6D6E6F"_h, 0x30);
  }

  /// Up to the EXTERNAL AUTHENTICATE command, not yet given to the card.
  Bytes begin() {
    const Bytes command = host.initialize_update(random);
    Bytes answer;
    if (card.initialize_update(parsed(command), identity, keys(), counter, random, answer) != sw::kOk)
      throw std::runtime_error("INITIALIZE UPDATE");
    return host.external_authenticate(answer).value();
  }
  /// Both open.
  SessionPair& open() {
    const Bytes command = begin();
    if (!host.confirm(card.external_authenticate(parsed(command)))) throw std::runtime_error("EXTERNAL AUTHENTICATE");
    return *this;
  }
  /// Host to card and back; the card answers with these.
  Result<apdu::Response> exchange(BytesView plain, Bytes data, StatusWord status = sw::kOk) {
    const Bytes wrapped = host.wrap(parsed(plain)).value();
    const auto seen = card.unwrap(parsed(wrapped));
    if (!seen) return fail(ErrorCode::kRefused, to_hex(seen.error()));
    if (!equal(apdu::encode(*seen), plain)) return fail(ErrorCode::kMismatch, "the card saw " + to_hex(apdu::encode(*seen)));
    card.wrap(data, status);
    return host.unwrap({std::move(data), status});
  }
  /// An exchange that everything about is right.
  bool works() {
    const auto response = exchange("80F28002024F0000"_h, to_bytes("E3044F020102"_h));
    return response && equal(response->data, "E3044F020102"_h) && response->status == sw::kOk;
  }

  scp03::CardIdentity identity;
  SeededRandom random;
  MemoryCounter counter;
  scp03::CardSession card;
  scp03::HostSession host;
};

/// The six levels, in S8 and in S16 mode.
template <typename Body>
void for_each_level(Body&& body) {
  for (const std::uint8_t i : {std::uint8_t{0x70}, std::uint8_t{0x71}}) {
    for (const scp03::SecurityLevel level : {scp03::Level::kAuthenticated, scp03::Level::kCMac, scp03::Level::kCMacCEnc,
                                             scp03::Level::kCMacRMac, scp03::Level::kCMacCEncRMac, scp03::Level::kAll}) {
      CAPTURE(int{i});
      CAPTURE(int{level.value()});
      body(level, scp03::Mode{i});
    }
  }
}

/// A copy with one bit turned over.
inline Bytes flipped(BytesView bytes, std::size_t bit) {
  Bytes copy = to_bytes(bytes);
  copy.at(bit / 8) ^= static_cast<std::uint8_t>(1U << (bit % 8));
  return copy;
}

}  // namespace uicclab::test
