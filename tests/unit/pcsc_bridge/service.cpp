// SPDX-License-Identifier: Apache-2.0
#include "pcsc_bridge/service.hpp"

#include <condition_variable>
#include <filesystem>
#include <fstream>

#include <poll.h>
#include <sys/stat.h>

#include "service_bench.hpp"

using namespace uicclab::test;
using namespace uicclab;
using namespace uicclab::literals;

TEST_CASE("service: a client comes, uses the card and goes") {
  ServiceBench bench;
  RawClient client(bench.service);
  CHECK(client.ask(Command::kVersion, wire::Version{4, 4, {}}).rv == Rv::kSuccess);
  const auto card = client.connect();
  CHECK(to_hex(client.transmit(card, "00B0000003"_h)) == "9000");
  client.send_bytes(RawClient::message(Command::kReadersState));
  const auto states = client.receive(16 * sizeof(wire::ReaderState));
  CHECK(wire::read<wire::ReaderState>(states).sharing == 1);
  CHECK(client.ask(Command::kDisconnect, wire::Disconnect{card, wire::kUnpower, {}}).rv == Rv::kSuccess);
  CHECK(bench.card.log() == "reset off reset 00B0000003 off");
}

TEST_CASE("service: a message may come in pieces, and several at once") {
  ServiceBench bench;
  RawClient client(bench.service);
  const auto card = client.connect();
  const auto message = RawClient::transmit_message(card, "00B0000003"_h);
  for (const std::uint8_t byte : message) client.send_bytes({&byte, 1});
  CHECK(to_hex(client.receive_transmitted()) == "9000");
  const auto both = concat({message, RawClient::message(Command::kStatus, wire::Status{card, {}}), message});
  client.send_bytes(both);
  CHECK(to_hex(client.receive_transmitted()) == "9000");
  CHECK(client.receive<wire::Status>().rv == Rv::kSuccess);
  CHECK(to_hex(client.receive_transmitted()) == "9000");
}

TEST_CASE("service: the longest APDU goes through the socket and back") {
  ServiceBench bench;
  bench.card.on_command = [](BytesView command) { return to_bytes(command); };
  RawClient client(bench.service);
  const auto card = client.connect();
  Bytes longest(4 + 3 + 65535 + 2);
  for (std::size_t i = 0; i < longest.size(); ++i) longest[i] = static_cast<std::uint8_t>(i * 7);
  longest.resize(65538);
  const bool same = client.transmit(card, longest) == longest;
  CHECK(same);
}

TEST_CASE("service: a client that lies is dropped, the others stay") {
  ServiceBench bench;
  RawClient good(bench.service);
  const auto card = good.connect();
  const auto lie = [&](BytesView bytes) {
    RawClient liar(bench.service);
    liar.send_bytes(bytes);
    CHECK(liar.closed());
  };
  const auto header = [](std::uint32_t size, std::uint32_t command) {
    Bytes out;
    wire::write(out, wire::Header{size, static_cast<Command>(command)});
    return out;
  };
  lie(header(0, 0));
  lie(header(0, 3));
  lie(header(0, 0x18));
  lie(header(0xFFFFFFFF, 9));
  lie(header(13, 0x11));
  lie(header(12, 0x12));
  wire::Transmit endless;
  endless.send_size = wire::kMaxBuffer + 1;
  lie(RawClient::message(Command::kTransmit, endless));
  lie(header(0, 0xFFFFFFFF));
  lie("FFFFFFFFFFFFFFFFFFFF"_h);
  CHECK(to_hex(good.transmit(card, "00B0000003"_h)) == "9000");
}

TEST_CASE("service: a client that stops in the middle of a message does not affect others") {
  ServiceBench bench;
  RawClient hanging(bench.service);
  const auto theirs = hanging.connect();
  const auto message = RawClient::transmit_message(theirs, "00B0000003"_h);
  hanging.send_bytes(BytesView(message).first(41));
  RawClient good(bench.service);
  CHECK(to_hex(good.transmit(good.connect(), "00B0000003"_h)) == "9000");
}

TEST_CASE("service: a client that does not read its answers does not affect others, and loses none") {
  ServiceBench bench;
  RawClient hanging(bench.service);
  const auto question = RawClient::message(Command::kReadersState);
  std::size_t asked = 0;
  // Until neither side can take more: the service reads no further question of a client that does not take its answers.
  for (int refused = 0; refused < 50;) {
    if (::send(hanging.fd(), question.data(), question.size(), MSG_NOSIGNAL | MSG_DONTWAIT) == std::ssize(question)) {
      ++asked;
      refused = 0;
    } else {
      ++refused;
      std::this_thread::yield();
    }
    if (asked > 100000) break;
  }
  CHECK(asked < 100000);
  RawClient good(bench.service);
  CHECK(to_hex(good.transmit(good.connect(), "00B0000003"_h)) == "9000");
  for (std::size_t i = 0; i < asked; ++i) {
    const auto states = hanging.receive(16 * sizeof(wire::ReaderState));
    if (wire::read<wire::ReaderState>(states).state != 0x34) FAIL("answer ", i);
  }
}

TEST_CASE("service: a transaction makes others wait, and its end or the death of its owner lets them go on") {
  ServiceBench bench;
  RawClient owner(bench.service);
  RawClient waiting(bench.service);
  const auto mine = owner.connect();
  const auto theirs = waiting.connect();
  CHECK(owner.ask(Command::kBegin, wire::Begin{mine, {}}).rv == Rv::kSuccess);
  waiting.send_bytes(RawClient::message(Command::kBegin, wire::Begin{theirs, {}}));
  CHECK(to_hex(owner.transmit(mine, "00B0000003"_h)) == "9000");
  CHECK(waiting.silent());
  SUBCASE("end") {
    CHECK(owner.ask(Command::kEnd, wire::End{mine, wire::kLeave, {}}).rv == Rv::kSuccess);
    CHECK(waiting.receive<wire::Begin>().rv == Rv::kSuccess);
  }
  SUBCASE("death") {
    owner.die();
    CHECK(waiting.receive<wire::Begin>().rv == Rv::kResetCard);
  }
  SUBCASE("cancel") {
    RawClient canceller(bench.service);
    // The one to be cancelled may not have been parked yet; then there is nothing to cancel, and it is asked again.
    do {
      CHECK(canceller.ask(Command::kCancel, wire::Cancel{waiting.context, {}}).rv == Rv::kSuccess);
    } while (waiting.silent());
    CHECK(waiting.receive<wire::Begin>().rv == Rv::kCancelled);
    CHECK(owner.ask(Command::kEnd, wire::End{mine, wire::kLeave, {}}).rv == Rv::kSuccess);
  }
  SUBCASE("death of the one who waits") {
    waiting.die();
    CHECK(owner.ask(Command::kEnd, wire::End{mine, wire::kLeave, {}}).rv == Rv::kSuccess);
    RawClient third(bench.service);
    const auto card = third.connect();
    CHECK(third.ask(Command::kBegin, wire::Begin{card, {}}).rv == Rv::kSuccess);
  }
}

TEST_CASE("service: a card that is put in and taken out wakes who waits, without polling") {
  ServiceBench bench;
  RawClient client(bench.service);
  client.ask(Command::kVersion, wire::Version{4, 4, {}});
  const auto wait = [&client] {
    client.send_bytes(RawClient::message(Command::kWait));
    const auto states = client.receive(16 * sizeof(wire::ReaderState));
    return wire::read<wire::ReaderState>(BytesView(states).subspan(sizeof(wire::ReaderState)));
  };
  CHECK(wait().state == wire::kAbsent);
  bench.service.insert(1);
  CHECK(client.receive<wire::WaitEnd>().rv == Rv::kSuccess);
  const auto present = wait();
  CHECK(present.state == (wire::kPresent | wire::kPowered | wire::kNegotiable));
  CHECK(present.event_counter == 1);
  bench.service.eject(1);
  CHECK(client.receive<wire::WaitEnd>().rv == Rv::kSuccess);
  CHECK(wait().state == wire::kAbsent);
  client.send_bytes(RawClient::message(Command::kStopWaiting));
  CHECK(client.receive<wire::WaitEnd>().rv == Rv::kSuccess);
  CHECK_THROWS_AS(bench.service.insert(2), std::out_of_range);
  CHECK_THROWS_AS(bench.service.eject(2), std::out_of_range);
}

TEST_CASE("service: a slow card does not hold up the clients of another reader, and is not taken out in mid-command") {
  ServiceBench bench;
  bench.service.insert(1);
  std::mutex mutex;
  std::condition_variable changed;
  bool working = false;
  bool released = false;
  bench.card.on_command = [&](BytesView) {
    std::unique_lock lock(mutex);
    working = true;
    changed.notify_all();
    changed.wait(lock, [&] { return released; });
    return to_bytes("6F00"_h);
  };
  RawClient slow(bench.service);
  slow.send_bytes(RawClient::transmit_message(slow.connect(), "00B0000003"_h));
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return working; });
  }
  RawClient quick(bench.service);
  CHECK(to_hex(quick.transmit(quick.connect("R 00 01"), "00B0000003"_h)) == "9000");
  std::thread eject([&bench] { bench.service.eject(0); });
  CHECK(slow.silent());
  {
    const std::lock_guard lock(mutex);
    released = true;
  }
  changed.notify_all();
  CHECK(to_hex(slow.receive_transmitted()) == "6F00");
  eject.join();
  CHECK(bench.card.log() == "reset off reset 00B0000003 off");
}

TEST_CASE("service: many clients at once") {
  ServiceBench bench;
  bench.card.on_command = [](BytesView command) { return to_bytes(command); };
  constexpr unsigned kClients = 24;
  constexpr unsigned kCommands = 40;
  std::atomic<unsigned> right = 0;
  std::vector<std::thread> threads;
  for (unsigned n = 0; n < kClients; ++n) {
    threads.emplace_back([&bench, &right, n] {
      RawClient client(bench.service);
      const auto card = client.connect();
      for (unsigned i = 0; i < kCommands; ++i) {
        const Bytes command{0x00, static_cast<std::uint8_t>(n), static_cast<std::uint8_t>(i), 0x00, 0x01};
        bool ok = client.ask(Command::kBegin, wire::Begin{card, {}}).rv == Rv::kSuccess;
        ok = ok && client.transmit(card, command) == command;
        ok = ok && client.ask(Command::kEnd, wire::End{card, wire::kLeave, {}}).rv == Rv::kSuccess;
        if (ok) ++right;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(right == kClients * kCommands);
}

TEST_CASE("service: stop closes the connections, switches the cards off and removes the socket") {
  TemporaryDirectory directory;
  CardStub card;
  const auto path = directory.file("sock");
  {
    Service service(path, {{"R 00 00", &card}});
    std::thread thread([&service] { service.run(); });
    RawClient client(service);
    const auto handle = client.connect();
    CHECK(client.ask(Command::kBegin, wire::Begin{handle, {}}).rv == Rv::kSuccess);
    service.stop();
    thread.join();
    CHECK(client.closed());
    CHECK(card.log() == "reset off reset reset off");
  }
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("service: the socket is for its owner only, and no other user's file is touched") {
  TemporaryDirectory directory;
  const auto path = directory.file("sock");
  SUBCASE("mode 0600") {
    Service service(path, {});
    struct stat info {};
    REQUIRE(::stat(path.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
  }
  SUBCASE("a stale socket is replaced") {
    {
      const net::Fd fd(::socket(AF_UNIX, SOCK_STREAM, 0));
      sockaddr_un address{};
      address.sun_family = AF_UNIX;
      std::ranges::copy(path, address.sun_path);
      REQUIRE(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
    }
    REQUIRE(std::filesystem::exists(path));
    CHECK_NOTHROW(Service(path, {}));
  }
  SUBCASE("a live one is not") {
    Service first(path, {});
    CHECK_THROWS_WITH_AS(Service(path, {}), doctest::Contains("listens at"), SystemError);
    CHECK(std::filesystem::exists(path));
  }
  SUBCASE("a file is not") {
    std::ofstream(path) << "precious";
    CHECK_THROWS_WITH_AS(Service(path, {}), doctest::Contains("is not a socket"), SystemError);
    CHECK(std::filesystem::file_size(path) == 8);
  }
  SUBCASE("a directory that others can write is refused") {
    std::filesystem::permissions(directory.path(), std::filesystem::perms(0777));
    CHECK_THROWS_WITH_AS(Service(path, {}), doctest::Contains("written by others"), SystemError);
  }
  SUBCASE("a directory that does not exist is refused") {
    CHECK_THROWS_WITH_AS(Service(directory.file("none/sock"), {}), doctest::Contains("none"), SystemError);
  }
  SUBCASE("a path that does not fit is refused") {
    CHECK_THROWS_WITH_AS(Service(directory.file(std::string(120, 'x')), {}), doctest::Contains("107"), SystemError);
    CHECK_THROWS_AS(Service("", {}), SystemError);
  }
  SUBCASE("a socket that replaced ours is not touched") {
    {
      Service first(path, {});
      std::filesystem::remove(path);
      std::ofstream(path) << "other";
    }
    CHECK(std::filesystem::exists(path));
  }
}

TEST_CASE("service: an unused card is switched off, and its session ends") {
  TemporaryDirectory directory;
  CardStub card;
  net::Event off;
  Service service(directory.file("sock"), {{"R 00 00", &card}}, ServiceOptions{std::chrono::milliseconds(20)});
  std::thread thread([&service] { service.run(); });
  card.log();
  card.on_power_off = [&off] { off.set(); };
  const auto wait_for_off = [&off] {
    pollfd wait{off.fd(), POLLIN, 0};
    REQUIRE(::poll(&wait, 1, 20000) == 1);
    off.clear();
  };
  for (const bool dies : {false, true}) {
    RawClient client(service);
    const auto handle = client.connect();
    CHECK(to_hex(client.transmit(handle, "00B0000001"_h)) == "9000");
    if (dies) {
      client.die();
    } else {
      client.ask(Command::kDisconnect, wire::Disconnect{handle, wire::kLeave, {}});
    }
    wait_for_off();
    CHECK(card.log() == "reset 00B0000001 off");  // the next one finds a card that was off
  }
  service.stop();
  thread.join();
}
