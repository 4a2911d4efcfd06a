// SPDX-License-Identifier: Apache-2.0
#include "cli/ota/esme.hpp"

#include <charconv>

#include <poll.h>
#include <sys/socket.h>

#include "core/hex.hpp"
#include "core/net/connection.hpp"

namespace uicclab::cli {
namespace {

using ota::smpp::Command;
using ota::smpp::Pdu;

constexpr int kPatience = 10'000;  // ms, for each response

std::pair<std::string, std::uint16_t> place_of(const std::string& smsc) {
  const std::size_t colon = smsc.rfind(':');
  std::uint16_t port = 0;
  if (colon != std::string::npos) {
    const char* end = smsc.data() + smsc.size();
    if (std::from_chars(smsc.data() + colon + 1, end, port).ptr != end) port = 0;
  }
  if (colon == 0 || port == 0) throw Exit{kUsage, "--smsc " + smsc + ": HOST:PORT of an SMPP service centre (uicclab ota smsc)"};
  return {smsc.substr(0, colon), port};
}

ota::smpp::Address address_of(const ota::Address& address) {
  ota::smpp::Address out;
  out.ton = static_cast<std::uint8_t>((address.type >> 4) & 0x07);
  out.npi = static_cast<std::uint8_t>(address.type & 0x0F);
  out.digits = address.text();
  if (out.digits.starts_with('+')) out.digits.erase(0, 1);
  return out;
}

}  // namespace

void EsmeOption::add_to(App& command) {
  command.add_option("--smsc", smsc,
                     "HOST:PORT of an SMPP service centre (uicclab ota smsc) that refreshes go to; without it they are printed");
  command.add_option("--smsc-account", account, "System id and password there, with a colon between them")->capture_default_str();
  command.add_option("--to", to, "The device's number, for --smsc");
}

Esme::Esme(const EsmeOption& option) : m_to(option.to) {
  if (m_to.empty()) throw Exit{kUsage, "--smsc needs --to, the device's number"};
  const auto [host, port] = place_of(option.smsc);
  std::string why;
  const net::Event never;
  m_socket = net::connect_tcp(host, port, never, why, kPatience);
  if (!m_socket) throw Exit{kEnvironment, "no service centre at " + option.smsc + ": " + why};
  const std::size_t colon = std::min(option.account.find(':'), option.account.size());
  ota::smpp::Bind bind;
  bind.system_id = option.account.substr(0, colon);
  bind.password = option.account.substr(std::min(colon + 1, option.account.size()));
  const Pdu answer = ask(Command::kBindTransmitter, bind.encode());
  if (answer.status != 0) {
    throw Exit{kEnvironment, "the service centre at " + option.smsc + " refuses the bind: status " +
                                 to_hex(std::array{static_cast<std::uint8_t>(answer.status)}) + " (--smsc-account ID:PASSWORD)"};
  }
}

Esme::~Esme() {
  Pdu unbind;
  unbind.command = static_cast<std::uint32_t>(Command::kUnbind);
  unbind.sequence = ++m_sequence;
  (void)net::send_all(m_socket.get(), unbind.encode());
}

Pdu Esme::ask(Command command, Bytes body) {
  Pdu request;
  request.command = static_cast<std::uint32_t>(command);
  request.sequence = ++m_sequence;
  request.body = std::move(body);
  if (!net::send_all(m_socket.get(), request.encode())) throw Exit{kEnvironment, "the service centre closed the connection"};
  std::array<std::uint8_t, 4096> buffer{};
  while (true) {
    auto pdu = ota::smpp::take_pdu(m_input);
    if (!pdu) throw Exit{kEnvironment, "the service centre sends what is no SMPP: " + pdu.error().text};
    if (*pdu && (*pdu)->sequence == request.sequence && ((*pdu)->command & ota::smpp::kResponseBit) != 0) return **std::move(pdu);
    if (*pdu) continue;  // a request of the centre: a transmitter is only asked whether it is there
    pollfd wait{m_socket.get(), POLLIN, 0};
    if (::poll(&wait, 1, kPatience) <= 0) throw Exit{kEnvironment, "the service centre does not answer"};
    const ssize_t size = ::recv(m_socket.get(), buffer.data(), buffer.size(), 0);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (size <= 0) throw Exit{kEnvironment, "the service centre closed the connection"};
    append(m_input, BytesView(buffer).first(static_cast<std::size_t>(size)));
  }
}

void Esme::submit(const ota::SmsDeliver& message) {
  ota::smpp::ShortMessage out;
  const auto to = ota::Address::from_number(m_to);
  if (!to) throw Exit{kUsage, "--to " + m_to + ": " + to.error().text};
  out.source = address_of(message.originator);
  out.destination = address_of(*to);
  out.esm_class = message.body.has_header ? ota::smpp::kEsmUdhi : 0;
  out.protocol_id = message.body.pid;
  out.data_coding = message.body.dcs;
  out.text = message.body.user_data;
  const Pdu answer = ask(Command::kSubmitSm, out.encode());
  if (answer.status != 0) {
    throw Exit{kEnvironment,
               "the service centre refuses the message: status " + to_hex(std::array{static_cast<std::uint8_t>(answer.status)})};
  }
}

}  // namespace uicclab::cli
