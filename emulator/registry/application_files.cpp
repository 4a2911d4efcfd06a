// SPDX-License-Identifier: Apache-2.0
#include "emulator/registry/application_files.hpp"

namespace uicclab::emulator {
namespace {

constexpr std::uint16_t kFirstAdf = 0x7FF0;
constexpr std::uint16_t kLastAdf = 0x7FFE;

/// One that no ADF has; those are selected by AID, so that the template's own does as well when all are taken.
Fid free_fid(const FileSystem& files, Fid otherwise) {
  for (std::uint16_t value = kFirstAdf; value <= kLastAdf; ++value) {
    const auto adfs = files.adfs();
    if (std::ranges::none_of(adfs, [&](FileId adf) { return files.header(adf).fid == Fid{value}; })) return Fid{value};
  }
  return otherwise;
}

void copy_children(Session& session, FileId from, FileId to) {
  const CardImage& image = session.nvm().image();
  for (FileId child : image.directory(from).children) {
    FileHeader header = image.header(child);
    header.parent = to;
    const bool directory = is_directory(header.kind);
    // What a link of the template shares is copied: the new application has files of its own.
    const auto body = image.find(ObjectId(Space::kFileBody, 0, header.body_of.value_or(child).value));
    header.body_of.reset();
    const FileId copy = session.files().create(std::move(header), body.value_or(BytesView{}));
    if (directory) copy_children(session, child, copy);
  }
}

}  // namespace

std::optional<FileId> adf_template(const CardImage& image, const applet::Module& module) {
  for (const InstanceSpec& spec : image.instances()) {
    if (spec.adf && spec.module->load_file_aid() == module.load_file_aid() && spec.module->module_aid() == module.module_aid())
      return spec.adf;
  }
  return std::nullopt;
}

std::uint32_t adf_cost(const CardImage& image, FileId adf) {
  std::uint32_t cost = capacity(image.header(adf)) + FileSystem::kFileOverhead;
  if (!is_directory(image.header(adf).kind)) return cost;
  for (FileId child : image.directory(adf).children) cost += adf_cost(image, child);
  return cost;
}

FileId copy_adf(Session& session, FileId from, const Aid& aid) {
  const CardImage& image = session.nvm().image();
  FileHeader header = image.header(from);
  header.fid = free_fid(session.files(), header.fid);
  header.aid = aid;
  const FileId adf = session.files().create(std::move(header), {});
  copy_children(session, from, adf);
  for (const auto& [id, value] : image.objects()) {
    if (id.space() == Space::kPin && id.owner() == from.value) session.nvm().write(ObjectId(Space::kPin, adf.value, id.index()), value);
  }
  return adf;
}

void remove_adf(Session& session, FileId adf) {
  for (ObjectId pin : session.nvm().list(Space::kPin, adf.value)) session.nvm().erase(pin);
  session.files().remove(adf);
}

}  // namespace uicclab::emulator
