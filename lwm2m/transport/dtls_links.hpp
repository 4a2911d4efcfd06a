// SPDX-License-Identifier: Apache-2.0
// Which library carries a handshake: inside this folder only.
#pragma once

#include "lwm2m/transport/dtls_link.hpp"

namespace uicclab::lwm2m {

/// Pre-shared keys and certificates. Errors: as DtlsLink::connect().
Result<std::unique_ptr<DtlsLink>> connect_openssl(std::unique_ptr<UdpLink> socket, DtlsOptions options);
/// Raw public keys. Errors: as DtlsLink::connect().
Result<std::unique_ptr<DtlsLink>> connect_gnutls(std::unique_ptr<UdpLink> socket, DtlsOptions options);

}  // namespace uicclab::lwm2m
