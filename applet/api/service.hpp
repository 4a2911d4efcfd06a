// SPDX-License-Identifier: Apache-2.0
// Services of an application for others on the same card: a shareable service (as JCRE 3.1 clause 6.2.4 has it for Java applets). The
// server says to whom it gives one; a call goes to the server's own context. Keys never leave the card by it.
#pragma once

#include <functional>

namespace uicclab::applet {

class Context;

/// The services that applications of this program know of each other. Each is a class below Service, with its name as kId.
enum class ServiceId {
  kNafKeys,         ///< NafKeys (network_application.hpp)
  kSubscribers,     ///< Subscribers
  kImsSubscribers,  ///< ImsSubscribers
  kGsmAlgorithm,    ///< GsmAlgorithm: the card itself asks for it
};

class Service {
 public:
  virtual ~Service() = default;
};

/// Given a service and the context of the application that it is of. True: this was the one; false: the next application is asked.
using ServiceCall = std::function<bool(Service& service, Context& server)>;

}  // namespace uicclab::applet
