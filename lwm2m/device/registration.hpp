// SPDX-License-Identifier: Apache-2.0
// Register, Update and De-register: OMA-TS-LightweightM2M 1.0 clauses 5.3 and 8.2.4 (CoAP mapping).
#pragma once

#include "lwm2m/bootstrap_file.hpp"
#include "lwm2m/device/account.hpp"
#include "lwm2m/transport/coap_client.hpp"

namespace uicclab::lwm2m::device {

struct RegistrationRequest {
  std::string endpoint;
  std::chrono::seconds lifetime{86400};
  std::string version = "1.1";  ///< of the enabler
  std::string binding = "U";
  std::string sms_number;  ///< empty: none
  std::string objects;     ///< of object_links()
};

/// What the device has, in CoRE link format (RFC 6690): the objects of the bootstrap file except Security, which is never reported, and
/// Device (3).
std::string object_links(const BootstrapFile& file);

/// The requests alone, for another way than a link (secured short messages); without type, identifier and token.
coap::Message register_message(const RegistrationRequest& request);
coap::Message update_message(const std::string& location, std::optional<std::chrono::seconds> lifetime, const std::string& objects = {});
coap::Message deregister_message(const std::string& location);

/// The location that a server's 2.01 names, "rd/5a3f"; a slash or a percent sign within a segment is %2F, %25.
std::string location_of(const coap::Message& answer);

/// The server's location for the registration: "rd/5a3f". Errors: kRefused with the server's answer; kMalformed for a success without a
/// location; those of the client.
Result<std::string> register_device(coap::Client& client, const RegistrationRequest& request);
/// Lifetime and objects only where they are new. Errors: kNotFound if the server does not know the registration (4.04), kRefused.
Result<void> update_registration(coap::Client& client, const std::string& location, std::optional<std::chrono::seconds> lifetime,
                                 const std::string& objects = {});
/// Errors: as update_registration().
Result<void> deregister_device(coap::Client& client, const std::string& location);

}  // namespace uicclab::lwm2m::device
