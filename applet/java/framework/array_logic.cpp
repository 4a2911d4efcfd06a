// SPDX-License-Identifier: Apache-2.0
// javacardx.framework.util and .util.intx: arrays of bytes, shorts and ints alike.
#include "applet/java/framework/arrays.hpp"
#include "core/reader.hpp"

namespace uicclab::applet::java {

namespace machine = jcvm::machine;
using machine::Lifetime;
using machine::NativeCall;
using machine::Outcome;

namespace {

constexpr machine::ApiClass kUtilException{"javacardx/framework/util", 1};
constexpr std::int16_t kIllegalArray = 1;    // UtilException.ILLEGAL_VALUE
constexpr std::int16_t kTypeMismatched = 2;  // UtilException.TYPE_MISMATCHED

/// Of an array of bytes, shorts or ints.
std::optional<Elements> numbers_at(NativeCall& call, std::size_t argument, std::int32_t offset, std::int32_t length) {
  const auto found = elements_at(call, argument, offset, length, kUtilException, kIllegalArray);
  if (!found) return std::nullopt;
  const auto type = found->array->type;
  if (type == jcvm::code::kTypeByte || type == jcvm::code::kTypeShort || type == jcvm::code::kTypeInt) return found;
  call.throws(kUtilException, kIllegalArray);
  return std::nullopt;
}

/// Elements are big-endian in a body, so packing and unpacking is a copy of bytes.
template <bool kAtomic>
Outcome copy_repack(NativeCall& call) {
  const auto from = numbers_at(call, 0, call.short_at(1), call.short_at(2));
  if (!from) return call.failed();
  const auto start = numbers_at(call, 3, call.short_at(4), 0);
  if (!start) return call.failed();
  const std::size_t size = machine::element_size(start->array->type);
  if (from->bytes % size != 0) return call.throws(kUtilException, kIllegalArray);
  const auto count = static_cast<std::int32_t>(from->bytes / size);
  const auto to = numbers_at(call, 3, call.short_at(4), count);
  if (!to || (!kAtomic && !may_write_now(call, 3))) return call.failed();
  const Bytes copy = to_bytes(from->view());
  if (!write_elements(call, *to, copy, kAtomic)) return call.failed();
  return call.returns(static_cast<std::int16_t>(call.short_at(4) + count));
}

template <bool kAtomic>
Outcome fill(NativeCall& call) {
  const auto to = numbers_at(call, 0, call.short_at(1), call.short_at(2));
  if (!to) return call.failed();
  const auto value = numbers_at(call, 3, call.short_at(4), 1);
  if (!value) return call.failed();
  if (value->array->type != to->array->type) return call.throws(kUtilException, kTypeMismatched);
  if (!kAtomic && !may_write_now(call, 0)) return call.failed();
  Bytes all;
  while (all.size() < to->bytes) append(all, value->view());
  if (!write_elements(call, *to, all, kAtomic)) return call.failed();
  return call.returns(static_cast<std::int16_t>(call.short_at(1) + call.short_at(2)));
}

/// Shorts and ints have a sign; bytes are compared as Util.arrayCompare does.
Outcome compare(NativeCall& call) {
  const auto one = numbers_at(call, 0, call.short_at(1), call.short_at(4));
  if (!one) return call.failed();
  const auto other = numbers_at(call, 2, call.short_at(3), call.short_at(4));
  if (!other) return call.failed();
  if (one->array->type != other->array->type) return call.throws(kUtilException, kTypeMismatched);
  const std::size_t size = machine::element_size(one->array->type);
  const BytesView a = one->view();
  const BytesView b = other->view();
  for (std::size_t at = 0; at < a.size(); ++at) {
    if (a[at] == b[at]) continue;
    const std::uint8_t sign = size > 1 && at % size == 0 ? 0x80 : 0x00;
    return call.returns(static_cast<std::int16_t>((a[at] ^ sign) < (b[at] ^ sign) ? -1 : 1));
  }
  return call.returns(std::int16_t{0});
}

Outcome find(NativeCall& call) {
  const auto start = numbers_at(call, 0, call.short_at(1), 0);
  if (!start) return call.failed();
  const std::size_t size = machine::element_size(start->array->type);
  const auto value = call.read_array(2, call.short_at(3), static_cast<std::int32_t>(size));
  if (!value) return call.failed();
  const BytesView all = start->array->body;
  for (std::size_t at = start->offset; at + size <= all.size(); at += size) {
    if (equal(all.subspan(at, size), *value)) return call.returns(static_cast<std::int16_t>(at / size));
  }
  return call.returns(std::int16_t{-1});
}

Outcome throw_util(NativeCall& call) {
  return call.throws(kUtilException, call.short_at(0));
}

constexpr auto kUtil = std::to_array<machine::NativeMethod>({
    {"ArrayLogic", "arrayCopyRepack", "(Ljava/lang/Object;SSLjava/lang/Object;S)S", copy_repack<true>},
    {"ArrayLogic", "arrayCopyRepackNonAtomic", "(Ljava/lang/Object;SSLjava/lang/Object;S)S", copy_repack<false>},
    {"ArrayLogic", "arrayFillGeneric", "(Ljava/lang/Object;SSLjava/lang/Object;S)S", fill<true>},
    {"ArrayLogic", "arrayFillGenericNonAtomic", "(Ljava/lang/Object;SSLjava/lang/Object;S)S", fill<false>},
    {"ArrayLogic", "arrayCompareGeneric", "(Ljava/lang/Object;SLjava/lang/Object;SS)B", compare},
    {"ArrayLogic", "arrayFindGeneric", "(Ljava/lang/Object;S[BS)S", find},
    {"UtilException", "<init>", "(S)V", set_exception_reason},
    {"UtilException", "throwIt", "(S)V", throw_util},
});

// JCint

std::int32_t joined(std::uint16_t upper, std::uint16_t lower) {
  return static_cast<std::int32_t>(std::uint32_t{upper} << 16 | lower);
}

Outcome int_of_bytes(NativeCall& call) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<std::uint8_t>(call.byte_at(i));
  return call.returns_int(static_cast<std::int32_t>(value));
}

Outcome int_of_shorts(NativeCall& call) {
  return call.returns_int(joined(static_cast<std::uint16_t>(call.short_at(0)), static_cast<std::uint16_t>(call.short_at(1))));
}

Outcome get_int(NativeCall& call) {
  const auto bytes = call.read_array(0, call.short_at(1), 4);
  if (!bytes) return call.failed();
  const auto half = [&](std::size_t at) { return static_cast<std::uint16_t>((*bytes)[at] << 8 | (*bytes)[at + 1]); };
  return call.returns_int(joined(half(0), half(2)));
}

Outcome set_int(NativeCall& call) {
  ByteWriter value;
  value.u32(static_cast<std::uint32_t>(call.int_at(2)));
  if (!call.write_array(0, call.short_at(1), value.view())) return call.failed();
  return call.returns(static_cast<std::int16_t>(call.short_at(1) + 4));
}

constexpr auto kIntx = std::to_array<machine::NativeMethod>({
    {"JCint", "makeInt", "(BBBB)I", int_of_bytes},
    {"JCint", "makeInt", "(SS)I", int_of_shorts},
    {"JCint", "getInt", "([BS)I", get_int},
    {"JCint", "setInt", "([BSI)S", set_int},
    {"JCint", "makeTransientIntArray", "(SB)[I", make_transient_ints},
});

}  // namespace

void add_array_logic(machine::NativeTable& table) {
  table.add("javacardx/framework/util", kUtil);
  table.add("javacardx/framework/util/intx", kIntx);
}

}  // namespace uicclab::applet::java
