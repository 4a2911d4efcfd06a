// SPDX-License-Identifier: Apache-2.0
#include "gp/install_parameters.hpp"

#include <algorithm>

#include "core/ber_tlv.hpp"
#include "core/reader.hpp"

namespace uicclab::gp {
namespace {

constexpr ber::Tag kApplication = 0xC9;
constexpr ber::Tag kSystem = 0xEF;
constexpr ber::Tag kUicc = 0xEA;
constexpr ber::Tag kTokenTemplate = 0xB6;

constexpr ber::Tag kCodeMemory = 0xC6;
constexpr ber::Tag kVolatileMemory = 0xC7;
constexpr ber::Tag kMemory = 0xC8;
constexpr ber::Tag kSim = 0xCA;
constexpr ber::Tag kServices = 0xCB;
constexpr ber::Tag kImplicitSelection = 0xCF;
constexpr ber::Tag kReservedVolatile = 0xD7;
constexpr ber::Tag kReservedMemory = 0xD8;

constexpr ber::Tag kToolkit = 0x80;
constexpr ber::Tag kAccess = 0x81;
constexpr ber::Tag kAdministrativeAccess = 0x82;
constexpr ber::Tag kToolkitDap = 0xC3;

constexpr std::uint8_t kMaxTimers = 8;
constexpr std::uint8_t kMaxChannels = 7;
constexpr std::uint8_t kMaxServices = 8;
constexpr std::uint8_t kMinimumSpi1 = 0x01;  // MSL parameter (clause 8.2.1.3.2.4.2)

tl::unexpected<Error> truncated(const ByteReader& in) {
  return fail(ErrorCode::kTruncated, "toolkit or access parameters end too early", in.offset());
}

// An empty field is no level at all.
Result<std::uint8_t> parse_minimum_security(BytesView field, std::size_t offset) {
  if (field.empty()) return std::uint8_t{0};
  if (field[0] != kMinimumSpi1) return fail(ErrorCode::kUnsupported, "a minimum security level that is not an SPI", offset);
  if (field.size() != 2) return fail(ErrorCode::kRange, "a minimum SPI has one byte", offset);
  return field[1];
}

Result<std::vector<Tar>> parse_tars(BytesView field, std::size_t offset) {
  if (field.size() % 3 != 0) return fail(ErrorCode::kRange, "a TAR has three bytes", offset);
  std::vector<Tar> tars;
  for (std::size_t i = 0; i < field.size(); i += 3) {
    const Tar tar{{field[i], field[i + 1], field[i + 2]}};
    if (std::ranges::find(tars, tar) != tars.end()) return fail(ErrorCode::kRange, "a TAR occurs twice", offset + i);
    tars.push_back(tar);
  }
  return tars;
}

// What follows the menu came to the field one by one: it may end before each of them.
Result<ToolkitParameters> parse_toolkit(ByteReader& in) {
  ToolkitParameters out;
  const auto priority = in.u8();
  const auto timers = in.u8();
  const auto text = in.u8();
  const auto entries = in.u8();
  if (!entries) return truncated(in);
  out.priority = *priority;
  out.max_timers = *timers;
  out.max_menu_text = *text;
  for (std::uint8_t i = 0; i < *entries; ++i) {
    const auto position = in.u8();
    const auto id = in.u8();
    if (!id) return truncated(in);
    out.menu.push_back({*position, *id});
  }
  out.max_channels = in.u8().value_or(0);
  if (const std::size_t at = in.offset(); !in.empty()) {
    const auto level = in.lv();
    if (!level) return truncated(in);
    const auto minimum = parse_minimum_security(*level, at);
    if (!minimum) return tl::unexpected(minimum.error());
    out.minimum_spi1 = *minimum;
  }
  if (const std::size_t at = in.offset(); !in.empty()) {
    const auto field = in.lv();
    if (!field) return truncated(in);
    auto tars = parse_tars(*field, at);
    if (!tars) return tl::unexpected(tars.error());
    out.tars = *std::move(tars);
  }
  out.max_services = in.u8().value_or(0);
  (void)in.rest();  // of later editions; unused bytes are accepted (TS 102 268 Cre_Tin_Genb)
  if (out.max_timers > kMaxTimers || out.max_channels > kMaxChannels || out.max_services > kMaxServices) {
    return fail(ErrorCode::kRange, "more timers, channels or services than a UICC has");
  }
  return out;
}

Bytes encode_toolkit(const ToolkitParameters& toolkit) {
  ByteWriter out;
  out.u8(toolkit.priority).u8(toolkit.max_timers).u8(toolkit.max_menu_text).u8(static_cast<std::uint8_t>(toolkit.menu.size()));
  for (const auto& entry : toolkit.menu) out.u8(entry.position).u8(entry.id);
  out.u8(toolkit.max_channels).lv(toolkit.minimum_spi1 == 0 ? Bytes{} : Bytes{kMinimumSpi1, toolkit.minimum_spi1});
  ByteWriter tars;
  for (const Tar& tar : toolkit.tars) tars.bytes(tar.value);
  return out.lv(tars.view()).u8(toolkit.max_services).take();
}

Result<std::vector<AccessParameters>> parse_access(BytesView value) {
  std::vector<AccessParameters> out;
  for (ByteReader in(value); !in.empty();) {
    const std::size_t at = in.offset();
    const auto aid = in.lv();
    const auto domain = in.lv();
    const auto dap = in.lv();
    if (!aid || !domain || !dap) return truncated(in);
    AccessParameters one;
    if (!aid->empty()) {
      const auto adf = Aid::from(*aid);
      if (!adf) return fail(ErrorCode::kRange, "an AID has 5 to 16 bytes", at);
      one.adf = *adf;
    }
    one.domain = to_bytes(*domain);
    one.dap = to_bytes(*dap);
    if (std::ranges::find(out, one.adf, &AccessParameters::adf) != out.end()) {
      return fail(ErrorCode::kMalformed, "two access domains of one file system", at);
    }
    out.push_back(std::move(one));
  }
  return out;
}

Bytes encode_access(const std::vector<AccessParameters>& all) {
  ByteWriter out;
  for (const AccessParameters& one : all) out.lv(one.adf.bytes()).lv(one.domain).lv(one.dap);
  return out.take();
}

/// CA (clause 8.2.1.3.2.1): an access domain of the shared file system, then the toolkit.
Result<UiccParameters> parse_sim(BytesView value) {
  ByteReader in(value);
  const auto domain = in.lv();
  if (!domain) return truncated(in);
  auto toolkit = parse_toolkit(in);
  if (!toolkit) return tl::unexpected(toolkit.error());
  return UiccParameters{*std::move(toolkit), {{Aid{}, to_bytes(*domain), {}}}, {}};
}

Bytes encode_sim(const UiccParameters& uicc) {
  const auto shared = std::ranges::find(uicc.access, Aid{}, &AccessParameters::adf);
  ByteWriter out;
  out.lv(shared == uicc.access.end() ? "FF"_h : BytesView(shared->domain));
  return out.bytes(encode_toolkit(uicc.toolkit.value_or(ToolkitParameters{}))).take();
}

Result<void> parse_memory(const ber::Tlv& object, std::optional<std::uint32_t>& out) {
  if (object.value.size() != 2 && object.value.size() != 4) return fail(ErrorCode::kRange, "a memory size has 2 or 4 bytes", object.offset);
  if (out) return fail(ErrorCode::kMalformed, "a memory size occurs twice", object.offset);
  out = static_cast<std::uint32_t>(*ByteReader(object.value).number(object.value.size()));
  return {};
}

Result<void> parse_system(BytesView value, InstallParameters& out) {
  for (ber::Reader reader(value); !reader.empty();) {
    const auto object = reader.next();
    if (!object) return tl::unexpected(object.error());
    Result<void> done;
    switch (object->tag) {
      case kCodeMemory:
        done = parse_memory(*object, out.code_memory);
        break;
      case kVolatileMemory:
        done = parse_memory(*object, out.volatile_memory);
        break;
      case kMemory:
        done = parse_memory(*object, out.memory);
        break;
      case kReservedVolatile:
        done = parse_memory(*object, out.reserved_volatile);
        break;
      case kReservedMemory:
        done = parse_memory(*object, out.reserved_memory);
        break;
      case kServices:
        if (object->value.size() % 2 != 0) return fail(ErrorCode::kRange, "a global service has two bytes", object->offset);
        append(out.services, object->value);
        break;
      case kImplicitSelection:
        if (object->value.size() != 1) return fail(ErrorCode::kRange, "an implicit selection has one byte", object->offset);
        out.implicit_selection.push_back(object->value[0]);
        break;
      case kSim: {
        if (out.uicc) return fail(ErrorCode::kMalformed, "toolkit parameters occur twice", object->offset);
        auto sim = parse_sim(object->value);
        if (!sim) return tl::unexpected(sim.error());
        out.uicc = *std::move(sim);
        out.form = InstallParameters::Form::kSim;
        break;
      }
      default:
        return fail(ErrorCode::kMalformed, "a system parameter that is not known", object->offset);
    }
    if (!done) return done;
  }
  return {};
}

void put_memory(Bytes& out, ber::Tag tag, std::optional<std::uint32_t> size) {
  if (size) ber::write(out, tag, ByteWriter().number(*size, *size > 0xFFFF ? 4 : 2).view());
}

}  // namespace

Result<UiccParameters> UiccParameters::parse(BytesView value) {
  UiccParameters out;
  std::vector<ber::Tag> seen;
  for (ber::Reader reader(value); !reader.empty();) {
    const auto object = reader.next();
    if (!object) return tl::unexpected(object.error());
    if (std::ranges::find(seen, object->tag) != seen.end()) return fail(ErrorCode::kMalformed, "an object occurs twice", object->offset);
    seen.push_back(object->tag);
    switch (object->tag) {
      case kToolkit: {
        ByteReader in(object->value);
        auto toolkit = parse_toolkit(in);
        if (!toolkit) return tl::unexpected(toolkit.error());
        out.toolkit = *std::move(toolkit);
        break;
      }
      case kAccess:
      case kAdministrativeAccess: {
        auto access = parse_access(object->value);
        if (!access) return tl::unexpected(access.error());
        (object->tag == kAccess ? out.access : out.administrative_access) = *std::move(access);
        break;
      }
      case kToolkitDap:
        return fail(ErrorCode::kUnsupported, "a DAP of the toolkit parameters", object->offset);
      default:
        return fail(ErrorCode::kMalformed, "a UICC parameter that is not known", object->offset);
    }
  }
  return out;
}

Bytes UiccParameters::encoded() const {
  Bytes out;
  if (toolkit) ber::write(out, kToolkit, encode_toolkit(*toolkit));
  if (!access.empty()) ber::write(out, kAccess, encode_access(access));
  if (!administrative_access.empty()) ber::write(out, kAdministrativeAccess, encode_access(administrative_access));
  return out;
}

Result<InstallParameters> InstallParameters::parse(BytesView field) {
  InstallParameters out;
  for (ber::Reader reader(field); !reader.empty();) {
    const auto object = reader.next();
    if (!object) return tl::unexpected(object.error());
    switch (object->tag) {
      case kApplication:
        if (out.application) return fail(ErrorCode::kMalformed, "C9 occurs twice", object->offset);
        out.application = to_bytes(object->value);
        break;
      case kSystem:
        if (auto done = parse_system(object->value, out); !done) return tl::unexpected(done.error());
        break;
      case kUicc: {
        if (out.uicc) return fail(ErrorCode::kMalformed, "UICC parameters appear twice, or together with those of a SIM", object->offset);
        auto uicc = UiccParameters::parse(object->value);
        if (!uicc) return tl::unexpected(uicc.error());
        out.uicc = *std::move(uicc);
        break;
      }
      case kTokenTemplate:  // says who signed a token; a token itself is refused
        break;
      default:
        return fail(ErrorCode::kMalformed, "an install parameter that is not known", object->offset);
    }
  }
  return out;
}

Bytes InstallParameters::encoded() const {
  Bytes system;
  put_memory(system, kCodeMemory, code_memory);
  put_memory(system, kVolatileMemory, volatile_memory);
  put_memory(system, kMemory, memory);
  if (!services.empty()) ber::write(system, kServices, services);
  for (const std::uint8_t one : implicit_selection) ber::write(system, kImplicitSelection, BytesView{&one, 1});
  put_memory(system, kReservedVolatile, reserved_volatile);
  put_memory(system, kReservedMemory, reserved_memory);
  if (uicc && form == Form::kSim) ber::write(system, kSim, encode_sim(*uicc));
  Bytes out;
  if (application) ber::write(out, kApplication, *application);
  if (!system.empty()) ber::write(out, kSystem, system);
  if (uicc && form == Form::kUicc) ber::write(out, kUicc, uicc->encoded());
  return out;
}

}  // namespace uicclab::gp
