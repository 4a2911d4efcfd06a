// SPDX-License-Identifier: Apache-2.0
// The file system of one card: the image's files, what the card changed, created and deleted. Names and structure only; who may do what is
// decided in emulator/security, what commands do in emulator/commands.
#pragma once

#include <map>

#include "emulator/nvm/nvm.hpp"

namespace uicclab::emulator {

/// A view on Nvm that keeps the private headers parsed. All writes go through the open transaction of the Nvm; Session::follow_rollback()
/// has them read again.
class FileSystem {
 public:
  explicit FileSystem(Nvm& nvm);

  /// Null if there is no such file (any more).
  const FileHeader* find(FileId id) const {
    if (!m_private.empty()) {
      const auto it = m_private.find(id.value);
      if (it != m_private.end()) return it->second ? &*it->second : nullptr;
    }
    return id.value < m_of_image.size() ? &m_of_image[id.value] : nullptr;
  }
  /// The file must exist.
  const FileHeader& header(FileId id) const { return *find(id); }

  /// Direct children; ADFs are not found by FID.
  std::optional<FileId> child(FileId directory, Fid fid) const;
  std::optional<FileId> child_by_sfi(FileId directory, Sfi sfi) const;
  std::vector<FileId> children(FileId directory) const;
  /// Every ADF, in the order of creation.
  std::vector<FileId> adfs() const;
  /// The ADF that holds the file, or the MF.
  FileId root_of(FileId id) const;
  /// Its path from the MF (3F00), through an ADF as 7FFF: what a File List has of it (ETSI TS 102 223 clause 8.18).
  Bytes path_of(FileId id) const;

  /// The file whose body this one reads and writes: itself, or, for a link, the other.
  FileId body_owner(FileId id) const {
    const FileHeader* header = find(id);
    return header != nullptr && header->body_of ? *header->body_of : id;
  }
  /// The file is there, and is this ADF or below it; the MF stands for all that is in no ADF.
  bool is_in(FileId id, FileId root) const {
    for (const FileHeader* header = find(id); header != nullptr; header = find(id)) {
      if (header->kind == FileKind::kMf || header->kind == FileKind::kAdf) return id == root;
      id = header->parent;
    }
    return false;
  }
  /// The body of this file is that of others as well.
  bool is_shared(FileId id) const;
  /// Where a local key that is named for something in `directory` is defined: the nearest DF above it that has the key, up to an ADF
  /// (ETSI TS 102 221 clause 9.5.1); nothing: in none.
  std::optional<FileId> scope_of(KeyReference key, FileId directory) const;

  BytesView body(FileId id) const;
  Bytes& edit_body(FileId id) { return m_nvm.edit(ObjectId(Space::kFileBody, 0, body_owner(id).value)); }
  void set_body(FileId id, BytesView body) { m_nvm.write(ObjectId(Space::kFileBody, 0, body_owner(id).value), body); }

  /// A record by its number, from 1; the file has it.
  BytesView record(FileId id, std::size_t number) const;
  /// Data in the place of a record, padded with FF; it fits.
  void put_record(FileId id, std::size_t number, BytesView data);
  /// A record is updated: in a cyclic EF `number` is not looked at, as the oldest record is overwritten and becomes number 1 (ETSI TS 102
  /// 221 clause 8.2.2.3).
  void update_record(FileId id, std::size_t number, BytesView data);

  void set_header(FileId id, FileHeader header);
  FileId create(FileHeader header, BytesView body);
  /// With everything below it, and with the links to what is removed.
  void remove(FileId id);

  /// Bytes that a file takes, with everything below it.
  std::uint32_t cost(FileId id) const;
  /// Bytes left for new files.
  std::uint32_t free_memory() const;
  /// The free memory that a file needs in addition to its body.
  static constexpr std::uint32_t kFileOverhead = 32;

  /// Reads the private headers again from the current Nvm, including the open transaction.
  void reload();
  /// Headers were changed since the last commit; a rollback needs a reload().
  bool headers_changed() const { return m_changed; }
  void committed() noexcept {
    if (m_changed) forget_deleted();
  }

 private:
  std::vector<FileId> links_to(FileId id) const;
  void forget_deleted() noexcept;

  Nvm& m_nvm;
  std::span<const FileHeader> m_of_image;
  std::map<std::uint32_t, std::optional<FileHeader>> m_private;  // changed, created, and (empty) deleted files
  bool m_changed = false;
};

}  // namespace uicclab::emulator
