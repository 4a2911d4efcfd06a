// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/simulation.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <queue>
#include <tuple>
#include <utility>
#include <vector>

#include "core/environment.hpp"

namespace uicclab::lwm2m {
namespace {

using Seconds = std::chrono::seconds;
using Verdict = ServerKeyRules::Verdict;

constexpr Seconds kAnswerTimeout{30};
constexpr int kTransmissions = 3;
constexpr Seconds kRetryAfter{600};    ///< a device that got no answer at all
constexpr Seconds kUpdateBefore{300};  ///< the registration ends
constexpr std::size_t kOverheard = 8;

std::string_view name_of(Operation operation) {
  switch (operation) {
    case Operation::kRegister:
      return "Register";
    case Operation::kUpdate:
      return "Update";
    case Operation::kDeregister:
      return "Deregister";
    case Operation::kOther:
      break;
  }
  return "message";
}

/// What really happened with each pair of keys: the judge, who knows nothing of the rules' own state.
class Judge {
 public:
  explicit Judge(SimulationFigures& figures) : m_figures(figures) {}

  void issued(Instant now, std::uint64_t key, Seconds lifetime) { m_keys[key] = {++m_order, now + lifetime, 0, 0, false}; }
  void sent(const KeyedMessage& message) {
    Keys& keys = m_keys[message.key];
    if (message.counter <= keys.sent) ++m_figures.counters_reused;
    keys.sent = std::max(keys.sent, message.counter);
  }
  void accepted(Instant now, const KeyedMessage& message) {
    Keys& keys = m_keys[message.key];
    const bool renews = message.operation == Operation::kRegister || message.operation == Operation::kUpdate;
    if (now >= keys.until || keys.order < m_newest || (renews && keys.used)) ++m_figures.accepted_stale;
    if (message.counter <= keys.accepted) ++m_figures.counters_reused;
    keys.accepted = std::max(keys.accepted, message.counter);
    m_newest = std::max(m_newest, keys.order);
    if (!renews) return;
    keys.used = true;
    keys.until = now + message.lifetime;
  }

 private:
  struct Keys {
    std::uint64_t order = 0;
    Instant until{0};
    std::uint64_t sent = 0;
    std::uint64_t accepted = 0;
    bool used = false;
  };
  SimulationFigures& m_figures;
  std::map<std::uint64_t, Keys> m_keys;
  std::uint64_t m_order = 0;
  std::uint64_t m_newest = 0;
};

/// Keys on their way to the device.
struct KeyMessage {
  std::uint64_t key = 0;
  std::uint64_t generation = 0;
};

/// One device with its server and what lies between them. Devices do not meet, so each has its own queue.
class Story {
 public:
  Story(const SimulationOptions& options, std::uint64_t seed, SimulationFigures& figures,
        const std::function<void(const std::string&)>& line)
      : m_options(options),
        m_figures(figures),
        m_line(line),
        m_random(seed),
        m_judge(figures),
        m_stores(!chance(options.forgetful_percent)),
        m_server(server_options()) {}

  void run() {
    at(Seconds(0), [this] { wake_up(); });
    while (!m_queue.empty() && m_queue.top().when <= m_options.duration) {
      const Event event = m_queue.top();
      m_queue.pop();
      account_for(event.when - m_now);
      m_now = event.when;
      event.action();
      serve();
    }
    account_for(m_options.duration - m_now);
    m_now = m_options.duration;
    if (m_awake && !usable() && !m_server.due_at()) ++m_figures.left_without;
  }

 private:
  struct Event {
    Instant when;
    std::uint64_t order;  ///< of two at the same time, the first made goes first
    std::function<void()> action;
    bool operator<(const Event& other) const { return std::tie(when, order) > std::tie(other.when, other.order); }
  };

  ServerKeyRules::Options server_options() const {
    ServerKeyRules::Options options;
    options.lifetime = m_options.registration;
    options.renew_on_wake_up = !m_stores;
    return options;
  }

  // --- chance and time ---

  bool chance(unsigned percent) { return m_random.next() % 100 < percent; }
  /// Half to one and a half of it.
  Seconds about(Seconds mean) {
    return mean / 2 + Seconds(static_cast<std::int64_t>(m_random.next() % static_cast<std::uint64_t>(mean.count() + 1)));
  }
  Seconds travel() { return Seconds(1 + static_cast<std::int64_t>(m_random.next() % 9)); }
  void at(Instant when, std::function<void()> action) { m_queue.push({when, ++m_order, std::move(action)}); }
  void later(Seconds delay, std::function<void()> action) { at(m_now + delay, std::move(action)); }

  void say(const std::string& what) {
    if (!m_line) return;
    const auto s = m_now.count();
    std::array<char, 48> time{};
    std::snprintf(time.data(), time.size(), "%3lldd %02lld:%02lld:%02lld  ", static_cast<long long>(s / 86400),
                  static_cast<long long>(s / 3600 % 24), static_cast<long long>(s / 60 % 60), static_cast<long long>(s % 60));
    m_line(time.data() + what);
  }
  std::string named(std::uint64_t key) const {
    const auto it = m_generations.find(key);
    return "keys " + (it == m_generations.end() ? std::string("?") : std::to_string(it->second));
  }

  // --- figures ---

  bool usable() const { return m_device.has_keys(m_now) && m_server.is_usable(m_now, m_device.key()); }
  void account_for(Seconds passed) {
    if (!m_awake || usable()) {
      m_without = Seconds(0);
      return;
    }
    m_without += passed;
    m_figures.longest_without_keys = std::max(m_figures.longest_without_keys, m_without);
  }

  // --- the server ---

  /// Sends what is due, and comes back when the next thing is.
  void serve() {
    while (const auto refresh = m_server.due(m_now)) {
      std::uint64_t key = refresh->key;
      if (refresh->is_new) {
        key = m_random.next();
        m_server.issue(m_now, key);
        m_judge.issued(m_now, key, server_options().lifetime);
        m_generations[key] = ++m_generation;
        ++m_figures.key_pairs;
      }
      ++m_figures.refreshes;
      say("server: " + named(key) + (refresh->is_new ? " go out" : " go out again"));
      carry_keys({key, m_generations[key]});
    }
    const auto next = m_server.due_at();
    if (next && *next > m_now && (!m_timer || *next < *m_timer || *m_timer <= m_now)) {
      m_timer = *next;
      at(*next, [] {});
    }
  }

  /// By way of the service centre, which keeps them for a device that sleeps.
  void carry_keys(KeyMessage message) {
    if (chance(m_options.loss_percent)) {
      ++m_figures.lost;
      return say("  lost");
    }
    later(travel(), [this, message] { deliver_keys(message); });
    if (chance(m_options.replay_percent)) later(about(Seconds(86400)), [this, message] { deliver_keys(message); });
  }
  void deliver_keys(KeyMessage message) {
    if (!m_awake) {
      m_stored.push_back(message);
      return;
    }
    if (!m_device.on_keys(m_now, message.key, message.generation, server_options().lifetime)) {
      say("device: " + named(message.key) + " are not newer, refused");
      return;
    }
    say("device: has " + named(message.key));
    if (!chance(m_options.loss_percent)) later(travel(), [this, key = message.key] { m_server.on_delivered(key); });
    later(Seconds(1), [this] { act(); });
  }

  void receive(const KeyedMessage& message, bool replay) {
    const Verdict verdict = m_server.on_message(m_now, message);
    const std::string what = std::string(name_of(message.operation)) + " under " + named(message.key);
    switch (verdict) {
      case Verdict::kAccepted:
        ++m_figures.accepted;
        if (message.operation == Operation::kRegister || message.operation == Operation::kUpdate) ++m_figures.registrations;
        m_judge.accepted(m_now, message);
        say("server: " + what + " accepted" + (replay ? " (a copy: the original was lost)" : ""));
        break;
      case Verdict::kBadRequest:
        ++m_figures.bad_requests;
        say("server: " + what + " -> 4.00 Bad Request");
        break;
      case Verdict::kReplayed:
      case Verdict::kUnknownKey:
        ++m_figures.replays_dropped;
        if (replay) say("server: " + what + " replayed, dropped");
        return;
    }
    if (replay) return;
    if (chance(m_options.loss_percent)) {
      ++m_figures.lost;
      return;
    }
    later(travel(), [this, verdict, message] { answer(verdict, message); });
  }

  // --- the device ---

  void wake_up() {
    m_awake = true;
    say("device: wakes up");
    m_server.on_awake(m_now);
    for (const KeyMessage& message : std::exchange(m_stored, {})) later(travel(), [this, message] { deliver_keys(message); });
    later(travel(), [this] { act(); });
    if (m_options.asleep.count() != 0) later(about(m_options.awake), [this] { fall_asleep(); });
    chat(++m_waking);
  }
  void fall_asleep() {
    m_awake = false;
    m_waiting.reset();
    m_device.on_asleep(m_stores);
    m_server.on_asleep();
    say(m_stores ? "device: sleeps" : "device: sleeps, and keeps no keys");
    later(about(m_options.asleep), [this] { wake_up(); });
  }
  /// Messages other than registrations, until the device sleeps.
  void chat(std::uint64_t waking) {
    later(about(m_options.between), [this, waking] {
      if (!m_awake || waking != m_waking) return;
      if (m_registered_until > m_now) {
        if (const auto message = m_device.send(m_now, Operation::kOther, Seconds(0))) transmit(*message);
      }
      chat(waking);
    });
  }

  /// Registers or updates if that is needed and possible.
  void act() {
    if (!m_awake || m_waiting) return;
    const bool registered = m_registered_until > m_now;
    if (registered && m_registered_until - kUpdateBefore > m_now) {
      const Instant update = m_registered_until - kUpdateBefore;
      return at(update, [this, update] {
        if (m_registered_until - kUpdateBefore == update) act();
      });
    }
    const Operation operation = registered ? Operation::kUpdate : Operation::kRegister;
    auto message = m_device.send(m_now, operation, m_options.registration);
    // Without fresh keys it asks with the stale ones: 4.00 and new ones are the answer.
    if (!message) message = m_device.send_stale(operation, m_options.registration);
    if (!message) return;  // no keys at all: the server sends some now that the device is awake
    m_waiting = *message;
    say("device: " + std::string(name_of(operation)) + " under " + named(message->key));
    transmit_until_answered(*message, kTransmissions);
  }
  void transmit_until_answered(const KeyedMessage& message, int left) {
    if (left == kTransmissions) {
      transmit(message);
    } else {
      carry(message);  // the same bytes again
    }
    later(kAnswerTimeout, [this, message, left] {
      if (!m_waiting || m_waiting->key != message.key || m_waiting->counter != message.counter) return;
      if (left > 1) return transmit_until_answered(message, left - 1);
      m_waiting.reset();
      say("device: no answer");
      later(about(kRetryAfter), [this] { act(); });
    });
  }
  void transmit(const KeyedMessage& message) {
    ++m_figures.sent;
    m_judge.sent(message);
    carry(message);
  }
  void carry(const KeyedMessage& message) {
    // The eavesdropper hears also what the server does not.
    if (m_overheard.size() == kOverheard) m_overheard.erase(m_overheard.begin());
    m_overheard.push_back(message);
    if (chance(m_options.replay_percent)) {
      const KeyedMessage copy = m_overheard[m_random.next() % m_overheard.size()];
      later(chance(50) ? travel() : about(Seconds(2 * 86400)), [this, copy] { receive(copy, true); });
    }
    if (chance(m_options.loss_percent)) {
      ++m_figures.lost;
      return;
    }
    later(travel(), [this, message] { receive(message, false); });
  }

  void answer(Verdict verdict, const KeyedMessage& message) {
    if (!m_awake || !m_waiting || m_waiting->key != message.key || m_waiting->counter != message.counter) return;
    m_waiting.reset();
    if (verdict == Verdict::kAccepted) {
      m_registered_until = m_now + message.lifetime;
      m_device.on_registered(m_now, message.lifetime);
      return act();
    }
    // A refresh follows; should it be lost, the device asks again.
    m_registered_until = Instant(0);
    later(about(kRetryAfter), [this] { act(); });
  }

  const SimulationOptions& m_options;
  SimulationFigures& m_figures;
  const std::function<void(const std::string&)>& m_line;
  SeededRandom m_random;
  Judge m_judge;
  bool m_stores;
  ServerKeyRules m_server;
  DeviceKeyRules m_device;

  std::priority_queue<Event> m_queue;
  std::uint64_t m_order = 0;
  Instant m_now{0};
  std::optional<Instant> m_timer;
  bool m_awake = false;
  std::uint64_t m_waking = 0;
  Instant m_registered_until{0};
  std::optional<KeyedMessage> m_waiting;
  std::vector<KeyMessage> m_stored;
  std::vector<KeyedMessage> m_overheard;
  std::map<std::uint64_t, std::uint64_t> m_generations;
  std::uint64_t m_generation = 0;
  Seconds m_without{0};
};

}  // namespace

SimulationFigures simulate(const SimulationOptions& options, const std::function<void(const std::string&)>& line) {
  SimulationFigures figures;
  SeededRandom seeds(options.seed);
  for (std::size_t i = 0; i < options.devices; ++i) {
    if (line && options.devices > 1) line("device " + std::to_string(i));
    Story(options, seeds.next(), figures, line).run();
  }
  return figures;
}

}  // namespace uicclab::lwm2m
