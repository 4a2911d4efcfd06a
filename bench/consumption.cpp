// SPDX-License-Identifier: Apache-2.0
#include "bench/consumption.hpp"

#include <algorithm>
#include <set>

#include "applet/aka/slots.hpp"
#include "core/hex.hpp"
#include "ef/followed_selection.hpp"
#include "ef/phonebook.hpp"
#include "emulator/fs/file_system.hpp"
#include "emulator/registry/domain_keys.hpp"
#include "emulator/registry/record.hpp"
#include "emulator/security/pin.hpp"
#include "script/file_names.hpp"

namespace uicclab::bench {
namespace {

using emulator::CardObject;
using emulator::FileSystem;
using emulator::Nvm;
using emulator::ObjectId;
using emulator::Space;
using uicc::FileHeader;
using uicc::FileId;
using uicc::LifeCycle;

constexpr Fid kPhonebookReference{0x4F30};
constexpr std::size_t kMostShown = 32;  // bytes of a change, of each side

std::string shown(BytesView bytes) {
  return bytes.size() <= kMostShown ? to_hex(bytes) : to_hex(bytes.first(kMostShown)) + ".. (" + std::to_string(bytes.size()) + " bytes)";
}

std::uint64_t number(std::optional<BytesView> bytes) {
  std::uint64_t out = 0;
  for (const std::uint8_t byte : bytes.value_or(BytesView())) out = (out << 8) | byte;
  return out;
}

/// Both sides of the comparison.
class Comparison {
 public:
  Comparison(Nvm& before, Nvm& after, const std::map<ObjectId, unsigned>& lowest)
      : m_before(before), m_after(after), m_lowest(lowest), m_files_before(before), m_files(after) {}

  std::vector<std::string> run() {
    std::set<ObjectId> ids;
    for (const auto& change : m_before.overlay()) ids.insert(change.id);
    for (const auto& change : m_after.overlay()) ids.insert(change.id);
    for (const auto& [id, tries] : m_lowest) ids.insert(id);
    for (const ObjectId id : ids) compare(id);
    return std::move(m_lines);
  }

 private:
  void say(std::string line) { m_lines.push_back(std::move(line)); }

  /// By the EF_PBR of its directory, if it is a phonebook file.
  static std::string_view known_name(const FileSystem& files, FileId id, const std::string& path) {
    const FileHeader& header = files.header(id);
    const std::string directory = path.substr(0, std::min(path.rfind('/'), path.size()));
    const auto reference =
        ef::is_phonebook(directory) && ef::file_at(path) == nullptr ? files.child(header.parent, kPhonebookReference) : std::nullopt;
    if (!reference || files.header(*reference).record_length == 0)
      return ef::name_of_file(path, ef::shape_of(header.kind, header.record_length)).name;
    ef::Phonebook book;
    const std::size_t length = files.header(*reference).record_length;
    for (BytesView rest = files.body(*reference); rest.size() >= length; rest = rest.subspan(length))
      book.add_reference(rest.first(length));
    return book.name(to_hex(header.fid), ef::shape_of(header.kind, header.record_length)).name;
  }

  std::string file_name(const FileSystem& files, FileId id) const {
    std::string path;
    for (FileId at = id;; at = files.header(at).parent) {
      const FileHeader& header = files.header(at);
      const std::string part = header.kind == uicc::FileKind::kAdf ? ef::path_of_aid(header.aid.bytes()) : to_hex(header.fid);
      path = path.empty() ? part : part + "/" + path;
      if (header.kind == uicc::FileKind::kAdf || at == uicc::kMfId) break;
    }
    const std::string_view name = known_name(files, id, path);
    return name.empty() ? path : std::string(name) + " (" + path + ")";
  }

  std::string application(std::uint32_t number_of) const {
    const auto& instances = m_after.image().instances();
    if (number_of >= instances.size()) return "application " + std::to_string(number_of);
    return instances[number_of].label.empty() ? to_hex(instances[number_of].aid.bytes()) : instances[number_of].label;
  }

  void compare(ObjectId id) {
    const auto before = m_before.read(id);
    const auto after = m_after.read(id);
    const bool same = before.has_value() == after.has_value() && (!before || equal(*before, *after));
    if (id.space() == Space::kPin) return compare_pin(id, before, after);
    if (same) return;
    switch (id.space()) {
      case Space::kFileHeader:
        return compare_header(FileId{id.index()});
      case Space::kFileBody:
        return compare_body(FileId{id.index()}, before.value_or(BytesView()), after.value_or(BytesView()));
      case Space::kApplet:
        return compare_applet(id, before, after);
      case Space::kKeySet:
        return compare_keys(id, before, after);
      case Space::kCode:
        say("object " + std::to_string(id.index()) + " of loaded code: " + (!before ? "new" : !after ? "gone" : "changed"));
        return;
      case Space::kRegistry:
        if (id.owner() != static_cast<std::uint32_t>(emulator::RegistryObject::kNextInstance))
          say("registry: " + registry_words(id, before, after));
        return;
      case Space::kToolkit:
        if (id.owner() < 0xFFFFFF) say("toolkit registry: " + application(id.owner()));
        return;
      case Space::kCard:
        if (id.index() == static_cast<std::uint32_t>(CardObject::kTerminated)) say("the card is TERMINATED");
        return;
      case Space::kPin:
        return;
    }
  }

  void compare_pin(ObjectId id, std::optional<BytesView> before_bytes, std::optional<BytesView> after_bytes) {
    const auto before = before_bytes ? emulator::decode_pin(*before_bytes) : std::nullopt;
    const auto after = after_bytes ? emulator::decode_pin(*after_bytes) : std::nullopt;
    const std::string name = std::string(script::pin_name(static_cast<std::uint8_t>(id.index())));
    if (!before || !after) {
      if (before != after) say(name + (after ? ": new" : ": gone"));
      return;
    }
    const auto lowest = m_lowest.find(id);
    const unsigned least = std::min<unsigned>(lowest == m_lowest.end() ? after->tries : lowest->second, after->tries);
    const std::string tries = name + ": " + std::to_string(before->tries) + (before->tries == 1 ? " try" : " tries");
    if (after->tries != before->tries) {
      say(tries + ", then " + std::to_string(after->tries) + (after->tries == 0 ? ": BLOCKED" : ""));
    } else if (least < before->tries) {
      say(tries + ", for a while " + std::to_string(least) + ", then " + std::to_string(after->tries) + " again");
    }
    if (after->puk_tries != before->puk_tries) {
      say(name + ": " + std::to_string(before->puk_tries) + " tries of its PUK, then " + std::to_string(after->puk_tries) +
          (after->puk_tries == 0 ? ": LOST" : ""));
    }
    if (after->value != before->value) say(name + ": another value");
    if (after->enabled != before->enabled) say(name + (after->enabled ? ": enabled" : ": disabled"));
  }

  void compare_header(FileId id) {
    const FileHeader* before = m_files_before.find(id);
    const FileHeader* after = m_files.find(id);
    if (after == nullptr && before != nullptr) return say(file_name(m_files_before, id) + ": deleted");
    if (before == nullptr && after != nullptr) return say(file_name(m_files, id) + ": created, " + std::to_string(after->size) + " bytes");
    if (before == nullptr) return;
    const std::string name = file_name(m_files, id);
    if (before->life_cycle != after->life_cycle) {
      say(name + ": " + std::string(name_of(before->life_cycle)) + " -> " + std::string(name_of(after->life_cycle)));
    }
    if (before->size != after->size) say(name + ": " + std::to_string(before->size) + " bytes -> " + std::to_string(after->size));
    if (before->security != after->security) say(name + ": another access rule");
  }

  void compare_body(FileId id, BytesView before, BytesView after) {
    const FileHeader* header = m_files.find(id);
    if (header == nullptr || m_files_before.find(id) == nullptr) return;  // deleted or created: the header says it
    const std::string name = file_name(m_files, id);
    const std::size_t piece = uicc::has_records(header->kind) ? header->record_length : after.size();
    if (before.size() != after.size() || piece == 0) return say(name + ": " + shown(before) + " -> " + shown(after));
    for (std::size_t at = 0; at + piece <= after.size(); at += piece) {
      const BytesView old = before.subspan(at, piece);
      const BytesView now = after.subspan(at, piece);
      if (equal(old, now)) continue;
      std::size_t first = 0;
      std::size_t last = piece;
      while (old[first] == now[first]) ++first;
      while (old[last - 1] == now[last - 1]) --last;
      const std::string where = uicc::has_records(header->kind) ? " record " + std::to_string(at / piece + 1) : "";
      const std::string from = last - first == piece ? "" : " from byte " + std::to_string(first);
      say(name + where + from + ": " + shown(old.subspan(first, last - first)) + " -> " + shown(now.subspan(first, last - first)));
    }
  }

  void compare_applet(ObjectId id, std::optional<BytesView> before, std::optional<BytesView> after) {
    const auto& instances = m_after.image().instances();
    const std::string_view module = id.owner() < instances.size() ? instances[id.owner()].module->name() : std::string_view();
    const bool aka = module == "usim" || module == "isim";
    constexpr std::size_t kSqnSize = 6;
    if (aka && id.index() == applet::aka::kSqnSlot.value && before && after && before->size() >= kSqnSize && after->size() >= kSqnSize) {
      return say("SQN of " + application(id.owner()) + ": " + to_hex(before->first(kSqnSize)) + " -> " + to_hex(after->first(kSqnSize)));
    }
    say(application(id.owner()) + ": its private memory (" + std::to_string(id.index()) + ") is another");
  }

  void compare_keys(ObjectId id, std::optional<BytesView> before, std::optional<BytesView> after) {
    const std::string version = to_hex(std::array{static_cast<std::uint8_t>(id.index() >> 8)});
    const std::string change = ": " + std::to_string(number(before)) + " -> " + std::to_string(number(after));
    if (emulator::is_key(id)) {
      const std::string key =
          "key " + version + "/" + to_hex(std::array{static_cast<std::uint8_t>(id.index())}) + " of " + application(id.owner());
      return say(key + (!before ? ": new" : !after ? ": DELETED" : ": REPLACED"));
    }
    const auto counter = static_cast<std::uint8_t>(id.index());
    say((counter == 0      ? "SCP sequence counter"
         : counter == 0x80 ? "OTA counter (CNTR)"
                           : "OTA counter of unauthenticated packets") +
        (" of key version " + version) + change);
  }

  static std::string registry_words(ObjectId id, std::optional<BytesView> before, std::optional<BytesView> after) {
    const bool instance = id.owner() == static_cast<std::uint32_t>(emulator::RegistryObject::kInstance);
    std::string what = (instance ? "instance " : "load file ") + std::to_string(id.index());
    if (const auto record = instance && after ? emulator::decode_instance(*after) : std::nullopt) {
      what = "instance " + to_hex(record->spec.aid.bytes());
      if (record->deleted) return what + " deleted";
      return what + (before ? " changed, life cycle " + to_hex(std::array{record->spec.life_cycle}) : " installed");
    }
    return what + (!after ? " deleted" : before ? " changed" : " loaded");
  }

  Nvm& m_before;
  Nvm& m_after;
  const std::map<ObjectId, unsigned>& m_lowest;
  FileSystem m_files_before;
  FileSystem m_files;
  std::vector<std::string> m_lines;
};

}  // namespace

Consumption::Consumption(emulator::Card& card, CardPort& way)
    : m_card(card), m_way(way), m_before(card.nvm().share_image(), card.nvm().overlay()) {}

Result<Bytes> Consumption::transmit(BytesView command) {
  auto answer = m_way.transmit(command);
  for (const auto& change : m_card.nvm().overlay()) {
    if (change.id.space() != Space::kPin || !change.value) continue;
    const auto pin = emulator::decode_pin(*change.value);
    if (!pin) continue;
    const auto [found, added] = m_lowest.try_emplace(change.id, pin->tries);
    found->second = std::min<unsigned>(found->second, pin->tries);
  }
  return answer;
}

std::vector<std::string> Consumption::lines() const {
  Nvm before(m_before.share_image(), m_before.overlay());
  Nvm after(m_card.nvm().share_image(), m_card.nvm().overlay());
  return Comparison(before, after, m_lowest).run();
}

}  // namespace uicclab::bench
