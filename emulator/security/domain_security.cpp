// SPDX-License-Identifier: Apache-2.0
#include "emulator/security/domain_security.hpp"

namespace uicclab::emulator {
namespace {

// Access domain parameter: its first byte, and the bits of the three that follow it if that is kByKeys.
constexpr std::uint8_t kEverything = 0x00;
constexpr std::uint8_t kByKeys = 0x02;
constexpr std::size_t kByKeysSize = 4;
constexpr std::uint8_t kAlways = 0x04;  // third byte
constexpr std::uint8_t kLocalPin = 0x08;

bool has_bit(std::uint8_t byte, unsigned number) {
  return number >= 1 && number <= 8 && ((byte >> (number - 1)) & 1) != 0;
}

/// The key counts as verified in a domain of this kind: PINs 1 to 8 in the first byte, ADM1 to ADM8 in the second, ADM9 and ADM10 in
/// the third together with the local PINs.
bool grants(BytesView domain, KeyReference key) {
  const unsigned number = key.value & 0x7FU;
  const bool adm = number >= 0x0A && number <= 0x0E;
  if (adm) {
    const unsigned place = number - 0x0A + (key.is_local() ? 6U : 1U);
    return place <= 8 ? has_bit(domain[2], place) : has_bit(domain[3], place - 8);
  }
  if (key.is_local()) return (domain[3] & kLocalPin) != 0;
  return has_bit(domain[1], number);
}

template <typename Satisfied>
bool holds_in(BytesView domain, const Condition& condition, const Satisfied& satisfied) {
  const auto part_holds = [&](const Condition& part) { return holds_in(domain, part, satisfied); };
  switch (condition.kind) {
    case Condition::Kind::kAlways:
      return (domain[3] & kAlways) != 0;
    case Condition::Kind::kNever:
      return false;
    case Condition::Kind::kKey:
      return grants(domain, condition.key) || satisfied(condition.key);
    case Condition::Kind::kSecureMessaging:
      return false;  // no bit of a domain means it
    case Condition::Kind::kAny:
      return std::ranges::any_of(condition.parts, part_holds);
    case Condition::Kind::kAll:
      return std::ranges::all_of(condition.parts, part_holds);
    case Condition::Kind::kNone:
      return std::ranges::none_of(condition.parts, part_holds);
  }
  return false;
}

/// Creating, deleting and resizing files is what administrative access is about.
bool is_administrative(FileKind kind, const Access& access) {
  if (access.ins == 0xD4) return true;
  constexpr std::uint8_t kOfDirectory = df_access::kDeleteChild | df_access::kCreateEf | df_access::kCreateDf | df_access::kDeleteSelf;
  return (access.mode & (is_directory(kind) ? kOfDirectory : ef_access::kDelete)) != 0;
}

}  // namespace

bool DomainSecurity::holds(const Condition& condition, FileId file, const Access& access, const KeyScope& scope) const {
  const InstanceSpec* spec = m_registry.find(m_instance);
  if (spec == nullptr) return false;
  const FileId root = m_files.root_of(file);
  const BytesView holder = root == kMfId ? BytesView{} : m_files.header(root).aid.bytes();
  const bool administrative = m_domains == Domains::kAdministrative || is_administrative(m_files.header(file).kind, access);
  const auto& rights = administrative ? spec->uicc.administrative_access : spec->uicc.access;
  const auto right = std::ranges::find_if(rights, [&](const gp::AccessParameters& entry) { return equal(entry.adf.bytes(), holder); });
  if (right == rights.end() || right->domain.empty()) return false;
  const BytesView domain = right->domain;
  if (domain[0] == kEverything) return condition.holds([](KeyReference) { return true; }, kFullProtection);
  if (domain[0] != kByKeys || domain.size() != kByKeysSize) return false;
  return holds_in(domain, condition,
                  [&](KeyReference key) { return m_domains == Domains::kByOperation && m_own.is_satisfied(key, scope.of(key)); });
}

}  // namespace uicclab::emulator
