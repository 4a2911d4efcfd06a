// SPDX-License-Identifier: Apache-2.0
// Capture files, packet by packet: pcap (draft-ietf-opsawg-pcap) and pcapng (draft-ietf-opsawg-pcapng), of either byte order, with
// micro- and nanoseconds. Memory is bounded whatever the file says.
#pragma once

#include <chrono>
#include <istream>
#include <optional>
#include <vector>

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace uicclab::trace {

/// A packet as it was captured, from its link layer on.
struct Packet {
  std::uint64_t number = 0;                      ///< from 1
  std::optional<std::chrono::nanoseconds> time;  ///< since 1970, if the file has it
  std::uint32_t link_type = 0;                   ///< LINKTYPE_ values of tcpdump.org
  Bytes bytes;
};

class CaptureReader {
 public:
  /// The longest packet that is taken; tcpdump and Wireshark cut at as much.
  static constexpr std::uint32_t kMaxPacket = 262144;

  /// `in` is binary and outlives the reader.
  explicit CaptureReader(std::istream& in) : m_in(in) {}

  /// A file that begins with these four bytes is a capture file.
  static bool is_capture(BytesView first);

  /// The next packet; nothing at the end. An error ends the reading; its offset is in the file. Errors: kMalformed, kTruncated, kRange
  /// (a packet over kMaxPacket, more than 1024 interfaces in a section), kUnsupported (version).
  Result<std::optional<Packet>> next();

 private:
  struct Interface {
    std::uint32_t link_type = 1;
    std::uint32_t snap_length = 0;
    std::uint8_t resolution = 6;  ///< if_tsresol: power of ten, or of two with bit 8
    std::uint64_t offset_seconds = 0;
  };

  Result<void> begin();
  Result<std::optional<Packet>> next_record();
  Result<std::optional<Packet>> next_block();
  Result<void> section(std::uint32_t length);
  Result<void> interface(BytesView body);
  Result<Packet> packet(const Interface& from, std::optional<std::uint64_t> time, BytesView bytes);
  std::uint32_t number(BytesView bytes) const;
  Result<Bytes> take(std::size_t size, std::string_view what);
  Result<void> skip(std::size_t size, std::string_view what);

  std::istream& m_in;
  std::uint64_t m_offset = 0;
  std::uint64_t m_packets = 0;
  bool m_begun = false;
  bool m_ended = false;
  bool m_ng = false;
  bool m_little = false;
  std::vector<Interface> m_interfaces;
};

}  // namespace uicclab::trace
