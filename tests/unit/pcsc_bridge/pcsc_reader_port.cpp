// SPDX-License-Identifier: Apache-2.0
#include "pcsc_bridge/pcsc_reader_port.hpp"

#include <optional>

#include "service_bench.hpp"

using namespace uicclab::test;
using namespace uicclab;
using namespace uicclab::literals;

namespace {

/// libpcsclite looks at PCSCLITE_CSOCK_NAME once in the life of a process: all tests share one path.
const std::string& socket_path() {
  static const TemporaryDirectory directory;
  static const std::string path = [] {
    auto name = directory.file("sock");
    ::setenv("PCSCLITE_CSOCK_NAME", name.c_str(), 1);
    return name;
  }();
  return path;
}

struct PortBench {
  CardStub card;
  CardStub other;
  std::optional<Service> service;
  std::thread thread;

  explicit PortBench(std::vector<ReaderConfig> more = {}) {
    std::vector<ReaderConfig> readers{{"Alpha Reader 00 00", &card}};
    readers.insert(readers.end(), more.begin(), more.end());
    service.emplace(socket_path(), readers);
    thread = std::thread([this] { service->run(); });
    card.log();
  }
  void stop() {
    if (!service) return;
    service->stop();
    thread.join();
    service.reset();
  }
  ~PortBench() { stop(); }
};

std::unique_ptr<PcscReaderPort> open(std::string_view part = "alpha", PcscReaderOptions options = {}) {
  auto port = PcscReaderPort::open(part, options);
  if (!port) FAIL(port.error().text);
  return std::move(*port);
}

bool says(const Error& error, std::string_view words) {
  INFO(error.text);
  const bool found = error.text.find(words) != std::string::npos;
  CHECK(found);
  return found;
}

}  // namespace

TEST_CASE("reader port: reset, commands and power") {
  PortBench bench;
  bench.card.on_command = [](BytesView command) { return concat({command, "9000"_h}); };
  auto port = open();
  CHECK(port->reader() == "Alpha Reader 00 00");
  CHECK(bench.card.log().empty());
  CHECK(to_hex(*port->reset()) == "3B021450");
  CHECK(bench.card.log() == "reset off reset");
  CHECK(to_hex(*port->transmit("00B0000003"_h)) == "00B00000039000");
  CHECK(to_hex(*port->reset()) == "3B021450");
  CHECK(bench.card.log() == "00B0000003 reset");
  port->power_off();
  port->power_off();
  CHECK(bench.card.log() == "off");
  CHECK(says(port->transmit("00B0000003"_h).error(), "off"));
  CHECK(port->reset());
  CHECK(bench.card.log() == "reset off reset");
  port.reset();
  CHECK(bench.card.log() == "off");
}

TEST_CASE("reader port: under T=0 the Le after data is not sent (ISO/IEC 7816-3 clause 12.2.1)") {
  PortBench bench;
  auto port = open();
  REQUIRE(port->reset());
  bench.card.log();
  CHECK(port->transmit("00A4000402 3F00 00"_h));
  CHECK(port->transmit("00A4000C02 3F00"_h));
  CHECK(port->transmit("00B0000000"_h));
  CHECK(bench.card.log() == "00A40004023F00 00A4000C023F00 00B0000000");
}

TEST_CASE("reader port: a reader that itself sends GET RESPONSE is recognised (ISO/IEC 7816-3 clause 12.2)") {
  PortBench bench;
  auto port = open();
  REQUIRE(port->reset());
  const auto answers = [&](BytesView answer) { bench.card.on_command = [data = to_bytes(answer)](BytesView) { return data; }; };
  const auto sees = [&](BytesView answer, BytesView command) {
    answers(answer);
    REQUIRE(port->transmit(command));
    return port->protocol() == Protocol::kT1;
  };
  CHECK_FALSE(sees("6103"_h, "00A4000402 3F00 00"_h));
  CHECK_FALSE(sees("010203 9000"_h, "00B0000003"_h));
  CHECK_FALSE(sees("6C03"_h, "00B0000000"_h));
  SUBCASE("data to a command of case 4") {
    CHECK(sees("010203 9000"_h, "00A4000402 3F00 00"_h));
  }
  SUBCASE("data of another length than Le") {
    CHECK(sees("010203 9000"_h, "00B0000000"_h));
  }
  REQUIRE(port->reset());
  CHECK(port->protocol() == Protocol::kT0);
}

TEST_CASE("reader port: the longest extended APDU") {
  PortBench bench;
  bench.card.atr = to_bytes("3B80 01 81"_h);
  bench.service->eject(0);
  bench.service->insert(0);
  bench.card.on_command = [](BytesView command) { return Bytes(65538, command.back()); };
  auto port = open();
  REQUIRE(port->reset());
  const auto answer = port->transmit(Bytes(4 + 3 + 65535 + 2, 0x7B));
  REQUIRE(answer);
  CHECK(answer->size() == 65538);
  CHECK(says(port->transmit(Bytes(70000, 0)).error(), "longer"));
}

TEST_CASE("reader port: protocols") {
  PortBench bench;
  const auto insert = [&bench](BytesView atr) {
    bench.service->eject(0);
    bench.card.atr = to_bytes(atr);
    bench.service->insert(0);
    bench.card.log();
  };
  insert("3B80 80 01 01"_h);
  SUBCASE("the first one of the ATR without a wish") {
    auto port = open();
    REQUIRE(port->reset());
    CHECK(port->transmit("00B0000003"_h));
    CHECK(bench.card.log() == "reset off reset 00B0000003");
    CHECK(port->select_protocol(Protocol::kT0));
    CHECK(bench.card.log().empty());
    CHECK(port->select_protocol(Protocol::kT1));
    CHECK(bench.card.log() == "reset T=1");
    CHECK(port->transmit("00B0000003"_h));
  }
  SUBCASE("the one that was asked for") {
    auto port = open("alpha", {true, Protocol::kT1});
    REQUIRE(port->reset());
    CHECK(bench.card.log() == "reset off reset T=1");
    CHECK(port->protocol() == Protocol::kT1);
    REQUIRE(port->reset());
    CHECK(bench.card.log() == "reset T=1");
  }
  SUBCASE("another program has made it speak the other one, and its handle is open or not") {
    for (const bool open_handle : {true, false}) {
      auto other = open("alpha", {false, Protocol::kT1});
      REQUIRE(other->reset());
      if (!open_handle) {
        insert("3B80 80 01 01"_h);
        RawClient client(*bench.service);  // leaves the card at T=1, as SCARD_LEAVE_CARD does
        client.context = client.ask(Command::kEstablish, wire::Establish{2, 0, {}}).context;
        wire::Connect body;
        body.context = client.context;
        std::ranges::copy(std::string_view("Alpha Reader 00 00"), body.reader.begin());
        body.share = wire::kShared;
        body.protocols = wire::kT1;
        REQUIRE(client.ask(Command::kConnect, body).active_protocol == wire::kT1);
      }
      auto port = open("alpha", {false, {}});
      const auto atr = port->reset();
      REQUIRE_MESSAGE(atr, (atr ? "" : atr.error().text));
      CHECK(port->protocol() == Protocol::kT0);
      CHECK(port->transmit("00B0000003"_h));
    }
  }
  SUBCASE("one that the card does not offer") {
    insert("3B80 01 81"_h);
    auto port = open("alpha", {true, Protocol::kT0});
    const auto refused = port->reset();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::kUnsupported);
    auto other = open();
    REQUIRE(other->reset());
    CHECK(other->select_protocol(Protocol::kT0).error().code == ErrorCode::kUnsupported);
  }
}

TEST_CASE("reader port: a reader is chosen by a part of its name") {
  CardStub second;
  CardStub third;
  PortBench bench({{"Beta Reader 00 00", &second}, {"Beta Reader 00 00 plus", &third}});
  CHECK(PcscReaderPort::readers()->size() == 3);
  CHECK(open("ALPHA")->reader() == "Alpha Reader 00 00");
  CHECK(open("Beta Reader 00 00")->reader() == "Beta Reader 00 00");  // the whole name wins
  const auto several = PcscReaderPort::open("beta");
  REQUIRE_FALSE(several);
  CHECK(several.error().code == ErrorCode::kRefused);
  CHECK(says(several.error(),
             "'beta' fits 2 readers, and 2 of them have cards; choose one with --card pcsc:NAME (uicclab readers lists "
             "them):\n  Beta Reader 00 00\n  Beta Reader 00 00 plus"));
  CHECK(says(PcscReaderPort::open("").error(), "3 readers, and 3 of them have cards; choose one with --card pcsc:NAME"));
  bench.service->eject(2);
  CHECK(open("beta")->reader() == "Beta Reader 00 00");  // the one with a card
  bench.service->eject(1);
  CHECK(open("")->reader() == "Alpha Reader 00 00");
  bench.service->eject(0);
  const auto empty = PcscReaderPort::open("");
  REQUIRE_FALSE(empty);
  CHECK(says(empty.error(), "3 readers, and no card in any of them; insert it, or choose one with --card pcsc:NAME"));
  const auto none = PcscReaderPort::open("gamma");
  CHECK(none.error().code == ErrorCode::kNotFound);
  CHECK(says(none.error(), "there are:\n  Alpha Reader 00 00\n"));
  CHECK(says(open("plus")->reset().error(), "no card in the reader"));
}

TEST_CASE("reader port: the only reader needs no name") {
  PortBench bench;
  CHECK(open("")->reader() == "Alpha Reader 00 00");
}

TEST_CASE("reader port: what can go wrong is said in words") {
  PortBench bench;
  auto port = open();
  REQUIRE(port->reset());
  SUBCASE("card removed between commands, and put in again") {
    bench.service->eject(0);
    CHECK(says(port->transmit("00B0000003"_h).error(), "the card was removed"));
    CHECK(says(port->reset().error(), "no card in the reader"));
    bench.service->insert(0);
    CHECK(port->reset());
    CHECK(port->transmit("00B0000003"_h));
  }
  SUBCASE("card fails in mid-command") {
    bench.card.on_command = [](BytesView) -> Result<Bytes> { return fail(ErrorCode::kIo, "gone"); };
    CHECK(says(port->transmit("00B0000003"_h).error(), "in the middle of the command"));
  }
  SUBCASE("mute card") {
    bench.card.mute = true;
    CHECK(says(port->reset().error(), "does not answer a reset"));
    bench.card.mute = false;
    CHECK(port->reset());
  }
  SUBCASE("another program uses the card") {
    auto second = open();
    CHECK(says(second->reset().error(), "another program is using the card"));
    port->power_off();
    CHECK(second->reset());
  }
  SUBCASE("another program has reset the card") {
    port.reset();
    auto one = open("alpha", {false, {}});
    auto two = open("alpha", {false, {}});
    REQUIRE(one->reset());
    REQUIRE(two->reset());
    CHECK(says(one->transmit("00B0000003"_h).error(), "another program has reset the card"));
    CHECK(one->reset());
  }
  SUBCASE("the service stops, and comes back") {
    bench.stop();
    CHECK(port->transmit("00B0000003"_h).error().code == ErrorCode::kIo);
    CHECK(says(port->reset().error(), "no PC/SC service is running"));
    CHECK(says(PcscReaderPort::open("alpha").error(), "no PC/SC service is running"));
    CHECK(says(PcscReaderPort::readers().error(), "no PC/SC service is running"));
    PortBench again;
    CHECK(port->reset());
    port.reset();
  }
}

TEST_CASE("reader port: a service without readers") {
  Service service(socket_path(), {});
  std::thread thread([&service] { service.run(); });
  CHECK(PcscReaderPort::readers()->empty());
  CHECK(says(PcscReaderPort::open("").error(), "has no reader"));
  service.stop();
  thread.join();
}
