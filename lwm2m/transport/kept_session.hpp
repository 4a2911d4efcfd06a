// SPDX-License-Identifier: Apache-2.0
// A client's session between two handshakes, with what it was judged by: whoever resumes it sees no certificate and proves no key again.
// Inside this folder only.
#pragma once

#include <optional>

#include "lwm2m/transport/dtls_link.hpp"

namespace uicclab::lwm2m {

struct KeptSession {
  crypto::WipedBytes session;  ///< as the library wrote it; empty: none
  std::vector<Bytes> chain;    ///< certificates that the server showed
};

/// What DtlsLink::session() gives.
crypto::WipedBytes keep_session(BytesView session, const std::vector<Bytes>& chain, const DtlsOptions& options);

/// The session of `options`, if it may be resumed with them: made with the same credentials and the same trust, and a server's certificate
/// would still be accepted. An empty one otherwise: a full handshake decides.
KeptSession usable_session(const DtlsOptions& options);

}  // namespace uicclab::lwm2m
