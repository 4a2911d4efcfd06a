// SPDX-License-Identifier: Apache-2.0
// A sender of short messages at a service centre: SMPP 3.4 clauses 2.2, 4.1, 4.2 and 4.4, as `uicclab ota smsc` takes them.
#pragma once

#include <string>

#include "cli/common/commands.hpp"
#include "core/net/fd.hpp"
#include "ota/smpp/pdu.hpp"
#include "ota/sms_tpdu.hpp"

namespace uicclab::cli {

struct EsmeOption {
  std::string smsc;                         ///< HOST:PORT; empty: messages are printed
  std::string account = "uicclab:uicclab";  ///< system id and password
  std::string to;                           ///< the device's number

  void add_to(App& command);
  bool is_set() const { return !smsc.empty(); }
};

class Esme {
 public:
  /// Binds as a transmitter. Throws Exit.
  explicit Esme(const EsmeOption& option);
  ~Esme();
  Esme(const Esme&) = delete;
  Esme& operator=(const Esme&) = delete;

  /// A submit_sm from the message's originator. Throws Exit: the centre refuses it, or does not answer.
  void submit(const ota::SmsDeliver& message);

 private:
  ota::smpp::Pdu ask(ota::smpp::Command command, Bytes body);

  std::string m_to;
  net::Fd m_socket;
  Bytes m_input;
  std::uint32_t m_sequence = 0;
};

}  // namespace uicclab::cli
