// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/secret.hpp"

#include <doctest/doctest.h>

#include "core/crypto/error.hpp"
#include "core/crypto/random.hpp"

using namespace uicclab;
using namespace uicclab::crypto;

namespace {
constexpr ExposeSecret kTest{"a test compares it"};
}

static_assert(!std::is_copy_constructible_v<SecretBytes> && !std::is_copy_assignable_v<SecretBytes>);
static_assert(std::is_nothrow_move_constructible_v<SecretBytes> && std::is_nothrow_move_assignable_v<SecretBytes>);
static_assert(!std::is_convertible_v<BytesView, SecretBytes>, "bytes become a secret only when somebody says so");

template <typename T>
concept Printable = requires(std::ostream& out, const T& value) {
  out << value;
};
static_assert(!Printable<SecretBytes>);

TEST_CASE("a secret returns its bytes with the token, and only its size without") {
  const SecretBytes secret("00112233"_h);
  CHECK(secret.size() == 4);
  CHECK(equal(secret.expose(kTest), "00112233"_h));
  CHECK(SecretBytes().empty());
}

TEST_CASE("a secret of more than 64 bytes is refused: from outside as a Result, from inside as an exception") {
  const Bytes longest(64, 0xA5);
  const Bytes longer(65, 0xA5);
  CHECK(SecretBytes::from(longest).value().size() == 64);
  CHECK(SecretBytes::from(longer).error().code == ErrorCode::kRange);
  CHECK_THROWS_AS(SecretBytes{BytesView(longer)}, CryptoError);
  CHECK_THROWS_AS(SecretBytes::make(65, [](std::span<std::uint8_t>) {}), CryptoError);
}

TEST_CASE("a secret that was moved from is empty and its memory is wiped") {
  SecretBytes from("A1A2A3A4"_h);
  const BytesView memory = from.expose(kTest);
  const SecretBytes to = std::move(from);
  CHECK(equal(to.expose(kTest), "A1A2A3A4"_h));
  CHECK(from.empty());  // NOLINT(bugprone-use-after-move): this is the promise
  CHECK(equal(memory, "00000000"_h));
}

TEST_CASE("assigning over a longer secret leaves nothing of it") {
  SecretBytes secret("A1A2A3A4A5A6A7A8"_h);
  const BytesView memory = secret.expose(kTest);
  secret = SecretBytes("B1B2"_h);
  CHECK(secret.size() == 2);
  CHECK(equal(memory, "B1B2000000000000"_h));
}

TEST_CASE("a clone is a secret of its own") {
  SecretBytes secret("A1A2"_h);
  const SecretBytes copy = secret.clone();
  secret = SecretBytes();
  CHECK(equal(copy.expose(kTest), "A1A2"_h));
}

TEST_CASE("a part lies inside or is refused") {
  const SecretBytes secret("00112233"_h);
  CHECK(secret.part(1, 2).equals("1122"_h));
  CHECK(secret.part(4, 0).empty());
  CHECK_THROWS_AS(secret.part(3, 2), CryptoError);
  CHECK_THROWS_AS(secret.part(5, 0), CryptoError);
  CHECK_THROWS_AS(secret.part(1, SIZE_MAX), CryptoError);
}

TEST_CASE("constant-time comparison finds every difference") {
  const auto a = "000102030405060708090A0B0C0D0E0F"_h;
  CHECK(constant_time_equal(a, a));
  for (std::size_t i = 0; i < a.size(); ++i) {
    auto b = a;
    b[i] ^= 0x80;
    CHECK_FALSE(constant_time_equal(a, b));
  }
  CHECK_FALSE(constant_time_equal(a, BytesView(a).first(15)));
  CHECK_FALSE(constant_time_equal(a, {}));
  CHECK(constant_time_equal({}, {}));
  CHECK(SecretBytes(a) == SecretBytes(a));
  CHECK(SecretBytes(a) != SecretBytes("00"_h));
}

TEST_CASE("the system's random source fills all of the buffer, each time anew") {
  SystemRandom random;
  std::array<std::uint8_t, 64> a{};
  std::array<std::uint8_t, 64> b{};
  random.fill(a);
  random.fill(b);
  CHECK(a != b);
  CHECK(std::ranges::count(a, 0) < 16);
  random.fill({});
}
