// SPDX-License-Identifier: Apache-2.0
// A recorded SCP03 session of tests/vectors, and the sources of chance that make either end repeat it.
#pragma once

#include <doctest/doctest.h>

#include "scp03/card_session.hpp"
#include "scp03/host_session.hpp"
#include "tests/support/vector_file.hpp"

namespace uicclab::test {

/// Gives out the bytes it was made with.
class FixedRandom final : public Random {
 public:
  explicit FixedRandom(Bytes bytes) : m_bytes(std::move(bytes)) {}
  void fill(std::span<std::uint8_t> out) override {
    if (out.size() != m_bytes.size()) throw std::runtime_error("FixedRandom: another length was asked for");
    std::ranges::copy(m_bytes, out.begin());
  }

 private:
  Bytes m_bytes;
};

/// Counts in memory and remembers how often it was asked.
class MemoryCounter final : public scp03::SequenceCounter {
 public:
  explicit MemoryCounter(std::uint32_t last = 0) : value(last) {}
  std::optional<std::uint32_t> advance() override {
    ++calls;
    if (value >= 0xFFFFFF) return std::nullopt;
    return ++value;
  }
  std::uint32_t value;
  int calls = 0;
};

inline scp03::KeySet key_set(BytesView enc, BytesView mac, BytesView dek, std::uint8_t version) {
  using crypto::SecretBytes;
  return scp03::KeySet::from(KeyVersion{version}, SecretBytes(enc), SecretBytes(mac), SecretBytes(dek)).value();
}

inline apdu::Command parsed(BytesView bytes) {
  auto command = apdu::parse(bytes);
  if (!command) throw std::runtime_error("not a command: " + to_hex(bytes.first(std::min<std::size_t>(bytes.size(), 16))));
  return *command;
}

struct RecordedSession {
  explicit RecordedSession(const VectorSet& vectors)
      : set(vectors),
        id(set.text("id")),
        initialize_update(set.bytes("initialize_update")),
        answer(set.bytes("answer")),
        external_authenticate(set.bytes("external_authenticate")),
        parsed_answer(scp03::InitializeUpdateAnswer::parse(answer).value()),
        level(scp03::SecurityLevel::from(set.bytes("level").at(0)).value()),
        aid(set.has("aid") ? Aid::from(set.bytes("aid")).value() : Aid()) {}

  scp03::KeySet keys() const { return key_set(set.bytes("enc"), set.bytes("mac"), set.bytes("dek"), parsed_answer.key_version.value); }
  /// The card knew how to compute its challenge; otherwise it is given to it as if it were random.
  bool computes_challenge() const { return parsed_answer.mode.has_pseudo_random_challenge() && !aid.empty(); }
  bool offers_level() const { return parsed_answer.mode.offers(level); }
  std::size_t commands() const { return set.number("commands"); }
  Bytes numbered(const std::string& name, std::size_t n) const { return set.bytes(name + "." + std::to_string(n)); }
  bool has(const std::string& name, std::size_t n) const { return set.has(name + "." + std::to_string(n)); }
  Bytes plain_response(std::size_t n) const { return numbered(has("response_plain", n) ? "response_plain" : "response", n); }

  scp03::CardIdentity identity() const {
    scp03::Mode mode = parsed_answer.mode;
    if (!computes_challenge()) mode.i = static_cast<std::uint8_t>(mode.i & ~0x10);
    return {parsed_answer.diversification, mode, aid};
  }
  /// Runs INITIALIZE UPDATE on a card that then is where the recorded one was.
  StatusWord initialize(scp03::CardSession& card, Bytes& out) const {
    MemoryCounter counter(parsed_answer.sequence_counter.value_or(1) - 1);
    FixedRandom random(to_bytes(parsed_answer.card_challenge.bytes()));
    return card.initialize_update(parsed(initialize_update), identity(), keys(), counter, random, out);
  }
  /// The same, and EXTERNAL AUTHENTICATE.
  StatusWord open(scp03::CardSession& card) const {
    Bytes out;
    if (const StatusWord status = initialize(card, out); status != sw::kOk) return status;
    return card.external_authenticate(parsed(external_authenticate));
  }
  /// A host that has sent the recorded INITIALIZE UPDATE.
  scp03::HostSession host(Bytes* command = nullptr) const {
    scp03::HostSession session({.key_version = KeyVersion{initialize_update.at(2)},
                                .level = level,
                                .s16 = parsed_answer.mode.is_s16(),
                                .channel = Channel{apdu::channel_of(initialize_update.at(0))},
                                .aid = aid},
                               scp03::fixed_keys(keys()));
    FixedRandom random(to_bytes(parsed(initialize_update).data));
    Bytes sent = session.initialize_update(random);
    if (command != nullptr) *command = std::move(sent);
    return session;
  }
  scp03::HostSession open_host() const {
    scp03::HostSession session = host();
    if (!session.external_authenticate(answer) || !session.confirm(sw::kOk)) throw std::runtime_error(id + ": does not open");
    return session;
  }

  VectorSet set;
  std::string id;
  Bytes initialize_update;
  Bytes answer;
  Bytes external_authenticate;
  scp03::InitializeUpdateAnswer parsed_answer;
  scp03::SecurityLevel level;
  Aid aid;
};

/// The sessions of these files, without the sets that only derive keys.
inline std::vector<RecordedSession> recorded_sessions(std::initializer_list<const char*> files) {
  std::vector<RecordedSession> sessions;
  for (const char* file : files) {
    for (const VectorSet& set : load_vectors(file)) {
      if (set.has("initialize_update")) sessions.emplace_back(set);
    }
  }
  return sessions;
}

inline std::vector<RecordedSession> all_recorded_sessions() {
  return recorded_sessions({"scp03_published.txt", "scp03_gppro.txt", "scp03_s16.txt"});
}

/// The one with this id.
inline RecordedSession recorded_session(const char* file, std::string_view id) {
  for (RecordedSession& session : recorded_sessions({file})) {
    if (session.id == id) return std::move(session);
  }
  throw std::runtime_error("no such session");
}

}  // namespace uicclab::test
