// SPDX-License-Identifier: Apache-2.0
#include "emulator/suspension.hpp"

#include "core/crypto/secret.hpp"
#include "core/reader.hpp"

namespace uicclab::emulator {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint32_t kNothing = 0xFFFFFFFF;

struct State {
  std::vector<std::pair<std::uint8_t, ChannelState>> channels;
  VerifiedKeys verified;
  Bytes profile;
  Bytes capability;
};

std::optional<std::uint32_t> optional_number(std::uint32_t value) {
  return value == kNothing ? std::nullopt : std::optional<std::uint32_t>(value);
}

std::optional<FileId> optional_file(std::uint32_t value) {
  return value == kNothing ? std::nullopt : std::optional<FileId>(FileId{value});
}

void write_bytes(ByteWriter& out, BytesView bytes) {
  out.u16(static_cast<std::uint16_t>(bytes.size())).bytes(bytes);
}

std::optional<ChannelState> read_channel(ByteReader& in) {
  const auto directory = in.u32();
  const auto file = in.u32();
  const auto record = in.u8();
  const auto instance = in.u32();
  const auto adf = in.u32();
  if (!adf) return std::nullopt;
  ChannelState channel;
  channel.open = true;
  channel.directory = FileId{*directory};
  channel.file = optional_file(*file);
  channel.record = *record;
  channel.instance = optional_number(*instance);
  channel.adf = optional_file(*adf);
  return channel;
}

std::optional<Bytes> read_bytes(ByteReader& in) {
  const auto size = in.u16();
  const auto bytes = size ? in.bytes(*size) : std::nullopt;
  return bytes ? std::optional(to_bytes(*bytes)) : std::nullopt;
}

std::optional<State> read_state(ByteReader& in) {
  State state;
  const auto channels = in.u8();
  if (!channels) return std::nullopt;
  for (unsigned i = 0; i < *channels; ++i) {
    const auto number = in.u8();
    auto channel = number && *number < Session::kChannels ? read_channel(in) : std::nullopt;
    if (!channel) return std::nullopt;
    state.channels.emplace_back(*number, std::move(*channel));
  }
  const auto keys = in.u8();
  if (!keys) return std::nullopt;
  for (unsigned i = 0; i < *keys; ++i) {
    const auto key = in.u8();
    const auto scope = in.u32();
    if (!scope) return std::nullopt;
    state.verified.push_back({KeyReference{*key}, FileId{*scope}});
  }
  auto profile = read_bytes(in);
  auto capability = read_bytes(in);
  if (!profile || !capability || !in.empty()) return std::nullopt;
  state.profile = std::move(*profile);
  state.capability = std::move(*capability);
  return state;
}

bool still_there(const Session& session, const ChannelState& channel) {
  const auto exists = [&](std::optional<FileId> id) { return !id || session.files().find(*id) != nullptr; };
  return exists(channel.directory) && exists(channel.file) && exists(channel.adf) &&
         (!channel.instance || session.runtime().exists(*channel.instance));
}

}  // namespace

Bytes encode_suspension(const Session& session, BytesView token, std::chrono::milliseconds until) {
  ByteWriter out;
  out.u8(kVersion).bytes(token).number(static_cast<std::uint64_t>(until.count()), 8);
  out.u8(static_cast<std::uint8_t>(std::ranges::count_if(session.channels, &ChannelState::open)));
  const auto number = [](std::optional<FileId> id) { return id ? id->value : kNothing; };
  for (std::uint8_t i = 0; i < Session::kChannels; ++i) {
    const ChannelState& channel = session.channels[i];
    if (!channel.open) continue;
    out.u8(i).u32(channel.directory.value).u32(number(channel.file)).u8(channel.record);
    out.u32(channel.instance.value_or(kNothing)).u32(number(channel.adf));
  }
  out.u8(static_cast<std::uint8_t>(session.security().verified().size()));
  for (const VerifiedKey& entry : session.security().verified()) out.u8(entry.key.value).u32(entry.scope.value);
  write_bytes(out, session.cat.terminal_profile());
  write_bytes(out, session.terminal_capability);
  return out.take();
}

bool resume(Session& session, BytesView object, BytesView token) {
  ByteReader in(object);
  const auto version = in.u8();
  const auto kept_token = in.bytes(kResumeTokenSize);
  const auto until = in.number(8);
  if (!until || *version != kVersion || token.size() != kResumeTokenSize) return false;
  if (!crypto::constant_time_equal(*kept_token, token)) return false;
  if (session.clock.now().count() > static_cast<std::int64_t>(*until)) return false;
  auto state = read_state(in);
  if (!state) return false;
  for (const auto& [number, channel] : state->channels) {
    if (!still_there(session, channel)) return false;
  }
  for (auto& [number, channel] : state->channels) session.channels[number] = std::move(channel);
  for (const VerifiedKey& entry : state->verified) session.security().set_verified(entry.key, entry.scope, true);
  if (!state->profile.empty()) {
    session.cat.set_terminal_profile(state->profile);
    session.toolkit().assume_told();
  }
  session.terminal_capability = std::move(state->capability);
  return true;
}

}  // namespace uicclab::emulator
