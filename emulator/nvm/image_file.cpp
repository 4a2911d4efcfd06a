// SPDX-License-Identifier: Apache-2.0
#include "emulator/nvm/image_file.hpp"

#include <algorithm>
#include <array>

#include "core/reader.hpp"
#include "uicc/fcp.hpp"

namespace uicclab::emulator {
namespace {

constexpr std::uint32_t kNone = 0xFFFFFFFF;

/// The settings that are yes or no, for both directions. The names in brackets are all there are: a new one does not compile before it is
/// dealt with here.
template <typename Settings>
auto flags(Settings& settings) {
  auto& [name, atr, free_memory, logical_channels, gsm_class, max_suspend_seconds, remote, choices] = settings;
  auto& [uicc_class, gsm_adm, any_pin_value, warning_first, given_directory_data, version_70_opens_sessions, java_21_install,
         verify_strictly, deactivated_warning] = choices;
  auto& [policy, quirks] = remote;
  auto& [single_des, short_cmac] = policy;
  auto& [first_padding, answer_failed_cc, never_answer_errors, one_higher_is_higher, response_check_without_udh, protect_any_error] =
      quirks;
  return std::array{&gsm_class,
                    &single_des,
                    &short_cmac,
                    &answer_failed_cc,
                    &never_answer_errors,
                    &one_higher_is_higher,
                    &response_check_without_udh,
                    &protect_any_error,
                    &uicc_class,
                    &any_pin_value,
                    &warning_first,
                    &given_directory_data,
                    &version_70_opens_sessions,
                    &java_21_install,
                    &verify_strictly,
                    &deactivated_warning};
}

void put(ByteWriter& out, BytesView bytes) {
  out.u32(static_cast<std::uint32_t>(bytes.size())).bytes(bytes);
}

/// Reads what put() and ByteWriter wrote. After the first thing that is not there everything is zero or empty, and failed() says so.
class Source {
 public:
  explicit Source(BytesView bytes) : m_in(bytes) {}

  std::uint64_t number(std::size_t size) { return keep(m_in.number(size)).value_or(0); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  BytesView bytes() {
    const std::uint32_t size = u32();
    return keep(m_in.bytes(size)).value_or(BytesView{});
  }
  std::string text() {
    const BytesView view = bytes();
    return {view.begin(), view.end()};
  }
  /// How many elements follow, each of one byte at least: never more than there are bytes.
  std::uint32_t count() {
    const std::uint32_t value = u32();
    if (value > m_in.remaining()) m_failed = true;
    return m_failed ? 0 : value;
  }
  bool failed() const { return m_failed; }
  bool empty() const { return m_in.empty(); }
  std::size_t offset() const { return m_in.offset(); }

 private:
  template <typename T>
  std::optional<T> keep(std::optional<T> value) {
    if (!value) m_failed = true;
    return m_failed ? std::nullopt : value;
  }

  ByteReader m_in;
  bool m_failed = false;
};

Result<InstanceSpec> read_instance(Source& in, const applet::ModuleCatalogue& modules) {
  InstanceSpec instance;
  if (const BytesView aid = in.bytes(); !aid.empty()) {
    const auto known = Aid::from(aid);
    if (!known) return fail(ErrorCode::kMalformed, "an AID of an instance", in.offset());
    instance.aid = *known;
  }
  instance.label = in.text();
  const std::string name = in.text();
  const auto module = std::ranges::find(modules, name, [](const auto& entry) { return entry->name(); });
  if (module == modules.end() && !in.failed()) return fail(ErrorCode::kNotFound, "no module " + name, in.offset());
  if (module != modules.end()) instance.module = *module;
  if (const std::uint32_t adf = in.u32(); adf != kNone) instance.adf = FileId{adf};
  instance.privileges = gp::Privileges::from_bits(static_cast<std::uint32_t>(in.number(3)));
  instance.life_cycle = in.u8();
  if (const std::uint32_t domain = in.u32(); domain != kNone) instance.domain = domain;
  instance.implicit_selection = to_bytes(in.bytes());
  if (const BytesView uicc = in.bytes(); !uicc.empty()) {
    auto parsed = gp::UiccParameters::parse(uicc);
    if (!parsed) return tl::unexpected(parsed.error());
    instance.uicc = std::move(*parsed);
  }
  return instance;
}

}  // namespace

Bytes encode_image(const CardImage& image) {
  ByteWriter out;
  const CardSettings& settings = image.settings();
  put(out, as_bytes(settings.name));
  put(out, settings.atr);
  out.u32(settings.free_memory).u8(settings.logical_channels).u32(settings.max_suspend_seconds).u8(settings.remote.quirks.first_padding);
  for (const bool* flag : flags(settings)) out.u8(*flag ? 1 : 0);
  out.u32(static_cast<std::uint32_t>(settings.choices.gsm_adm.size()));
  for (const ChvOfAdm& adm : settings.choices.gsm_adm) out.u8(adm.chv).u8(adm.key.value);
  out.u32(static_cast<std::uint32_t>(image.instances().size()));
  for (const InstanceSpec& instance : image.instances()) {
    put(out, instance.aid.bytes());
    put(out, as_bytes(instance.label));
    put(out, as_bytes(instance.module->name()));
    out.u32(instance.adf ? instance.adf->value : kNone);
    out.u24(instance.privileges.bits()).u8(instance.life_cycle).u32(instance.domain.value_or(kNone));
    put(out, instance.implicit_selection);
    put(out, instance.uicc == gp::UiccParameters{} ? Bytes{} : instance.uicc.encoded());
  }
  out.u32(image.file_count());
  for (std::uint32_t i = 0; i < image.file_count(); ++i) {
    put(out, encode_header(image.header(FileId{i})));
    put(out, image.find(ObjectId(Space::kFileBody, 0, i)).value_or(BytesView{}));
  }
  out.u32(static_cast<std::uint32_t>(image.objects().size()));
  for (const auto& [id, value] : image.objects()) {
    out.number(id.value, 8);
    put(out, value);
  }
  return out.take();
}

Result<std::shared_ptr<const CardImage>> decode_image(BytesView bytes, const applet::ModuleCatalogue& modules) {
  Source in(bytes);
  CardSettings settings;
  settings.name = in.text();
  settings.atr = to_bytes(in.bytes());
  settings.free_memory = in.u32();
  settings.logical_channels = in.u8();
  settings.max_suspend_seconds = in.u32();
  settings.remote.quirks.first_padding = in.u8();
  for (bool* flag : flags(settings)) *flag = in.u8() != 0;
  for (std::uint32_t left = in.count(); left > 0 && !in.failed(); --left) {
    const std::uint8_t chv = in.u8();
    settings.choices.gsm_adm.push_back({chv, KeyReference{in.u8()}});
  }
  CardImageBuilder builder(std::move(settings), modules);
  for (std::uint32_t left = in.count(); left > 0 && !in.failed(); --left) {
    auto instance = read_instance(in, modules);
    if (!instance) return tl::unexpected(instance.error());
    if (!in.failed()) builder.add_instance(std::move(*instance));
  }
  for (std::uint32_t left = in.count(); left > 0 && !in.failed(); --left) {
    const BytesView encoded = in.bytes();
    const BytesView body = in.bytes();
    if (in.failed()) break;
    auto header = decode_header(encoded);
    if (!header) return tl::unexpected(header.error());
    builder.add_file(std::move(*header), to_bytes(body));
  }
  for (std::uint32_t left = in.count(); left > 0 && !in.failed(); --left) {
    const ObjectId id(in.number(8));
    builder.put(id, to_bytes(in.bytes()));
  }
  if (in.failed()) return fail(ErrorCode::kTruncated, "an image that ends too early", in.offset());
  if (!in.empty()) return fail(ErrorCode::kTrailing, "bytes after an image", in.offset());
  return builder.build();
}

}  // namespace uicclab::emulator
