// SPDX-License-Identifier: Apache-2.0
// A bootstrap file for people and programs: JSON and TOML with the registry's resource names in place of numbers.
#pragma once

#include <string>

#include "lwm2m/bootstrap_file.hpp"

namespace uicclab::lwm2m {

/// Keys of a resource in a view: `server_uri`, `security_mode`, `dtls_tls_ciphersuite`.
std::string key_of(const ResourceModel& model);
/// The row with this key, among those of that version; nothing if there is none.
const ResourceModel* find_resource(std::uint16_t object, ObjectVersion version, std::string_view key);

/// A value as text: numbers in decimal, `true`, `66:0` for a link, strings as they are; opaque ones `text:...` if they are printable
/// ASCII, otherwise `hex:...`. Errors: as check_value() for what has no such text.
Result<std::string> value_text(const ResourceModel& model, BytesView value);
/// The way back. Errors: kMalformed, kRange.
Result<Value> parse_value(const ResourceModel& model, std::string_view text);

/// Whether keys are shown. A hidden value is shown as `hidden: 16 bytes`.
enum class Secrets { kHidden, kShown };

/// `{"objects":[{"id":0,"name":"Security","version":"1.1","instances":[{"id":0,"server_uri":"coaps://...", ...}]}]}`; multiple resources
/// are objects by instance. A resource or value that is not in the tables is shown under its number as `hex:...`, hidden like a key,
/// because its meaning is unknown.
std::string to_json(const BootstrapFile& file, Secrets secrets = Secrets::kHidden);
/// The same as `[[object]]` and `[[object.instance]]` tables.
std::string to_toml(const BootstrapFile& file, Secrets secrets = Secrets::kHidden);

}  // namespace uicclab::lwm2m
