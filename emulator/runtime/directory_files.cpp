// SPDX-License-Identifier: Apache-2.0
#include "emulator/runtime/directory_files.hpp"

#include "emulator/transaction.hpp"

namespace uicclab::emulator {

std::optional<FileId> DirectoryFiles::resolve(BytesView path) const {
  if (path.empty() || path.size() % 2 != 0) return std::nullopt;
  FileId at = m_root;
  for (std::size_t i = 0; i < path.size(); i += 2) {
    const auto next = m_files.child(at, fid_at(path, i));
    if (!next) return std::nullopt;
    at = *next;
  }
  const FileHeader& header = m_files.header(at);
  if (is_directory(header.kind) || header.life_cycle != LifeCycle::kActivated) return std::nullopt;
  return at;
}

std::optional<Bytes> DirectoryFiles::read_binary(BytesView path) const {
  const auto file = resolve(path);
  if (!file || m_files.header(*file).kind != FileKind::kTransparent) return std::nullopt;
  return to_bytes(m_files.body(*file));
}

bool DirectoryFiles::update_binary(BytesView path, std::size_t offset, BytesView data) {
  const auto file = resolve(path);
  if (!file) return false;
  const FileHeader& header = m_files.header(*file);
  if (header.kind != FileKind::kTransparent || offset > header.size || data.size() > header.size - offset) return false;
  std::ranges::copy(data, m_files.edit_body(*file).begin() + static_cast<std::ptrdiff_t>(offset));
  return written();
}

std::optional<Bytes> DirectoryFiles::read_record(BytesView path, std::size_t record) const {
  const auto file = resolve(path);
  if (!file) return std::nullopt;
  const FileHeader& header = m_files.header(*file);
  if (!has_records(header.kind) || record == 0 || record > header.record_count) return std::nullopt;
  return to_bytes(m_files.record(*file, record));
}

bool DirectoryFiles::update_record(BytesView path, std::size_t record, BytesView data) {
  const auto file = resolve(path);
  if (!file) return false;
  const FileHeader& header = m_files.header(*file);
  if (!has_records(header.kind) || record == 0 || record > header.record_count || data.size() > header.record_length) return false;
  m_files.update_record(*file, record, data);
  return written();
}

bool DirectoryFiles::written() const {
  if (m_at_once != nullptr) m_at_once->seal();
  return true;
}

std::size_t DirectoryFiles::record_count(BytesView path) const {
  const auto file = resolve(path);
  return file && has_records(m_files.header(*file).kind) ? m_files.header(*file).record_count : 0;
}

}  // namespace uicclab::emulator
