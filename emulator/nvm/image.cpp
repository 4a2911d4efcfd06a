// SPDX-License-Identifier: Apache-2.0
#include "emulator/nvm/image.hpp"

#include <algorithm>
#include <set>

#include "core/atr.hpp"
#include "core/crypto/hash.hpp"
#include "core/hex.hpp"
#include "emulator/nvm/image_file.hpp"

namespace uicclab::emulator {
namespace {

using Object = std::pair<ObjectId, Bytes>;

Result<void> check_file(const std::vector<FileHeader>& headers, const std::vector<Bytes>& bodies, std::uint32_t i) {
  const FileHeader& header = headers[i];
  const std::string who = "file " + to_hex(header.fid);
  if (i == 0) {
    if (header.kind != FileKind::kMf) return fail(ErrorCode::kMalformed, "the first file must be the MF");
    return {};
  }
  if (header.kind == FileKind::kMf) return fail(ErrorCode::kMalformed, "a second MF");
  if (header.parent.value >= i || !is_directory(headers[header.parent.value].kind)) {
    return fail(ErrorCode::kMalformed, who + ": its parent must be a directory that comes before it");
  }
  if (header.body_of) {
    const bool there = header.body_of->value < headers.size();
    const FileHeader* other = there ? &headers[header.body_of->value] : nullptr;
    const bool alike = there && !is_directory(header.kind) && other->kind == header.kind && other->size == header.size &&
                       other->record_length == header.record_length && other->max_size == header.max_size && !other->body_of;
    if (!alike || !bodies[i].empty()) return fail(ErrorCode::kMalformed, who + ": a link leads to an EF of the same structure and size");
    return {};
  }
  const bool fits = header.kind == FileKind::kBerTlv ? bodies[i].size() <= std::max(header.size, header.max_size)
                                                     : bodies[i].size() == (is_directory(header.kind) ? 0 : header.size);
  if (!fits) return fail(ErrorCode::kMalformed, who + ": the contents do not have the file's size");
  if (has_records(header.kind) && std::uint32_t{header.record_length} * header.record_count != header.size) {
    return fail(ErrorCode::kMalformed, who + ": record length times number is not the size");
  }
  return {};
}

}  // namespace

std::optional<BytesView> CardImage::find_object(ObjectId id) const {
  const auto space = static_cast<std::size_t>(id.space());
  if (space + 1 >= m_first_object.size()) return std::nullopt;
  const std::span objects(m_objects.data() + m_first_object[space], m_objects.data() + m_first_object[space + 1]);
  const auto it = std::ranges::lower_bound(objects, id, {}, &Object::first);
  if (it == objects.end() || it->first != id) return std::nullopt;
  return BytesView{it->second};
}

const std::array<std::uint8_t, 32>& CardImage::fingerprint() const {
  std::call_once(m_fingerprint->once, [this] { m_fingerprint->value = crypto::sha256({encode_image(*this)}); });
  return m_fingerprint->value;
}

CardImageBuilder::CardImageBuilder(CardSettings settings, applet::ModuleCatalogue modules) {
  m_image.m_settings = std::move(settings);
  m_image.m_modules = std::move(modules);
}

FileId CardImageBuilder::add_file(FileHeader header, Bytes body) {
  m_image.m_headers.push_back(std::move(header));
  m_image.m_bodies.push_back(std::move(body));
  return FileId{static_cast<std::uint32_t>(m_image.m_headers.size() - 1)};
}

std::uint32_t CardImageBuilder::add_instance(InstanceSpec instance) {
  const auto number = static_cast<std::uint32_t>(m_image.m_instances.size());
  auto& modules = m_image.m_modules;
  if (std::ranges::find(modules, instance.module) == modules.end()) modules.push_back(instance.module);
  const bool manages =
      instance.privileges.has(gp::Privilege::kSecurityDomain) && instance.privileges.has(gp::Privilege::kAuthorizedManagement);
  if (manages && !m_image.m_issuer_domain) m_image.m_issuer_domain = number;
  m_image.m_instances.push_back(std::move(instance));
  return number;
}

void CardImageBuilder::put(ObjectId id, Bytes value) {
  auto& objects = m_image.m_objects;
  const auto it = std::ranges::lower_bound(objects, id, {}, &Object::first);
  if (it != objects.end() && it->first == id) {
    it->second = std::move(value);
  } else {
    objects.emplace(it, id, std::move(value));
  }
}

Result<std::shared_ptr<const CardImage>> CardImageBuilder::build() {
  if (m_image.m_headers.empty()) return fail(ErrorCode::kMalformed, "a card without an MF");
  const auto count = m_image.file_count();
  m_image.m_directory_of.assign(count, 0);
  std::set<std::pair<std::uint32_t, std::uint16_t>> fids;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (const auto checked = check_file(m_image.m_headers, m_image.m_bodies, i); !checked) return tl::unexpected(checked.error());
    const FileHeader& header = m_image.m_headers[i];
    if (is_directory(header.kind)) {
      m_image.m_directory_of[i] = static_cast<std::uint32_t>(m_image.m_directories.size());
      m_image.m_directories.emplace_back();
    }
    if (i == 0) continue;
    DirectoryIndex& parent = m_image.m_directories[m_image.m_directory_of[header.parent.value]];
    // An ADF is found by its AID, so two of them may carry the same FID.
    if (header.kind != FileKind::kAdf && !fids.insert({header.parent.value, header.fid.value}).second) {
      return fail(ErrorCode::kMalformed, "file " + to_hex(header.fid) + " occurs twice in one directory");
    }
    parent.children.push_back(FileId{i});
    if (!header.sfi) continue;
    std::uint32_t& slot = parent.by_sfi[header.sfi->value & 0x1F];
    if (slot != 0) {
      return fail(ErrorCode::kMalformed,
                  "file " + to_hex(header.fid) + ": its short file identifier is that of file " + to_hex(m_image.m_headers[slot - 1].fid));
    }
    slot = i + 1;
  }
  for (std::size_t space = 0; space < m_image.m_first_object.size(); ++space) {
    const auto first = std::ranges::lower_bound(m_image.m_objects, ObjectId(static_cast<Space>(space), 0, 0), {}, &Object::first);
    m_image.m_first_object[space] = static_cast<std::uint32_t>(first - m_image.m_objects.begin());
  }
  if (const auto atr = parse_atr(m_image.m_settings.atr)) m_image.m_clock_and_class = atr->clock_and_class;
  return std::shared_ptr<const CardImage>(new CardImage(std::move(m_image)));
}

}  // namespace uicclab::emulator
