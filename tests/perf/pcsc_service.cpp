// SPDX-License-Identifier: Apache-2.0
// What the bridges cost: our PC/SC service against a server of the same protocol that does nothing, with the same libpcsclite client;
// our vpcd client against a card that does nothing, with the same reader's end. Rounds take turns; ratios are of medians, 1.00 is the
// speed of the one that does nothing.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <winscard.h>

#include "pcsc_bridge/service.hpp"
#include "pcsc_bridge/vpcd_client.hpp"

namespace {

using namespace uicclab;
using namespace uicclab::pcsc_bridge;
using Clock = std::chrono::steady_clock;

constexpr std::array<std::uint8_t, 5> kCommand{0x00, 0xB0, 0x00, 0x00, 0x10};
constexpr std::size_t kAnswerSize = 18;
constexpr int kRounds = 9;

class NullCard final : public CardPort {
 public:
  Result<Atr> reset() override { return Atr{0x3B, 0x00}; }
  Result<Bytes> transmit(BytesView) override { return Bytes(kAnswerSize, 0x90); }
  void power_off() override {}
};

void check(LONG code, const char* what) {
  if (code == SCARD_S_SUCCESS) return;
  std::fprintf(stderr, "%s: %s\n", what, pcsc_stringify_error(code));
  std::exit(1);
}

/// A service that answers every question with what it was asked, and TRANSMIT with a fixed answer: one recv, one send, a thread for each
/// client.
class NullService {
 public:
  explicit NullService(const std::string& path) : m_listener(path) {
    m_thread = std::thread([this] {
      for (;;) {
        net::Fd client(::accept(m_listener.fd(), nullptr, nullptr));
        if (!client) return;
        std::thread([fd = std::move(client)] { serve(fd.get()); }).detach();
      }
    });
  }
  ~NullService() {
    ::shutdown(m_listener.fd(), SHUT_RDWR);
    m_thread.join();
  }

 private:
  static void serve(int fd) {
    std::vector<std::uint8_t> in(4096);
    std::size_t have = 0;
    for (;;) {
      const auto got = ::recv(fd, in.data() + have, in.size() - have, 0);
      if (got <= 0) return;
      have += static_cast<std::size_t>(got);
      const auto size = wire::message_size(BytesView(in).first(have));
      if (!size) return;
      if (*size == 0 || have < *size) continue;
      std::array<std::uint8_t, 512> out{};
      std::size_t length = wire::read<wire::Header>(in).size;
      std::memcpy(out.data(), in.data() + sizeof(wire::Header), length);
      if (wire::read<wire::Header>(in).command == wire::Command::kTransmit) {
        auto answer = wire::read<wire::Transmit>(out);
        answer.receive_size = kAnswerSize;
        std::memcpy(out.data(), &answer, sizeof(answer));
        std::memset(out.data() + sizeof(answer), 0x90, kAnswerSize);
        length += kAnswerSize;
      } else if (wire::read<wire::Header>(in).command == wire::Command::kConnect) {
        auto answer = wire::read<wire::Connect>(out);
        answer.card = 1;
        answer.active_protocol = wire::kT0;
        std::memcpy(out.data(), &answer, sizeof(answer));
      } else if (wire::read<wire::Header>(in).command == wire::Command::kEstablish) {
        auto answer = wire::read<wire::Establish>(out);
        answer.context = 1;
        std::memcpy(out.data(), &answer, sizeof(answer));
      }
      have = 0;
      if (::send(fd, out.data(), length, MSG_NOSIGNAL) < 0) return;
    }
  }
  UnixListener m_listener;
  std::thread m_thread;
};

/// Microseconds of each SCardTransmit.
std::vector<double> pcsc_round(const std::string& link, const std::string& path, int count) {
  std::filesystem::remove(link);
  std::filesystem::create_symlink(path, link);  // libpcsclite looks at the environment once
  SCARDCONTEXT context = 0;
  SCARDHANDLE card = 0;
  DWORD protocol = 0;
  check(SCardEstablishContext(SCARD_SCOPE_SYSTEM, nullptr, nullptr, &context), "SCardEstablishContext");
  check(SCardConnect(context, "R 00 00", SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0, &card, &protocol), "SCardConnect");
  std::vector<double> times;
  for (int i = 0; i < count; ++i) {
    std::array<std::uint8_t, 258> answer{};
    DWORD size = answer.size();
    const auto begin = Clock::now();
    check(SCardTransmit(card, SCARD_PCI_T0, kCommand.data(), kCommand.size(), nullptr, answer.data(), &size), "SCardTransmit");
    times.push_back(std::chrono::duration<double, std::micro>(Clock::now() - begin).count());
  }
  SCardDisconnect(card, SCARD_LEAVE_CARD);
  SCardReleaseContext(context);
  return times;
}

/// The reader's end of vpcd, in one piece (upstream) or in two (Debian 12).
class NullReader {
 public:
  NullReader() : m_listener(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    if (::bind(m_listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 || ::listen(m_listener.get(), 1) != 0 ||
        ::getsockname(m_listener.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      net::throw_errno("listen");
    }
    m_port = ntohs(address.sin_port);
  }
  std::uint16_t port() const { return m_port; }
  std::vector<double> round(int count, bool two_pieces) const {
    const net::Fd card(::accept(m_listener.get(), nullptr, nullptr));
    std::vector<double> times;
    const Bytes frame = vpcd::frame(kCommand);
    std::array<std::uint8_t, 2 + kAnswerSize> answer{};
    const Bytes on = vpcd::frame(vpcd::Control::kOn);
    (void)!::send(card.get(), on.data(), on.size(), MSG_NOSIGNAL);
    for (int i = 0; i < count; ++i) {
      const auto begin = Clock::now();
      if (two_pieces) (void)!::send(card.get(), frame.data(), 2, MSG_NOSIGNAL);
      const std::size_t sent = two_pieces ? 2 : 0;
      (void)!::send(card.get(), frame.data() + sent, frame.size() - sent, MSG_NOSIGNAL);
      if (::recv(card.get(), answer.data(), answer.size(), MSG_WAITALL) != std::ssize(answer)) net::throw_errno("recv");
      times.push_back(std::chrono::duration<double, std::micro>(Clock::now() - begin).count());
    }
    return times;
  }

 private:
  net::Fd m_listener;
  std::uint16_t m_port = 0;
};

/// A card that answers everything with the same bytes: acknowledges, receives, sends.
void null_vpcd_card(std::uint16_t port) {
  const net::Fd socket(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) net::throw_errno("connect");
  const int yes = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
  const Bytes answer = vpcd::frame(Bytes(kAnswerSize, 0x90));
  std::array<std::uint8_t, 4096> in{};
  std::size_t have = 0;
  for (;;) {
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_QUICKACK, &yes, sizeof(yes));
    const auto got = ::recv(socket.get(), in.data() + have, in.size() - have, 0);
    if (got <= 0) return;
    have += static_cast<std::size_t>(got);
    if (have >= 3 && in[1] == 1) {  // power
      have -= 3;
      std::memmove(in.data(), in.data() + 3, have);
    }
    if (have < 2 + kCommand.size()) continue;
    have = 0;
    (void)!::send(socket.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
  }
}

double at(std::vector<double>& times, double part) {
  const auto n = static_cast<std::ptrdiff_t>(static_cast<double>(times.size() - 1) * part);
  std::nth_element(times.begin(), times.begin() + n, times.end());
  return times[static_cast<std::size_t>(n)];
}

void report(const char* what, std::vector<double> ours, std::vector<double> nothing) {
  const auto mean = [](const std::vector<double>& times) {
    double sum = 0;
    for (const double time : times) sum += time;
    return sum / static_cast<double>(times.size());
  };
  const double rate = mean(nothing) / mean(ours);
  std::printf("%-34s ours p50 %5.1f us, does nothing p50 %5.1f us; ratio of p50 %.2f, of p90 %.2f, of throughput %.2f\n", what,
              at(ours, 0.5), at(nothing, 0.5), at(nothing, 0.5) / at(ours, 0.5), at(nothing, 0.9) / at(ours, 0.9), rate);
}

void add(std::vector<double>& to, const std::vector<double>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

}  // namespace

int main(int argc, char** argv) {
  const int count = argc > 1 ? std::atoi(argv[1]) : 5000;
  std::string directory = "/tmp/uicclab-perf-XXXXXX";
  if (::mkdtemp(directory.data()) == nullptr) return 1;
  const std::string link = directory + "/link";
  ::setenv("PCSCLITE_CSOCK_NAME", link.c_str(), 1);
  NullCard card;
  {
    Service service(directory + "/ours", {{"R 00 00", &card}});
    std::thread thread([&service] { service.run(); });
    const NullService nothing(directory + "/nothing");
    std::vector<double> ours;
    std::vector<double> theirs;
    for (int round = 0; round < kRounds; ++round) {
      add(ours, pcsc_round(link, directory + "/ours", count));
      add(theirs, pcsc_round(link, directory + "/nothing", count));
    }
    report("PC/SC service, SCardTransmit", ours, theirs);
    service.stop();
    thread.join();
  }
  for (const bool two_pieces : {false, true}) {
    std::vector<double> ours;
    std::vector<double> theirs;
    for (int round = 0; round < kRounds; ++round) {
      const NullReader reader;
      std::thread nothing([&reader] { null_vpcd_card(reader.port()); });
      add(theirs, reader.round(count, two_pieces));
      nothing.join();
      VpcdClient client("127.0.0.1", reader.port(), card);
      std::thread thread([&client] { client.run(); });
      add(ours, reader.round(count, two_pieces));
      client.stop();
      thread.join();
    }
    report(two_pieces ? "vpcd client, frames in two pieces" : "vpcd client, frames in one piece", ours, theirs);
  }
  std::filesystem::remove_all(directory);
  return 0;
}
