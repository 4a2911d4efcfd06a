// SPDX-License-Identifier: Apache-2.0
// Data of the commands that manage a card, and what the card tells of itself, for tests.
#pragma once

#include "core/ber_tlv.hpp"
#include "gp/registry_entry.hpp"
#include "scp03/put_key.hpp"
#include "tests/unit/issuer_sd/bench.hpp"

namespace uicclab::test {

inline constexpr std::string_view kDomain = "F075696363000201";  // a supplementary domain
inline constexpr std::string_view kUsim = "A0000000871002FF49FF0589";

inline std::string lv(std::string_view hex) {
  return to_hex(Bytes{static_cast<std::uint8_t>(hex.size() / 2)}) + std::string(hex);
}

/// Data of INSTALL [for install].
inline std::string install(std::string_view file, std::string_view module, std::string_view aid, std::string_view privileges,
                           std::string_view parameters = "C900", std::string_view token = "") {
  return lv(file) + lv(module) + lv(aid) + lv(privileges) + lv(parameters) + lv(token);
}
inline std::string install_domain(std::string_view aid, std::string_view privileges = "800000") {
  return install(kDomainFile, kDomainModule, aid, privileges);
}
inline std::string only(std::string_view aid) {
  return "0000" + lv(aid) + "000000";
}

inline std::vector<gp::RegistryEntry> list(Management& m, gp::StatusOf of, std::string_view aid = "") {
  const std::string p1 = to_hex(Bytes{static_cast<std::uint8_t>(of)});
  std::string answer = m.manage("F2" + p1 + "02", "4F" + lv(aid));
  std::string all;
  while (answer.ends_with("6310")) {
    all += answer.substr(0, answer.size() - 4);
    answer = m.manage("F2" + p1 + "03", "4F" + lv(aid));
  }
  if (answer == "6A88") return {};
  REQUIRE_MESSAGE(answer.ends_with("9000"), answer);
  gp::RegistryAnswer told;
  gp::read_entries(*from_hex(all + answer.substr(0, answer.size() - 4)), of, told);
  REQUIRE(told.oddities.empty());
  return told.entries;
}

inline std::optional<gp::RegistryEntry> entry(Management& m, std::string_view aid, gp::StatusOf of = gp::StatusOf::kApplications) {
  const auto found = list(m, of, aid);
  return found.empty() ? std::nullopt : std::optional(found.front());
}

inline std::string put_key_data(Management& m, std::string_view key, std::uint8_t version) {
  const auto cipher = m.port.session()->key_cipher();
  return to_hex(scp03::encode_key_set(*cipher, key_set(key, version)));
}

/// Everything that a client is told: registry, keys, memory. Sessions count up, so C1 is no part of it.
inline std::string told(Management& m) {
  std::string all;
  for (const char* p1 : {"80", "40", "10"}) all += m.manage("F2" + std::string(p1) + "02", "4F00") + "/";
  for (const char* tag : {"00E0", "0042", "0045", "FF21"}) all += m.send("80CA" + std::string(tag) + "00") + "/";
  return all;
}

inline constexpr std::string_view kNewKey = "000102030405060708090A0B0C0D0E0F";

/// The blocks of LOAD for a load file.
inline std::vector<std::string> load_blocks(BytesView components, std::size_t size = 200) {
  const Bytes data = ber::encode(0xC4, components);
  std::vector<std::string> blocks;
  for (std::size_t at = 0; at < data.size(); at += size) {
    blocks.push_back(to_hex(BytesView(data).subspan(at, std::min(size, data.size() - at))));
  }
  return blocks;
}

inline std::string load(Management& m, const std::vector<std::string>& blocks) {
  std::string answer;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const bool last = i + 1 == blocks.size();
    answer = m.manage("E8" + std::string(last ? "80" : "00") + to_hex(Bytes{static_cast<std::uint8_t>(i)}), blocks[i]);
    if (!answer.ends_with("9000")) break;
  }
  return answer;
}

}  // namespace uicclab::test
