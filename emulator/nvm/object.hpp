// SPDX-License-Identifier: Apache-2.0
// The elements of NVM: numbered objects, each a byte string that is replaced as a whole.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>

#include "core/bytes.hpp"

namespace uicclab::emulator {

/// The kinds of objects. Numbers are kept in state files: never change one.
enum class Space : std::uint8_t {
  kCard = 1,        ///< state of the card as a whole; index: CardObject
  kFileHeader = 2,  ///< index: FileId
  kFileBody = 3,    ///< index: FileId
  kPin = 4,         ///< owner: FileId of the ADF that holds a local key, 0 for global ones; index: key reference
  kApplet = 5,      ///< owner: instance number; index: the applet's Slot
  kRegistry = 6,    ///< registry of load files, modules and instances
  kKeySet = 7,      ///< keys of security domains; owner: instance number
  kCode = 8,        ///< objects of managed code; owner 0, index: as the code chose
  kToolkit = 9,     ///< toolkit registry; owner: instance number (emulator/cat/toolkit_registry.cpp)
};

inline constexpr std::size_t kLastSpace = static_cast<std::size_t>(Space::kToolkit);

/// Objects in Space::kCard.
enum class CardObject : std::uint32_t {
  kTerminated = 1,  ///< exists: TERMINATE CARD USAGE was executed
  kNextFile = 2,    ///< four bytes: the number of the next file to be created
  kSuspended = 3,   ///< what a suspended card resumes with
  kPartition = 4,   ///< four bytes, in partition 0 alone: the number of the partition in use; none: 0
};

/// Number of an object: space, owner (24 bits), index.
struct ObjectId {
  std::uint64_t value = 0;

  constexpr ObjectId() = default;
  constexpr explicit ObjectId(std::uint64_t v) : value(v) {}
  constexpr ObjectId(Space space, std::uint32_t owner, std::uint32_t index)
      : value((static_cast<std::uint64_t>(space) << 56) | (static_cast<std::uint64_t>(owner & 0xFFFFFF) << 32) | index) {}
  constexpr Space space() const { return static_cast<Space>(value >> 56); }
  constexpr std::uint32_t owner() const { return static_cast<std::uint32_t>(value >> 32) & 0xFFFFFF; }
  constexpr std::uint32_t index() const { return static_cast<std::uint32_t>(value); }
  auto operator<=>(const ObjectId&) const = default;
};

/// A write: the object's new value, or nothing if it was erased. An overlay keeps an erasure only of what the image holds.
struct Change {
  ObjectId id;
  std::optional<Bytes> value;
};

}  // namespace uicclab::emulator
