// SPDX-License-Identifier: Apache-2.0
#include "emulator/registry/registry.hpp"

#include "core/hex.hpp"
#include "core/reader.hpp"
#include "emulator/registry/domain_keys.hpp"
#include "emulator/registry/record.hpp"
#include "jcvm/packages/package.hpp"

namespace uicclab::emulator {

using enum RegistryObject;

std::vector<std::uint32_t> Registry::instances() const {
  std::vector<std::uint32_t> numbers;
  const auto image_count = static_cast<std::uint32_t>(m_nvm.image().instances().size());
  for (std::uint32_t i = 0; i < image_count; ++i) {
    if (find(i) != nullptr) numbers.push_back(i);
  }
  for (auto it = m_private.lower_bound(image_count); it != m_private.end(); ++it) {
    if (it->second) numbers.push_back(it->first);
  }
  return numbers;
}

const InstanceSpec* Registry::find(std::uint32_t number) const {
  if (!m_private.empty()) {
    const auto it = m_private.find(number);
    if (it != m_private.end()) return it->second ? &*it->second : nullptr;
  }
  const auto& instances = m_nvm.image().instances();
  return number < instances.size() ? &instances[number] : nullptr;
}

std::optional<std::uint32_t> Registry::by_aid(const Aid& aid) const {
  for (std::uint32_t number : instances()) {
    if (find(number)->aid == aid) return number;
  }
  return std::nullopt;
}

std::vector<Tar> Registry::tars(const InstanceSpec& spec) {
  constexpr std::size_t kTarInAid = 12;
  if (!spec.uicc.toolkit) return {};
  if (!spec.uicc.toolkit->tars.empty()) return spec.uicc.toolkit->tars;
  const BytesView aid = spec.aid.bytes();
  if (aid.size() != Aid::kMaxSize) return {};
  return {Tar{{aid[kTarInAid], aid[kTarInAid + 1], aid[kTarInAid + 2]}}};
}

std::optional<std::uint32_t> Registry::by_tar(Tar tar) const {
  for (std::uint32_t number : instances()) {
    const auto of_instance = tars(*find(number));
    if (std::ranges::find(of_instance, tar) != of_instance.end()) return number;
  }
  return std::nullopt;
}

gp::CardState Registry::card_state() const {
  if (!m_card_state) {
    const auto domain = issuer_domain();
    const auto own = domain ? gp::card_state_from(find(*domain)->life_cycle) : std::nullopt;
    m_card_state = own.value_or(gp::CardState::kSecured);
  }
  return *m_card_state;
}

std::uint32_t Registry::add(InstanceSpec spec) {
  const ObjectId counter = registry_object(kNextInstance, 0);
  auto number = static_cast<std::uint32_t>(m_nvm.image().instances().size());
  if (const auto next = m_nvm.read(counter)) number = ByteReader(*next).u32().value_or(number);
  m_nvm.write(counter, ByteWriter().u32(number + 1).view());
  set(number, std::move(spec));
  return number;
}

void Registry::set(std::uint32_t number, InstanceSpec spec) {
  m_changed = true;
  m_nvm.write(registry_object(kInstance, number), encode_instance(spec));
  m_card_state.reset();
  m_private.insert_or_assign(number, std::move(spec));
}

void Registry::remove(std::uint32_t number) {
  m_changed = true;
  for (const Space space : {Space::kApplet, Space::kKeySet, Space::kToolkit}) {
    for (ObjectId id : m_nvm.list(space, number)) m_nvm.erase(id);
  }
  const ObjectId record = registry_object(kInstance, number);
  m_card_state.reset();
  if (number < m_nvm.image().instances().size()) {
    m_nvm.write(record, deleted_instance());
    m_private.insert_or_assign(number, std::nullopt);
  } else {
    m_nvm.erase(record);
    m_private.erase(number);
  }
}

Registry::FoundModule Registry::module(const Aid& load_file, const Aid& module_aid) const {
  const applet::ModuleCatalogue& catalogue = m_nvm.image().modules();
  for (const auto& module : catalogue) {
    if (module->load_file_aid() == load_file && module->module_aid() == module_aid) return {module};
  }
  if (!catalogue.managed) return {};
  for (const auto& [number, file] : m_loaded) {
    if (file.aid != load_file) continue;
    auto& module = m_managed[{number, module_aid}];
    if (!module) module = catalogue.managed->module(components_of(number, file.aid), module_aid);
    return {module, number};
  }
  return {};
}

applet::LoadFile Registry::components_of(std::uint32_t number, const Aid& aid) const {
  return {number, aid, m_nvm.read(registry_object(kLoadFileComponents, number)).value_or(BytesView{})};
}

std::vector<applet::LoadFile> Registry::load_files() const {
  std::vector<applet::LoadFile> files;
  for (const auto& [number, file] : m_loaded) files.push_back(components_of(number, file.aid));
  return files;
}

std::vector<LoadFileRecord> Registry::built_in() const {
  std::vector<LoadFileRecord> files;
  for (const auto& module : m_nvm.image().modules()) {
    auto it = std::ranges::find(files, module->load_file_aid(), &LoadFileRecord::aid);
    if (it == files.end()) it = files.insert(files.end(), LoadFileRecord{module->load_file_aid(), {}, {}, {}, {}, 0});
    it->modules.push_back(module->module_aid());
  }
  return files;
}

bool Registry::has_package(const jcvm::cap::Package& wanted) const {
  const jcvm::packages::Version version{wanted.major, wanted.minor};
  // Whether code can be linked is for what runs it to say (applet::CodeSession::load()). A card whose program runs none keeps load files
  // that import any package which has a table.
  const jcvm::packages::Package* platform = jcvm::packages::package_with(wanted.aid);
  if (platform != nullptr) return satisfies(platform->implemented.value_or(platform->version), version);
  return std::ranges::any_of(m_loaded, [&](const auto& entry) {
    const LoadFileRecord& file = entry.second;
    return file.aid == wanted.aid && file.version.size() == 2 && satisfies({file.version[0], file.version[1]}, version);
  });
}

bool Registry::is_imported(const Aid& package, const std::vector<std::uint32_t>& leaving) const {
  return std::ranges::any_of(m_loaded, [&](const auto& entry) {
    const bool stays = std::ranges::find(leaving, entry.first) == leaving.end();
    return stays && std::ranges::find(entry.second.imports, package, &jcvm::cap::Package::aid) != entry.second.imports.end();
  });
}

std::uint32_t Registry::add_load_file(const LoadFileRecord& file, BytesView components) {
  // As of instances: what names a load file by its number must never mean another one. A state of before this counter was kept begins
  // behind its last.
  const ObjectId counter = registry_object(kNextLoadFile, 0);
  std::uint32_t number = m_loaded.empty() ? 1 : m_loaded.rbegin()->first + 1;
  if (const auto next = m_nvm.read(counter)) number = std::max(number, ByteReader(*next).u32().value_or(number));
  m_nvm.write(counter, ByteWriter().u32(number + 1).view());
  m_nvm.write(registry_object(kLoadFileComponents, number), components);
  set_load_file(number, file);
  return number;
}

void Registry::set_load_file(std::uint32_t number, const LoadFileRecord& file) {
  m_changed = true;
  m_nvm.write(registry_object(kLoadFile, number), encode_load_file(file));
  m_loaded.insert_or_assign(number, file);
}

void Registry::remove_load_file(std::uint32_t number) {
  m_changed = true;
  m_nvm.erase(registry_object(kLoadFile, number));
  m_nvm.erase(registry_object(kLoadFileComponents, number));
  m_loaded.erase(number);
  std::erase_if(m_managed, [number](const auto& entry) { return entry.first.first == number; });
}

namespace {

/// Keys that the image does not have. They are among what was written: this is asked at each SELECT of a DF.
std::vector<ObjectId> put_keys(const Nvm& nvm) {
  std::vector<ObjectId> keys;
  const auto collect = [&](const Change& change) {
    if (is_key(change.id) && !nvm.image().has(change.id) && nvm.read(change.id)) keys.push_back(change.id);
  };
  nvm.visit_changes(Space::kKeySet, collect);
  std::ranges::sort(keys);
  const auto doubles = std::ranges::unique(keys);
  keys.erase(doubles.begin(), doubles.end());
  return keys;
}

std::uint32_t narrowed(std::uint64_t size) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(size, 0xFFFFFFFF));
}

}  // namespace

SystemError damaged(const std::string& what) {
  return SystemError("the card's state is damaged: " + what);
}

std::uint32_t Registry::data_size(std::uint32_t number) const {
  std::uint64_t size = 0;
  m_nvm.each(Space::kApplet, number, [&](ObjectId, BytesView value) { size += value.size(); });
  m_nvm.each(Space::kKeySet, number, [&](ObjectId id, BytesView value) { size += is_key(id) ? value.size() : 0; });
  m_nvm.each(Space::kToolkit, number, [&](ObjectId, BytesView value) { size += value.size(); });
  return narrowed(size);
}

std::uint32_t Registry::memory_used() const {
  std::uint64_t used = 0;
  const auto image_count = m_nvm.image().instances().size();
  for (const auto& [number, spec] : m_private) {
    if (!spec) continue;
    if (number >= image_count) used += std::max<std::uint64_t>(std::uint64_t{kOverhead} + data_size(number), spec->reserved_memory);
  }
  for (ObjectId id : put_keys(m_nvm)) {
    if (id.owner() < image_count) used += m_nvm.read(id)->size();
  }
  for (const auto& [number, file] : m_loaded) used += std::uint64_t{kOverhead} + file.size;
  if (m_nvm.image().modules().managed) {
    m_nvm.each(Space::kCode, 0, [&](ObjectId, BytesView value) { used += value.size(); });
  }
  return narrowed(used);
}

void Registry::reload() {
  m_card_state.reset();
  m_private.clear();
  m_loaded.clear();
  m_managed.clear();
  for (ObjectId id : m_nvm.list(Space::kRegistry, static_cast<std::uint32_t>(kLoadFile))) {
    auto file = decode_load_file(*m_nvm.read(id));
    if (!file) throw damaged("load file " + std::to_string(id.index()) + " of the registry");
    m_loaded.insert_or_assign(id.index(), *std::move(file));
  }
  for (ObjectId id : m_nvm.list(Space::kRegistry, static_cast<std::uint32_t>(kInstance))) {
    auto record = decode_instance(*m_nvm.read(id));
    if (!record) throw damaged("instance " + std::to_string(id.index()) + " of the registry");
    if (record->deleted) {
      m_private.insert_or_assign(id.index(), std::nullopt);
      continue;
    }
    auto found = module(record->load_file, record->module_aid);
    record->spec.module = std::move(found.module);
    record->spec.load_file = found.load_file;
    if (!record->spec.module) {
      throw SystemError("the card has an instance, " + to_hex(record->spec.aid.bytes()) + ", of module " +
                        to_hex(record->module_aid.bytes()) + " of load file " + to_hex(record->load_file.bytes()) +
                        ", which this program does not have: use the program that installed it");
    }
    m_private.insert_or_assign(id.index(), std::move(record->spec));
  }
  m_changed = m_nvm.pending_touches([](ObjectId id) { return id.space() == Space::kRegistry; });
}

}  // namespace uicclab::emulator
