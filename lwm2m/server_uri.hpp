// SPDX-License-Identifier: Apache-2.0
// Server URIs and the names in certificates: OMA-TS-LightweightM2M_Core appendix E.1 (resource 0) and LwM2M 1.0 clause 7.1.3;
// RFC 7252 clause 6; RFC 6125 clause 6.4.
#pragma once

#include <string>
#include <string_view>

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace uicclab::lwm2m {

struct ServerUri {
  std::string scheme;  ///< coap, coaps, tel, ...; in lower case
  std::string host;    ///< without the brackets of an IPv6 address
  std::uint16_t port = 0;

  /// DTLS is asked for.
  bool secure() const { return scheme == "coaps" || scheme == "coaps+tcp"; }
};

/// `coaps://host:port`, with the default port (5683, 5684) if there is none; a path is taken and means nothing; `tel:` has the number for a
/// host. Errors: kMalformed; kUnsupported for another scheme than those and coap+tcp, coaps+tcp.
Result<ServerUri> parse_server_uri(std::string_view uri);

/// 4 or 16 bytes; empty if the host is a name.
Bytes address_of(std::string_view host);

/// Each wildcard is one whole leftmost label, and two labels follow it: `*.acme.com` is allowed, `*.com` and `f*.acme.com` are not.
bool is_allowed_name(std::string_view name);
/// A DNS name of a certificate covers the host; names compare without case, a wildcard covers exactly one label. A name that is not
/// allowed covers nothing.
bool name_covers(std::string_view name, std::string_view host);

}  // namespace uicclab::lwm2m
