// SPDX-License-Identifier: Apache-2.0
#include <thread>

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "card_stub.hpp"
#include "pcsc_bridge/vpcd_client.hpp"
#include "pcsc_bridge/vpcd_port.hpp"

using namespace uicclab;
using namespace uicclab::literals;
using namespace uicclab::pcsc_bridge;
using uicclab::test::CardStub;
using namespace std::chrono_literals;

namespace {

/// A vpcd of the test's own: listens on loopback and says what the test wants.
class FakeVpcd {
 public:
  FakeVpcd() : m_listener(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    REQUIRE(::bind(m_listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
    REQUIRE(::listen(m_listener.get(), 1) == 0);
    REQUIRE(::getsockname(m_listener.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
    m_port = ntohs(address.sin_port);
  }
  std::uint16_t port() const { return m_port; }
  void accept() {
    m_card = net::Fd(::accept(m_listener.get(), nullptr, nullptr));
    REQUIRE(m_card);
    const timeval limit{20, 0};
    ::setsockopt(m_card.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  }
  void eject() { m_card.reset(); }
  void send(BytesView bytes) const { REQUIRE(::send(m_card.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) == std::ssize(bytes)); }
  Bytes receive() const {
    std::array<std::uint8_t, 2> size{};
    REQUIRE(::recv(m_card.get(), size.data(), 2, MSG_WAITALL) == 2);
    Bytes payload(static_cast<std::size_t>((size[0] << 8) | size[1]));
    if (!payload.empty()) REQUIRE(::recv(m_card.get(), payload.data(), payload.size(), MSG_WAITALL) == std::ssize(payload));
    return payload;
  }
  bool closed() const {
    std::uint8_t byte = 0;
    return ::recv(m_card.get(), &byte, 1, 0) <= 0;
  }

 private:
  net::Fd m_listener;
  net::Fd m_card;
  std::uint16_t m_port = 0;
};

struct ClientBench {
  FakeVpcd vpcd;
  CardStub card;
  VpcdClient client{"127.0.0.1", vpcd.port(), card};
  std::thread thread{[this] { client.run(); }};

  ~ClientBench() {
    client.stop();
    thread.join();
  }
  std::string ask(BytesView frame) const {
    vpcd.send(frame);
    return to_hex(vpcd.receive());
  }
};

constexpr auto kOff = "000100"_h;
constexpr auto kOn = "000101"_h;
constexpr auto kReset = "000102"_h;
constexpr auto kAtr = "000104"_h;

}  // namespace

TEST_CASE("vpcd client: power, reset, ATR and commands, as vpcd sends them") {
  ClientBench bench;
  bench.vpcd.accept();
  CHECK(bench.ask(kAtr) == "3B021450");
  CHECK(bench.card.log() == "reset off");
  bench.vpcd.send(kOn);
  CHECK(bench.ask(kAtr) == "3B021450");
  CHECK(bench.card.log() == "reset");
  CHECK(bench.ask("0005 00B0000003"_h) == "9000");
  CHECK(bench.ask(kAtr) == "3B021450");  // asked every 400 ms in the middle of a session: it must not disturb the card
  CHECK(bench.ask("0005 00B0000004"_h) == "9000");
  CHECK(bench.card.log() == "00B0000003 00B0000004");
  bench.vpcd.send(kReset);
  bench.vpcd.send(kOff);
  CHECK(bench.ask(kAtr) == "3B021450");
  CHECK(bench.card.log() == "reset off");
}

TEST_CASE("vpcd client: frames in pieces, several at once, unknown and empty ones") {
  ClientBench bench;
  bench.card.on_command = [](BytesView command) { return to_bytes(command); };
  bench.vpcd.accept();
  for (const std::uint8_t byte : "0005 00B0000003"_h) bench.vpcd.send({&byte, 1});
  CHECK(to_hex(bench.vpcd.receive()) == "00B0000003");
  CHECK(bench.ask("000103 0000 0001FF 000101 0002 6F00"_h) == "6F00");
  Bytes longest(0xFFFF, 0x5A);
  CHECK(bench.ask(concat({Bytes{0xFF, 0xFF}, longest})) == to_hex(longest));
}

TEST_CASE("vpcd client: it reconnects after vpcd has ended, and a card that fails is removed and inserted again") {
  ClientBench bench;
  bench.vpcd.accept();
  CHECK(bench.ask(kAtr) == "3B021450");
  bench.vpcd.eject();
  bench.vpcd.accept();
  CHECK(bench.ask(kAtr) == "3B021450");
  bench.card.on_command = [](BytesView) -> Result<Bytes> { return fail(ErrorCode::kIo, "torn"); };
  bench.vpcd.send("0005 00B0000003"_h);
  CHECK(bench.vpcd.closed());
  bench.vpcd.accept();
  CHECK(bench.ask(kAtr) == "3B021450");
}

TEST_CASE("vpcd client: stop ends it in every state, with the card off") {
  CardStub card;
  SUBCASE("while no vpcd listens") {
    std::uint16_t port = 0;
    {
      const FakeVpcd gone;
      port = gone.port();
    }
    VpcdClient client("127.0.0.1", port, card);
    std::thread thread([&client] { client.run(); });
    client.stop();
    thread.join();
  }
  SUBCASE("while connected") {
    FakeVpcd vpcd;
    VpcdClient client("127.0.0.1", vpcd.port(), card);
    std::thread thread([&client] { client.run(); });
    vpcd.accept();
    vpcd.send(kAtr);
    CHECK(vpcd.receive().size() == 4);
    client.stop();
    CHECK(vpcd.closed());
    thread.join();
  }
  SUBCASE("before it begins") {
    VpcdClient client("127.0.0.1", 1, card);
    client.stop();
    client.run();
  }
  CHECK(card.log().ends_with("off"));
}

TEST_CASE("vpcd client: what keeps it from working is said in words") {
  CardStub card;
  card.mute = true;
  FakeVpcd vpcd;
  std::string said;
  std::mutex mutex;
  VpcdClient client("127.0.0.1", vpcd.port(), card, [&](const std::string& text) {
    const std::lock_guard lock(mutex);
    said += text + "\n";
  });
  std::thread thread([&client] { client.run(); });
  vpcd.accept();
  CHECK(vpcd.closed());
  client.stop();
  thread.join();
  CHECK(said.find("does not answer a reset: mute") != std::string::npos);

  std::uint16_t port = 0;
  {
    const FakeVpcd gone;
    port = gone.port();
  }
  VpcdClient* current = nullptr;
  VpcdClient nowhere("127.0.0.1", port, card, [&](const std::string& text) {
    said = text;
    current->stop();
  });
  current = &nowhere;
  nowhere.run();
  CHECK(said == "no vpcd at 127.0.0.1:" + std::to_string(port) + " (Connection refused), trying again");
}

TEST_CASE("vpcd frames: an answer too long for two bytes of length becomes 6F00") {
  CardStub card;
  card.on_command = [](BytesView) { return Bytes(65536, 0x00); };
  vpcd::CardSide side(card);
  CHECK(to_hex(*side.on_frame("00B0000000"_h)) == "00026F00");
}

namespace {

/// A virtual card of the test's own that connects to a VpcdPort.
class VirtualCard {
 public:
  explicit VirtualCard(std::uint16_t port) : m_socket(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(m_socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
  }
  void send(BytesView bytes) const { (void)!::send(m_socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL); }
  void close() { m_socket.reset(); }
  /// What has come so far.
  std::string received() const {
    std::array<std::uint8_t, 200> buffer{};
    const auto got = ::recv(m_socket.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    return to_hex(BytesView(buffer).first(got > 0 ? static_cast<std::size_t>(got) : 0));
  }

 private:
  net::Fd m_socket;
};

}  // namespace

TEST_CASE("vpcd port: a card that connects is used as vpcd would use it") {
  VpcdPort port(0, {10s, 10s});
  VirtualCard card(port.port());
  card.send("0004 3B800181"_h);  // the answers are there before the questions
  const auto atr = port.reset();
  REQUIRE(atr);
  CHECK(to_hex(*atr) == "3B800181");
  CHECK(card.received() == "000101000104");
  CHECK(port.select_protocol(Protocol::kT1));
  CHECK(port.select_protocol(Protocol::kT0).error().code == ErrorCode::kUnsupported);
  card.send("0002 9000"_h);
  CHECK(to_hex(*port.transmit("00B0000003"_h)) == "9000");
  CHECK(card.received() == "000500B0000003");
  card.send("0004 3B021450"_h);
  CHECK(to_hex(*port.reset()) == "3B021450");
  CHECK(card.received() == "000102000104");
  port.power_off();
  CHECK(card.received() == "000100");
  CHECK(port.transmit("00B0000003"_h).error().code == ErrorCode::kIo);
}

TEST_CASE("vpcd port: cards that fail") {
  VpcdPort port(0, {0ms, 0ms});
  CHECK(port.transmit("00B0000003"_h).error().code == ErrorCode::kIo);
  CHECK(port.reset().error().text.find("no card has connected") == 0);

  VirtualCard first(port.port());
  CHECK(port.reset().error().text.find("in time") != std::string::npos);
  VirtualCard second(port.port());
  second.send("0000"_h);
  CHECK(port.reset().error().text.find("no ATR") != std::string::npos);
  VirtualCard third(port.port());
  third.send("0004 3B021450"_h);
  REQUIRE(port.reset());
  CHECK(port.transmit("00"_h).error().code == ErrorCode::kRange);
  CHECK(port.transmit(Bytes(65536)).error().code == ErrorCode::kRange);
  third.send("0001 90"_h);
  CHECK(port.transmit("00B0000003"_h).error().text.find("status word") != std::string::npos);
  third.send("0002 9000 0002 9000"_h);
  CHECK(port.transmit("00B0000003"_h).error().text.find("more than one") != std::string::npos);

  VirtualCard last(port.port());
  last.send("0004 3B021450"_h);
  REQUIRE(port.reset());
  last.send("0005 00"_h);
  last.close();
  CHECK(port.transmit("00B0000003"_h).error().code == ErrorCode::kIo);
  CHECK(port.transmit("00B0000003"_h).error().text.find("off or gone") != std::string::npos);
}

TEST_CASE("vpcd port: a port that is taken is refused, and a vpcd client reaches one") {
  VpcdPort port(0);
  CHECK_THROWS_AS(VpcdPort{port.port()}, SystemError);

  CardStub card;
  card.on_command = [](BytesView command) { return to_bytes(command); };
  VpcdClient client("localhost", port.port(), card);
  std::thread thread([&client] { client.run(); });
  CHECK(to_hex(*port.reset()) == "3B021450");
  CHECK(to_hex(*port.transmit("00B0000003"_h)) == "00B0000003");
  CHECK(to_hex(*port.reset()) == "3B021450");
  client.stop();
  thread.join();
  CHECK(card.log() == "reset off reset 00B0000003 reset off");
}
