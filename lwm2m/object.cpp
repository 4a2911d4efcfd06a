// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/object.hpp"

#include <algorithm>
#include <string>

namespace uicclab::lwm2m {
namespace {

tl::unexpected<Error> misplaced(const Tlv& tlv, const char* what) {
  return fail(ErrorCode::kMalformed, std::string(what) + " " + std::to_string(tlv.id), tlv.offset);
}

template <typename T>
bool holds(const std::vector<T>& items, std::uint16_t id) {
  return std::ranges::find(items, id, &T::id) != items.end();
}

/// Where the element of a nested sequence begins in the whole input: behind header bytes that end where `outer` ends.
std::size_t inner_offset(const Tlv& outer, BytesView whole) {
  return static_cast<std::size_t>(outer.value.data() - whole.data());
}

Result<Resource> parse_resource(const Tlv& tlv, BytesView whole) {
  Resource resource{tlv.id, tlv.type == TlvType::kMultipleResource, {}};
  if (!resource.multiple) {
    resource.instances.push_back({0, crypto::to_wiped(tlv.value)});
    return resource;
  }
  TlvReader reader(tlv.value, tlv.value.empty() ? 0 : inner_offset(tlv, whole));
  while (!reader.empty()) {
    const auto inner = reader.next();
    if (!inner) return tl::unexpected(inner.error());
    if (inner->type != TlvType::kResourceInstance) return misplaced(*inner, "unexpected in a multiple resource:");
    if (holds(resource.instances, inner->id)) return misplaced(*inner, "duplicate resource instance");
    resource.instances.push_back({inner->id, crypto::to_wiped(inner->value)});
  }
  return resource;
}

Result<ObjectInstance> parse_instance(const Tlv& tlv, BytesView whole) {
  ObjectInstance instance{tlv.id, {}};
  TlvReader reader(tlv.value, tlv.value.empty() ? 0 : inner_offset(tlv, whole));
  while (!reader.empty()) {
    const auto inner = reader.next();
    if (!inner) return tl::unexpected(inner.error());
    if (inner->type != TlvType::kResource && inner->type != TlvType::kMultipleResource) {
      return misplaced(*inner, "unexpected in an object instance:");
    }
    if (instance.find(inner->id) != nullptr) return misplaced(*inner, "duplicate resource");
    auto resource = parse_resource(*inner, whole);
    if (!resource) return tl::unexpected(resource.error());
    instance.resources.push_back(*std::move(resource));
  }
  return instance;
}

Value encode_resources(const ObjectInstance& instance) {
  Value out;
  for (const Resource& resource : instance.resources) {
    if (!resource.multiple) {
      write_tlv(out, TlvType::kResource, resource.id, resource.instances.empty() ? BytesView() : BytesView(resource.instances[0].value));
      continue;
    }
    Value inner;
    for (const ResourceInstance& one : resource.instances) write_tlv(inner, TlvType::kResourceInstance, one.id, one.value);
    write_tlv(out, TlvType::kMultipleResource, resource.id, inner);
  }
  return out;
}

Resource& place_for(std::vector<Resource>& resources, std::uint16_t id) {
  const auto at = std::ranges::lower_bound(resources, id, {}, &Resource::id);
  const auto same = std::ranges::find(resources, id, &Resource::id);  // the input may be in any order
  return same != resources.end() ? *same : *resources.insert(at, Resource{id, false, {}});
}

}  // namespace

const Resource* ObjectInstance::find(std::uint16_t resource) const {
  const auto at = std::ranges::find(resources, resource, &Resource::id);
  return at == resources.end() ? nullptr : &*at;
}

std::optional<BytesView> ObjectInstance::value(std::uint16_t resource) const {
  const Resource* found = find(resource);
  if (found == nullptr || found->multiple || found->instances.empty()) return std::nullopt;
  return found->instances[0].value;
}

void ObjectInstance::set(std::uint16_t resource, BytesView value) {
  Resource& place = place_for(resources, resource);
  place.multiple = false;
  place.instances.assign(1, {0, crypto::to_wiped(value)});
}

void ObjectInstance::set_boolean(std::uint16_t resource, bool value) {
  const std::array<std::uint8_t, 1> byte{static_cast<std::uint8_t>(value)};
  set(resource, byte);
}

void ObjectInstance::add(std::uint16_t resource, std::uint16_t instance, BytesView value) {
  Resource& place = place_for(resources, resource);
  place.multiple = true;
  const auto same = std::ranges::find(place.instances, instance, &ResourceInstance::id);
  if (same != place.instances.end()) {
    same->value = crypto::to_wiped(value);
  } else {
    place.instances.push_back({instance, crypto::to_wiped(value)});
  }
}

bool ObjectInstance::remove(std::uint16_t resource) {
  return std::erase_if(resources, [resource](const Resource& r) { return r.id == resource; }) != 0;
}

Result<std::vector<ObjectInstance>> parse_instances(BytesView tlv) {
  std::vector<ObjectInstance> instances;
  TlvReader reader(tlv);
  while (!reader.empty()) {
    const auto outer = reader.next();
    if (!outer) return tl::unexpected(outer.error());
    if (outer->type != TlvType::kObjectInstance) return misplaced(*outer, "outside an object instance:");
    if (holds(instances, outer->id)) return misplaced(*outer, "duplicate object instance");
    auto instance = parse_instance(*outer, tlv);
    if (!instance) return tl::unexpected(instance.error());
    instances.push_back(*std::move(instance));
  }
  return instances;
}

Value encode_instances(const std::vector<ObjectInstance>& instances) {
  Value out;
  for (const ObjectInstance& instance : instances) write_tlv(out, TlvType::kObjectInstance, instance.id, encode_resources(instance));
  return out;
}

}  // namespace uicclab::lwm2m
