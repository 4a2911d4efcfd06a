// SPDX-License-Identifier: Apache-2.0
// One bootstrap of one device: OMA-TS-LightweightM2M 1.0 clauses 5.2.3.3, 5.2.3.4, 5.2.7 and 8.2.3. Delete what is there, ask what stays
// (Bootstrap-Discover), write each instance, Finish.
#pragma once

#include <functional>
#include <memory>

#include "lwm2m/bootstrap_file.hpp"
#include "lwm2m/transport/coap.hpp"

namespace uicclab::lwm2m::server {

class BootstrapRun {
 public:
  using Answer = std::function<void(Result<coap::Message>)>;
  using Ask = std::function<void(coap::Message request, Answer answer)>;
  using Done = std::function<void(Result<void>)>;

  /// Runs by the answers that come, and calls `done` once. Errors: kRefused with the step and the device's answer; those of `ask`.
  static void start(BootstrapFile file, Ask ask, Done done);

 private:
  BootstrapRun(BootstrapFile file, Ask ask, Done done) : m_file(std::move(file)), m_ask(std::move(ask)), m_done(std::move(done)) {}
  void step();
  void send(const std::shared_ptr<BootstrapRun>& self, coap::Message request, const std::string& what, bool may_fail);
  void plan_writes(BytesView discovered);

  BootstrapFile m_file;
  Ask m_ask;
  Done m_done;
  std::vector<std::pair<std::string, coap::Message>> m_writes;
  std::size_t m_next = 0;  ///< 0 Delete, 1 Discover, then the writes
  std::weak_ptr<BootstrapRun> m_self;
};

}  // namespace uicclab::lwm2m::server
