// SPDX-License-Identifier: Apache-2.0
// The modules "issuer-sd" and "security-domain": parameters of a profile, first objects of an instance.
//
//   [[applications]]
//   module = "issuer-sd"
//   aid = "A000000151000000"
//   in_dir = false
//   [applications.parameters]
//   [applications.parameters.keys.30]       # the key version, in hexadecimal
//   enc = "404142434445464748494A4B4C4D4E4F"
//   mac = "404142434445464748494A4B4C4D4E4F"
//   dek = "404142434445464748494A4B4C4D4E4F"
//
// | key                         | value                                                     | without it              |
// |-----------------------------|-----------------------------------------------------------|-------------------------|
// | keys.NN.enc, .mac, .dek     | hex, 16, 24 or 32 bytes: identifiers 1, 2, 3 of version NN | no such key             |
// | keys.NN.kic, .kid, .kik     | the same identifiers by the names of ETSI TS 102 225      | no such key             |
// | keys.NN.type                | aes, des                                                  | aes                     |
// | i                           | options of SCP03, 0 to 0x71                               | 0x70                    |
// | scp02                       | 0x15 or 0x55: speaks SCP02 with key versions of type des  | only SCP03              |
// | life_cycle                  | op-ready, initialized, secured (issuer-sd)                | op-ready                |
// | diversification             | hex, 10 bytes                                             | zeros                   |
// | cplc                        | hex, 42 bytes                                             | GET DATA 9F7F: 6A88     |
// | tars, minimum_security      | applet/remote_management/parameters.hpp                   | no secured packets      |
// | iin, cin                    | hex, up to 32 bytes                                       | GET DATA 42, 45: 6A88   |
// | recognition                 | hex, up to 127 bytes: card recognition data               | what the domain speaks  |
// | fci                         | hex, up to 127 bytes: the answer to SELECT, template 6F   | AID, longest data 255   |
// | privileges                  | hex, 3 bytes (GP clause 11.1.2)                           | those of its kind       |
#pragma once

#include "applet/api/applet.hpp"

namespace uicclab::applet::issuer_sd {

/// Security domains: the issuer's, one a card, made by the profile only; and supplementary ones, made by profile or INSTALL. The AIDs are
/// those that clients of GlobalPlatform cards expect (load file A0000001515350, module A000000151535041).
class DomainModule final : public Module {
 public:
  enum class Kind { kIssuer, kSupplementary };
  explicit DomainModule(Kind kind) : m_kind(kind) {}

  std::string_view name() const override { return m_kind == Kind::kIssuer ? "issuer-sd" : "security-domain"; }
  Aid load_file_aid() const override;
  Aid module_aid() const override;
  Result<InitialObjects> personalise(const Parameters& parameters) const override;
  Result<Registration> registration(const Parameters& parameters) const override;
  /// Key versions that open no session, and why.
  std::vector<std::string> remarks(const Parameters& parameters, gp::SessionVersions opens) const override;
  bool is_security_domain() const override { return true; }
  bool installable() const override { return m_kind == Kind::kSupplementary; }
  /// C9: empty, or a BER-TLV 81 with protocol and options: 81 02 03 70 (GP annex C of amendment C; what clients send).
  Result<InitialObjects> install(BytesView parameters) const override;
  std::unique_ptr<Applet> make() const override;

 private:
  Kind m_kind;
};

}  // namespace uicclab::applet::issuer_sd
