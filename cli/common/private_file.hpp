// SPDX-License-Identifier: Apache-2.0
// Files that hold secrets: readable by their owner only, and replaced as a whole; and the key that such files are sealed with.
#pragma once

#include <string>

#include "core/bytes.hpp"
#include "core/crypto/secret.hpp"
#include "core/environment.hpp"

namespace uicclab::cli {

/// The old content or the new one, never half of it: core/private_file.hpp. Throws Exit.
void write_private(const std::string& name, BytesView bytes);
/// A new file with this content unless there is one, whoever makes it. Throws Exit.
void make_private(const std::string& name, BytesView bytes);
/// Says so on standard error if others than the owner can read an existing file with secrets.
void tell_if_readable_by_others(const std::string& name);

/// A secret of `size` bytes by its place (cli/common/secret_text.hpp), in hexadecimal if nothing else is said. Throws Exit that names
/// `option`.
crypto::SecretBytes secret_option(const std::string& option, const std::string& from, std::size_t size);

/// The 32 bytes that the file `sealed` is sealed with: those of secret_option(), or, if `from` is empty, those of SEALED.key, which is made
/// when it is needed. Throws Exit.
crypto::SecretBytes storage_key(const std::string& from, const std::string& sealed, Random& random);

}  // namespace uicclab::cli
