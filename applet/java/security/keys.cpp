// SPDX-License-Identifier: Apache-2.0
// KeyBuilder and the interfaces of keys.
#include "applet/java/security/security.hpp"

namespace uicclab::applet::java {

namespace machine = jcvm::machine;
using machine::Lifetime;
using machine::NativeCall;
using machine::Outcome;

namespace {

constexpr std::size_t kCell = 4;
constexpr std::size_t kLength = 2;  // in front of a part

struct KindRow {
  std::string_view interface;
  std::uint8_t token;  ///< of the interface
  unsigned parts;      ///< how many a key must have set
};
/// By KeyKind.
constexpr auto kKinds = std::to_array<KindRow>({{"DESKey", 10, 1},
                                                {"AESKey", 20, 1},
                                                {"HMACKey", 23, 1},
                                                {"RSAPublicKey", 9, 2},
                                                {"RSAPrivateKey", 8, 2},
                                                {"RSAPrivateCrtKey", 7, 5},
                                                {"ECPublicKey", 19, 6},
                                                {"ECPrivateKey", 18, 6}});

const KindRow& row(KeyKind kind) {
  return kKinds[static_cast<std::size_t>(kind)];
}

struct Type {
  KeyKind kind;
  Lifetime lifetime;
};

/// TYPE_ constants of KeyBuilder. DSA, DH, F(2^m), SEED and later ones are not here.
std::optional<Type> type_named(std::int8_t type) {
  using enum KeyKind;
  constexpr auto kReset = Lifetime::kClearOnReset;
  constexpr auto kDeselect = Lifetime::kClearOnDeselect;
  constexpr auto kLasts = Lifetime::kPersistent;
  switch (type) {
    case 1:
      return Type{kDes, kReset};
    case 2:
      return Type{kDes, kDeselect};
    case 3:
      return Type{kDes, kLasts};
    case 4:
      return Type{kRsaPublic, kLasts};
    case 5:
      return Type{kRsaPrivate, kLasts};
    case 6:
      return Type{kRsaCrt, kLasts};
    case 11:
      return Type{kEcPublic, kLasts};
    case 12:
      return Type{kEcPrivate, kLasts};
    case 13:
      return Type{kAes, kReset};
    case 14:
      return Type{kAes, kDeselect};
    case 15:
      return Type{kAes, kLasts};
    case 19:
      return Type{kHmac, kReset};
    case 20:
      return Type{kHmac, kDeselect};
    case 21:
      return Type{kHmac, kLasts};
    case 22:
      return Type{kRsaPrivate, kReset};
    case 23:
      return Type{kRsaPrivate, kDeselect};
    case 24:
      return Type{kRsaCrt, kReset};
    case 25:
      return Type{kRsaCrt, kDeselect};
    case 30:
      return Type{kEcPrivate, kReset};
    case 31:
      return Type{kEcPrivate, kDeselect};
    default:
      return std::nullopt;
  }
}

/// TYPE_ of an ALG_TYPE_ constant and a memory type of JCSystem (persistent, reset, deselect).
std::optional<std::int8_t> type_of_memory(std::int8_t algorithm, std::int8_t memory) {
  struct Row {
    std::int8_t algorithm;
    std::array<std::int8_t, 3> types;
  };
  constexpr auto kRows = std::to_array<Row>({{1, {3, 1, 2}},
                                             {2, {15, 13, 14}},
                                             {7, {11, 0, 0}},
                                             {8, {12, 30, 31}},
                                             {9, {21, 19, 20}},
                                             {11, {4, 0, 0}},
                                             {12, {5, 22, 23}},
                                             {13, {6, 24, 25}}});
  const auto found = std::ranges::find(kRows, algorithm, &Row::algorithm);
  if (found == kRows.end() || memory < 0 || memory > 2) return std::nullopt;
  const std::int8_t type = found->types.at(static_cast<std::size_t>(memory));
  return type == 0 ? std::nullopt : std::optional(type);
}

bool is_size(KeyKind kind, std::int16_t bits) {
  constexpr std::int16_t kMostHmac = 1024;
  switch (kind) {
    case KeyKind::kDes:
      return bits == 64 || bits == 128 || bits == 192;
    case KeyKind::kAes:
      return bits == 128 || bits == 192 || bits == 256;
    case KeyKind::kHmac:
      return bits >= 8 && bits <= kMostHmac;
    case KeyKind::kRsaPublic:
    case KeyKind::kRsaPrivate:
    case KeyKind::kRsaCrt:
      return bits >= 512 && bits <= 4096 && bits % 32 == 0;
    case KeyKind::kEcPublic:
    case KeyKind::kEcPrivate: {
      constexpr auto kSizes = std::to_array<std::int16_t>({112, 128, 160, 192, 224, 256, 320, 384, 512, 521});
      return std::ranges::find(kSizes, bits) != kSizes.end();
    }
  }
  return false;
}

/// Bytes that a part may have; 0: the kind has none such.
std::size_t most(KeyKind kind, std::size_t bytes, unsigned part) {
  constexpr std::size_t kMostHmac = 256;
  switch (kind) {
    case KeyKind::kDes:
    case KeyKind::kAes:
      return part == kSecretPart ? bytes : 0;
    case KeyKind::kHmac:
      return part == kSecretPart ? kMostHmac : 0;
    case KeyKind::kRsaPublic:
    case KeyKind::kRsaPrivate:
      return part <= kExponent ? bytes : 0;
    case KeyKind::kRsaCrt:
      return part <= kPq ? bytes / 2 : 0;
    case KeyKind::kEcPublic:
    case KeyKind::kEcPrivate:
      if (part == kCofactor) return 2;
      if (part == kG || (part == kPoint && kind == KeyKind::kEcPublic)) return 2 * bytes + 1;
      return part == kR || part == kPoint ? bytes + 1 : bytes;
  }
  return 0;
}

bool is_ec(KeyKind kind) {
  return kind == KeyKind::kEcPublic || kind == KeyKind::kEcPrivate;
}

KeyObject self_of(NativeCall& call) {
  return *KeyObject::of(call, call.self());
}

}  // namespace

std::optional<KeyObject> KeyObject::of(NativeCall& call, machine::Ref ref) {
  const machine::Object* object = call.heap().find(ref);
  // Classes of applets may implement these interfaces, too.
  if (object == nullptr || object->klass == nullptr || object->is_array() || !object->klass->module->is_api) return std::nullopt;
  const bool is_key =
      std::ranges::any_of(kKinds, [&](const KindRow& one) { return call.machine().is_a(ref, machine::ApiClass(kSecurity, one.token)); });
  return is_key ? std::optional(KeyObject(call, ref)) : std::nullopt;
}

std::uint32_t KeyObject::number(unsigned which) const {
  return m_call->heap().find(m_ref)->u32(kCell * (kParts + which));
}

machine::Object* KeyObject::array(unsigned which) const {
  return m_call->heap().find(m_call->heap().find(m_ref)->u32(kCell * which));
}

BytesView KeyObject::part(unsigned which) const {
  const machine::Object* const held = array(which);
  if (held == nullptr) return {};
  return BytesView(held->body).subspan(kLength, std::min<std::size_t>(held->u16(0), held->body.size() - kLength));
}

std::size_t KeyObject::room(unsigned which) const {
  const machine::Object* const held = array(which);
  return held == nullptr ? 0 : held->body.size() - kLength;
}

/// What was there before is overwritten to its end.
bool KeyObject::set(unsigned which, BytesView value) {
  machine::Object* const held = array(which);
  if (held == nullptr || value.size() > held->body.size() - kLength) {  // an object that was not made by KeyBuilder
    (void)m_call->throws(machine::kSecurityException);
    return false;
  }
  Bytes bytes{static_cast<std::uint8_t>(value.size() >> 8), static_cast<std::uint8_t>(value.size())};
  append(bytes, value);
  bytes.resize(held->body.size());
  if (m_call->heap().write(*held, 0, bytes)) return true;
  (void)m_call->throws(machine::kTransactionException, machine::kTransactionBufferFull);
  return false;
}

bool KeyObject::clear() {
  for (unsigned which = 0; which < kParts; ++which) {
    if (array(which) != nullptr && !set(which, {})) return false;
  }
  return true;
}

bool KeyObject::is_initialized() const {
  for (unsigned which = 0; which < row(kind()).parts; ++which) {
    if (part(which).empty()) return false;
  }
  return true;
}

/// Memory that is cleared when an applet is deselected is the selected one's alone (JCSystem.makeTransientByteArray()).
std::optional<machine::Ref> build_key(NativeCall& call, std::int8_t type, std::int16_t bits) {
  const auto wanted = type_named(type);
  if (!wanted || !is_size(wanted->kind, bits)) {
    (void)refuse(call, CryptoReason::kNoSuchAlgorithm);
    return std::nullopt;
  }
  const auto selected = call.selected();
  if (wanted->lifetime == Lifetime::kClearOnDeselect && (!selected || selected->package != call.caller().package)) {
    (void)call.throws(machine::kSystemException, machine::kIllegalTransient);
    return std::nullopt;
  }
  const machine::ApiClass of(kSecurity, row(wanted->kind).token);
  const auto key = call.make(of, call.caller());
  if (!key) return std::nullopt;
  const std::size_t bytes = (static_cast<std::size_t>(bits) + 7) / 8;
  for (unsigned which = 0; which < KeyObject::kParts; ++which) {
    const std::size_t size = most(wanted->kind, bytes, which);
    if (size == 0) continue;
    const auto array = call.make_array(jcvm::code::kTypeByte, static_cast<std::int32_t>(kLength + size), call.caller(), wanted->lifetime);
    if (!array || !call.set_reference(*key, of, which, *array)) return std::nullopt;
  }
  const std::array<std::int32_t, 4> numbers{static_cast<std::int32_t>(wanted->kind), type, bits,
                                            static_cast<std::int32_t>(wanted->lifetime)};
  for (unsigned i = 0; i < numbers.size(); ++i) {
    if (!call.set_number(*key, of, KeyObject::kParts + i, numbers.at(i))) return std::nullopt;
  }
  return key;
}

std::optional<KeyObject> ready_key(NativeCall& call, std::size_t argument) {
  if (call.object_at(argument) == nullptr) return std::nullopt;
  auto key = KeyObject::of(call, call.reference_at(argument));
  if (!key) {
    (void)refuse(call, CryptoReason::kIllegalValue);
    return std::nullopt;
  }
  if (key->is_initialized()) return key;
  (void)refuse(call, CryptoReason::kUninitializedKey);
  return std::nullopt;
}

namespace {

// KeyBuilder. A key that deciphers what it is given (KeyEncryption) is not here.

Outcome build(NativeCall& call) {
  if (call.boolean_at(2)) return refuse(call, CryptoReason::kNoSuchAlgorithm);
  const auto key = build_key(call, call.byte_at(0), call.short_at(1));
  return key ? call.returns_reference(*key) : call.failed();
}

Outcome build_in_memory(NativeCall& call) {
  const auto type = type_of_memory(call.byte_at(0), call.byte_at(1));
  if (!type || call.boolean_at(3)) return refuse(call, CryptoReason::kNoSuchAlgorithm);
  const auto key = build_key(call, *type, call.short_at(2));
  return key ? call.returns_reference(*key) : call.failed();
}

/// Parameters that keys share are ALG_TYPE_..._PARAMETERS, which are not here.
Outcome build_shared(NativeCall& call) {
  return refuse(call, CryptoReason::kNoSuchAlgorithm);
}

// Key

Outcome clear_key(NativeCall& call) {
  return self_of(call).clear() ? call.returns() : call.failed();
}

Outcome get_size(NativeCall& call) {
  return call.returns(static_cast<std::int16_t>(self_of(call).bits()));
}

Outcome get_type(NativeCall& call) {
  return call.returns(std::int16_t{self_of(call).type()});
}

Outcome is_initialized(NativeCall& call) {
  return call.returns(boolean(self_of(call).is_initialized()));
}

// Parts

/// ([BS)V: as long as the key.
Outcome set_whole(NativeCall& call) {
  KeyObject key = self_of(call);
  const auto bytes = call.read_array(0, call.short_at(1), static_cast<std::int32_t>(key.bytes()));
  if (!bytes) return call.failed();
  return key.set(kSecretPart, to_bytes(*bytes)) ? call.returns() : call.failed();
}

/// ([BSS)V. Zeros in front do not count when a number is too long for the key.
template <unsigned kWhich>
Outcome set_part(NativeCall& call) {
  KeyObject key = self_of(call);
  const auto given = call.read_array(0, call.short_at(1), call.short_at(2));
  if (!given) return call.failed();
  BytesView value = *given;
  const bool is_point = is_ec(key.kind()) && (kWhich == kG || (kWhich == kPoint && key.kind() == KeyKind::kEcPublic));
  while (!is_point && key.kind() != KeyKind::kHmac && value.size() > key.room(kWhich) && value[0] == 0) value = value.subspan(1);
  if (value.empty() || value.size() > key.room(kWhich)) return refuse(call, CryptoReason::kIllegalValue);
  return key.set(kWhich, to_bytes(value)) ? call.returns() : call.failed();
}

/// ([BS)B, ([BS)S
template <unsigned kWhich>
Outcome get_part(NativeCall& call) {
  const Bytes value = to_bytes(self_of(call).part(kWhich));
  if (value.empty()) return refuse(call, CryptoReason::kUninitializedKey);
  return call.write_array(0, call.short_at(1), value) ? call.returns(static_cast<std::int16_t>(value.size())) : call.failed();
}

Outcome set_k(NativeCall& call) {
  const auto k = static_cast<std::uint16_t>(call.short_at(0));
  const std::array<std::uint8_t, 2> bytes{static_cast<std::uint8_t>(k >> 8), static_cast<std::uint8_t>(k)};
  return self_of(call).set(kCofactor, bytes) ? call.returns() : call.failed();
}

Outcome get_k(NativeCall& call) {
  const BytesView k = self_of(call).part(kCofactor);
  if (k.empty()) return refuse(call, CryptoReason::kUninitializedKey);
  return call.returns(static_cast<std::int16_t>(k[0] << 8 | k[1]));
}

/// Fields F(2^m) are not here.
Outcome no_such_field(NativeCall& call) {
  return refuse(call, CryptoReason::kNoSuchAlgorithm);
}

Outcome copy_parameters(NativeCall& call) {
  if (call.object_at(0) == nullptr) return call.failed();
  const auto from = KeyObject::of(call, call.reference_at(0));
  KeyObject to = self_of(call);
  if (!from || !is_ec(from->kind()) || from->bits() != to.bits()) return refuse(call, CryptoReason::kIllegalValue);
  constexpr auto kShared = std::to_array<unsigned>({kField, kA, kB, kG, kR});
  for (const unsigned part : kShared) {
    if (from->part(part).empty()) return refuse(call, CryptoReason::kUninitializedKey);
  }
  for (const unsigned part : kShared) {
    if (!to.set(part, to_bytes(from->part(part)))) return call.failed();
  }
  return to.set(kCofactor, to_bytes(from->part(kCofactor))) ? call.returns() : call.failed();
}

constexpr auto kBuilder = std::to_array<machine::NativeMethod>({
    {"KeyBuilder", "buildKey", "(BSZ)Ljavacard/security/Key;", build},
    {"KeyBuilder", "buildKey", "(BBSZ)Ljavacard/security/Key;", build_in_memory},
    {"KeyBuilder", "buildKeyWithSharedDomain", "(BBLjavacard/security/Key;Z)Ljavacard/security/Key;", build_shared},
});

// Methods of keys, without the class.
constexpr auto kOfEveryKey = std::to_array<machine::NativeMethod>({
    {"", "clearKey", "()V", clear_key},
    {"", "getSize", "()S", get_size},
    {"", "getType", "()B", get_type},
    {"", "isInitialized", "()Z", is_initialized},
});
constexpr auto kOfSecretKeys = std::to_array<machine::NativeMethod>({
    {"", "setKey", "([BS)V", set_whole},
    {"", "getKey", "([BS)B", get_part<kSecretPart>},
});
constexpr auto kOfHmacKeys = std::to_array<machine::NativeMethod>({
    {"", "setKey", "([BSS)V", set_part<kSecretPart>},
    {"", "getKey", "([BS)B", get_part<kSecretPart>},
});
constexpr auto kOfRsaKeys = std::to_array<machine::NativeMethod>({
    {"", "setModulus", "([BSS)V", set_part<kModulus>},
    {"", "getModulus", "([BS)S", get_part<kModulus>},
    {"", "setExponent", "([BSS)V", set_part<kExponent>},
    {"", "getExponent", "([BS)S", get_part<kExponent>},
});
constexpr auto kOfCrtKeys = std::to_array<machine::NativeMethod>({
    {"", "setP", "([BSS)V", set_part<kP>},
    {"", "setQ", "([BSS)V", set_part<kQ>},
    {"", "setDP1", "([BSS)V", set_part<kDp>},
    {"", "setDQ1", "([BSS)V", set_part<kDq>},
    {"", "setPQ", "([BSS)V", set_part<kPq>},
    {"", "getP", "([BS)S", get_part<kP>},
    {"", "getQ", "([BS)S", get_part<kQ>},
    {"", "getDP1", "([BS)S", get_part<kDp>},
    {"", "getDQ1", "([BS)S", get_part<kDq>},
    {"", "getPQ", "([BS)S", get_part<kPq>},
});
constexpr auto kOfEcKeys = std::to_array<machine::NativeMethod>({
    {"", "setFieldFP", "([BSS)V", set_part<kField>},
    {"", "setFieldF2M", "(S)V", no_such_field},
    {"", "setFieldF2M", "(SSS)V", no_such_field},
    {"", "setA", "([BSS)V", set_part<kA>},
    {"", "setB", "([BSS)V", set_part<kB>},
    {"", "setG", "([BSS)V", set_part<kG>},
    {"", "setR", "([BSS)V", set_part<kR>},
    {"", "setK", "(S)V", set_k},
    {"", "getField", "([BS)S", get_part<kField>},
    {"", "getA", "([BS)S", get_part<kA>},
    {"", "getB", "([BS)S", get_part<kB>},
    {"", "getG", "([BS)S", get_part<kG>},
    {"", "getR", "([BS)S", get_part<kR>},
    {"", "getK", "()S", get_k},
    {"", "copyDomainParametersFrom", "(Ljavacard/security/ECKey;)V", copy_parameters},
});
constexpr auto kOfPublicPoints = std::to_array<machine::NativeMethod>({
    {"", "setW", "([BSS)V", set_part<kPoint>},
    {"", "getW", "([BS)S", get_part<kPoint>},
});
constexpr auto kOfPrivateNumbers = std::to_array<machine::NativeMethod>({
    {"", "setS", "([BSS)V", set_part<kPoint>},
    {"", "getS", "([BS)S", get_part<kPoint>},
});

void add_to(machine::NativeTable& table, KeyKind kind, std::span<const machine::NativeMethod> methods) {
  std::vector<machine::NativeMethod> copies(methods.begin(), methods.end());
  for (auto& method : copies) method.class_name = row(kind).interface;
  table.add(kSecurity, copies);
}

}  // namespace

void add_keys(machine::NativeTable& table) {
  table.add(kSecurity, kBuilder);
  for (std::size_t i = 0; i < kKinds.size(); ++i) {
    table.layout(kSecurity, kKinds.at(i).interface, {.references = KeyObject::kParts, .numbers = 4});
    add_to(table, static_cast<KeyKind>(i), kOfEveryKey);
  }
  for (const KeyKind kind : {KeyKind::kDes, KeyKind::kAes}) add_to(table, kind, kOfSecretKeys);
  add_to(table, KeyKind::kHmac, kOfHmacKeys);
  for (const KeyKind kind : {KeyKind::kRsaPublic, KeyKind::kRsaPrivate}) add_to(table, kind, kOfRsaKeys);
  add_to(table, KeyKind::kRsaCrt, kOfCrtKeys);
  for (const KeyKind kind : {KeyKind::kEcPublic, KeyKind::kEcPrivate}) add_to(table, kind, kOfEcKeys);
  add_to(table, KeyKind::kEcPublic, kOfPublicPoints);
  add_to(table, KeyKind::kEcPrivate, kOfPrivateNumbers);
}

}  // namespace uicclab::applet::java
