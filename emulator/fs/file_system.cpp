// SPDX-License-Identifier: Apache-2.0
#include "emulator/fs/file_system.hpp"

#include "core/reader.hpp"
#include "emulator/security/pin.hpp"
#include "uicc/fcp.hpp"

namespace uicclab::emulator {
namespace {

constexpr ObjectId header_object(FileId id) {
  return {Space::kFileHeader, 0, id.value};
}
constexpr ObjectId body_object(FileId id) {
  return {Space::kFileBody, 0, id.value};
}
constexpr ObjectId next_file_object() {
  return {Space::kCard, 0, static_cast<std::uint32_t>(CardObject::kNextFile)};
}

std::int64_t cost_of(const FileHeader& header) {
  return (header.body_of ? 0 : std::int64_t{capacity(header)}) + FileSystem::kFileOverhead;
}

}  // namespace

FileSystem::FileSystem(Nvm& nvm) : m_nvm(nvm), m_of_image(nvm.image().headers()) {
  reload();
}

void FileSystem::reload() {
  m_private.clear();
  m_nvm.visit_changes(Space::kFileHeader, [&](const Change& change) {
    if (!change.value) {
      m_private.insert_or_assign(change.id.index(), std::nullopt);
      return;
    }
    auto header = decode_header(*change.value);
    if (!header)
      throw SystemError("the card's state is damaged: file header " + std::to_string(change.id.index()) + ": " + header.error().text);
    m_private.insert_or_assign(change.id.index(), std::move(*header));
  });
  m_changed = m_nvm.pending_touches([](ObjectId id) { return id.space() == Space::kFileHeader; });
}

std::optional<FileId> FileSystem::child(FileId directory, Fid fid) const {
  const CardImage& image = m_nvm.image();
  if (directory.value < image.file_count()) {
    for (FileId id : image.directory(directory).children) {
      const FileHeader& header = image.header(id);
      if (header.fid == fid && header.kind != FileKind::kAdf && find(id) != nullptr) return id;
    }
  }
  for (const auto& [value, header] : m_private) {
    if (value < image.file_count() || !header) continue;
    if (header->parent == directory && header->fid == fid && header->kind != FileKind::kAdf) return FileId{value};
  }
  return std::nullopt;
}

std::optional<FileId> FileSystem::child_by_sfi(FileId directory, Sfi sfi) const {
  const CardImage& image = m_nvm.image();
  if (directory.value < image.file_count()) {
    const std::uint32_t slot = image.directory(directory).by_sfi[sfi.value & 0x1F];
    if (slot != 0) {
      const FileHeader* header = find(FileId{slot - 1});
      if (header != nullptr && header->sfi == sfi) return FileId{slot - 1};
    }
  }
  for (const auto& [value, header] : m_private) {
    if (header && header->parent == directory && header->sfi == sfi) return FileId{value};
  }
  return std::nullopt;
}

std::vector<FileId> FileSystem::children(FileId directory) const {
  const CardImage& image = m_nvm.image();
  std::vector<FileId> all;
  if (directory.value < image.file_count()) {
    for (FileId id : image.directory(directory).children) {
      if (find(id) != nullptr) all.push_back(id);
    }
  }
  for (const auto& [value, header] : m_private) {
    if (value >= image.file_count() && header && header->parent == directory) all.push_back(FileId{value});
  }
  return all;
}

std::vector<FileId> FileSystem::adfs() const {
  std::vector<FileId> all;
  for (FileId id : children(kMfId)) {
    if (header(id).kind == FileKind::kAdf) all.push_back(id);
  }
  return all;
}

FileId FileSystem::root_of(FileId id) const {
  for (;;) {
    const FileHeader& now = header(id);
    if (now.kind == FileKind::kMf || now.kind == FileKind::kAdf) return id;
    id = now.parent;
  }
}

Bytes FileSystem::path_of(FileId id) const {
  std::vector<Fid> upwards;
  const FileId root = root_of(id);
  for (FileId at = id; at != root; at = header(at).parent) upwards.push_back(header(at).fid);
  if (root != kMfId) upwards.push_back(kAdfFid);
  upwards.push_back(kMfFid);
  Bytes path;
  for (auto it = upwards.rbegin(); it != upwards.rend(); ++it) {
    path.push_back(static_cast<std::uint8_t>(it->value >> 8));
    path.push_back(static_cast<std::uint8_t>(it->value));
  }
  return path;
}

BytesView FileSystem::body(FileId id) const {
  return m_nvm.read(body_object(body_owner(id))).value_or(BytesView{});
}

std::vector<FileId> FileSystem::links_to(FileId id) const {
  std::vector<FileId> links;
  const std::uint32_t count = m_nvm.image().file_count();
  for (std::uint32_t i = 0; i < count; ++i) {
    const FileHeader* header = find(FileId{i});
    if (header != nullptr && header->body_of == id) links.push_back(FileId{i});
  }
  return links;
}

bool FileSystem::is_shared(FileId id) const {
  return header(id).body_of || !links_to(id).empty();
}

std::optional<FileId> FileSystem::scope_of(KeyReference key, FileId directory) const {
  for (FileId at = directory;;) {
    const FileHeader& here = header(at);
    if (here.kind == FileKind::kAdf || m_nvm.read(pin_object(key, at))) return at;
    if (here.kind == FileKind::kMf) return std::nullopt;
    at = here.parent;
  }
}

BytesView FileSystem::record(FileId id, std::size_t number) const {
  const std::size_t length = header(id).record_length;
  return body(id).subspan((number - 1) * length, length);
}

void FileSystem::put_record(FileId id, std::size_t number, BytesView data) {
  const std::size_t length = header(id).record_length;
  const auto begin = edit_body(id).begin() + static_cast<std::ptrdiff_t>((number - 1) * length);
  std::fill(std::ranges::copy(data, begin).out, begin + static_cast<std::ptrdiff_t>(length), std::uint8_t{0xFF});
}

void FileSystem::update_record(FileId id, std::size_t number, BytesView data) {
  if (header(id).kind != FileKind::kCyclic) return put_record(id, number, data);
  Bytes& bytes = edit_body(id);
  std::ranges::rotate(bytes, bytes.end() - header(id).record_length);
  put_record(id, 1, data);
}

void FileSystem::set_header(FileId id, FileHeader header) {
  m_changed = true;
  m_nvm.write(header_object(id), encode_header(header));
  m_private.insert_or_assign(id.value, std::move(header));
}

void FileSystem::forget_deleted() noexcept {
  // Numbers are never used again, so a deleted file of the card's own needs no mark; only the image's do.
  std::erase_if(m_private, [&](const auto& entry) { return !entry.second && entry.first >= m_nvm.image().file_count(); });
  m_changed = false;
}

FileId FileSystem::create(FileHeader header, BytesView body) {
  const ObjectId counter = next_file_object();
  FileId id{m_nvm.image().file_count()};
  if (const auto next = m_nvm.read(counter)) id.value = ByteReader(*next).u32().value_or(id.value);
  m_nvm.write(counter, ByteWriter().u32(id.value + 1).view());
  set_header(id, std::move(header));
  set_body(id, body);
  return id;
}

void FileSystem::remove(FileId id) {
  if (find(id) == nullptr) return;  // a link that went with its file
  m_changed = true;
  if (is_directory(header(id).kind)) {
    for (FileId below : children(id)) remove(below);
  }
  for (FileId link : links_to(id)) remove(link);
  const bool is_link = header(id).body_of.has_value();
  m_nvm.erase(header_object(id));
  if (!is_link) m_nvm.erase(body_object(id));
  m_private.insert_or_assign(id.value, std::nullopt);
}

std::uint32_t FileSystem::cost(FileId id) const {
  auto sum = static_cast<std::uint32_t>(cost_of(header(id)));
  if (!is_directory(header(id).kind)) return sum;
  for (FileId below : children(id)) sum += cost(below);
  return sum;
}

std::uint32_t FileSystem::free_memory() const {
  const CardImage& image = m_nvm.image();
  std::int64_t left = image.settings().free_memory;
  for (const auto& [value, header] : m_private) {
    if (value < image.file_count()) left += cost_of(image.header(FileId{value}));
    if (header) left -= cost_of(*header);
  }
  return left < 0 ? 0 : static_cast<std::uint32_t>(left);
}

}  // namespace uicclab::emulator
