// SPDX-License-Identifier: Apache-2.0
#include "profile/build.hpp"

#include <map>
#include <set>

#include "emulator/registry/domain_keys.hpp"
#include "emulator/security/pin.hpp"
#include "profile/body.hpp"
#include "profile/check.hpp"
#include "profile/complete.hpp"
#include "profile/loaded.hpp"

namespace uicclab::profile {
namespace {

using FileIds = std::map<std::string, uicc::FileId, std::less<>>;

/// The profile's files with every parent before its children; files of one directory stay in their order.
std::vector<const FileSpec*> parents_first(const Profile& profile) {
  std::vector<const FileSpec*> files;
  for (const FileSpec& file : profile.files) files.push_back(&file);
  // The MF first of all, then the ADFs with the MF's children, whose parent it is.
  const auto level = [](const FileSpec* file) { return file->path == kMfPath ? std::size_t{0} : depth(file->path) + 1; };
  std::ranges::stable_sort(files, {}, level);
  return files;
}

Aid aid_of(const Profile& profile, std::string_view adf) {
  const auto it = std::ranges::find(profile.applications, adf, &ApplicationSpec::adf);
  return it == profile.applications.end() ? Aid{} : it->aid;
}

FileIds add_files(const Profile& profile, emulator::CardImageBuilder& builder) {
  FileIds ids;
  const std::vector<const FileSpec*> files = parents_first(profile);
  for (std::uint32_t i = 0; i < files.size(); ++i) ids.emplace(files[i]->path, uicc::FileId{i});
  for (const FileSpec* spec : files) {
    const FileSpec& file = *spec;
    uicc::FileHeader header = file.header;
    header.parent = emulator::kMfId;
    if (depth(file.path) > 0) header.parent = ids.find(parent_path(file.path))->second;
    if (const auto fid = last_fid(file.path)) header.fid = *fid;
    header.aid = header.kind == uicc::FileKind::kAdf ? aid_of(profile, file.path) : Aid{};
    if (!file.link.empty()) header.body_of = ids.find(file.link)->second;
    builder.add_file(std::move(header), make_body(file));
  }
  return ids;
}

void add_pins(const Profile& profile, const FileIds& ids, emulator::CardImageBuilder& builder) {
  for (const PinSpec& spec : profile.pins) {
    emulator::PinRecord pin;
    std::ranges::copy(spec.value, pin.value.begin());
    std::ranges::copy(spec.puk, pin.puk.begin());
    pin.max_tries = pin.tries = spec.max_tries;
    pin.max_puk_tries = pin.puk_tries = spec.puk.empty() ? std::uint8_t{0} : spec.max_puk_tries;
    pin.enabled = spec.enabled;
    pin.can_be_disabled = spec.can_be_disabled;
    const uicc::FileId adf = spec.scope.empty() ? emulator::kMfId : ids.find(spec.scope)->second;
    builder.put(emulator::pin_object(spec.key, adf), encode_pin(pin));
  }
}

Error about(const Profile& profile, const ApplicationSpec& application, ErrorCode code, std::string text) {
  const Finding finding{Finding::Severity::kError, application.place, "application " + application.module, std::move(text), ""};
  return Error{code, to_text(profile, finding), 0};
}

/// A TAR names one application (ETSI TS 102 226 clause 8.2.1.3.2.2.1), and rights to an ADF are those to one that is there.
Result<void> check_remote(const Profile& profile, const ApplicationSpec& application, const emulator::InstanceSpec& instance,
                          std::set<Tar>& tars) {
  for (const Tar tar : emulator::Registry::tars(instance)) {
    if (tars.insert(tar).second) continue;
    return tl::unexpected(about(profile, application, ErrorCode::kMalformed, "tars: " + to_hex(tar) + " belongs to another application"));
  }
  for (const gp::AccessParameters& access : instance.uicc.access) {
    const auto holder = std::ranges::find(profile.applications, access.adf, &ApplicationSpec::aid);
    if (access.adf.empty() || (holder != profile.applications.end() && !holder->adf.empty())) continue;
    return tl::unexpected(about(profile, application, ErrorCode::kNotFound, "adf: no application with an ADF has this AID"));
  }
  return {};
}

Result<void> add_application(const Profile& profile, const ApplicationSpec& application, const FileIds& ids,
                             const applet::ModuleCatalogue& catalogue, emulator::CardImageBuilder& builder, std::set<Tar>& tars) {
  const auto module = std::ranges::find(catalogue, application.module, [](const auto& entry) { return entry->name(); });
  if (module == catalogue.end()) {
    std::string names;
    for (const auto& entry : catalogue) names += (names.empty() ? "" : ", ") + std::string(entry->name());
    return tl::unexpected(about(profile, application, ErrorCode::kNotFound, "no such module; the modules are: " + names));
  }
  const auto objects = (*module)->personalise(application.parameters);
  if (!objects) return tl::unexpected(about(profile, application, objects.error().code, objects.error().text));

  auto registration = (*module)->registration(application.parameters);
  if (!registration) return tl::unexpected(about(profile, application, registration.error().code, registration.error().text));

  emulator::InstanceSpec instance{application.aid, application.label,        *module,
                                  std::nullopt,    registration->privileges, registration->life_cycle};
  instance.uicc = registration->uicc;
  if (!application.adf.empty()) instance.adf = ids.find(application.adf)->second;
  if (auto checked = check_remote(profile, application, instance, tars); !checked) return checked;
  const std::uint32_t owner = builder.add_instance(std::move(instance));
  for (const auto& [slot, value] : *objects) builder.put(emulator::ObjectId(emulator::Space::kApplet, owner, slot.value), value);
  for (const gp::Key& key : registration->keys) builder.put(emulator::key_object(owner, key.version, key.id), key.encoded());
  return {};
}

/// All but what is loaded.
Result<emulator::CardImageBuilder> assemble(const Profile& profile, const applet::ModuleCatalogue& catalogue, std::uint32_t free_memory) {
  emulator::CardImageBuilder builder(
      emulator::CardSettings{profile.name, profile.atr, free_memory, profile.logical_channels, profile.gsm_class,
                             profile.max_suspend_seconds, profile.remote, profile.choices},
      catalogue);
  const FileIds ids = add_files(profile, builder);
  add_pins(profile, ids, builder);
  std::set<Tar> tars;
  for (const ApplicationSpec& application : profile.applications) {
    if (!application.load_file.empty()) continue;
    if (const auto added = add_application(profile, application, ids, catalogue, builder, tars); !added)
      return tl::unexpected(added.error());
  }
  return builder;
}

}  // namespace

Result<std::shared_ptr<const emulator::CardImage>> build_image(const Profile& given, const applet::ModuleCatalogue& catalogue) {
  const Profile profile = complete(given);
  if (const auto errors = find_errors(profile); !errors.empty()) return fail(ErrorCode::kMalformed, to_text(profile, errors.front()));
  if (!has_loaded(profile)) {
    auto builder = assemble(profile, catalogue, profile.free_memory);
    return builder ? builder->build() : tl::unexpected(builder.error());
  }
  // What is loaded and installed comes in addition to the memory that the profile leaves free. An install() that takes all that there is
  // takes it from the computer.
  constexpr std::uint32_t kMuch = 16U << 20;
  auto bare = assemble(profile, catalogue, std::max(profile.free_memory, kMuch));
  if (!bare) return tl::unexpected(bare.error());
  auto image = bare->build();
  if (!image) return image;
  const auto installed = install_loaded(profile, *image);
  if (!installed) return tl::unexpected(installed.error());
  auto whole = assemble(profile, catalogue, profile.free_memory + installed->memory_used);
  if (!whole) return tl::unexpected(whole.error());
  for (const emulator::Change& change : installed->changes) {
    if (change.value) whole->put(change.id, *change.value);
  }
  return whole->build();
}

}  // namespace uicclab::profile
