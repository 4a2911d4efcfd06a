// SPDX-License-Identifier: Apache-2.0
#include "cli/serve/card_server.hpp"

#include <charconv>
#include <iostream>
#include <thread>

#include <fcntl.h>
#include <sys/stat.h>

#include "cli/common/commands.hpp"
#include "core/visible.hpp"
#include "pcsc_bridge/service.hpp"
#include "pcsc_bridge/vpcd_client.hpp"
#include "pcsc_bridge/vscard_client.hpp"

namespace uicclab::cli {

struct CardServer::Parts {
  SystemClock clock;
  std::vector<std::unique_ptr<TracePort>> traced;
  std::vector<CardPort*> ports;  // the cards, or what wraps them
  std::optional<pcsc_bridge::Service> service;
  std::vector<std::unique_ptr<pcsc_bridge::VpcdClient>> vpcd;
  std::vector<std::unique_ptr<pcsc_bridge::VscardClient>> vscard;
  std::vector<std::thread> threads;
};

namespace {

/// "127.0.0.1:35963", "[::1]:35963", "localhost:35963"
std::pair<std::string, std::uint16_t> parse_address(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  unsigned port = 0;
  if (colon != std::string::npos) {
    const char* end = address.data() + address.size();
    const auto [stop, error] = std::from_chars(address.data() + colon + 1, end, port);
    if (error != std::errc{} || stop != end) port = 0;
  }
  if (colon == 0 || port == 0 || port > 65535) throw Exit{kUsage, "'" + address + "' is not HOST:PORT, for example 127.0.0.1:35963"};
  std::string host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  return {host, static_cast<std::uint16_t>(port)};
}

}  // namespace

CardServer::CardServer(std::vector<CardPort*> cards, TraceSink* trace) : m_parts(std::make_unique<Parts>()) {
  m_parts->ports = std::move(cards);
  if (trace == nullptr) return;
  for (std::size_t i = 0; i < m_parts->ports.size(); ++i) {
    m_parts->traced.push_back(std::make_unique<TracePort>(*m_parts->ports[i], *trace, m_parts->clock, static_cast<unsigned>(i)));
    m_parts->ports[i] = m_parts->traced.back().get();
  }
}

CardServer::~CardServer() {
  stop();
}

std::string CardServer::reader_name(std::size_t i) {
  // As pcscd names readers: the name, the reader's number, the slot's number.
  return "uicclab " + std::string(i < 10 ? "0" : "") + std::to_string(i) + " 00";
}

pcsc_bridge::Service* CardServer::service() {
  return m_parts->service ? &*m_parts->service : nullptr;
}

void CardServer::start_service(const std::string& socket, std::optional<std::chrono::milliseconds> power_down_after) {
  std::vector<pcsc_bridge::ReaderConfig> readers;
  for (std::size_t i = 0; i < m_parts->ports.size(); ++i) {
    readers.push_back({reader_name(i), m_parts->ports[i], true});
  }
  m_parts->service.emplace(socket, readers, pcsc_bridge::ServiceOptions{power_down_after});
  m_parts->threads.emplace_back([this] { m_parts->service->run(); });
}

void CardServer::start_vpcd(const std::string& address) {
  const auto [host, port] = parse_address(address);
  if (port + m_parts->ports.size() > 65536) throw Exit{kUsage, "not enough ports after " + address};
  for (std::size_t i = 0; i < m_parts->ports.size(); ++i) {
    const auto log = [](const std::string& text) { std::cerr << "uicclab: " + visible(text) + "\n"; };
    m_parts->vpcd.push_back(std::make_unique<pcsc_bridge::VpcdClient>(host, static_cast<std::uint16_t>(port + i), *m_parts->ports[i], log));
    m_parts->threads.emplace_back([client = m_parts->vpcd.back().get()] { client->run(); });
  }
}

void CardServer::start_vscard(const std::string& address, const std::string& power_log) {
  const auto log = [](const std::string& text) { std::cerr << "uicclab: " + text + "\n"; };
  const bool is_path = address.find('/') != std::string::npos || address.find(':') == std::string::npos;
  const bool several = m_parts->ports.size() > 1;
  if (several && (is_path || !power_log.empty())) {
    throw Exit{kUsage, "--vscard PATH and --vscard-power are for one card; several cards take HOST:PORT and the next ports"};
  }
  std::optional<net::Fd> power;
  if (!power_log.empty()) {
    // Also for writing, so that it does not end when QEMU is started again.
    power.emplace(::open(power_log.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
    struct stat info {};
    if (!*power || ::fstat(power->get(), &info) != 0 || !S_ISFIFO(info.st_mode)) {
      throw Exit{kUsage, "--vscard-power " + power_log + ": it must be a FIFO (mkfifo) that is QEMU's standard output"};
    }
  }
  for (std::size_t i = 0; i < m_parts->ports.size(); ++i) {
    pcsc_bridge::VscardAddress place;
    if (is_path) {
      place.path = address;
    } else {
      const auto [host, port] = parse_address(address);
      if (port + m_parts->ports.size() > 65536) throw Exit{kUsage, "not enough ports after " + address};
      place.host = host;
      place.port = static_cast<std::uint16_t>(port + i);
    }
    m_parts->vscard.push_back(
        std::make_unique<pcsc_bridge::VscardClient>(place, *m_parts->ports[i], log, std::exchange(power, std::nullopt)));
    m_parts->threads.emplace_back([client = m_parts->vscard.back().get()] { client->run(); });
  }
}

pcsc_bridge::VscardClient* CardServer::vscard(std::size_t i) {
  return i < m_parts->vscard.size() ? m_parts->vscard[i].get() : nullptr;
}

void CardServer::stop() {
  if (m_parts->service) m_parts->service->stop();
  for (auto& client : m_parts->vpcd) client->stop();
  for (auto& client : m_parts->vscard) client->stop();
  for (std::thread& thread : m_parts->threads) thread.join();
  m_parts->threads.clear();
  m_parts->vpcd.clear();
  m_parts->vscard.clear();
  m_parts->service.reset();
}

}  // namespace uicclab::cli
