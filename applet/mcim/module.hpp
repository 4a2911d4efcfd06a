// SPDX-License-Identifier: Apache-2.0
// The module "mcim".
//
//   [[applications]]
//   module = "mcim"
//   aid = "F0756963636C61620301"
//   in_dir = false
//
// | key         | value                                                                   | without it                  |
// |-------------|-------------------------------------------------------------------------|-----------------------------|
// | target      | text, up to 255 bytes: this device's identifier                         | objects for any device only |
// | token       | hex, 1 to 64 bytes: what an object must carry                           | none is asked for           |
// | sender      | hex, SubjectPublicKeyInfo on P-256: whose signature an object must have | anybody may make an object  |
// | key_kind    | "p256" or "rsa": of the key pair that the card makes                    | "p256"                      |
// | key         | hex, PKCS #8: the key pair that the card has                            | it makes one                |
// | certificate | hex, X.509 in DER: of that key                                          | none: uicclab mcim certify  |
// | literal     | true: objects in the literal form are taken too (docs/formats/mcim.md)  | false                       |
// | tars, minimum_security | applet/remote_management/parameters.hpp: commands for it in secured packets | not reachable over the air |
#pragma once

#include "applet/api/applet.hpp"

namespace uicclab::applet::mcim {

class McimModule final : public Module {
 public:
  std::string_view name() const override { return "mcim"; }
  Aid load_file_aid() const override;
  Aid module_aid() const override;
  /// Errors: kMalformed, kRange, kNotFound, kRefused, kMismatch, kUnsupported; all name the key.
  Result<InitialObjects> personalise(const Parameters& parameters) const override;
  Result<Registration> registration(const Parameters& parameters) const override;
  bool is_multiselectable() const override { return false; }
  std::unique_ptr<Applet> make() const override;
};

}  // namespace uicclab::applet::mcim
