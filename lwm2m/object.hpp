// SPDX-License-Identifier: Apache-2.0
// Objects, their instances and resources as trees, to and from LwM2M TLV: OMA-TS-LightweightM2M 1.0 clause 6.4.3.
#pragma once

#include <optional>
#include <vector>

#include "core/crypto/wiped_bytes.hpp"
#include "lwm2m/tlv.hpp"

namespace uicclab::lwm2m {

/// The value of a single resource, or one of a multiple one. Any of them may be a key, so all are wiped.
using Value = crypto::WipedBytes;

struct ResourceInstance {
  std::uint16_t id = 0;
  Value value;
  bool operator==(const ResourceInstance&) const = default;
};

struct Resource {
  std::uint16_t id = 0;
  bool multiple = false;
  std::vector<ResourceInstance> instances;  ///< of a single resource there is one, with the identifier 0
  bool operator==(const Resource&) const = default;
};

struct ObjectInstance {
  std::uint16_t id = 0;
  std::vector<Resource> resources;

  /// Nothing if there is none.
  const Resource* find(std::uint16_t resource) const;
  /// The value of a single resource.
  std::optional<BytesView> value(std::uint16_t resource) const;
  /// Sets a single resource, in its place or in the order of identifiers.
  void set(std::uint16_t resource, BytesView value);
  void set(std::uint16_t resource, std::int64_t value) { set(resource, encode_integer(value)); }
  void set(std::uint16_t resource, std::string_view text) { set(resource, as_bytes(text)); }
  void set_boolean(std::uint16_t resource, bool value);
  /// Adds an instance to a multiple resource.
  void add(std::uint16_t resource, std::uint16_t instance, BytesView value);
  bool remove(std::uint16_t resource);

  bool operator==(const ObjectInstance&) const = default;
};

/// The instances of one object. Errors: kTruncated; kMalformed for a misplaced element (a resource instance outside a
/// multiple resource, an instance inside another) and for an identifier that occurs twice in one place.
Result<std::vector<ObjectInstance>> parse_instances(BytesView tlv);

/// Identifiers and lengths in their shortest forms, everything in the order given.
Value encode_instances(const std::vector<ObjectInstance>& instances);

}  // namespace uicclab::lwm2m
