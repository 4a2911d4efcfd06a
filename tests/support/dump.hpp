// SPDX-License-Identifier: Apache-2.0
// Everything a card's NVM says, as text, to compare two states and to say what is different.
#pragma once

#include <map>
#include <set>
#include <string>

#include "core/hex.hpp"
#include "emulator/fs/file_system.hpp"
#include "emulator/security/pin.hpp"
#include "emulator/session.hpp"
#include "uicc/fcp.hpp"

namespace uicclab::test {

/// Name of a thing -> its contents in hexadecimal.
using Dump = std::map<std::string, std::string>;

inline void dump_file(const emulator::FileSystem& files, uicc::FileId id, const std::string& path, Dump& out) {
  const uicc::FileHeader& header = files.header(id);
  const std::string name = path + to_hex(header.fid) + " (" + std::to_string(id.value) + ")";
  out[name + " header"] = to_hex(uicc::encode_header(header));
  out[name + " body"] = to_hex(files.body(id));
  if (!uicc::is_directory(header.kind)) return;
  for (const uicc::FileId child : files.children(id)) dump_file(files, child, name + "/", out);
}

/// Every file by its path, header and body, and every other object by its number: PINs, objects of applications, registry, keys, state of
/// the card. `files` may be the cache of a running session: what it says must be what the NVM says.
inline Dump dump(const emulator::Nvm& nvm, const emulator::FileSystem& files) {
  using emulator::Space;
  Dump out;
  dump_file(files, uicc::kMfId, "", out);
  std::set<emulator::ObjectId> ids;
  for (const auto& [id, value] : nvm.image().objects()) ids.insert(id);
  for (const emulator::Change& change : nvm.overlay()) ids.insert(change.id);
  constexpr const char* kSpaces[] = {"?", "card", "?", "?", "PIN", "application", "registry", "key set", "code"};
  for (const emulator::ObjectId id : ids) {
    if (id.space() == Space::kFileHeader || id.space() == Space::kFileBody) continue;
    const auto value = nvm.read(id);
    const auto space = static_cast<std::size_t>(id.space());
    const std::string name = std::string(space < std::size(kSpaces) ? kSpaces[space] : "?") + " " + std::to_string(id.owner()) + "/" +
                             std::to_string(id.index());
    if (value) out[name] = to_hex(*value);
  }
  return out;
}

inline Dump dump(emulator::Nvm& nvm) {
  return dump(nvm, emulator::FileSystem(nvm));
}

/// What a session holds that a transaction brings back: selections, the toolkit's session, what was verified, and whether the card is out
/// of use.
inline Dump dump_session(emulator::Session& session) {
  Dump out;
  const auto file = [](std::optional<emulator::FileId> id) { return id ? std::to_string(id->value) : std::string("-"); };
  for (std::size_t i = 0; i < session.channels.size(); ++i) {
    const emulator::ChannelState& c = session.channels[i];
    if (!c.open) continue;
    out["channel " + std::to_string(i)] = std::to_string(c.directory.value) + " " + file(c.file) + " " + std::to_string(c.record) + " " +
                                          (c.instance ? std::to_string(*c.instance) : "-") + " " + file(c.adf);
  }
  std::set<std::pair<std::uint8_t, std::uint32_t>> verified;
  for (const auto& one : session.security().verified()) verified.emplace(one.key.value, one.scope.value);
  for (const auto& [key, scope] : verified) out["verified"] += std::to_string(key) + "/" + std::to_string(scope) + " ";
  const emulator::CatState& cat = *session.cat.state();
  if (cat.profile_seen) out["profile"] = to_hex(cat.profile);
  for (const auto& command : cat.queue) out["queue"] += to_hex(command.command) + " ";
  if (cat.fetched) out["fetched"] = to_hex(cat.fetched->command);
  out["flags"] = std::string(session.terminated ? "t" : "") + (session.suspended ? "s" : "") + (session.resumable ? "r" : "");
  return out;
}

/// One line for each thing that is not the same in both.
inline std::string difference(const Dump& a, const Dump& b) {
  std::string text;
  const auto value = [](const Dump& dump, const std::string& name) {
    const auto it = dump.find(name);
    return it == dump.end() ? std::string("nothing") : it->second;
  };
  std::set<std::string> names;
  for (const auto& entry : a) names.insert(entry.first);
  for (const auto& entry : b) names.insert(entry.first);
  for (const std::string& name : names) {
    if (value(a, name) != value(b, name)) text += name + ": " + value(a, name) + " / " + value(b, name) + "\n";
  }
  return text;
}

}  // namespace uicclab::test
