// SPDX-License-Identifier: Apache-2.0
#include "emulator/nvm/packed_overlay.hpp"

#include <cstring>

namespace uicclab::emulator {
namespace {

using Size = std::uint32_t;  // of a block, at its begin

constexpr std::uint64_t kErased = 1;
constexpr std::uint64_t kOther = 2;
constexpr unsigned kFlags = 2;  // bits
constexpr std::uint8_t kMore = 0x80;
constexpr unsigned kBits = 7;

void put(Bytes& out, std::uint64_t number) {
  for (; number >= kMore; number >>= kBits) out.push_back(static_cast<std::uint8_t>(number | kMore));
  out.push_back(static_cast<std::uint8_t>(number));
}

void put(Bytes& out, BytesView value, BytesView base) {
  const auto prefix = std::ranges::mismatch(value, base).in1 - value.begin();
  const BytesView left = value.subspan(static_cast<std::size_t>(prefix));
  const BytesView base_left = base.subspan(static_cast<std::size_t>(prefix));
  std::size_t suffix = 0;
  while (suffix < left.size() && suffix < base_left.size() && left[left.size() - 1 - suffix] == base_left[base_left.size() - 1 - suffix])
    ++suffix;
  put(out, static_cast<std::uint64_t>(prefix));
  put(out, suffix);
  put(out, left.size() - suffix);
  append(out, left.first(left.size() - suffix));
}

/// Of a block of our own making: what is read is there.
class Reader {
 public:
  explicit Reader(const std::uint8_t* at) : m_at(at) {}

  std::uint8_t byte() { return *m_at++; }
  std::uint64_t number() {
    std::uint64_t out = 0;
    for (unsigned shift = 0;; shift += kBits) {
      const std::uint8_t one = byte();
      out |= static_cast<std::uint64_t>(one & ~kMore) << shift;
      if (one < kMore) return out;
    }
  }
  BytesView bytes(std::size_t size) {
    const BytesView out(m_at, size);
    m_at += size;
    return out;
  }
  Bytes value(BytesView base) {
    const auto prefix = static_cast<std::size_t>(number());
    const auto suffix = static_cast<std::size_t>(number());
    const auto size = static_cast<std::size_t>(number());
    Bytes out;
    out.reserve(prefix + size + suffix);
    append(out, base.first(prefix));
    append(out, bytes(size));
    append(out, base.last(suffix));
    return out;
  }

 private:
  const std::uint8_t* m_at;
};

}  // namespace

PackedOverlay::PackedOverlay(const Overlay& overlay, const CardImage& image) {
  Bytes out(sizeof(Size));
  put(out, overlay.size());
  ObjectId before;
  for (const Change& change : overlay) {
    const bool other = change.id.space() != before.space() || change.id.owner() != before.owner();
    const std::uint64_t distance = change.id.index() - (other ? 0 : before.index());
    put(out, distance << kFlags | (other ? kOther : 0) | (change.value ? 0 : kErased));
    if (other) {
      out.push_back(static_cast<std::uint8_t>(change.id.space()));
      put(out, change.id.owner());
    }
    if (change.value) put(out, *change.value, image.find(change.id).value_or(BytesView{}));
    before = change.id;
  }
  const auto size = static_cast<Size>(out.size());
  std::memcpy(out.data(), &size, sizeof size);
  m_block = std::make_unique<std::uint8_t[]>(out.size());
  std::ranges::copy(out, m_block.get());
}

Overlay PackedOverlay::unpack(const CardImage& image) const {
  if (!m_block) return {};
  Reader in(m_block.get() + sizeof(Size));
  std::vector<Change> changes;
  const auto count = static_cast<std::size_t>(in.number());
  changes.reserve(count);
  Space space{};
  std::uint32_t owner = 0;
  std::uint64_t index = 0;
  while (changes.size() < count) {
    const std::uint64_t head = in.number();
    if ((head & kOther) != 0) {
      space = static_cast<Space>(in.byte());
      owner = static_cast<std::uint32_t>(in.number());
      index = 0;
    }
    index += head >> kFlags;
    const ObjectId id(space, owner, static_cast<std::uint32_t>(index));
    changes.push_back({id, std::nullopt});
    if ((head & kErased) == 0) changes.back().value = in.value(image.find(id).value_or(BytesView{}));
  }
  return Overlay(std::move(changes));
}

std::size_t PackedOverlay::memory() const {
  if (!m_block) return 0;
  Size size = 0;
  std::memcpy(&size, m_block.get(), sizeof size);
  return size;
}

}  // namespace uicclab::emulator
