#include "emulator/session.hpp"

#include "emulator/remote/remote_session.hpp"

namespace uicclab::emulator {

Session::Session(Nvm& nvm_, Random& random_, const Clock& clock_)
    : nvm(nvm_), random(random_), clock(clock_), files(nvm_), access(files), security(nvm_), runtime(nvm_) {
  channels[0].open = true;
}

Session::~Session() = default;

RemoteSession& Session::remote() {
  if (!m_remote) m_remote = std::make_unique<RemoteSession>(clock);
  return *m_remote;
}

void Session::forget_packet_keys() {
  if (m_remote) m_remote->targets.forget();
}

}  // namespace uicclab::emulator
