// SPDX-License-Identifier: Apache-2.0
// A card for one applet: what the runtime lends to an instance (applet/api/applet.hpp), in memory, with the transactions of a command, and
// with all that happened to persistent memory written down.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "applet/api/applet.hpp"

namespace uicclab::test {

/// Files by path below the ADF. Writes go to a copy until the command succeeds.
class FakeFiles final : public applet::Files {
 public:
  using Records = std::vector<Bytes>;

  void add(BytesView path, Bytes content) { m_committed.insert_or_assign(to_bytes(path), std::move(content)); }
  /// All records have the length of the first.
  void add_records(BytesView path, Records records) { m_committed.insert_or_assign(to_bytes(path), std::move(records)); }
  void remove(BytesView path) { m_committed.erase(to_bytes(path)); }

  std::optional<Bytes> read_binary(BytesView path) const override {
    const auto* content = find<Bytes>(path);
    return content ? std::optional(*content) : std::nullopt;
  }
  bool update_binary(BytesView path, std::size_t offset, BytesView data) override {
    const auto* old = find<Bytes>(path);
    if (!old || offset > old->size() || data.size() > old->size() - offset) return false;
    Bytes content = *old;
    std::ranges::copy(data, content.begin() + static_cast<std::ptrdiff_t>(offset));
    m_pending.insert_or_assign(to_bytes(path), std::move(content));
    return true;
  }
  std::optional<Bytes> read_record(BytesView path, std::size_t record) const override {
    const auto* records = find<Records>(path);
    if (!records || record < 1 || record > records->size()) return std::nullopt;
    return (*records)[record - 1];
  }
  bool update_record(BytesView path, std::size_t record, BytesView data) override {
    const auto* old = find<Records>(path);
    if (!old || record < 1 || record > old->size() || data.size() > (*old)[record - 1].size()) return false;
    Records records = *old;
    Bytes& body = records[record - 1];
    std::ranges::fill(body, std::uint8_t{0xFF});
    std::ranges::copy(data, body.begin());
    m_pending.insert_or_assign(to_bytes(path), std::move(records));
    return true;
  }
  std::size_t record_count(BytesView path) const override {
    const auto* records = find<Records>(path);
    return records ? records->size() : 0;
  }

  void commit() {
    for (auto& [path, file] : m_pending) m_committed.insert_or_assign(path, std::move(file));
    m_pending.clear();
  }
  void rollback() { m_pending.clear(); }
  bool has_pending() const { return !m_pending.empty(); }

 private:
  using File = std::variant<Bytes, Records>;
  struct PathLess {
    using is_transparent = void;
    bool operator()(BytesView a, BytesView b) const { return std::ranges::lexicographical_compare(a, b); }
  };
  using Tree = std::map<Bytes, File, PathLess>;

  template <typename T>
  const T* find(BytesView path) const {
    for (const Tree* tree : {&m_pending, &m_committed}) {
      const auto at = tree->find(path);
      if (at != tree->end()) return std::get_if<T>(&at->second);
    }
    return nullptr;
  }

  Tree m_committed;
  Tree m_pending;
};

/// Hands out the bytes it was given, in order, and throws when they are used up.
class ScriptedRandom final : public Random {
 public:
  void push(BytesView bytes) { m_bytes.insert(m_bytes.end(), bytes.begin(), bytes.end()); }
  void fill(std::span<std::uint8_t> out) override {
    for (std::uint8_t& byte : out) {
      if (m_bytes.empty()) throw std::runtime_error("more random bytes asked for than scripted");
      byte = m_bytes.front();
      m_bytes.pop_front();
    }
  }
  bool empty() const { return m_bytes.empty(); }

 private:
  std::deque<std::uint8_t> m_bytes;
};

/// Proactive commands of the applet, in order.
class FakeToolkit final : public applet::Toolkit {
 public:
  bool send(BytesView proactive_command) override {
    if (m_profile.empty()) return false;
    m_sent.push_back(to_bytes(proactive_command));
    return true;
  }
  BytesView terminal_profile() const override { return m_profile; }
  void set_terminal_profile(Bytes profile) { m_profile = std::move(profile); }
  const std::vector<Bytes>& sent() const { return m_sent; }

 private:
  Bytes m_profile;
  std::vector<Bytes> m_sent;
};

/// The power is gone in the middle of a command.
struct PowerCut {};

class FakeContext final : public applet::Context {
 public:
  explicit FakeContext(const applet::InitialObjects& objects = {}, std::uint64_t seed = 1) : m_seeded(seed) {
    for (const auto& [slot, value] : objects) m_objects.insert_or_assign(slot, value);
  }

  // What a test sets up and looks at.
  FakeFiles& tree() { return m_files; }
  FakeToolkit& fake_toolkit() { return m_toolkit; }
  ManualClock& manual_clock() { return m_clock; }
  void set_aid(const Aid& aid) { m_aid = aid; }
  void set_channel(Channel channel) { m_channel = channel; }
  /// Keys whose access condition is met; none at first.
  void satisfy(std::uint8_t key) { m_satisfied.insert(key); }
  void unsatisfy(std::uint8_t key) { m_satisfied.erase(key); }
  /// Borrowed; null: the seeded source.
  void set_random(Random* random) { m_random = random; }
  /// The nth step from now that changes persistent memory (1 is the next one: a store_now, or the commit of a command) does not happen:
  /// PowerCut is thrown instead.
  void cut_power_at(unsigned step) { m_steps_to_cut = step; }
  /// store_now() calls so far.
  unsigned counters_stored() const { return m_counters_stored; }
  /// What survives power-off.
  const std::map<applet::Slot, Bytes>& objects() const { return m_objects; }

  /// One command as the runtime does it: nothing of a failed one stays but store_now. Throws std::invalid_argument if it is no APDU.
  apdu::Response run(applet::Applet& applet, BytesView bytes) {
    const auto command = apdu::parse(bytes);
    if (!command) throw std::invalid_argument("not an APDU: " + command.error().text);
    apdu::Response response;
    try {
      response.status = applet.process(*this, *command, response.data);
      if (abort_transaction()) response.status = sw::kNoPreciseDiagnosis;
      const bool committed = response.status.is_success();
      if (!committed) {
        response.data.clear();
        rollback();
      } else if (!m_pending.empty() || m_files.has_pending()) {
        step();
        commit();
      }
      applet.on_transaction_end(committed);
    } catch (...) {
      m_begun.reset();
      rollback();
      throw;
    }
    return response;
  }

  // applet::Context
  const Aid& aid() const override { return m_aid; }
  Channel channel() const override { return m_channel; }
  std::optional<BytesView> load(applet::Slot slot) const override {
    if (const auto at = m_pending.find(slot); at != m_pending.end()) {
      return at->second ? std::optional<BytesView>(*at->second) : std::nullopt;
    }
    const auto at = m_objects.find(slot);
    return at == m_objects.end() ? std::nullopt : std::optional<BytesView>(at->second);
  }
  void store(applet::Slot slot, BytesView value) override { m_pending.insert_or_assign(slot, to_bytes(value)); }
  void erase(applet::Slot slot) override { m_pending.insert_or_assign(slot, std::nullopt); }
  void store_now(applet::Slot slot, BytesView value) override {
    step();
    m_pending.erase(slot);
    m_objects[slot].assign(value.begin(), value.end());
    ++m_counters_stored;
  }
  bool begin_transaction() override {
    if (m_begun) return false;
    m_begun.emplace(Begun{m_pending, m_files});
    return true;
  }
  bool commit_transaction() override {
    if (!m_begun) return false;
    m_begun.reset();
    step();
    commit();
    return true;
  }
  bool abort_transaction() override {
    if (!m_begun) return false;
    m_pending = std::move(m_begun->objects);
    m_files = std::move(m_begun->files);
    m_begun.reset();
    return true;
  }
  applet::Files& files() override { return m_files; }
  applet::Toolkit& toolkit() override { return m_toolkit; }
  Random& random() override { return m_random ? *m_random : m_seeded; }
  const Clock& clock() const override { return m_clock; }
  bool is_satisfied(KeyReference key) const override { return m_satisfied.contains(key.value); }

 private:
  void step() {
    if (m_steps_to_cut != 0 && --m_steps_to_cut == 0) throw PowerCut{};
  }
  void commit() {
    for (auto& [slot, value] : m_pending) {
      if (value) {
        m_objects.insert_or_assign(slot, *std::move(value));
      } else {
        m_objects.erase(slot);
      }
    }
    m_pending.clear();
    m_files.commit();
  }
  void rollback() {
    m_pending.clear();
    m_files.rollback();
  }

  using Pending = std::map<applet::Slot, std::optional<Bytes>>;
  /// What the instance's own transaction goes back to.
  struct Begun {
    Pending objects;
    FakeFiles files;
  };

  std::map<applet::Slot, Bytes> m_objects;
  Pending m_pending;
  std::optional<Begun> m_begun;
  FakeFiles m_files;
  FakeToolkit m_toolkit;
  ManualClock m_clock;
  SeededRandom m_seeded;
  Random* m_random = nullptr;
  Aid m_aid;
  Channel m_channel;
  std::set<std::uint8_t> m_satisfied;
  unsigned m_steps_to_cut = 0;
  unsigned m_counters_stored = 0;
};

}  // namespace uicclab::test
