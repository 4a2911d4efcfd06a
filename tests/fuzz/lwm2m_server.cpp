// SPDX-License-Identifier: Apache-2.0
// A device at a server that says anything: a bootstrap server's requests; a server's certificate. The input: a byte that says which, then
// datagrams or certificates, each behind two length bytes.
#include "core/reader.hpp"
#include "lwm2m/device/account.hpp"
#include "lwm2m/device/bootstrap_client.hpp"
#include "tests/support/fuzz.hpp"

using namespace uicclab;
using namespace uicclab::lwm2m;
using namespace uicclab::lwm2m::device;
using test::require;

namespace {

class AnyServer final : public DatagramLink {
 public:
  AnyServer(ByteReader reader, ManualClock& clock) : m_reader(reader), m_clock(clock) {}
  Result<void> send(BytesView datagram) override {
    require(coap::parse(datagram).has_value(), "a device sends what can be read");
    return {};
  }
  Result<std::optional<Bytes>> receive(std::chrono::milliseconds within) override {
    const auto size = m_reader.u16();
    const auto datagram = size ? m_reader.bytes(*size) : std::nullopt;
    if (datagram) return to_bytes(*datagram);
    m_clock.advance(within);
    return std::nullopt;
  }

 private:
  ByteReader m_reader;
  ManualClock& m_clock;
};

BootstrapFile begin() {
  ObjectInstance bootstrap{0, {}};
  bootstrap.set_boolean(security::kBootstrap, true);
  return {{{kSecurityObject, std::nullopt, {bootstrap}}}};
}

void certificates(ByteReader reader, std::uint8_t kind) {
  std::vector<Bytes> chain;
  while (const auto size = reader.u16()) {
    const auto one = reader.bytes(*size);
    if (!one) break;
    chain.push_back(to_bytes(*one));
  }
  ServerTrust trust;
  trust.matching = kind & 3;
  trust.host = "a.example";
  if ((kind & 4) != 0) trust.usage = ServerTrust::Usage::kTrustAnchor;
  if ((kind & 8) != 0) trust.now = std::chrono::sys_seconds(std::chrono::seconds(1'800'000'000));
  trust.stored = chain.empty() ? Bytes() : chain.back();
  if (!chain.empty()) chain.pop_back();
  (void)check_server(chain, trust);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ByteReader reader({data, size});
  const auto kind = reader.u8();
  if (!kind) return 0;
  if ((*kind & 0x80) != 0) {
    certificates(reader, *kind);
    return 0;
  }
  ManualClock clock;
  SeededRandom random(1);
  AnyServer server(reader, clock);
  coap::Client client(server, clock, random);
  BootstrapClient bootstrap(client, begin());
  const auto file = bootstrap.run("me", std::chrono::seconds(10), std::chrono::seconds(*kind & 0x7F));
  if (!file) return 0;
  require(find_account(*file, std::nullopt, false).has_value(), "Finish is taken when there is an account to register with");
  return 0;
}
