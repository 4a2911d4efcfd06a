// SPDX-License-Identifier: Apache-2.0
// A LwM2M server to which anybody sends anything, while it manages and bootstraps; a DTLS server; an operator who types anything; a device
// whose server asks anything; answers in every format, as they are shown. The input: datagrams, each behind a byte that says to whom, and
// two length bytes.
#include <array>

#include "core/reader.hpp"
#include "lwm2m/device/object_tree.hpp"
#include "lwm2m/server/server.hpp"
#include "tests/support/fuzz.hpp"
#include "tests/support/lwm2m_accounts.hpp"

using namespace uicclab;
using namespace uicclab::lwm2m;
using test::require;

namespace {

BootstrapFile wanted() {
  ObjectInstance security{0, {}}, server{0, {}};
  security.set(security::kUri, std::string_view("coap://a.example"));
  server.set(server::kShortServerId, std::int64_t{1});
  return {{{kSecurityObject, std::nullopt, {security}}, {kServerObject, std::nullopt, {server}}}};
}

struct World {
  ManualClock clock;
  SeededRandom random{1};
  test::MemoryAccounts accounts;
  server::Server server{
      accounts,
      clock,
      random,
      {.send = [](const PeerAddress&, BytesView bytes) { require(coap::parse(bytes).has_value(), "a server sends what can be read"); },
       .room = [](const PeerAddress&) { return std::size_t{512}; },
       .event = [](const std::string&) {},
       .date = [] { return std::chrono::sys_seconds(std::chrono::seconds(1'800'000'000)); },
       .resolve = [](const std::string&) { return Result<PeerAddress>(PeerAddress{{1}}); }},
      {.open = true}};
  device::ObjectTree tree{wanted(), 1, {}, {}};
  test::MemoryAccounts::Account& account = accounts.add("a", SecurityMode::kNoSec);
};

/// One for all inputs: no datagram has its cookie, so nothing stays of any.
void dtls_takes(const PeerAddress& from, BytesView bytes) {
  static test::MemoryAccounts accounts;
  static server::DtlsAccounts peers(accounts);
  static DtlsServer server({}, peers,
                           {.send = [](const PeerAddress&, BytesView) {},
                            .message = [](const PeerAddress&, const PeerProof&, BytesView) {},
                            .connected = [](const PeerAddress&, const PeerProof&, const DtlsSummary&) {},
                            .closed = [](const PeerAddress&) {},
                            .refused = [](const PeerAddress&, const std::string&) {}});
  server.receive(from, bytes);
  require(server.peers() == 0, "nothing is kept of a client without a cookie");
}

void answer_is_shown(std::uint8_t kind, BytesView payload) {
  static constexpr std::array kFormats{coap::format::kLwm2mTlv, coap::format::kSenmlJson, coap::format::kSenmlCbor, coap::format::kText};
  coap::Message answer;
  answer.add_number(coap::option::kContentFormat, kFormats[kind & 3U]);
  answer.payload = to_bytes(payload);
  for (const std::vector<std::uint16_t>& path : {std::vector<std::uint16_t>{}, {3}, {3, 0}, {3, 0, 11}, {3303, 0, 5700}}) {
    require(!server::payload_json(answer, path).text().empty(), "something is shown");
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  World world;
  world.account.bootstrap = *encode_bootstrap_file(wanted());
  ByteReader reader({data, size});
  while (const auto head = reader.u8()) {
    const auto length = reader.u16();
    const auto bytes = length ? reader.bytes(*length) : std::nullopt;
    if (!bytes) break;
    const PeerAddress from{{static_cast<std::uint8_t>(*head & 3)}};
    if ((*head & 0x1C) == 0x1C) {
      dtls_takes(from, *bytes);
      answer_is_shown(*head, *bytes);
      continue;
    }
    switch (*head >> 5) {
      case 0: {
        const std::string line(bytes->begin(), bytes->end());
        if (const auto command = server::parse_command(line)) world.server.manage(*command, [](const server::Server::Outcome&) {});
        break;
      }
      case 1:
        world.clock.advance(std::chrono::milliseconds(*length * 10));
        world.server.on_time();
        break;
      case 2:
        if (const auto message = coap::parse(*bytes)) {
          const coap::Message answer = world.tree.answer(*message, world.clock.now());
          const auto path = coap::numbers_of(message->texts(coap::option::kUriPath));
          require(!path || path->empty() || path->front() != kSecurityObject || answer.code.kind() == 4,
                  "the Security object stays closed");
          world.tree.press();
          (void)world.tree.due(world.clock.now());
        }
        break;
      case 3:
        world.server.closed(from);
        break;
      default:
        world.server.receive(from, {}, *bytes);
    }
  }
  require(world.server.registrations().size() <= size, "no registration out of nothing");
  return 0;
}
