// SPDX-License-Identifier: Apache-2.0
#include "trace/capture.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace uicclab::trace {
namespace {

// First four bytes of a file.
constexpr std::array<std::uint8_t, 4> kPcapMicroBig{0xA1, 0xB2, 0xC3, 0xD4};
constexpr std::array<std::uint8_t, 4> kPcapMicroLittle{0xD4, 0xC3, 0xB2, 0xA1};
constexpr std::array<std::uint8_t, 4> kPcapNanoBig{0xA1, 0xB2, 0x3C, 0x4D};
constexpr std::array<std::uint8_t, 4> kPcapNanoLittle{0x4D, 0x3C, 0xB2, 0xA1};
constexpr std::array<std::uint8_t, 4> kSectionHeader{0x0A, 0x0D, 0x0D, 0x0A};
constexpr std::array<std::uint8_t, 4> kByteOrderMagic{0x1A, 0x2B, 0x3C, 0x4D};

// Block types of pcapng.
constexpr std::uint32_t kInterfaceBlock = 1;
constexpr std::uint32_t kOldPacketBlock = 2;
constexpr std::uint32_t kSimplePacketBlock = 3;
constexpr std::uint32_t kEnhancedPacketBlock = 6;
constexpr std::uint32_t kSectionHeaderBlock = 0x0A0D0D0A;

constexpr std::uint16_t kOptionEnd = 0;
constexpr std::uint16_t kOptionResolution = 9;
constexpr std::uint16_t kOptionOffset = 14;

constexpr std::size_t kMaxInterfaces = 1024;
constexpr std::size_t kMaxHeaderBlock = 65536;  // options and all
constexpr std::size_t kBlockFrame = 12;         // type, length, length again

constexpr std::size_t padded(std::size_t size) {
  return (size + 3) & ~std::size_t{3};
}

std::uint64_t power_of_ten(unsigned exponent) {
  std::uint64_t out = 1;
  while (exponent-- > 0) out *= 10;
  return out;
}

/// Ticks since 1970 as nanoseconds; nothing if they do not fit.
std::optional<std::chrono::nanoseconds> nanoseconds(std::uint64_t ticks, std::uint8_t resolution, std::uint64_t offset_seconds) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  constexpr std::uint64_t kBillion = 1000000000;
  std::uint64_t out = 0;
  const unsigned exponent = resolution & 0x7F;
  if ((resolution & 0x80) != 0) {
    if (exponent > 63) return std::nullopt;
    const std::uint64_t seconds = ticks >> exponent;
    const std::uint64_t rest = ticks & ((std::uint64_t{1} << exponent) - 1);
    if (seconds > kMost / kBillion - 1) return std::nullopt;
    out = seconds * kBillion + static_cast<std::uint64_t>(std::ldexp(static_cast<double>(rest), -static_cast<int>(exponent)) * 1e9);
  } else if (exponent <= 9) {
    const std::uint64_t factor = power_of_ten(9 - exponent);
    if (ticks > kMost / factor) return std::nullopt;
    out = ticks * factor;
  } else if (exponent <= 18) {
    out = ticks / power_of_ten(exponent - 9);
  } else {
    return std::nullopt;
  }
  if (offset_seconds > kMost / kBillion || out > kMost - offset_seconds * kBillion) return std::nullopt;
  return std::chrono::nanoseconds(static_cast<std::int64_t>(out + offset_seconds * kBillion));
}

}  // namespace

bool CaptureReader::is_capture(BytesView first) {
  if (first.size() < 4) return false;
  for (const auto& magic : {kPcapMicroBig, kPcapMicroLittle, kPcapNanoBig, kPcapNanoLittle, kSectionHeader}) {
    if (equal(first.first(4), magic)) return true;
  }
  return false;
}

std::uint32_t CaptureReader::number(BytesView bytes) const {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) value = (value << 8) | bytes[m_little ? bytes.size() - 1 - i : i];
  return value;
}

Result<Bytes> CaptureReader::take(std::size_t size, std::string_view what) {
  Bytes out(size);
  m_in.read(reinterpret_cast<char*>(out.data()), std::ssize(out));
  const auto got = static_cast<std::size_t>(m_in.gcount());
  m_offset += got;
  if (got == size) return out;
  m_ended = true;
  return fail(ErrorCode::kTruncated, "the file ends in " + std::string(what), m_offset);
}

Result<void> CaptureReader::skip(std::size_t size, std::string_view what) {
  while (size > 0) {
    const std::size_t part = std::min<std::size_t>(size, kMaxHeaderBlock);
    if (auto done = take(part, what); !done) return tl::unexpected(done.error());
    size -= part;
  }
  return {};
}

Result<void> CaptureReader::begin() {
  m_begun = true;
  const auto magic = take(4, "its first number");
  if (!magic) return tl::unexpected(magic.error());
  if (!is_capture(*magic)) return fail(ErrorCode::kMalformed, "neither pcap nor pcapng", 0);
  if (equal(*magic, kSectionHeader)) {
    m_ng = true;
    return {};
  }
  m_little = equal(*magic, kPcapMicroLittle) || equal(*magic, kPcapNanoLittle);
  const auto rest = take(20, "the file header");
  if (!rest) return tl::unexpected(rest.error());
  if (number(BytesView(*rest).first(2)) != 2) return fail(ErrorCode::kUnsupported, "pcap with a version other than 2", 4);
  Interface only;
  only.resolution = equal(*magic, kPcapNanoBig) || equal(*magic, kPcapNanoLittle) ? 9 : 6;
  only.link_type = number(BytesView(*rest).subspan(16, 4)) & 0x03FFFFFF;  // the bits above announce a checksum behind the packets
  m_interfaces.push_back(only);
  return {};
}

Result<std::optional<Packet>> CaptureReader::next() {
  if (m_ended) return std::nullopt;
  const auto stop = [this](Error error) {
    m_ended = true;
    return tl::unexpected<Error>(std::move(error));
  };
  if (!m_begun) {
    if (auto begun = begin(); !begun) return stop(begun.error());
    if (m_ng) {
      const auto length = take(4, "a section header");
      if (!length) return stop(length.error());
      if (auto done = section(number(*length)); !done) return stop(done.error());
    }
  }
  auto out = m_ng ? next_block() : next_record();
  if (!out) return stop(out.error());
  return out;
}

Result<Packet> CaptureReader::packet(const Interface& from, std::optional<std::uint64_t> time, BytesView bytes) {
  Packet out;
  out.number = ++m_packets;
  if (time) out.time = nanoseconds(*time, from.resolution, from.offset_seconds);
  out.link_type = from.link_type;
  out.bytes = to_bytes(bytes);
  return out;
}

Result<std::optional<Packet>> CaptureReader::next_record() {
  if (m_in.peek() == std::istream::traits_type::eof()) return std::nullopt;
  const std::uint64_t at = m_offset;
  const auto header = take(16, "the header of a packet");
  if (!header) return tl::unexpected(header.error());
  const auto field = [&](std::size_t index) { return number(BytesView(*header).subspan(4 * index, 4)); };
  if (field(2) > kMaxPacket) return fail(ErrorCode::kRange, "a packet of " + std::to_string(field(2)) + " bytes", at + 8);
  const auto bytes = take(field(2), "a packet");
  if (!bytes) return tl::unexpected(bytes.error());
  const Interface& only = m_interfaces.front();
  const std::uint64_t ticks = std::uint64_t{field(0)} * power_of_ten(only.resolution) + field(1);
  return *packet(only, ticks, *bytes);
}

Result<void> CaptureReader::section(std::uint32_t length) {
  // What precedes the byte order is read before it is known: `length` comes again below.
  const auto order = take(4, "a section header");
  if (!order) return tl::unexpected(order.error());
  const bool was_little = m_little;
  if (equal(*order, kByteOrderMagic)) {
    m_little = false;
  } else if (std::equal(order->begin(), order->end(), kByteOrderMagic.rbegin())) {
    m_little = true;
  } else {
    return fail(ErrorCode::kMalformed, "a section header without its byte order", m_offset - 4);
  }
  if (was_little != m_little) length = (length << 24) | ((length & 0xFF00) << 8) | ((length >> 8) & 0xFF00) | (length >> 24);
  constexpr std::uint32_t kLeast = 28;
  if (length < kLeast || length > kMaxHeaderBlock || length % 4 != 0) {
    return fail(ErrorCode::kMalformed, "a section header of " + std::to_string(length) + " bytes", m_offset - 8);
  }
  const auto rest = take(length - kBlockFrame, "a section header");
  if (!rest) return tl::unexpected(rest.error());
  if (number(BytesView(*rest).first(2)) != 1) return fail(ErrorCode::kUnsupported, "pcapng with a version other than 1", m_offset);
  m_interfaces.clear();
  return {};
}

Result<void> CaptureReader::interface(BytesView body) {
  if (body.size() < 8) return fail(ErrorCode::kTruncated, "an interface description that is too short", m_offset);
  if (m_interfaces.size() == kMaxInterfaces) return fail(ErrorCode::kRange, "more than 1024 interfaces", m_offset);
  Interface out;
  out.link_type = number(body.first(2));
  out.snap_length = number(body.subspan(4, 4));
  for (BytesView options = body.subspan(8); options.size() >= 4;) {
    const std::uint32_t code = number(options.first(2));
    const std::size_t size = number(options.subspan(2, 2));
    if (code == kOptionEnd) break;
    if (4 + padded(size) > options.size()) return fail(ErrorCode::kTruncated, "an option is longer than its block", m_offset);
    const BytesView value = options.subspan(4, size);
    if (code == kOptionResolution && size == 1) out.resolution = value[0];
    if (code == kOptionOffset && size == 8) {
      const std::uint64_t first = number(value.first(4));
      const std::uint64_t second = number(value.last(4));
      out.offset_seconds = m_little ? (second << 32) | first : (first << 32) | second;
    }
    options = options.subspan(4 + padded(size));
  }
  m_interfaces.push_back(out);
  return {};
}

Result<std::optional<Packet>> CaptureReader::next_block() {
  while (m_in.peek() != std::istream::traits_type::eof()) {
    const std::uint64_t at = m_offset;
    const auto head = take(8, "the header of a block");
    if (!head) return tl::unexpected(head.error());
    const std::uint32_t type = number(BytesView(*head).first(4));
    const std::uint32_t length = number(BytesView(*head).last(4));
    if (type == kSectionHeaderBlock) {
      if (auto done = section(length); !done) return tl::unexpected(done.error());
      continue;
    }
    if (length < kBlockFrame || length % 4 != 0)
      return fail(ErrorCode::kMalformed, "a block of " + std::to_string(length) + " bytes", at + 4);
    const bool known = type == kInterfaceBlock || type == kOldPacketBlock || type == kSimplePacketBlock || type == kEnhancedPacketBlock;
    if (!known) {
      if (auto done = skip(length - 8, "a block"); !done) return tl::unexpected(done.error());
      continue;
    }
    if (length > kMaxPacket + kMaxHeaderBlock) return fail(ErrorCode::kRange, "a block of " + std::to_string(length) + " bytes", at + 4);
    const auto rest = take(length - 8, "a block");
    if (!rest) return tl::unexpected(rest.error());
    if (number(BytesView(*rest).last(4)) != length) return fail(ErrorCode::kMalformed, "a block with two different lengths", m_offset - 4);
    const BytesView body = BytesView(*rest).first(rest->size() - 4);
    if (type == kInterfaceBlock) {
      if (auto done = interface(body); !done) return tl::unexpected(done.error());
      continue;
    }
    const auto malformed = [&](const std::string& text) { return fail(ErrorCode::kMalformed, text, at); };
    if (type == kSimplePacketBlock) {
      if (m_interfaces.empty() || body.size() < 4) return malformed("a packet of no interface");
      std::size_t size = std::min<std::size_t>(number(body.first(4)), body.size() - 4);
      if (m_interfaces[0].snap_length != 0) size = std::min<std::size_t>(size, m_interfaces[0].snap_length);
      return *packet(m_interfaces[0], std::nullopt, body.subspan(4, size));
    }
    if (body.size() < 20) return malformed("a packet block that is too short");
    const std::uint32_t index = number(body.first(type == kOldPacketBlock ? 2 : 4));
    if (index >= m_interfaces.size()) return malformed("a packet of no interface");
    const std::uint64_t time = (std::uint64_t{number(body.subspan(4, 4))} << 32) | number(body.subspan(8, 4));
    const std::size_t size = number(body.subspan(12, 4));
    if (size > body.size() - 20) return malformed("a packet that is longer than its block");
    return *packet(m_interfaces[index], time, body.subspan(20, size));
  }
  return std::nullopt;
}

}  // namespace uicclab::trace
