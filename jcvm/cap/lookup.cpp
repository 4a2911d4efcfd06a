// SPDX-License-Identifier: Apache-2.0
// Look-ups in the values of a CAP file.
#include "jcvm/cap/cap_file.hpp"

namespace uicclab::jcvm::cap {

const ClassInfo* ClassComponent::at(std::uint16_t offset) const {
  const auto found = std::ranges::lower_bound(classes, offset, {}, &ClassInfo::offset);
  return found == classes.end() || found->offset != offset ? nullptr : &*found;
}

BytesView MethodComponent::from(std::uint32_t offset) const {
  if (offset < base() || offset >= size()) return {};
  return BytesView(methods).subspan(offset - base());
}

Result<MethodHeader> MethodComponent::header_at(std::uint32_t offset) const {
  const BytesView bytes = from(offset);
  const auto at = [&] { return "method at " + std::to_string(offset); };
  if (bytes.empty()) {
    return fail(ErrorCode::kRange, at() + ": methods are from " + std::to_string(base()) + " to " + std::to_string(size() - 1), offset);
  }
  MethodHeader out;
  out.flags = bytes[0] & 0xF0;
  if ((out.flags & ~(kMethodExtended | kMethodAbstract)) != 0) {
    return fail(ErrorCode::kMalformed, at() + ": unknown flags " + to_hex(bytes.first(1)), offset);
  }
  const bool extended = (out.flags & kMethodExtended) != 0;
  const std::size_t header_size = extended ? 4 : 2;
  if (bytes.size() < header_size) return fail(ErrorCode::kTruncated, at() + ": its header ends too early", offset);
  if (extended) {
    if ((bytes[0] & 0x0F) != 0) return fail(ErrorCode::kMalformed, at() + ": padding " + to_hex(bytes.first(1)) + ", must be 0", offset);
    out.max_stack = bytes[1];
    out.nargs = bytes[2];
    out.max_locals = bytes[3];
  } else {
    out.max_stack = bytes[0] & 0x0F;
    out.nargs = static_cast<std::uint8_t>(bytes[1] >> 4);
    out.max_locals = bytes[1] & 0x0F;
  }
  if (out.locals() > 255) {
    return fail(ErrorCode::kRange, at() + ": " + std::to_string(out.locals()) + " locals with the arguments, must be at most 255", offset);
  }
  out.code = static_cast<std::uint32_t>(offset + header_size);
  return out;
}

std::vector<std::uint32_t> ReferenceLocation::offsets(BytesView distances) {
  std::vector<std::uint32_t> out;
  std::uint32_t at = 0;
  for (const std::uint8_t distance : distances) {
    at += distance;
    if (distance != 0xFF) out.push_back(at);
  }
  return out;
}

Result<Bytes> Descriptor::type_at(std::uint16_t offset) const {
  const std::size_t before = 2 + 2 * constant_types.size();
  if (offset < before || offset - before >= types.size()) {
    return fail(ErrorCode::kRange, "no type at " + std::to_string(offset) + " of the Descriptor component", offset);
  }
  const BytesView from = BytesView(types).subspan(offset - before);
  const std::size_t count = from[0];
  if (from.size() < 1 + (count + 1) / 2) {
    return fail(ErrorCode::kTruncated, "the type at " + std::to_string(offset) + " of the Descriptor component ends too early", offset);
  }
  Bytes nibbles(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t byte = from[1 + i / 2];
    nibbles[i] = i % 2 == 0 ? static_cast<std::uint8_t>(byte >> 4) : byte & 0x0F;
  }
  return nibbles;
}

}  // namespace uicclab::jcvm::cap
