// SPDX-License-Identifier: Apache-2.0
// Secure messaging of SCP03, both directions of both ends: Amd D clauses 6.2.4 (C-MAC), 6.2.5 (R-MAC), 6.2.6 (C-ENC), 6.2.7 (R-ENC).
#pragma once

#include <optional>

#include "scp03/key_derivation.hpp"

namespace uicclab::scp03 {

/// The moving parts of one session: session keys, MAC chaining value, encryption counter. The host protects commands and checks
/// responses, the card checks commands and protects responses; who made a mistake must not go on with it.
class SecureMessaging {
 public:
  SecureMessaging(const SessionKeys& keys, std::size_t mac_size);

  /// Cryptograms of this session, made with S-MAC.
  Cryptograms cryptograms(BytesView host_challenge, BytesView card_challenge);

  /// Host: the wrapped command, in short coding where it fits and `plain.extended` is not set.
  /// Errors: kRange if it gets longer than Lc can say (max_command_data), with the length allowed.
  Result<Bytes> wrap_command(const apdu::Command& plain, SecurityLevel level);
  /// Host: wraps with a C-MAC only and without counting, as EXTERNAL AUTHENTICATE is (Amd D clause 7.1.2).
  Bytes wrap_external_authenticate(const apdu::Command& plain);

  /// Card: checks and takes away what protects a command; its data then points into `secured` or into this object, until the next call.
  /// Errors: kTruncated (no room for a C-MAC), kMismatch (C-MAC), kMalformed (cipher text, padding).
  Result<apdu::Command> unwrap_command(const apdu::Command& secured, SecurityLevel level);
  /// Card: checks the C-MAC of EXTERNAL AUTHENTICATE. Errors as unwrap_command().
  Result<apdu::Command> unwrap_external_authenticate(const apdu::Command& secured);

  /// Card: ciphers `data` and appends the R-MAC, as `level` says. An error status leaves `data` unchanged.
  void wrap_response(Bytes& data, StatusWord status, SecurityLevel level);

  /// Host: checks and takes away what protects a response.
  /// Errors: kTruncated (a success without an R-MAC), kMismatch (R-MAC), kMalformed (cipher text, padding, data with an error status).
  Result<apdu::Response> unwrap_response(apdu::Response secured, SecurityLevel level);

  std::size_t mac_size() const { return m_mac_size; }

 private:
  crypto::Bytes16 command_mac(const apdu::Command& header, std::size_t lc, bool extended, BytesView data);
  crypto::Bytes16 response_mac(BytesView data, StatusWord status);
  crypto::Bytes16 initial_vector(bool response);
  Result<apdu::Command> check_mac(const apdu::Command& secured);

  std::size_t m_mac_size;
  crypto::AesCmac m_c_mac;
  crypto::AesKey m_rmac_key;
  crypto::AesKey m_enc_key;
  std::optional<crypto::AesCmac> m_r_mac;  ///< these two are keyed at first use: half of all sessions never need them
  std::optional<crypto::AesBlock> m_counter_cipher;
  crypto::AesCbc m_data_cipher;
  crypto::Bytes16 m_chaining_value{};
  std::uint64_t m_counter = 0;  ///< commands since EXTERNAL AUTHENTICATE
  Bytes m_plain;                ///< data of the last command deciphered
};

}  // namespace uicclab::scp03
