// SPDX-License-Identifier: Apache-2.0
// The functions of libgnutls, which is loaded when the first of them is called: the program starts without it
// (docs/decisions/024-gnutls.md). Inside this folder only.
#pragma once

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/dtls.h>
#include <gnutls/gnutls.h>

/// One row for each function: gnutls_<row>.
#define UICCLAB_GNUTLS_FUNCTIONS(ROW)       \
  ROW(alert_get)                            \
  ROW(alert_get_name)                       \
  ROW(alert_send)                           \
  ROW(alert_send_appropriate)               \
  ROW(bye)                                  \
  ROW(certificate_allocate_credentials)     \
  ROW(certificate_free_credentials)         \
  ROW(certificate_get_peers)                \
  ROW(certificate_server_set_request)       \
  ROW(certificate_set_rawpk_key_mem)        \
  ROW(certificate_set_x509_key)             \
  ROW(certificate_type_get2)                \
  ROW(cipher_get)                           \
  ROW(cipher_suite_info)                    \
  ROW(credentials_set)                      \
  ROW(db_set_cache_expiration)              \
  ROW(db_set_ptr)                           \
  ROW(db_set_remove_function)               \
  ROW(db_set_retrieve_function)             \
  ROW(db_set_store_function)                \
  ROW(deinit)                               \
  ROW(dtls_cookie_send)                     \
  ROW(dtls_cookie_verify)                   \
  ROW(dtls_get_data_mtu)                    \
  ROW(dtls_prestate_set)                    \
  ROW(dtls_set_mtu)                         \
  ROW(dtls_set_timeouts)                    \
  ROW(error_is_fatal)                       \
  ROW(handshake)                            \
  ROW(handshake_set_hook_function)          \
  ROW(init)                                 \
  ROW(key_generate)                         \
  ROW(kx_get)                               \
  ROW(mac_get)                              \
  ROW(priority_set_direct)                  \
  ROW(psk_allocate_server_credentials)      \
  ROW(psk_free_server_credentials)          \
  ROW(psk_server_get_username)              \
  ROW(psk_server_get_username2)             \
  ROW(psk_set_server_credentials_function2) \
  ROW(record_get_max_size)                  \
  ROW(record_recv)                          \
  ROW(record_send)                          \
  ROW(record_set_max_size)                  \
  ROW(rnd)                                  \
  ROW(server_name_set)                      \
  ROW(session_get_data2)                    \
  ROW(session_get_flags)                    \
  ROW(session_get_ptr)                      \
  ROW(session_is_resumed)                   \
  ROW(session_set_data)                     \
  ROW(session_set_ptr)                      \
  ROW(session_set_verify_function)          \
  ROW(session_ticket_enable_server)         \
  ROW(session_ticket_key_generate)          \
  ROW(strerror)                             \
  ROW(transport_set_errno)                  \
  ROW(transport_set_int2)                   \
  ROW(transport_set_ptr)                    \
  ROW(transport_set_pull_function)          \
  ROW(transport_set_pull_timeout_function)  \
  ROW(transport_set_push_function)          \
  ROW(x509_crt_deinit)                      \
  ROW(x509_crt_import)                      \
  ROW(x509_crt_init)                        \
  ROW(x509_privkey_deinit)                  \
  ROW(x509_privkey_import2)                 \
  ROW(x509_privkey_init)

namespace uicclab::lwm2m::gnutls {

struct Api {
#define UICCLAB_ROW(name) decltype(&::gnutls_##name) name = nullptr;
  UICCLAB_GNUTLS_FUNCTIONS(UICCLAB_ROW)
#undef UICCLAB_ROW
  gnutls_alloc_function malloc = nullptr;  ///< variables of the library, not functions
  gnutls_free_function free = nullptr;
};

/// Throws SystemError where the library is missing or too old; from the second call on never.
const Api& api();

}  // namespace uicclab::lwm2m::gnutls
