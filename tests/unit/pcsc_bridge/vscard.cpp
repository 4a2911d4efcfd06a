// SPDX-License-Identifier: Apache-2.0
// The card's end of VSCARD, as QEMU 7.2's ccid-card-passthru speaks it.
#include <filesystem>
#include <thread>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "card_stub.hpp"
#include "core/hex.hpp"
#include "pcsc_bridge/vscard_client.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace uicclab;
using namespace uicclab::literals;
using namespace uicclab::pcsc_bridge;
using test::CardStub;
using vscard::Type;

namespace {

constexpr auto kInit = "00000001 FFFFFFFF 0000000C 56534344 00000002 00000000"_h;
constexpr auto kReaderAdd = "00000003 FFFFFFFF 00000007 756963636C6162"_h;
constexpr auto kOk = "00000002 00000000 00000004 00000000"_h;
constexpr auto kRefused = "00000002 00000000 00000004 00000001"_h;
constexpr auto kAtr = "00000005 00000000 00000004 3B021450"_h;
constexpr auto kCardRemove = "00000006 00000000 00000000"_h;

/// A QEMU of the test's own: listens at a UNIX socket and says what the test wants.
class FakeQemu {
 public:
  explicit FakeQemu(const std::string& path) : m_listener(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    REQUIRE(path.size() < sizeof(address.sun_path));
    std::ranges::copy(path, address.sun_path);
    REQUIRE(::bind(m_listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
    REQUIRE(::listen(m_listener.get(), 1) == 0);
  }
  void accept() {
    m_card = net::Fd(::accept(m_listener.get(), nullptr, nullptr));
    REQUIRE(m_card);
    const timeval limit{20, 0};
    ::setsockopt(m_card.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  }
  void leave() { m_card.reset(); }
  void send(BytesView bytes) const { REQUIRE(::send(m_card.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) == std::ssize(bytes)); }
  /// The next message, whole.
  std::string receive() const {
    Bytes message(12);
    REQUIRE(::recv(m_card.get(), message.data(), message.size(), MSG_WAITALL) == 12);
    const std::size_t size = static_cast<std::size_t>((message[10] << 8) | message[11]);
    message.resize(12 + size);
    if (size != 0) REQUIRE(::recv(m_card.get(), message.data() + 12, size, MSG_WAITALL) == static_cast<ssize_t>(size));
    return to_hex(message);
  }
  bool closed() const {
    std::uint8_t byte = 0;
    return ::recv(m_card.get(), &byte, 1, 0) == 0;
  }
  /// The greeting, until the card is in the reader.
  void greet() {
    accept();
    CHECK(receive() == to_hex(kInit));
    CHECK(receive() == to_hex(kReaderAdd));
    send(concat({to_bytes(kInit), to_bytes(kOk)}));
    CHECK(receive() == to_hex(kAtr));
    send(kOk);
  }
  std::string ask(std::string_view apdu) const {
    send(vscard::encode(Type::kApdu, 0, *from_hex(apdu)));
    const std::string answer = receive();
    CHECK(answer.starts_with("0000000700000000"));
    return answer.substr(24);
  }

 private:
  net::Fd m_listener;
  net::Fd m_card;
};

struct Bench {
  explicit Bench(bool with_power_log = false) {
    if (with_power_log) {
      std::array<int, 2> ends{};
      REQUIRE(::pipe2(ends.data(), O_NONBLOCK | O_CLOEXEC) == 0);
      power = net::Fd(ends[1]);
      client.emplace(VscardAddress{path, "", 0}, card, VscardClient::Log(), net::Fd(ends[0]));
    } else {
      client.emplace(VscardAddress{path, "", 0}, card);
    }
    thread = std::thread([this] { client->run(); });
  }
  ~Bench() { stop(); }
  void stop() {
    if (!thread.joinable()) return;
    client->stop();
    thread.join();
  }
  void tell(std::string_view line) const { REQUIRE(::write(power.get(), line.data(), line.size()) == std::ssize(line)); }

  test::TemporaryFolder folder;
  std::string path = folder.file("qemu");
  FakeQemu qemu{path};
  CardStub card;
  net::Fd power;
  std::optional<VscardClient> client;
  std::thread thread;
};

}  // namespace

TEST_CASE("VSCARD client: Init, ReaderAdd, ATR, then commands with their answers; the card leaves before the connection ends") {
  Bench bench;
  bench.card.on_command = [](BytesView command) { return to_bytes(command); };
  bench.qemu.greet();
  CHECK(bench.qemu.ask("00B0000003") == "00B0000003");
  CHECK(bench.client->present());
  // Messages in pieces, and ones that are of no concern.
  for (const std::uint8_t byte : "00000007 00000000 00000005 00B0000004"_h) bench.qemu.send({&byte, 1});
  CHECK(bench.qemu.receive().ends_with("00B0000004"));
  bench.qemu.send("00000008 00000000 00000000"_h);
  CHECK(bench.qemu.ask("00B0000005") == "00B0000005");
  std::thread stopping([&] { bench.stop(); });
  CHECK(bench.qemu.receive() == to_hex(kCardRemove));
  CHECK(bench.qemu.closed());
  bench.qemu.leave();
  stopping.join();
  CHECK(bench.card.log().ends_with("off"));
}

TEST_CASE("VSCARD client: an answer that QEMU would lose becomes 6F00, a card that fails an Error; the next command works") {
  Bench bench;
  std::size_t size = vscard::kMaxAnswer;
  bench.card.on_command = [&](BytesView command) -> Result<Bytes> {
    if (command[1] == 0xFF) return fail(ErrorCode::kIo, "torn");
    return Bytes(size, 0x5A);
  };
  bench.qemu.greet();
  CHECK(bench.qemu.ask("00B0000000").size() == 2 * vscard::kMaxAnswer);
  size = vscard::kMaxAnswer + 1;
  CHECK(bench.qemu.ask("00B0000000") == "6F00");
  bench.qemu.send("00000007 00000000 00000004 00FF0000"_h);
  CHECK(bench.qemu.receive() == to_hex(kRefused));
  size = 2;
  CHECK(bench.qemu.ask("00B0000000") == "5A5A");
}

TEST_CASE("VSCARD client: ejected and inserted, also while QEMU is away; it comes back after QEMU") {
  Bench bench;
  bench.qemu.greet();
  bench.client->eject();
  CHECK(bench.qemu.receive() == to_hex(kCardRemove));
  CHECK_FALSE(bench.client->present());
  REQUIRE(bench.client->insert());
  CHECK(bench.qemu.receive() == to_hex(kAtr));
  bench.client->eject();
  CHECK(bench.qemu.receive() == to_hex(kCardRemove));
  bench.qemu.leave();
  bench.qemu.accept();
  CHECK(bench.qemu.receive() == to_hex(kInit));
  CHECK(bench.qemu.receive() == to_hex(kReaderAdd));
  bench.qemu.send(concat({to_bytes(kInit), to_bytes(kOk)}));
  CHECK(bench.qemu.ask("00B0000003") == "9000");  // no ATR came before it
  REQUIRE(bench.client->insert());
  CHECK(bench.qemu.receive() == to_hex(kAtr));
}

TEST_CASE("VSCARD client: who is not QEMU, and who sends too much, is left") {
  Bench bench;
  bench.qemu.accept();
  (void)bench.qemu.receive();
  (void)bench.qemu.receive();
  bench.qemu.send("00000001 FFFFFFFF 0000000C 56534345 00000002 00000000"_h);
  CHECK(bench.qemu.closed());
  bench.qemu.leave();
  bench.qemu.greet();
  bench.qemu.send("00000007 00000000 00010009"_h);
  CHECK(bench.qemu.receive() == to_hex(kCardRemove));
  CHECK(bench.qemu.closed());
  bench.qemu.leave();
  bench.qemu.greet();
}

TEST_CASE("VSCARD client: power and resets of the reader are read from QEMU's log, in the order of the commands") {
  Bench bench(true);
  bench.qemu.greet();
  (void)bench.card.log();
  bench.tell("usb-ccid: ccid_handle_bulk_out 62 IccPowerOn\n");
  CHECK(bench.qemu.ask("00B0000001") == "9000");
  bench.tell("usb-ccid: ccid_handle_bulk_out 63 Icc");
  bench.tell("PowerOff\nusb-ccid: ccid_handle_bulk_out 62 IccPowerOn\n");
  CHECK(bench.qemu.ask("00B0000002") == "9000");
  CHECK(bench.card.log() == "reset 00B0000001 off reset 00B0000002");
}

TEST_CASE("VSCARD messages: a payload has at most 65544 bytes; an Init has its magic and major version 0, an Error its code") {
  vscard::MessageReader reader;
  reader.received("00000007 00000000 00010008"_h);
  REQUIRE(reader.next());
  CHECK_FALSE(*reader.next());
  reader.received(Bytes(vscard::kMaxPayload, 0));
  REQUIRE(reader.next());
  vscard::MessageReader other;
  other.received("00000007 00000000 00010009"_h);
  CHECK(other.next().error().code == ErrorCode::kRange);
  CHECK(vscard::check_init(vscard::init_payload()));
  CHECK(vscard::check_init("56534344 00000002"_h));
  CHECK(vscard::check_init("56534344 00200000 00000000"_h).error().code == ErrorCode::kMalformed);
  CHECK(vscard::check_init("56534344 000002"_h).error().code == ErrorCode::kTruncated);
  CHECK(*vscard::error_code("00000003"_h) == 3);
  CHECK(vscard::error_code("000003"_h).error().code == ErrorCode::kTruncated);
}

TEST_CASE("QEMU's log: only whole lines that end with a power command count, however long others are") {
  vscard::PowerLog log;
  using Action = vscard::PowerLog::Action;
  CHECK(log.received(as_bytes("IccPowerOn")).empty());
  CHECK(log.received(as_bytes("\nccid_handle_bulk_out 63 IccPowerOff\nIccPowerOnly\n")) == std::vector{Action::kOn, Action::kOff});
  CHECK(log.received(as_bytes(std::string(100000, 'x') + "IccPowerOn\n")).empty());
  CHECK(log.received(as_bytes("IccPowerOn\n")) == std::vector{Action::kOn});
}
