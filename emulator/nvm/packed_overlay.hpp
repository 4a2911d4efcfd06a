// SPDX-License-Identifier: Apache-2.0
// The overlay of a card that is off, as one block of memory: of each object the bytes that differ from those of the image.
#pragma once

#include "emulator/nvm/image.hpp"
#include "emulator/nvm/overlay.hpp"

namespace uicclab::emulator {

class PackedOverlay {
 public:
  PackedOverlay() = default;
  /// Throws std::bad_alloc.
  PackedOverlay(const Overlay& overlay, const CardImage& image);

  explicit operator bool() const { return m_block != nullptr; }
  /// What it was made of; `image` is the same. Throws std::bad_alloc.
  Overlay unpack(const CardImage& image) const;
  /// What it takes on the heap.
  std::size_t memory() const;

 private:
  /// Four bytes that say how many follow; then how many changes there are, and these, in the order of their numbers:
  ///   (index - that of the one before) * 4 + 2 (the space or the owner is another one) + 1 (erased)
  ///   if it is another one: the space, one byte; the owner; the index counts from 0 again
  ///   unless erased: how many bytes at the begin, and how many at the end, are the image's; the size of what is between; that itself
  /// Numbers have seven bits in a byte, the lowest first; all bytes of a number but its last one have bit 8.
  std::unique_ptr<std::uint8_t[]> m_block;
};

}  // namespace uicclab::emulator
