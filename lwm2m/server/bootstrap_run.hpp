// SPDX-License-Identifier: Apache-2.0
// One bootstrap of one device: OMA-TS-LightweightM2M 1.0 clauses 5.2.3.3, 5.2.3.4, 5.2.7 and 8.2.3. Delete what is there, ask what stays
// (Bootstrap-Discover), write each instance, Finish.
#pragma once

#include <functional>
#include <memory>

#include "lwm2m/bootstrap_file.hpp"
#include "lwm2m/transport/coap.hpp"

namespace uicclab::lwm2m::server {

class BootstrapRun : public std::enable_shared_from_this<BootstrapRun> {
 public:
  using Answer = std::function<void(Result<coap::Message>)>;
  using Ask = std::function<Bytes(coap::Message request, Answer answer)>;  ///< returns the request's token
  using Done = std::function<void(Result<void>)>;

  /// `done` is called once. Errors: kRefused with the step and the device's answer; those of `ask`.
  static std::shared_ptr<BootstrapRun> make(BootstrapFile file, Ask ask, Done done) {
    return std::shared_ptr<BootstrapRun>(new BootstrapRun(std::move(file), std::move(ask), std::move(done)));
  }
  /// Runs by the answers that come. The answer that is waited for keeps this object alive.
  void start() { step(); }
  /// Ends with this error. The token of the request that is underway.
  Bytes stop(const Error& why);

 private:
  BootstrapRun(BootstrapFile file, Ask ask, Done done) : m_file(std::move(file)), m_ask(std::move(ask)), m_done(std::move(done)) {}
  void step();
  void send(coap::Message request, const std::string& what, bool may_fail);
  void plan_writes(BytesView discovered);

  BootstrapFile m_file;
  Ask m_ask;
  Done m_done;
  std::vector<std::pair<std::string, coap::Message>> m_writes;
  std::size_t m_next = 0;  ///< 0 Delete, 1 Discover, then the writes
  Bytes m_token;
  bool m_stopped = false;
};

}  // namespace uicclab::lwm2m::server
