// SPDX-License-Identifier: Apache-2.0
#include "terminal/proactive_command.hpp"

#include <algorithm>
#include <array>

#include "core/ber_tlv.hpp"
#include "core/comprehension_tlv.hpp"

namespace uicclab::terminal {
namespace {

constexpr ber::Tag kProactiveCommand = 0xD0;

/// A type, and the data objects it does not go without (ETSI TS 102 223 clauses 6.6.1 to 6.6.41); in addition to details and devices.
struct Known {
  Type type;
  std::array<std::uint16_t, 2> mandatory{};
};
constexpr std::array<Known, 25> kSupported{{{Type::kRefresh, {}},
                                            {Type::kMoreTime, {}},
                                            {Type::kPollInterval, {tag::kDuration}},
                                            {Type::kPollingOff, {}},
                                            {Type::kSetUpEventList, {tag::kEventList}},
                                            {Type::kSetUpCall, {tag::kAddress}},
                                            {Type::kSendSs, {tag::kSsString}},
                                            {Type::kSendUssd, {tag::kUssdString}},
                                            {Type::kSendShortMessage, {tag::kSmsTpdu}},
                                            {Type::kSendDtmf, {tag::kDtmfString}},
                                            {Type::kPlayTone, {}},
                                            {Type::kDisplayText, {tag::kTextString}},
                                            {Type::kGetInkey, {tag::kTextString}},
                                            {Type::kGetInput, {tag::kTextString, tag::kResponseLength}},
                                            {Type::kSelectItem, {tag::kItem}},
                                            {Type::kSetUpMenu, {tag::kAlphaIdentifier, tag::kItem}},
                                            {Type::kProvideLocalInformation, {}},
                                            {Type::kTimerManagement, {tag::kTimerIdentifier}},
                                            {Type::kSetUpIdleModeText, {tag::kTextString}},
                                            {Type::kLanguageNotification, {}},
                                            {Type::kOpenChannel, {tag::kBufferSize}},
                                            {Type::kCloseChannel, {}},
                                            {Type::kReceiveData, {tag::kChannelDataLength}},
                                            {Type::kSendData, {tag::kChannelData}},
                                            {Type::kGetChannelStatus, {}}}};

/// Other types of clause 9.4: a terminal of another kind can do them.
constexpr std::array<std::uint8_t, 22> kBeyond{0x15, 0x16, 0x30, 0x31, 0x32, 0x33, 0x34, 0x45, 0x46, 0x47, 0x50,
                                               0x51, 0x60, 0x61, 0x62, 0x70, 0x71, 0x72, 0x73, 0x74, 0x75, 0x76};

/// Ranges of the tags that ETSI TS 101 220 table 7.23 gives a meaning, both ends included.
constexpr std::array<std::array<std::uint16_t, 2>, 12> kKnownTags{{{0x01, 0x1B},
                                                                   {0x1D, 0x1F},
                                                                   {0x21, 0x25},
                                                                   {0x26, 0x28},
                                                                   {0x2A, 0x37},
                                                                   {0x38, 0x3C},
                                                                   {0x3E, 0x44},
                                                                   {0x46, 0x4B},
                                                                   {0x50, 0x57},
                                                                   {0x60, 0x6E},
                                                                   {0x70, 0x7B},
                                                                   {0x7C, 0x7E}}};

bool is_known(std::uint16_t one) {
  return std::ranges::any_of(kKnownTags, [one](const auto& range) { return one >= range[0] && one <= range[1]; });
}

/// Fills the command; what is wrong with the coding of it or with a data object.
std::optional<std::uint8_t> read_objects(BytesView fetched, ProactiveCommand& out) {
  const auto outer = ber::only(fetched, kProactiveCommand);
  if (!outer) return result::kDataNotUnderstood;
  bool details = false;
  bool devices = false;
  std::optional<std::uint8_t> wrong;
  for (ctlv::Reader reader(outer->value); !reader.empty();) {
    const auto one = reader.next();
    if (!one) return result::kDataNotUnderstood;
    if (one->tag == tag::kCommandDetails && !details) {
      if (one->value.size() != 3) return result::kDataNotUnderstood;
      details = true;
      out.details = to_bytes(one->value);
      out.details_required = one->comprehension_required;
    } else if (one->tag == tag::kDevices && !devices) {
      if (one->value.size() != 2) return result::kDataNotUnderstood;
      devices = true;
      out.source = one->value[0];
      out.destination = one->value[1];
    } else if (one->comprehension_required && !is_known(one->tag)) {
      wrong = result::kDataNotUnderstood;  // clause 6.10.4
    } else {
      out.objects.push_back({one->tag, to_bytes(one->value)});
    }
  }
  if (!details || !devices) return result::kValuesMissing;
  if (out.source != device::kCard) return result::kDataNotUnderstood;
  return wrong;
}

}  // namespace

const Bytes* ProactiveCommand::find(std::uint16_t wanted) const {
  const auto found = std::ranges::find(objects, wanted, &Object::tag);
  return found == objects.end() ? nullptr : &found->value;
}

Taken take(BytesView fetched) {
  Taken out;
  out.command.bytes = to_bytes(fetched);
  out.refused = read_objects(fetched, out.command);
  const std::uint8_t type = out.command.type();
  const auto known = std::ranges::find_if(kSupported, [type](const Known& one) { return static_cast<std::uint8_t>(one.type) == type; });
  if (known == kSupported.end()) {
    const bool beyond = std::ranges::find(kBeyond, type) != kBeyond.end();
    if (!out.refused || *out.refused == result::kDataNotUnderstood) {
      if (type != 0) out.refused = beyond ? result::kBeyondCapabilities : result::kTypeNotUnderstood;
    }
    return out;
  }
  if (out.refused) return out;
  for (const std::uint16_t wanted : known->mandatory) {
    if (wanted != 0 && out.command.find(wanted) == nullptr) out.refused = result::kValuesMissing;
  }
  return out;
}

}  // namespace uicclab::terminal
