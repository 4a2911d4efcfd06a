// SPDX-License-Identifier: Apache-2.0
// Secret bytes: wiped when they go, never printed, never copied by accident, compared in constant time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <span>

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace uicclab::crypto {

/// Both hold the same bytes; takes the same time wherever they differ. Different lengths return at once: a length is not secret.
bool constant_time_equal(BytesView a, BytesView b);

/// Overwrites with zeros in a way that the compiler may not leave out.
void wipe(std::span<std::uint8_t> bytes);

/// The token that reading a secret costs: `key.expose(ExposeSecret{"why"})`. `grep ExposeSecret` lists every place where one leaves.
class ExposeSecret {
 public:
  consteval explicit ExposeSecret(const char* why) {
    if (why == nullptr || *why == '\0') throw "say why the secret is read";
  }
};

/// Up to 64 bytes that are secret: a key, a PIN, a shared secret. Lies inline, without heap; a moved-from one is empty and wiped.
class SecretBytes {
 public:
  static constexpr std::size_t kCapacity = 64;

  SecretBytes() = default;
  /// Takes a copy; the caller wipes what it copied from. Throws CryptoError over kCapacity bytes.
  explicit SecretBytes(BytesView bytes);
  ~SecretBytes() { wipe_all(); }
  SecretBytes(SecretBytes&& other) noexcept { take(other); }
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;

  /// The same for bytes from outside. Errors: kRange over kCapacity bytes.
  static Result<SecretBytes> from(BytesView bytes);

  /// A secret of `size` bytes written by `fill(std::span<std::uint8_t>)`, so that it never lies anywhere else. Throws over kCapacity.
  template <typename Fill>
  static SecretBytes make(std::size_t size, Fill&& fill) {
    SecretBytes secret;
    secret.resize(size);
    fill(std::span<std::uint8_t>(secret.m_bytes.data(), size));
    return secret;
  }

  /// The explicit copy.
  SecretBytes clone() const;
  /// A part of it. Throws CryptoError if it does not lie inside.
  SecretBytes part(std::size_t offset, std::size_t size) const;

  std::size_t size() const { return m_size; }
  bool empty() const { return m_size == 0; }

  /// The bytes, valid as long as this object is neither changed nor moved.
  BytesView expose(ExposeSecret) const { return {m_bytes.data(), m_size}; }

  /// In constant time.
  bool operator==(const SecretBytes& other) const { return equals({other.m_bytes.data(), other.m_size}); }
  bool equals(BytesView bytes) const { return constant_time_equal({m_bytes.data(), m_size}, bytes); }

  friend std::ostream& operator<<(std::ostream&, const SecretBytes&) = delete;

 private:
  void resize(std::size_t size);
  void wipe_all();
  void take(SecretBytes& other) noexcept;

  std::array<std::uint8_t, kCapacity> m_bytes{};
  std::size_t m_size = 0;
};

}  // namespace uicclab::crypto
