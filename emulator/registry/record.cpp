// SPDX-License-Identifier: Apache-2.0
#include "emulator/registry/record.hpp"

#include "core/reader.hpp"

namespace uicclab::emulator {
namespace {

constexpr std::uint8_t kDeleted = 0;
constexpr std::uint8_t kFormat = 3;              ///< of load files
constexpr std::uint8_t kFormatWithoutQuota = 3;  ///< of instances before the quota of volatile memory was kept
constexpr std::uint8_t kInstanceFormat = 4;
constexpr std::uint32_t kNone = 0xFFFFFFFF;

std::optional<Aid> read_aid(ByteReader& in) {
  const auto size = in.u8();
  const auto bytes = size ? in.bytes(*size) : std::nullopt;
  const auto aid = bytes ? Aid::from(*bytes) : fail(ErrorCode::kTruncated, "");
  return aid ? std::optional(*aid) : std::nullopt;
}

std::uint32_t number(std::optional<std::uint32_t> value) {
  return value.value_or(kNone);
}

std::optional<std::uint32_t> optional_number(std::uint32_t value) {
  return value == kNone ? std::nullopt : std::optional(value);
}

}  // namespace

Bytes deleted_instance() {
  return {kDeleted};
}

Bytes encode_instance(const InstanceSpec& spec) {
  ByteWriter out;
  out.u8(kInstanceFormat).lv(spec.aid.bytes()).lv(spec.module->load_file_aid().bytes()).lv(spec.module->module_aid().bytes());
  out.u32(spec.adf ? spec.adf->value : kNone).u24(spec.privileges.bits()).u8(spec.life_cycle).u32(number(spec.domain));
  out.u32(number(spec.memory_quota)).u32(spec.reserved_memory).u32(spec.reserved_volatile);
  out.u32(number(spec.volatile_quota));
  return out.lv(as_bytes(spec.label)).lv(spec.implicit_selection).bytes(spec.uicc.encoded()).take();
}

std::optional<InstanceRecord> decode_instance(BytesView bytes) {
  ByteReader in(bytes);
  const auto format = in.u8();
  InstanceRecord record;
  if (format == kDeleted) {
    record.deleted = true;
    return record;
  }
  const auto aid = read_aid(in);
  const auto load_file = aid ? read_aid(in) : std::nullopt;
  const auto module_aid = load_file ? read_aid(in) : std::nullopt;
  const auto adf = in.u32();
  const auto privileges = in.u24();
  const auto life_cycle = in.u8();
  const auto domain = in.u32();
  const auto quota = in.u32();
  const auto reserved = in.u32();
  const auto reserved_volatile = in.u32();
  const auto volatile_quota = format == kInstanceFormat ? in.u32() : std::optional(kNone);
  const auto label = in.lv();
  const auto implicit_selection = in.lv();
  auto uicc = gp::UiccParameters::parse(in.rest());
  const bool known = format == kInstanceFormat || format == kFormatWithoutQuota;
  if (!known || !module_aid || !implicit_selection || !uicc) return std::nullopt;
  record.load_file = *load_file;
  record.module_aid = *module_aid;
  record.spec.aid = *aid;
  record.spec.label.assign(label->begin(), label->end());
  record.spec.memory_quota = optional_number(*quota);
  record.spec.reserved_memory = *reserved;
  record.spec.reserved_volatile = *reserved_volatile;
  record.spec.volatile_quota = optional_number(*volatile_quota);
  record.spec.implicit_selection = to_bytes(*implicit_selection);
  record.spec.uicc = *std::move(uicc);
  if (*adf != kNone) record.spec.adf = FileId{*adf};
  record.spec.privileges = gp::Privileges::from_bits(*privileges);
  record.spec.life_cycle = *life_cycle;
  record.spec.domain = optional_number(*domain);
  return record;
}

Bytes encode_load_file(const LoadFileRecord& file) {
  ByteWriter out;
  out.u8(kFormat).lv(file.aid.bytes()).u32(number(file.domain)).lv(file.version).u32(file.size);
  out.u8(static_cast<std::uint8_t>(file.modules.size()));
  for (const Aid& aid : file.modules) out.lv(aid.bytes());
  out.u8(static_cast<std::uint8_t>(file.imports.size()));
  for (const auto& package : file.imports) out.u8(package.minor).u8(package.major).lv(package.aid.bytes());
  return out.take();
}

std::optional<LoadFileRecord> decode_load_file(BytesView bytes) {
  ByteReader in(bytes);
  const auto format = in.u8();
  const auto aid = read_aid(in);
  const auto domain = in.u32();
  const auto version_size = in.u8();
  const auto version = version_size ? in.bytes(*version_size) : std::nullopt;
  const auto size = in.u32();
  const auto modules = in.u8();
  if (format != kFormat || !aid || !version || !modules) return std::nullopt;
  LoadFileRecord file{*aid, optional_number(*domain), to_bytes(*version), {}, {}, *size};
  for (unsigned i = 0; i < *modules; ++i) {
    const auto module_aid = read_aid(in);
    if (!module_aid) return std::nullopt;
    file.modules.push_back(*module_aid);
  }
  const auto imports = in.u8();
  if (!imports) return std::nullopt;
  for (unsigned i = 0; i < *imports; ++i) {
    const auto minor = in.u8();
    const auto major = in.u8();
    const auto package = read_aid(in);
    if (!package) return std::nullopt;
    file.imports.push_back({*minor, *major, *package});
  }
  return file;
}

}  // namespace uicclab::emulator
