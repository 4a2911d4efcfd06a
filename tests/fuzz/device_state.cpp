// SPDX-License-Identifier: Apache-2.0
// What a device keeps while it sleeps: sealed storage as it is found in a file, and the fields inside when the seal is right.
#include "lwm2m/device/device_state.hpp"

#include "core/crypto/sealed_storage.hpp"
#include "lwm2m/session_key_file.hpp"
#include "lwm2m/transport/kept_session.hpp"
#include "tests/support/fuzz.hpp"

using namespace uicclab;
using namespace uicclab::lwm2m;
using test::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView bytes(data, size);
  static const crypto::SecretBytes key(Bytes(32, 7));
  SeededRandom random(1);
  require(!crypto::open_sealed(bytes, "device state", key), "nobody seals without the key");

  // The same bytes as content, which the seal vouches for and nothing else.
  const Bytes sealed = crypto::seal(bytes, "device state", key, random);
  require(!open_session_keys(sealed, key), "sealed for another purpose");
  const auto opened = crypto::open_sealed(sealed, "device state", key);
  require(opened && opened->size() >= size && equal(BytesView(*opened).first(size), bytes), "what was sealed is there");
  const auto state = device::open_state(sealed, key);
  if (!state) {
    require(state.error().code == ErrorCode::kMismatch, "one answer, whatever is wrong");
  } else {
    const auto again = device::open_state(device::seal_state(*state, key, random), key);
    DtlsOptions options;
    options.session = state->dtls_session;
    (void)usable_session(options);
    options.session = keep_session(state->dtls_session, {state->bootstrap_digest}, options);
    require(usable_session(options).session == state->dtls_session, "a session that was kept is found");
    options.psk_identity = "another";
    require(usable_session(options).session.empty(), "other credentials, no session");
    require(again && again->location == state->location && again->dtls_session == state->dtls_session &&
                again->bootstrap_digest == state->bootstrap_digest && again->lifetime == state->lifetime &&
                again->registered == state->registered,
            "what was written is read");
  }
  (void)open_session_keys(seal(bytes, "session keys", key, random), key);
  return 0;
}
