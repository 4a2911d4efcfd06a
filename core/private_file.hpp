// SPDX-License-Identifier: Apache-2.0
// Files that contain keys or PINs: only for their owner, never partly written, never another user's file. The only writer for them.
#pragma once

#include <memory>
#include <optional>
#include <ostream>
#include <string>

#include "core/bytes.hpp"
#include "core/net/fd.hpp"
#include "core/result.hpp"

namespace uicclab {

/// Replaces the file as a whole: the content goes into a new file of mode 0600 with a random name next to it (O_EXCL, O_NOFOLLOW), to the
/// disk, and then into its place. A link is replaced, not followed. What is no regular file (a pipe, /dev/stdout) is written to as it is.
/// Errors: kIo, with the path and the system's words.
Result<void> write_private_file(const std::string& path, BytesView content);

/// The same for a file that grows under its name: it is empty and in its place when this returns.
Result<net::Fd> begin_private_file(const std::string& path);

/// An empty file of mode 0600 if there is none, for libraries that open files by name and would make them with the mode of the process.
/// False: there is one. Errors: kIo, with the path and the system's words.
Result<bool> make_private_file(const std::string& path);

/// `content` in a new file of mode 0600, as a whole: of several programs that make it at once, one succeeds and the others find its file.
/// False: there is one. Errors: kIo.
Result<bool> make_private_file(const std::string& path, BytesView content);

/// A stream into a file that begin_private_file() made. What flush() wrote survives the process.
class PrivateStream final : public std::ostream {
 public:
  explicit PrivateStream(net::Fd file);
  ~PrivateStream() override;

 private:
  class Buffer;
  std::unique_ptr<Buffer> m_buffer;
};

/// "my.card can be read by others (mode 0644): chmod 600 my.card"; nothing if it cannot, or if there is no such file.
std::optional<std::string> told_if_readable_by_others(const std::string& path);

}  // namespace uicclab
