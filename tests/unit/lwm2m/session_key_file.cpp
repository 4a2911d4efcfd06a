// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/session_key_file.hpp"

#include <doctest/doctest.h>

#include "core/reader.hpp"
#include "ota/crc.hpp"

using namespace uicclab;
using namespace uicclab::lwm2m;
using crypto::SecretBytes;

namespace {

SessionKeyRecord record(std::size_t key_size = 16) {
  SessionKeyRecord out;
  out.generation = 7;
  out.lifetime = std::chrono::seconds(300);
  Bytes kic(key_size), kid(key_size);
  for (std::size_t i = 0; i < key_size; ++i) {
    kic[i] = static_cast<std::uint8_t>(0x70 + i);
    kid[i] = static_cast<std::uint8_t>(0x80 + i);
  }
  out.keys = {SecretBytes(kic), SecretBytes(kid)};
  out.sent = 5;
  out.received = 0xFF'FFFF'FFFF;
  return out;
}

bool same(const SessionKeyRecord& a, const SessionKeyRecord& b) {
  return a.generation == b.generation && a.kic == b.kic && a.kid == b.kid && a.lifetime == b.lifetime && a.keys.kic == b.keys.kic &&
         a.keys.kid == b.keys.kid && a.sent == b.sent && a.received == b.received;
}

/// A file around this content, with a good CRC.
Bytes file_of(BytesView content) {
  ByteWriter out;
  out.u8(1).u16(static_cast<std::uint16_t>(content.size())).bytes(content);
  return out.u32(ota::crc32({out.view()})).take();
}

}  // namespace

TEST_CASE("Session-key file byte by byte (docs/formats/session-keys.md)") {
  const auto bytes = encode_session_keys(record());
  REQUIRE(bytes);
  const auto expected =
      "01 0036 00000007 12 12 0000012C 10 707172737475767778797A7B7C7D7E7F 10 808182838485868788898A8B8C8D8E8F 0000000005 FFFFFFFFFF"_h;
  CHECK(equal(BytesView(*bytes).first(expected.size()), expected));
  CHECK(bytes->size() == expected.size() + 4);
  for (const std::size_t size : {std::size_t{16}, std::size_t{24}}) {
    const SessionKeyRecord one = record(size);
    Bytes file = *encode_session_keys(one);
    CHECK(same(*parse_session_keys(file), one));
    file.resize(256, 0xFF);
    CHECK(same(*parse_session_keys(file), one));
  }
}

TEST_CASE("An incomplete session-key file is ignored: every cut, every byte changed, every old tail") {
  const Bytes good = *encode_session_keys(record());
  for (std::size_t cut = 0; cut < good.size(); ++cut) CHECK_FALSE(parse_session_keys(BytesView(good).first(cut)));
  for (std::size_t i = 0; i < good.size(); ++i) {
    Bytes bad = good;
    bad[i] ^= 0x01;
    CHECK_FALSE(parse_session_keys(bad));
  }
  // Written in two messages, the second of which never came: keys of one file, the rest of another.
  SessionKeyRecord next = record();
  next.generation = 8;
  next.keys.kic = SecretBytes(Bytes(16, 0x55));
  next.keys.kid = SecretBytes(Bytes(16, 0x66));
  const Bytes newer = *encode_session_keys(next);
  for (std::size_t written = 1; written < good.size(); ++written) {
    const Bytes torn = concat({BytesView(newer).first(written), BytesView(good).subspan(written)});
    const auto parsed = parse_session_keys(torn);
    CHECK((!parsed || torn == newer || torn == good));
  }
}

TEST_CASE("Session-key files that are refused (docs/formats/session-keys.md)") {
  CHECK(parse_session_keys({}).error().code == ErrorCode::kNotFound);
  CHECK(parse_session_keys(Bytes(80, 0xFF)).error().code == ErrorCode::kNotFound);
  CHECK(parse_session_keys("020000"_h).error().code == ErrorCode::kUnsupported);
  CHECK(parse_session_keys("010040"_h).error().code == ErrorCode::kTruncated);
  CHECK(parse_session_keys(file_of({})).error().code == ErrorCode::kMalformed);
  const auto with = [](std::size_t kic, std::size_t kid, std::size_t behind = 10) {
    return file_of(ByteWriter().number(7, 4).u16(0x1212).number(0, 4).lv(Bytes(kic, 1)).lv(Bytes(kid, 2)).fill(behind, 0).view());
  };
  CHECK(parse_session_keys(with(16, 16)));
  CHECK_FALSE(parse_session_keys(with(16, 24)));
  CHECK_FALSE(parse_session_keys(with(8, 8)));
  CHECK_FALSE(parse_session_keys(with(0, 0)));
  CHECK_FALSE(parse_session_keys(with(16, 16, 9)));
  CHECK_FALSE(parse_session_keys(with(16, 16, 11)));
  CHECK(parse_session_keys(with(24, 24)).error().code == ErrorCode::kRefused);  // three equal keys
  Bytes trailing = *encode_session_keys(record());
  trailing.push_back(0);
  CHECK(parse_session_keys(trailing).error().code == ErrorCode::kTrailing);

  SessionKeyRecord bad = record();
  bad.sent = 0x100'0000'0000;
  CHECK(encode_session_keys(bad).error().code == ErrorCode::kRange);
  bad = record();
  bad.lifetime = std::chrono::seconds(-1);
  CHECK_FALSE(encode_session_keys(bad));
  bad = record();
  bad.keys.kid = SecretBytes(Bytes(24, 1));
  CHECK_FALSE(encode_session_keys(bad));
}

TEST_CASE("Encrypted session keys open only with their key, and every change gives the same error") {
  const SecretBytes key(Bytes(32, 0x42));
  SeededRandom random(1);
  const Bytes sealed = *seal_session_keys(record(), key, random);
  CHECK(same(*open_session_keys(sealed, key), record()));
  CHECK(*seal_session_keys(record(), key, random) != sealed);  // another IV
  const auto plain = record().keys.kic.clone();
  CHECK(std::ranges::search(sealed, plain.expose(crypto::ExposeSecret{"a test looks for it"})).empty());
  CHECK(open_session_keys(sealed, SecretBytes(Bytes(32, 0x43))).error().code == ErrorCode::kMismatch);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    Bytes bad = sealed;
    bad[i] ^= 0x80;
    const auto opened = open_session_keys(bad, key);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == ErrorCode::kMismatch);
    CHECK_FALSE(open_session_keys(BytesView(sealed).first(i), key));
  }
}
