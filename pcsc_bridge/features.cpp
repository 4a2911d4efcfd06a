// SPDX-License-Identifier: Apache-2.0
#include "pcsc_bridge/features.hpp"

#include "core/reader.hpp"

namespace uicclab::pcsc_bridge {

namespace {

constexpr std::string_view kVendor = "uicclab";
constexpr std::uint32_t kVersion = 0x00010000;  // 0xMMmmbbbb
/// Extended APDUs of ISO/IEC 7816-3 clause 12.1.3 go through whole.
constexpr std::uint32_t kMaxApduData = 65536;

constexpr std::uint32_t control_code(std::uint32_t code) {
  return 0x42000000 + code;
}
constexpr std::uint32_t kGetFeatureRequest = control_code(3400);
constexpr std::uint32_t kGetTlvProperties = control_code(3401);

constexpr std::uint8_t kFeatureGetTlvProperties = 0x12;
enum Property : std::uint8_t { kMinPinSize = 6, kMaxPinSize = 7, kFirmwareId = 8, kMaxApduDataSize = 10 };

template <typename T>
Bytes native(T number) {
  Bytes out;
  wire::write(out, number);
  return out;
}

Bytes text(std::string_view s) {
  return to_bytes(as_bytes(s));
}

Bytes name_of(const wire::ReaderState& reader) {
  return text({reader.name.data(), std::string_view(reader.name.data()).size() + 1});
}

bool has(const wire::ReaderState& reader, wire::StateBit bit) {
  return (reader.state & bit) != 0;
}

struct AttributeEntry {
  std::uint32_t id;
  Bytes (*value)(const wire::ReaderState&);
};

constexpr std::array kAttributes{
    AttributeEntry{0x00010100, [](const wire::ReaderState&) { return text(kVendor); }},         // VENDOR_NAME
    AttributeEntry{0x00010102, [](const wire::ReaderState&) { return native(kVersion); }},      // VENDOR_IFD_VERSION
    AttributeEntry{0x0007A007, [](const wire::ReaderState&) { return native(kMaxApduData); }},  // MAXINPUT
    AttributeEntry{0x00080201, [](const wire::ReaderState& r) { return native(r.protocol); }},  // CURRENT_PROTOCOL_TYPE
    AttributeEntry{0x00090300,  // ICC_PRESENCE: 0 absent, 1 present, 2 present and on
                   [](const wire::ReaderState& r) {
                     return Bytes{static_cast<std::uint8_t>((has(r, wire::kPresent) ? 1 : 0) + (has(r, wire::kPowered) ? 1 : 0))};
                   }},
    AttributeEntry{0x00090301,  // ICC_INTERFACE_STATUS
                   [](const wire::ReaderState& r) { return Bytes{static_cast<std::uint8_t>(has(r, wire::kPowered) ? 1 : 0)}; }},
    AttributeEntry{0x00090303, [](const wire::ReaderState& r) { return Bytes(r.atr.begin(), r.atr.begin() + r.atr_size); }},  // ATR_STRING
    AttributeEntry{0x7FFF0003, name_of},  // DEVICE_FRIENDLY_NAME_A
    AttributeEntry{0x7FFF0004, name_of},  // DEVICE_SYSTEM_NAME_A
};

}  // namespace

std::optional<Bytes> attribute(std::uint32_t id, const wire::ReaderState& reader) {
  const auto found = std::ranges::find(kAttributes, id, &AttributeEntry::id);
  if (found == kAttributes.end()) return std::nullopt;
  return found->value(reader);
}

std::optional<Bytes> control_answer(std::uint32_t code) {
  if (code == kGetFeatureRequest) {  // tag, length 4, control code big-endian
    return ByteWriter().u8(kFeatureGetTlvProperties).u8(4).u32(kGetTlvProperties).take();
  }
  if (code == kGetTlvProperties) {  // tag, length, value little-endian
    return concat({Bytes{kMinPinSize, 1, 0}, Bytes{kMaxPinSize, 1, 0}, Bytes{kFirmwareId, static_cast<std::uint8_t>(kVendor.size())},
                   as_bytes(kVendor), Bytes{kMaxApduDataSize, 4}, native(kMaxApduData)});
  }
  return std::nullopt;
}

}  // namespace uicclab::pcsc_bridge
