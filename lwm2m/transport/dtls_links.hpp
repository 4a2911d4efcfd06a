// SPDX-License-Identifier: Apache-2.0
// Which library carries a handshake: inside this folder only.
#pragma once

#include "lwm2m/transport/kept_session.hpp"

namespace uicclab::lwm2m {

/// Pre-shared keys and certificates. `kept` is the session of the options. Errors: as DtlsLink::connect().
Result<std::unique_ptr<DtlsLink>> connect_openssl(std::unique_ptr<UdpLink> socket, DtlsOptions options, KeptSession kept);
/// Raw public keys. Errors: as DtlsLink::connect().
Result<std::unique_ptr<DtlsLink>> connect_gnutls(std::unique_ptr<UdpLink> socket, DtlsOptions options, KeptSession kept);

}  // namespace uicclab::lwm2m
