// SPDX-License-Identifier: Apache-2.0
// MessageDigest, RandomData, Checksum, CryptoException.
#include "applet/java/security/security.hpp"

namespace uicclab::applet::java {

namespace machine = jcvm::machine;
using machine::NativeCall;
using machine::Outcome;

namespace {

constexpr machine::ApiClass kMessageDigest{kSecurity, 11};
constexpr machine::ApiClass kRandomData{kSecurity, 14};
constexpr machine::ApiClass kChecksum{kSecurity, 21};
constexpr unsigned kAlgorithm = 0;  // a cell of all of them

Outcome nothing(NativeCall& call) {
  return call.returns();
}

Outcome throw_it(NativeCall& call) {
  return call.throws(kCryptoException, call.short_at(0));
}

/// A new engine of the caller's; a shared one (externalAccess) is like any other.
Outcome gives(NativeCall& call, machine::ApiClass of, std::int8_t algorithm) {
  const auto made = call.make(of, call.caller());
  if (!made || !call.set_number(*made, of, kAlgorithm, algorithm)) return call.failed();
  session_of(call).engines()[*made] = {};
  return call.returns_reference(*made);
}

template <const machine::ApiClass& kOf>
Outcome get_algorithm(NativeCall& call) {
  return call.returns(static_cast<std::int16_t>(call.number_in(call.self(), kOf, kAlgorithm)));
}

// MessageDigest

Outcome get_digest(NativeCall& call) {
  const auto name = digest_named(call.byte_at(0));
  return name ? gives(call, kMessageDigest, call.byte_at(0)) : refuse(call, CryptoReason::kNoSuchAlgorithm);
}

/// Null: an object that was not made by getInstance().
crypto::RunningDigest* digest_of(NativeCall& call) {
  const auto name = digest_named(static_cast<std::int8_t>(call.number_in(call.self(), kMessageDigest, kAlgorithm)));
  if (!name) return nullptr;
  auto& digest = engine_of(call).digest;
  if (!digest) digest.emplace(*name);
  return &*digest;
}

Outcome digest_length(NativeCall& call) {
  const auto* digest = digest_of(call);
  return call.returns(static_cast<std::int16_t>(digest == nullptr ? 0 : crypto::digest_size(digest->name())));
}

Outcome digest_update(NativeCall& call) {
  const auto bytes = call.read_array(0, call.short_at(1), call.short_at(2));
  if (!bytes) return call.failed();
  auto* const digest = digest_of(call);
  if (digest == nullptr) return refuse(call, CryptoReason::kIllegalUse);
  digest->update(*bytes);
  return call.returns();
}

Outcome digest_final(NativeCall& call) {
  const auto bytes = call.read_array(0, call.short_at(1), call.short_at(2));
  if (!bytes) return call.failed();
  auto* const digest = digest_of(call);
  if (digest == nullptr) return refuse(call, CryptoReason::kIllegalUse);
  if (!call.check_array(3, call.short_at(4), static_cast<std::int32_t>(crypto::digest_size(digest->name())))) return call.failed();
  digest->update(*bytes);
  const Bytes out = digest->finish();
  return call.write_array(3, call.short_at(4), out) ? call.returns(static_cast<std::int16_t>(out.size())) : call.failed();
}

Outcome digest_reset(NativeCall& call) {
  engine_of(call).digest.reset();
  return call.returns();
}

// RandomData: the card's source. A seed changes nothing that could be foreseen.

Outcome get_random(NativeCall& call) {
  constexpr std::int8_t kLast = 6;  // ALG_KEYGENERATION
  const std::int8_t algorithm = call.byte_at(0);
  if (algorithm < 1 || algorithm > kLast) return refuse(call, CryptoReason::kNoSuchAlgorithm);
  return gives(call, kRandomData, algorithm);
}

/// generateData(); nextBytes() returns the end.
template <bool kNext>
Outcome generate(NativeCall& call) {
  const std::int16_t length = call.short_at(2);
  if (!call.check_array(0, call.short_at(1), length)) return call.failed();
  if (length == 0) return refuse(call, CryptoReason::kIllegalValue);
  Bytes bytes(static_cast<std::size_t>(length));
  random_of(call).fill(bytes);
  if (!call.write_array_now(0, call.short_at(1), bytes)) return call.failed();
  return kNext ? call.returns(static_cast<std::int16_t>(call.short_at(1) + length)) : call.returns();
}

Outcome set_seed(NativeCall& call) {
  return call.check_array(0, call.short_at(1), call.short_at(2)) ? call.returns() : call.failed();
}

// Checksum: ISO/IEC 13239. CRC16 is that of annex A (polynomial 1021, begins with FFFF by default, the result is inverted), CRC32 that of
// Ethernet; both go on from the initial value that init() sets.

constexpr std::int8_t kCrc16 = 1;
constexpr std::int8_t kCrc32 = 2;

std::size_t sum_size(NativeCall& call) {
  return call.number_in(call.self(), kChecksum, kAlgorithm) == kCrc16 ? 2 : 4;
}

Outcome get_checksum(NativeCall& call) {
  const std::int8_t algorithm = call.byte_at(0);
  if (algorithm != kCrc16 && algorithm != kCrc32) return refuse(call, CryptoReason::kNoSuchAlgorithm);
  return gives(call, kChecksum, algorithm);
}

/// Reflected, as bits go over a line.
std::uint32_t go_on(std::uint32_t sum, BytesView bytes, std::size_t size) {
  const std::uint32_t polynomial = size == 2 ? 0x8408 : 0xEDB88320;
  for (const std::uint8_t byte : bytes) {
    sum ^= byte;
    for (int i = 0; i < 8; ++i) sum = (sum >> 1) ^ ((sum & 1U) != 0 ? polynomial : 0);
  }
  return sum;
}

std::uint32_t sum_of(const CryptoEngine& engine) {
  if (engine.iv.empty()) return 0;
  std::uint32_t sum = 0;
  for (const std::uint8_t byte : engine.iv) sum = sum << 8 | byte;
  return sum;
}

void keep_sum(CryptoEngine& engine, std::uint32_t sum, std::size_t size) {
  engine.iv.resize(size);
  for (std::size_t i = 0; i < size; ++i) engine.iv[i] = static_cast<std::uint8_t>(sum >> (8 * (size - 1 - i)));
}

/// The initial value as the API's documentation has it: zeros, unless init() says otherwise.
Outcome init_sum(NativeCall& call) {
  const auto bytes = call.read_array(0, call.short_at(1), call.short_at(2));
  if (!bytes) return call.failed();
  if (bytes->size() != sum_size(call)) return refuse(call, CryptoReason::kIllegalValue);
  engine_of(call).iv = to_bytes(*bytes);
  return call.returns();
}

Outcome update_sum(NativeCall& call) {
  const auto bytes = call.read_array(0, call.short_at(1), call.short_at(2));
  if (!bytes) return call.failed();
  CryptoEngine& engine = engine_of(call);
  keep_sum(engine, go_on(sum_of(engine), *bytes, sum_size(call)), sum_size(call));
  return call.returns();
}

Outcome final_sum(NativeCall& call) {
  const auto bytes = call.read_array(0, call.short_at(1), call.short_at(2));
  if (!bytes) return call.failed();
  const std::size_t size = sum_size(call);
  if (!call.check_array(3, call.short_at(4), static_cast<std::int32_t>(size))) return call.failed();
  CryptoEngine& engine = engine_of(call);
  keep_sum(engine, ~go_on(sum_of(engine), *bytes, size), size);
  const Bytes out = std::exchange(engine.iv, {});
  return call.write_array(3, call.short_at(4), out) ? call.returns(static_cast<std::int16_t>(size)) : call.failed();
}

constexpr auto kMethods = std::to_array<machine::NativeMethod>({
    {"CryptoException", "<init>", "(S)V", set_exception_reason},
    {"CryptoException", "throwIt", "(S)V", throw_it},
    {"MessageDigest", "<init>", "()V", nothing},
    {"MessageDigest", "getInstance", "(BZ)Ljavacard/security/MessageDigest;", get_digest},
    {"MessageDigest", "doFinal", "([BSS[BS)S", digest_final},
    {"MessageDigest", "getAlgorithm", "()B", get_algorithm<kMessageDigest>},
    {"MessageDigest", "getLength", "()B", digest_length},
    {"MessageDigest", "reset", "()V", digest_reset},
    {"MessageDigest", "update", "([BSS)V", digest_update},
    {"RandomData", "<init>", "()V", nothing},
    {"RandomData", "getInstance", "(B)Ljavacard/security/RandomData;", get_random},
    {"RandomData", "generateData", "([BSS)V", generate<false>},
    {"RandomData", "setSeed", "([BSS)V", set_seed},
    {"RandomData", "nextBytes", "([BSS)S", generate<true>},
    {"RandomData", "getAlgorithm", "()B", get_algorithm<kRandomData>},
    {"Checksum", "<init>", "()V", nothing},
    {"Checksum", "getInstance", "(BZ)Ljavacard/security/Checksum;", get_checksum},
    {"Checksum", "init", "([BSS)V", init_sum},
    {"Checksum", "getAlgorithm", "()B", get_algorithm<kChecksum>},
    {"Checksum", "doFinal", "([BSS[BS)S", final_sum},
    {"Checksum", "update", "([BSS)V", update_sum},
});

/// What is not here: InitializedMessageDigest, which sets the state of a hash, and objects for one use, which any applet must be able to do
/// without.
Outcome no_such_algorithm(NativeCall& call) {
  return refuse(call, CryptoReason::kNoSuchAlgorithm);
}

constexpr auto kAbsent = std::to_array<machine::NativeMethod>({
    {"MessageDigest", "getInitializedMessageDigestInstance", "(BZ)Ljavacard/security/InitializedMessageDigest;", no_such_algorithm},
    {"MessageDigest$OneShot", "open", "(B)Ljavacard/security/MessageDigest$OneShot;", no_such_algorithm},
    {"InitializedMessageDigest$OneShot", "open", "(B)Ljavacard/security/InitializedMessageDigest$OneShot;", no_such_algorithm},
    {"RandomData$OneShot", "open", "(B)Ljavacard/security/RandomData$OneShot;", no_such_algorithm},
    {"Signature$OneShot", "open", "(BBB)Ljavacard/security/Signature$OneShot;", no_such_algorithm},
});
constexpr auto kAbsentCiphers = std::to_array<machine::NativeMethod>({
    {"Cipher$OneShot", "open", "(BB)Ljavacardx/crypto/Cipher$OneShot;", no_such_algorithm},
});

}  // namespace

std::optional<crypto::DigestName> digest_named(std::int8_t algorithm) {
  using enum crypto::DigestName;
  constexpr auto kNames = std::to_array<crypto::DigestName>(
      {kSha1, kMd5, kRipemd160, kSha256, kSha384, kSha512, kSha224, kSha3_224, kSha3_256, kSha3_384, kSha3_512});
  if (algorithm < 1 || static_cast<std::size_t>(algorithm) > kNames.size()) return std::nullopt;
  const crypto::DigestName name = kNames.at(static_cast<std::size_t>(algorithm - 1));
  return crypto::has_digest(name) ? std::optional(name) : std::nullopt;
}

void add_digests(machine::NativeTable& table) {
  for (const char* name : {"MessageDigest", "RandomData", "Checksum"}) table.layout(kSecurity, name, {.numbers = 1});
  table.add(kSecurity, kMethods);
  table.add(kSecurity, kAbsent);
  table.add(kCryptoPackage, kAbsentCiphers);
}

void add_security(machine::NativeTable& table) {
  add_digests(table);
  add_keys(table);
  add_key_pairs(table);
  add_ciphers(table);
  add_signatures(table);
  add_key_agreements(table);
}

}  // namespace uicclab::applet::java
