// SPDX-License-Identifier: Apache-2.0
// Devices at one LwM2M server process over loopback: memory for each registration, Updates a second; beside a CoAP echo that does nothing,
// on the same sockets in the same run. Prints numbers and their ratio; judges nothing.
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <functional>
#include <thread>

#include <poll.h>
#include <unistd.h>

#include "lwm2m/server/server.hpp"
#include "lwm2m/transport/udp_socket.hpp"
#include "tests/support/lwm2m_accounts.hpp"

using namespace uicclab;
using namespace uicclab::lwm2m;
using Clock_ = std::chrono::steady_clock;

namespace {

constexpr std::size_t kDevices = 10'000;
constexpr std::size_t kUpdates = 100'000;
constexpr std::size_t kWindow = 64;

double seconds_since(Clock_::time_point begin) {
  return std::chrono::duration<double>(Clock_::now() - begin).count();
}

/// Resident memory of this process in bytes.
std::size_t resident() {
  std::ifstream in("/proc/self/statm");
  std::size_t whole = 0, pages = 0;
  in >> whole >> pages;
  return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

/// A socket whose datagrams a function gets, in a thread.
class Served {
 public:
  using Take = std::function<void(UdpSocket&, const Datagram&)>;
  explicit Served(Take take) : m_socket(*UdpSocket::bind("127.0.0.1", 0)), m_take(std::move(take)), m_thread([this] { run(); }) {}
  ~Served() {
    m_stop.set();
    m_thread.join();
  }
  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;
  PeerAddress address() const { return *UdpSocket::address_of("127.0.0.1", m_socket.port()); }

 private:
  void run() {
    while (true) {
      std::array<pollfd, 2> wait{pollfd{m_socket.descriptor(), POLLIN, 0}, pollfd{m_stop.fd(), POLLIN, 0}};
      ::poll(wait.data(), wait.size(), -1);
      if (wait[1].revents != 0) return;
      while (const auto datagram = m_socket.receive()) m_take(m_socket, *datagram);
    }
  }
  UdpSocket m_socket;
  Take m_take;
  net::Event m_stop;
  std::thread m_thread;
};

coap::Message message(coap::Code code, std::uint16_t id, std::string_view path) {
  coap::Message out;
  out.code = code;
  out.id = id;
  out.token = {1, 2, 3, 4};
  coap::add_path(out, path);
  return out;
}

coap::Message answer_to(UdpSocket& socket) {
  while (true) {
    pollfd wait{socket.descriptor(), POLLIN, 0};
    ::poll(&wait, 1, 5000);
    if (const auto datagram = socket.receive()) return *coap::parse(datagram->bytes);
    std::fprintf(stderr, "no answer within 5 s\n");
    std::exit(1);
  }
}

/// Updates a second, `kWindow` of them underway.
double run_updates(const PeerAddress& to, const std::vector<std::string>& locations) {
  UdpSocket socket = *UdpSocket::bind("127.0.0.1", 0);
  const auto begin = Clock_::now();
  std::size_t sent = 0;
  for (std::size_t done = 0; done < kUpdates; ++done) {
    for (; sent < kUpdates && sent - done < kWindow; ++sent) {
      socket.send(to, coap::encode(message(coap::kPost, static_cast<std::uint16_t>(sent), locations[sent % locations.size()])));
    }
    if (answer_to(socket).code != coap::kChanged) std::exit(1);
  }
  return static_cast<double>(kUpdates) / seconds_since(begin);
}

}  // namespace

int main() {
  SystemClock clock;
  SeededRandom random(1);
  test::MemoryAccounts accounts;
  UdpSocket* out = nullptr;
  server::Server lwm2m(accounts, clock, random,
                       {.send = [&](const PeerAddress& to, BytesView bytes) { out->send(to, bytes); },
                        .room = [](const PeerAddress&) { return std::size_t{1152}; },
                        .event = [](const std::string&) {},
                        .date = [] { return std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now()); },
                        .resolve = [](const std::string&) { return Result<PeerAddress>(PeerAddress{}); }},
                       {.open = true});
  Served serving([&](UdpSocket& socket, const Datagram& datagram) {
    out = &socket;
    lwm2m.receive(datagram.from, {}, datagram.bytes);
  });
  Served echoing([](UdpSocket& socket, const Datagram& datagram) {
    auto request = coap::parse(datagram.bytes);
    if (!request) return;
    coap::Message answer;
    answer.type = coap::Type::kAcknowledgement;
    answer.code = coap::kChanged;
    answer.id = request->id;
    answer.token = request->token;
    socket.send(datagram.from, coap::encode(answer));
  });

  const std::size_t before = resident();
  std::vector<std::string> locations;
  const auto begin = Clock_::now();
  for (std::size_t i = 0; i < kDevices; ++i) {
    UdpSocket device = *UdpSocket::bind("127.0.0.1", 0);  // each has an address of its own
    coap::Message register_ = message(coap::kPost, static_cast<std::uint16_t>(i), "/rd");
    register_.add_number(coap::option::kContentFormat, coap::format::kLinkFormat);
    for (const std::string& one :
         {"ep=urn:imei:" + std::to_string(490'154'203'237'518 + i), std::string("lt=86400"), std::string("lwm2m=1.1")}) {
      register_.add(coap::option::kUriQuery, one);
    }
    register_.payload = to_bytes(as_bytes("</>;rt=\"oma.lwm2m\",</1/0>,</3/0>,</4/0>,</3347/0>"));
    device.send(serving.address(), coap::encode(register_));
    const auto answer = answer_to(device);
    if (answer.code != coap::kCreated) return 1;
    locations.push_back("/rd/" + answer.texts(coap::option::kLocationPath).at(1));
  }
  const double registering = seconds_since(begin);
  const std::size_t grown = resident() - before;
  std::printf("%zu devices registered, one after the other: %.0f a second, %.1f MB, %zu bytes each\n", kDevices,
              static_cast<double>(kDevices) / registering, static_cast<double>(grown) / 1e6, grown / kDevices);
  const double echo = run_updates(echoing.address(), locations);
  const double server = run_updates(serving.address(), locations);
  std::printf("Updates: %.0f a second; a CoAP echo that does nothing: %.0f a second; ratio %.2f\n", server, echo, server / echo);
  return 0;
}
