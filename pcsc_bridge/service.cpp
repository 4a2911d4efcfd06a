// SPDX-License-Identifier: Apache-2.0
#include "pcsc_bridge/service.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <thread>

#include <poll.h>
#include <sys/random.h>
#include <sys/socket.h>

namespace uicclab::pcsc_bridge {

namespace {

constexpr std::size_t kMaxClients = 512;

std::uint64_t random_seed() {
  std::uint64_t seed = 0;
  if (::getrandom(&seed, sizeof(seed), 0) != sizeof(seed)) net::throw_errno("getrandom");
  return seed;
}

/// Runs one operation to its end. `start` begins it, also again; `parked` waits and says whether to continue.
/// Returns with the engine locked.
template <typename Start, typename Parked>
Verdict carry_out(Engine& engine, Engine::Client& client, std::unique_lock<std::mutex>& lock, Step& step, Start start, Parked parked) {
  Verdict verdict = start();
  for (;;) {
    switch (verdict) {
      case Verdict::kAnswer:
      case Verdict::kDrop:
        return verdict;
      case Verdict::kCard:
        lock.unlock();
        step.result = pcsc_bridge::run(step.task);
        lock.lock();
        verdict = engine.finish(client, step);
        break;
      case Verdict::kPark:
        lock.unlock();
        if (!parked()) {
          lock.lock();
          return Verdict::kDrop;
        }
        lock.lock();
        verdict = start();
        break;
    }
  }
}

}  // namespace

/// One client and its thread.
class Service::Connection final : public Peer {
 public:
  Connection(Service& service, net::Fd socket) : m_service(service), m_socket(std::move(socket)), m_client(add()) {
    try {
      m_thread = std::thread([this] { serve(); });
    } catch (...) {
      const std::lock_guard lock(service.m_mutex);
      service.m_engine.remove(m_client);
      throw;
    }
  }
  ~Connection() override {
    shut_down();
    m_thread.join();
  }
  void shut_down() const { ::shutdown(m_socket.get(), SHUT_RDWR); }
  bool ended() const { return m_ended; }

  void signal(BytesView bytes) override {
    const std::lock_guard lock(m_write_mutex);
    if (m_unsent.empty()) {
      if (::send(m_socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT) == std::ssize(bytes)) return;
      shut_down();  // a client that never drains its socket counts as dead
      return;
    }
    append(m_unsent, bytes);
  }
  void wake() override { m_wake.set(); }

 private:
  Engine::Client& add() {
    const std::lock_guard lock(m_service.m_mutex);
    return m_service.m_engine.add(*this);
  }
  void serve();
  bool converse(BytesView message, Step& step);
  bool send_answer(BytesView answer, std::unique_lock<std::mutex>& engine_lock);
  bool send_rest();
  bool wait_parked() const;
  void say_goodbye();

  Service& m_service;
  net::Fd m_socket;
  net::Event m_wake;
  std::mutex m_write_mutex;
  Bytes m_unsent;
  Engine::Client& m_client;
  std::atomic<bool> m_ended = false;
  std::thread m_thread;
};

void Service::Connection::serve() {
  constexpr std::size_t kUsual = 4096;
  Bytes buffer(kUsual);
  std::size_t have = 0;
  Step step;
  try {
    for (bool alive = true; alive;) {
      const auto got = ::recv(m_socket.get(), buffer.data() + have, buffer.size() - have, 0);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) break;
      have += static_cast<std::size_t>(got);
      std::size_t used = 0;
      while (alive) {
        const BytesView rest(buffer.data() + used, have - used);
        const auto size = wire::message_size(rest);
        alive = size.has_value();
        if (!alive || *size == 0) break;
        if (*size > rest.size()) {
          if (*size > buffer.size()) buffer.resize(*size);  // at most a header, its structure and wire::kMaxBuffer
          break;
        }
        alive = converse(rest.first(*size), step);
        used += *size;
      }
      std::copy(buffer.begin() + static_cast<std::ptrdiff_t>(used), buffer.begin() + static_cast<std::ptrdiff_t>(have), buffer.begin());
      have -= used;
    }
  } catch (const std::exception&) {  // no memory: this client goes, the others stay
  }
  try {
    say_goodbye();
  } catch (const std::exception&) {  // the same, at its end
  }
  m_ended = true;
  m_service.m_ended.set();
}

bool Service::Connection::converse(BytesView message, Step& step) {
  std::unique_lock lock(m_service.m_mutex);
  auto& engine = m_service.m_engine;
  const auto verdict = carry_out(
      engine, m_client, lock, step, [&] { return engine.handle(m_client, message, step); }, [this] { return wait_parked(); });
  return verdict == Verdict::kAnswer && send_answer(step.answer, lock);
}

bool Service::Connection::send_answer(BytesView answer, std::unique_lock<std::mutex>& engine_lock) {
  std::unique_lock lock(m_write_mutex);
  engine_lock.unlock();
  if (answer.empty()) return true;
  const auto sent = ::send(m_socket.get(), answer.data(), answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent == std::ssize(answer)) return true;
  if (sent < 0 && errno != EAGAIN && errno != EINTR) return false;
  append(m_unsent, answer.subspan(sent < 0 ? 0 : static_cast<std::size_t>(sent)));
  lock.unlock();
  return send_rest();
}

/// The client reads slowly or not at all: nothing more is read from it until it has taken its answer.
bool Service::Connection::send_rest() {
  for (;;) {
    pollfd wait{m_socket.get(), POLLOUT, 0};
    if (::poll(&wait, 1, -1) < 0 && errno != EINTR) return false;
    const std::lock_guard lock(m_write_mutex);
    const auto sent = ::send(m_socket.get(), m_unsent.data(), m_unsent.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return false;
    if (sent > 0) m_unsent.erase(m_unsent.begin(), m_unsent.begin() + sent);
    if (m_unsent.empty()) return true;
  }
}

/// False if the client has gone.
bool Service::Connection::wait_parked() const {
  for (;;) {
    std::array<pollfd, 2> wait{pollfd{m_wake.fd(), POLLIN, 0}, pollfd{m_socket.get(), POLLRDHUP, 0}};
    if (::poll(wait.data(), wait.size(), -1) < 0 && errno != EINTR) return false;
    if (wait[1].revents != 0) return false;
    if (wait[0].revents == 0) continue;
    m_wake.clear();
    return true;
  }
}

void Service::Connection::say_goodbye() {
  std::unique_lock lock(m_service.m_mutex);
  Step step;
  auto& engine = m_service.m_engine;
  const auto wait_for_card = [this] {
    pollfd wait{m_wake.fd(), POLLIN, 0};
    while (::poll(&wait, 1, -1) < 0 && errno == EINTR) {
    }
    m_wake.clear();
    return true;
  };
  carry_out(
      engine, m_client, lock, step, [&] { return engine.close(m_client, step); }, wait_for_card);
  engine.remove(m_client);
}

/// Who puts cards in and takes them out: a client of the engine without a connection.
class Service::Administrator final : public Peer {
 public:
  explicit Administrator(Service& service) : m_service(service) {}

  template <typename Operation>
  void carry_out(Operation operation) {
    std::unique_lock lock(m_service.m_mutex);
    Step step;
    auto& engine = m_service.m_engine;
    auto& client = engine.add(*this);
    try {
      pcsc_bridge::carry_out(
          engine, client, lock, step, [&] { return operation(engine, client, step); },
          [this, &lock] {
            lock.lock();
            m_woken.wait(lock, [this] { return m_awake; });
            m_awake = false;
            lock.unlock();
            return true;
          });
    } catch (...) {
      engine.remove(client);
      throw;
    }
    engine.remove(client);
  }
  void signal(BytesView) override {}
  void wake() override {
    m_awake = true;
    m_woken.notify_one();
  }

 private:
  Service& m_service;
  std::condition_variable m_woken;
  bool m_awake = false;
};

Service::Service(const std::string& socket_path, const std::vector<ReaderConfig>& readers, ServiceOptions options)
    : m_options(options), m_idle(readers.size()), m_engine(readers, random_seed()), m_listener(socket_path) {
  if (m_options.power_down_after) {
    m_engine.on_idle([this](std::size_t reader) {
      m_idle[reader] = Clock::now();
      m_became_idle.set();
    });
  }
  for (std::size_t i = 0; i < readers.size(); ++i) {
    if (readers[i].present) insert(i);
  }
}

Service::~Service() {
  close_all();
}

void Service::run() {
  for (;;) {
    const bool full = m_connections.size() >= kMaxClients;
    std::array<pollfd, 4> wait{pollfd{m_stop.fd(), POLLIN, 0}, pollfd{m_ended.fd(), POLLIN, 0},
                               pollfd{full ? -1 : m_listener.fd(), POLLIN, 0}, pollfd{m_became_idle.fd(), POLLIN, 0}};
    if (::poll(wait.data(), wait.size(), power_down_idle()) < 0) {
      if (errno == EINTR) continue;
      net::throw_errno("poll");
    }
    if (wait[0].revents != 0) break;
    if (wait[1].revents != 0) reap();
    if (wait[3].revents != 0) m_became_idle.clear();
    if (wait[2].revents != 0) accept_client();
  }
  close_all();
}

/// Switches off the cards that have not been used for long enough. Returns the milliseconds to the next one, -1 for none.
int Service::power_down_idle() {
  if (!m_options.power_down_after) return -1;
  std::optional<Clock::time_point> next;
  for (std::size_t i = 0; i < reader_count(); ++i) {
    {
      const std::lock_guard lock(m_mutex);
      if (!m_idle[i]) continue;
      const auto due = *m_idle[i] + *m_options.power_down_after;
      if (due > Clock::now()) {
        next = next ? std::min(*next, due) : due;
        continue;
      }
      m_idle[i].reset();
    }
    // A reader in use stays as it is; it reports when it is idle again.
    Administrator(*this).carry_out([=](Engine& engine, Engine::Client& client, Step& step) { return engine.power_down(client, i, step); });
  }
  if (!next) return -1;
  return static_cast<int>(
      std::max<std::chrono::milliseconds::rep>(0, std::chrono::ceil<std::chrono::milliseconds>(*next - Clock::now()).count()));
}

void Service::accept_client() {
  net::Fd socket(::accept4(m_listener.fd(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!socket) {
    // Out of descriptors or memory: a client may leave, or somebody else of this machine; the listener would be ready at once again.
    if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
      constexpr int kPause = 100;
      std::array<pollfd, 2> wait{pollfd{m_stop.fd(), POLLIN, 0}, pollfd{m_ended.fd(), POLLIN, 0}};
      (void)::poll(wait.data(), wait.size(), kPause);
    }
    return;
  }
  try {
    m_connections.push_back(std::make_unique<Connection>(*this, std::move(socket)));
  } catch (const std::exception&) {  // no thread or descriptor for one more: the client sees its connection closed
  }
}

void Service::reap() {
  m_ended.clear();
  m_connections.remove_if([](const auto& connection) { return connection->ended(); });
}

void Service::close_all() {
  for (const auto& connection : m_connections) connection->shut_down();
  m_connections.clear();
  for (std::size_t i = 0; i < reader_count(); ++i) eject(i);
}

void Service::insert(std::size_t reader, CardPort* card) {
  const std::lock_guard lock(m_admin_mutex);
  Administrator(*this).carry_out(
      [=](Engine& engine, Engine::Client& client, Step& step) { return engine.insert(client, reader, card, step); });
}

void Service::eject(std::size_t reader) {
  const std::lock_guard lock(m_admin_mutex);
  Administrator(*this).carry_out([=](Engine& engine, Engine::Client& client, Step& step) { return engine.eject(client, reader, step); });
}

void Service::reset(std::size_t reader) {
  const std::lock_guard lock(m_admin_mutex);
  Administrator(*this).carry_out([=](Engine& engine, Engine::Client& client, Step& step) { return engine.reset(client, reader, step); });
}

void Service::unplug(std::size_t reader) {
  const std::lock_guard lock(m_admin_mutex);
  Administrator(*this).carry_out([=](Engine& engine, Engine::Client& client, Step& step) { return engine.unplug(client, reader, step); });
}

void Service::plug(std::size_t reader) {
  const std::lock_guard lock(m_admin_mutex);
  Administrator(*this).carry_out([=](Engine& engine, Engine::Client& client, Step& step) { return engine.plug(client, reader, step); });
}

bool Service::is_plugged(std::size_t reader) {
  const std::lock_guard lock(m_mutex);
  return m_engine.is_plugged(reader);
}

wire::ReaderState Service::state(std::size_t reader) {
  const std::lock_guard lock(m_mutex);
  return m_engine.state(reader);
}

}  // namespace uicclab::pcsc_bridge
