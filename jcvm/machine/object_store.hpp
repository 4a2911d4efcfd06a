// SPDX-License-Identifier: Apache-2.0
// Where persistent objects are kept: numbered byte strings of which ranges are written. A card puts them into its non-volatile memory,
// tests into MemoryStore.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "jcvm/machine/object.hpp"

namespace uicclab::jcvm::machine {

/// A write is final when it returns: no rollback and no power cut takes it back ("seal"). Between begin() and end() nothing is final before
/// end() returns, and then all of it is; a power cut before that takes back everything since begin(). The machine never nests units. To
/// abort a unit it writes the earlier bytes back itself and then calls end(); a store need not undo anything.
/// Numbers are below 0x80000000, never 0. Contracts: create() of a number that is free, write() within the size that create() gave, erase()
/// of a number that exists.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  /// Good until the next call that changes the store.
  virtual std::optional<BytesView> read(std::uint32_t number) const = 0;
  virtual void create(std::uint32_t number, BytesView value) = 0;
  virtual void write(std::uint32_t number, std::size_t offset, BytesView bytes) = 0;
  /// Final when it returns even within a unit: PIN try counters, Util.arrayCopyNonAtomic.
  virtual void write_now(std::uint32_t number, std::size_t offset, BytesView bytes) = 0;
  virtual void erase(std::uint32_t number) = 0;
  /// All objects, by number. Asked for once after power-on, and by the collector.
  virtual std::vector<std::uint32_t> numbers() const = 0;

  virtual void begin() = 0;
  virtual void end() = 0;

  /// Bytes that new objects may take now, with their headers.
  virtual std::uint32_t room() const { return 0xFFFFFFFF; }
  /// Bytes of volatile memory that new transient arrays of this instance may take.
  virtual std::uint32_t volatile_room(Context /*owner*/) const { return 0xFFFFFFFF; }
};

/// In memory.
class MemoryStore : public ObjectStore {
 public:
  std::optional<BytesView> read(std::uint32_t number) const override;
  void create(std::uint32_t number, BytesView value) override;
  void write(std::uint32_t number, std::size_t offset, BytesView bytes) override;
  void write_now(std::uint32_t number, std::size_t offset, BytesView bytes) override;
  void erase(std::uint32_t number) override;
  std::vector<std::uint32_t> numbers() const override;
  void begin() override;
  void end() override;

  /// What a power cut at this moment leaves.
  const std::map<std::uint32_t, Bytes>& sealed() const { return m_sealed; }
  /// How often something became final.
  std::size_t seals() const { return m_seals; }
  /// A store as it is after a power cut.
  explicit MemoryStore(std::map<std::uint32_t, Bytes> sealed) : m_objects(sealed), m_sealed(std::move(sealed)) {}
  MemoryStore() = default;

 protected:
  /// Called before each time that something becomes final.
  virtual void on_seal() {}

 private:
  void seal(std::uint32_t number);

  std::map<std::uint32_t, Bytes> m_objects;
  std::map<std::uint32_t, Bytes> m_sealed;
  bool m_open = false;
  std::size_t m_seals = 0;
};

}  // namespace uicclab::jcvm::machine
