// SPDX-License-Identifier: Apache-2.0
// The files below an ADF (or the MF) as an application sees them: applet::Files, past the access rules.
#pragma once

#include "applet/api/applet.hpp"
#include "emulator/fs/file_system.hpp"

namespace uicclab::emulator {

class Transaction;

class DirectoryFiles final : public applet::Files {
 public:
  /// `at_once` seals each write; null: they are part of the transaction.
  DirectoryFiles(FileSystem& files, FileId root, Transaction* at_once = nullptr) : m_files(files), m_root(root), m_at_once(at_once) {}

  std::optional<Bytes> read_binary(BytesView path) const override;
  bool update_binary(BytesView path, std::size_t offset, BytesView data) override;
  std::optional<Bytes> read_record(BytesView path, std::size_t record) const override;
  bool update_record(BytesView path, std::size_t record, BytesView data) override;
  std::size_t record_count(BytesView path) const override;

 private:
  /// An activated EF.
  std::optional<FileId> resolve(BytesView path) const;
  bool written() const;

  FileSystem& m_files;
  FileId m_root;
  Transaction* m_at_once;
};

}  // namespace uicclab::emulator
