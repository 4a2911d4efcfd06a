// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/device/device_state.hpp"

#include "core/ber_tlv.hpp"
#include "core/crypto/sealed_storage.hpp"
#include "core/reader.hpp"

namespace uicclab::lwm2m::device {
namespace {

constexpr std::string_view kLabel = "device state";
constexpr ber::Tag kState = 0xE1;
constexpr ber::Tag kDigest = 0x80, kServer = 0x81, kEndpoint = 0x82, kLocation = 0x83, kLifetime = 0x84, kRegistered = 0x85,
                   kSession = 0x86, kFragment = 0x87, kTickets = 0x88;

Bytes number_bytes(std::int64_t value) {
  ByteWriter out;
  out.number(static_cast<std::uint64_t>(value), 8);
  return out.take();
}

std::optional<std::int64_t> number_in(BytesView fields, ber::Tag tag) {
  const auto value = ber::find(fields, tag);
  if (!value || value->size() != 8) return std::nullopt;
  return static_cast<std::int64_t>(*ByteReader(*value).number(8));
}

std::string text_in(BytesView fields, ber::Tag tag) {
  const BytesView value = ber::find(fields, tag).value_or(BytesView());
  return {value.begin(), value.end()};
}

}  // namespace

Bytes seal_state(const DeviceState& state, const crypto::SecretBytes& storage_key, Random& random) {
  Bytes fields;
  ber::write(fields, kDigest, state.bootstrap_digest);
  ber::write(fields, kServer, as_bytes(state.server));
  ber::write(fields, kEndpoint, as_bytes(state.endpoint));
  ber::write(fields, kLocation, as_bytes(state.location));
  ber::write(fields, kLifetime, number_bytes(state.lifetime.count()));
  ber::write(fields, kRegistered, number_bytes(state.registered.time_since_epoch().count()));
  ber::write(fields, kSession, state.dtls_session);
  ber::write(fields, kFragment, number_bytes(state.max_fragment));
  ber::write(fields, kTickets, number_bytes(state.tickets ? 1 : 0));
  Bytes whole = ber::encode(kState, fields);
  Bytes sealed = crypto::seal(whole, kLabel, storage_key, random);
  crypto::wipe(fields);
  crypto::wipe(whole);
  return sealed;
}

Result<DeviceState> open_state(BytesView sealed, const crypto::SecretBytes& storage_key) {
  const auto plain = crypto::open_sealed(sealed, kLabel, storage_key);
  const auto whole = plain ? ber::first(*plain) : fail(ErrorCode::kMismatch, "");
  const auto lifetime = whole ? number_in(whole->value, kLifetime) : std::nullopt;
  const auto registered = whole ? number_in(whole->value, kRegistered) : std::nullopt;
  if (!whole || whole->tag != kState || !lifetime || !registered) {
    return fail(ErrorCode::kMismatch, "not a device state encrypted with this key");
  }
  DeviceState out;
  out.bootstrap_digest = to_bytes(ber::find(whole->value, kDigest).value_or(BytesView()));
  out.server = text_in(whole->value, kServer);
  out.endpoint = text_in(whole->value, kEndpoint);
  out.location = text_in(whole->value, kLocation);
  out.lifetime = std::chrono::seconds(*lifetime);
  out.registered = std::chrono::sys_seconds(std::chrono::seconds(*registered));
  out.dtls_session = crypto::to_wiped(ber::find(whole->value, kSession).value_or(BytesView()));
  out.max_fragment = static_cast<std::uint16_t>(number_in(whole->value, kFragment).value_or(0));
  out.tickets = number_in(whole->value, kTickets).value_or(0) == 1;
  return out;
}

}  // namespace uicclab::lwm2m::device
