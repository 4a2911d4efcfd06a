// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/transport/kept_session.hpp"

#include "core/ber_tlv.hpp"
#include "core/crypto/hash.hpp"

namespace uicclab::lwm2m {
namespace {

constexpr ber::Tag kWhole = 0x30, kJudgedBy = 0x80, kLibrary = 0x81, kCertificate = 0x82;

/// Of everything that a full handshake compares. Digests of the parts, so that none runs over into the next.
crypto::Sha256Digest judged_by(const DtlsOptions& options) {
  using crypto::sha256;
  const ServerTrust none;
  const ServerTrust& trust = options.trust ? *options.trust : none;
  const Bytes rules{static_cast<std::uint8_t>(options.trust.has_value()), trust.matching,
                    static_cast<std::uint8_t>(trust.usage ? static_cast<unsigned>(*trust.usage) : 0xFFU)};
  return sha256({sha256({as_bytes(options.psk_identity)}), sha256({options.psk.expose(crypto::ExposeSecret{"what a session is tied to"})}),
                 sha256({options.certificate}), sha256({options.public_key}), sha256({options.server_public_key}), sha256({trust.stored}),
                 sha256({as_bytes(trust.host)}), rules});
}

}  // namespace

crypto::WipedBytes keep_session(BytesView session, const std::vector<Bytes>& chain, const DtlsOptions& options) {
  Bytes fields;
  ber::write(fields, kJudgedBy, judged_by(options));
  ber::write(fields, kLibrary, session);
  for (const Bytes& one : chain) ber::write(fields, kCertificate, one);
  Bytes whole = ber::encode(kWhole, fields);
  crypto::WipedBytes out = crypto::to_wiped(whole);
  crypto::wipe(fields);
  crypto::wipe(whole);
  return out;
}

KeptSession usable_session(const DtlsOptions& options) {
  const auto whole = ber::only(options.session, kWhole);
  if (!whole) return {};
  const auto by = ber::find(whole->value, kJudgedBy);
  if (!by || !equal(*by, judged_by(options))) return {};
  KeptSession out;
  for (ber::Reader reader(whole->value); !reader.empty();) {
    const auto field = reader.next();
    if (!field) return {};
    if (field->tag == kLibrary) out.session = crypto::to_wiped(field->value);
    if (field->tag == kCertificate) out.chain.push_back(to_bytes(field->value));
  }
  if (options.trust && !check_server(out.chain, *options.trust)) return {};
  return out;
}

}  // namespace uicclab::lwm2m
