// SPDX-License-Identifier: Apache-2.0
// The card's services for loaded code: applet::CodeServices over the session. Objects lie in Space::kCode, one each.
#pragma once

#include "applet/api/loaded_code.hpp"
#include "applet/api/open_services.hpp"
#include "emulator/transaction.hpp"

namespace uicclab::emulator {

class CardCode final : public applet::CodeServices, private applet::CodeObjects, private applet::OpenServices {
 public:
  /// For a call to an instance: its own transaction is that of `context`, which outlives it. Without one: for what the card does to load
  /// files.
  explicit CardCode(Session& session, applet::Context* context = nullptr, std::optional<std::uint32_t> self = {})
      : m_session(session), m_context(context), m_self(self), m_code(session.runtime().code()) {}

  applet::CodeSession& session() override { return m_code; }
  applet::CodeObjects& objects() override { return *this; }
  std::vector<applet::LoadFile> load_files() const override { return m_session.runtime().registry().load_files(); }
  std::optional<std::uint32_t> instance(const Aid& aid) const override;
  std::uint32_t free_memory() const override { return m_session.free_memory(); }
  std::uint32_t free_volatile_memory() const override;
  applet::MemoryQuota quota(std::uint32_t instance) const override;
  std::optional<std::uint32_t> self() const override { return m_self; }
  std::unique_ptr<applet::ToolkitEntry> toolkit_entry(std::uint32_t instance) override;
  applet::OpenServices& open() override { return *this; }
  std::unique_ptr<applet::FileView> file_view(std::uint32_t instance, const Aid& application, bool administrative) override;
  Random& random() override { return m_session.random; }
  const Clock& clock() const override { return m_session.clock; }
  applet::CodeChoices choices() const override {
    const CardChoices& choices = m_session.nvm().image().settings().choices;
    return {choices.java_21_install, choices.verify_strictly};
  }

 private:
  static ObjectId object(std::uint32_t number) { return {Space::kCode, 0, number}; }
  void settle();

  std::optional<BytesView> read(std::uint32_t number) const override { return m_session.nvm().read(object(number)); }
  void write(std::uint32_t number, BytesView value) override;
  void write_part(std::uint32_t number, std::size_t offset, BytesView bytes) override;
  void write_part_now(std::uint32_t number, std::size_t offset, BytesView bytes) override;
  void erase(std::uint32_t number) override;
  std::vector<std::uint32_t> numbers() const override;
  bool begin() override;
  bool end() override;
  bool abandon() override;
  bool seals() const override { return m_session.nvm().may_seal(); }

  // card_open.cpp
  gp::CardState card_state() const override;
  bool set_card_state(std::uint32_t asking, gp::CardState state) override;
  std::optional<Entry> entry(std::uint32_t instance) const override;
  std::optional<std::uint32_t> find(const Aid& aid) const override;
  bool set_state(std::uint32_t asking, std::uint32_t instance, std::uint8_t state) override;
  bool set_historical_bytes(std::uint32_t asking, BytesView bytes) override;
  bool has(std::uint32_t instance, gp::Privilege privilege) const;
  void set_life_cycle(std::uint32_t instance, std::uint8_t state);

  Session& m_session;
  applet::Context* m_context;
  std::optional<std::uint32_t> m_self;
  applet::CodeSession& m_code;
  std::optional<ApplicationWrites> m_writes;  ///< without an instance
};

}  // namespace uicclab::emulator
