// SPDX-License-Identifier: Apache-2.0
// The application and the keys of a secured packet: ETSI TS 102 225 clauses 5.1.2, 5.1.3 and annex A; ETSI TS 101 220 annex D.
#pragma once

#include "emulator/registry/domain_keys.hpp"
#include "ota/secured_packet_command.hpp"

namespace uicclab::emulator {

/// The application that a TAR names, and the keys of its security domain that KIc and KID name.
struct PacketTarget {
  std::uint32_t instance = 0;
  std::uint8_t minimum_spi1 = 0;
  KeyVersion version;        ///< 00: neither KIc nor KID names one, and the domain has none
  std::uint32_t holder = 0;  ///< the domain that has the keys
  Tar tar;
  ota::PacketKeys keys;
};

/// Keeps what was found, with its algorithms keyed, for the packets that follow.
class PacketTargets {
 public:
  /// The application that the TAR names; nothing: none has it.
  std::optional<std::uint32_t> instance_of(const Registry& registry, Tar tar);
  /// What a packet for this application, which instance_of() found, is opened with. Valid until the next call.
  PacketTarget& find(Nvm& nvm, const Registry& registry, std::uint32_t instance, const ota::PacketHeader& header,
                     ota::AlgorithmPolicy policy);
  /// Keys, instances or their states changed.
  void forget() noexcept { m_stale = true; }

 private:
  static constexpr std::size_t kMaxKept = 8;
  void drop_stale();

  std::vector<std::pair<Tar, std::optional<std::uint32_t>>> m_instances;
  std::vector<PacketTarget> m_targets;
  bool m_stale = false;
};

}  // namespace uicclab::emulator
