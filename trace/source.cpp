// SPDX-License-Identifier: Apache-2.0
#include "trace/source.hpp"

#include <bit>
#include <cerrno>
#include <cstring>
#include <utility>

#include <netinet/in.h>
#include <sys/socket.h>

#include "core/reader.hpp"
#include "trace/capture.hpp"
#include "trace/datagram.hpp"
#include "trace/log.hpp"
#include "trace/wire.hpp"

namespace uicclab::trace {
namespace {

Bytes sender_of(BytesView address, std::uint16_t port) {
  return ByteWriter().u16(port).bytes(address).take();
}

class CaptureSource final : public Source {
 public:
  CaptureSource(std::istream& in, std::uint16_t port) : m_reader(in), m_port(port) {}

  Result<std::optional<RecordedEvent>> next() override {
    while (true) {
      auto packet = m_reader.next();
      if (!packet) return tl::unexpected(packet.error());
      if (!*packet) return std::nullopt;
      const auto datagram = udp_datagram((*packet)->link_type, (*packet)->bytes);
      if (!datagram || datagram->port != m_port) {
        ++m_passed_over;
        continue;
      }
      auto event = m_events.event(sender_of(datagram->source, datagram->source_port), datagram->payload);
      if (!event) {
        if (!m_events.took_piece()) ++m_passed_over;
        continue;
      }
      event->time = (*packet)->time;
      return event;
    }
  }
  std::size_t passed_over() const override { return m_passed_over; }

 private:
  CaptureReader m_reader;
  GsmtapEvents m_events;
  std::size_t m_passed_over = 0;
  std::uint16_t m_port;
};

}  // namespace

std::unique_ptr<Source> open_source(std::istream& in, std::uint16_t port) {
  // No format of ours in text begins with one of the first bytes of captures, so that one byte is enough to look at.
  const int first = in.peek();
  for (const int magic : {0xA1, 0xD4, 0x4D, 0x0A}) {
    if (first != magic) continue;
    // A line feed begins texts too; a second one there is no pcapng.
    if (first == 0x0A) {
      in.get();
      const int second = in.peek();
      in.unget();
      if (second != 0x0D) break;
    }
    return std::make_unique<CaptureSource>(in, port);
  }
  return std::make_unique<LogSource>(in);
}

std::optional<RecordedEvent> GsmtapEvents::event(BytesView sender, BytesView packet) {
  m_took_piece = false;
  const auto sim = parse_gsmtap(packet);
  if (!sim) return std::nullopt;
  unsigned card = 0;
  if (const auto known = m_cards.find(to_bytes(sender)); known != m_cards.end()) {
    card = known->second;
  } else if (m_cards.size() < kMaxCards) {
    card = static_cast<unsigned>(m_cards.size());
    m_cards.emplace(to_bytes(sender), card);
  } else {
    card = kMaxCards - 1;
  }
  return piece(card, *sim);
}

/// A command that comes again with the Le that 6Cxx named is as long as it was before; of others the instruction decides.
std::optional<std::size_t> GsmtapEvents::size_of_command(unsigned card, BytesView exchange) {
  const Bytes refused = std::exchange(m_refused[card], {});
  std::optional<std::size_t> size;
  if (refused.size() > 4 && exchange.size() >= refused.size() + 2 &&
      equal(exchange.first(refused.size() - 1), BytesView(refused).first(refused.size() - 1))) {
    size = refused.size();
  } else {
    size = command_size(exchange);
  }
  if (size && exchange.size() == *size + 2 && exchange[*size] == 0x6C) m_refused[card] = to_bytes(exchange.first(*size));
  return size;
}

std::optional<RecordedEvent> GsmtapEvents::piece(unsigned card, const GsmtapSim& sim) {
  RecordedEvent event;
  event.card = card;
  switch (sim.sub_type) {
    case GsmtapSim::kAtr:
      event.kind = TraceEvent::Kind::kReset;
      event.answer = to_bytes(sim.bytes);
      return event;
    case GsmtapSim::kApdu: {
      const auto size = size_of_command(card, sim.bytes);
      if (!size) return std::nullopt;
      event.command = to_bytes(sim.bytes.first(*size));
      event.answer = to_bytes(sim.bytes.subspan(*size));
      return event;
    }
    case GsmtapSim::kTpduHeader:
      event.command = to_bytes(sim.bytes);
      m_pieces[card] = std::move(event);
      m_took_piece = true;
      return std::nullopt;
    case GsmtapSim::kTpduCommand:
    case GsmtapSim::kTpduResponse:
    case GsmtapSim::kTpduStatus:
      break;
    default:
      return std::nullopt;
  }
  const auto begun = m_pieces.find(card);
  constexpr std::size_t kLongest = 65536 + 16;
  if (begun == m_pieces.end() || begun->second.command.size() + begun->second.answer.size() + sim.bytes.size() > kLongest)
    return std::nullopt;
  append(sim.sub_type == GsmtapSim::kTpduCommand ? begun->second.command : begun->second.answer, sim.bytes);
  m_took_piece = sim.sub_type != GsmtapSim::kTpduStatus;
  if (m_took_piece) return std::nullopt;
  event = std::move(begun->second);
  m_pieces.erase(begun);
  if (event.command.size() < 4) return std::nullopt;
  return event;
}

LiveSource::LiveSource(std::uint16_t port) : m_socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (!m_socket || ::bind(m_socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    const std::string why = std::strerror(errno);  // NOLINT(concurrency-mt-unsafe): one thread
    throw SystemError("cannot listen on UDP port " + std::to_string(port) + " of 127.0.0.1: " + why);
  }
}

std::uint16_t LiveSource::port() const {
  sockaddr_in address{};
  socklen_t size = sizeof(address);
  if (::getsockname(m_socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) throw SystemError("getsockname");
  return ntohs(address.sin_port);
}

void LiveSource::stop() {
  ::shutdown(m_socket.get(), SHUT_RDWR);
}

Result<std::optional<RecordedEvent>> LiveSource::next() {
  Bytes buffer(65536);
  while (true) {
    sockaddr_in from{};
    socklen_t size = sizeof(from);
    const auto got = ::recvfrom(m_socket.get(), buffer.data(), buffer.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0 && size != sizeof(from)) return std::nullopt;
    if (got < 0) return fail(ErrorCode::kIo, "the socket failed");
    if (got == 0 && from.sin_port == 0) return std::nullopt;  // shut down
    const std::array<std::uint8_t, 4> address = std::bit_cast<std::array<std::uint8_t, 4>>(from.sin_addr.s_addr);
    auto event = m_events.event(sender_of(address, from.sin_port), BytesView(buffer).first(static_cast<std::size_t>(got)));
    if (event) {
      event->time = std::chrono::system_clock::now().time_since_epoch();
      return event;
    }
    if (!m_events.took_piece()) ++m_passed_over;
  }
}

}  // namespace uicclab::trace
