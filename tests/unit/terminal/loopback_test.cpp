// SPDX-License-Identifier: Apache-2.0
#include "terminal/loopback.hpp"

#include <doctest/doctest.h>

using namespace uicclab;
using namespace uicclab::terminal;

TEST_CASE("loopback: a peer in the same thread that reads nothing does not block") {
  auto server = LoopbackServer::listen(Transport::kTcp, std::nullopt);
  REQUIRE(server);
  auto link = Link::open(Transport::kTcp, server->port());
  REQUIRE(link);
  const Bytes block(65536, 0xA5);
  std::size_t sent = 0;
  constexpr std::size_t kMoreThanAnyBuffer = 1U << 30;
  while (sent < kMoreThanAnyBuffer && link->send(block)) sent += block.size();
  CHECK(sent < kMoreThanAnyBuffer);
}

TEST_CASE("loopback: data that a slow peer did not read yet arrives later, complete and in order") {
  auto server = LoopbackServer::listen(Transport::kTcp, Bytes{});
  REQUIRE(server);
  auto link = Link::open(Transport::kTcp, server->port());
  REQUIRE(link);
  Bytes all(600'000);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint8_t>(i * 7 + i / 251);
  REQUIRE(link->send(all));
  bool closed = false;
  for (int turn = 0; turn < 1000 && server->received().size() < all.size(); ++turn) {
    server->serve();
    (void)link->receive(std::chrono::milliseconds(0), closed);
  }
  CHECK(server->received() == all);
  CHECK_FALSE(closed);
}
