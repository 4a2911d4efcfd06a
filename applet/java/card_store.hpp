// SPDX-License-Identifier: Apache-2.0
// The machine's objects in the card's memory, and the records of instances.
#pragma once

#include "applet/api/loaded_code.hpp"
#include "applet/api/open_services.hpp"
#include "jcvm/machine/machine.hpp"

namespace uicclab::applet::java {

/// An instance that has registered itself: object kFirstRecord + its number on the card.
struct Instance {
  jcvm::machine::Context context;
  jcvm::machine::Ref applet = jcvm::machine::kNull;
  jcvm::machine::Ref aid = jcvm::machine::kNull;  ///< the runtime's AID object
  Aid name;
};

/// Lent to the machine; the objects of the card are there only for the length of a call.
class CardStore final : public jcvm::machine::ObjectStore {
 public:
  /// Null: the call has ended.
  void lend(CodeServices* services) {
    m_services = services;
    m_objects = services == nullptr ? nullptr : &services->objects();
    m_room.reset();
  }
  bool is_lent() const { return m_objects != nullptr; }

  std::vector<Instance> instances() const;
  std::optional<Instance> instance(std::uint32_t number) const;
  /// The card took back what was written.
  void reload() { m_last.reset(); }
  void keep(const Instance& instance);
  void forget(std::uint32_t number);

  /// The card's global PIN (applet/java/globalplatform/cvm.cpp): beside every transaction once it is there.
  std::optional<BytesView> global_pin() const;
  void keep_global_pin(BytesView record);
  OpenServices& open() const { return services().open(); }

  std::optional<BytesView> read(std::uint32_t number) const override { return objects().read(number); }
  void create(std::uint32_t number, BytesView value) override;
  void write(std::uint32_t number, std::size_t offset, BytesView bytes) override { objects().write_part(number, offset, bytes); }
  void write_now(std::uint32_t number, std::size_t offset, BytesView bytes) override { objects().write_part_now(number, offset, bytes); }
  void erase(std::uint32_t number) override;
  std::vector<std::uint32_t> numbers() const override;
  void begin() override { objects().begin(); }
  void end() override { objects().end(); }
  std::uint32_t room() const override;
  std::uint32_t volatile_room(jcvm::machine::Context owner) const override;

 private:
  CodeObjects& objects() const;
  CodeServices& services() const;

  std::optional<Instance> read_instance(std::uint32_t number) const;

  mutable std::optional<Instance> m_last;  ///< that was asked for: each command asks for its own
  CodeServices* m_services = nullptr;
  CodeObjects* m_objects = nullptr;
  mutable std::optional<std::uint32_t> m_room;  ///< counting it takes a walk over all objects
};

}  // namespace uicclab::applet::java
