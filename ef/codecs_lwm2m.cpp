// SPDX-License-Identifier: Apache-2.0
// PKCS #15 and the LwM2M bootstrap file: OMA-TS-LightweightM2M_Core appendix G.3.3; the results of the codecs in lwm2m/ as values.
#include <charconv>

#include "core/hex.hpp"
#include "ef/codec_groups.hpp"
#include "lwm2m/pkcs15_directory.hpp"
#include "lwm2m/view.hpp"
#include "lwm2m/view_reader.hpp"

namespace uicclab::ef {
namespace {

tl::unexpected<Fault> as_fault(const Error& error) {
  return faulty(error.code, error.text, error.offset);
}

Coded<Bytes> fitting(Bytes bytes, std::optional<std::size_t> size) {
  if (size && bytes.size() > *size)
    return faulty(ErrorCode::kRange, "is " + std::to_string(bytes.size()) + " bytes, there is room for " + std::to_string(*size));
  if (size) bytes.resize(*size, 0xFF);
  return bytes;
}

Type object_directory() {
  return {[](BytesView bytes) -> Coded<Value> {
            const auto paths = lwm2m::parse_odf(bytes);
            if (!paths) return as_fault(paths.error());
            List out;
            for (const Bytes& path : *paths) out.emplace_back(to_hex(path));
            Value value{Members()};
            value.set("data_object_directories", std::move(out));
            return value;
          },
          [](const Value& value, std::optional<std::size_t> size) -> Coded<Bytes> {
            const Value* given = value.find("data_object_directories");
            if (given == nullptr || given->list() == nullptr) return faulty(ErrorCode::kMalformed, "must be a list of paths");
            std::vector<Bytes> paths;
            for (const Value& one : *given->list()) {
              const auto path = hex().encode(one, std::nullopt);
              if (!path) return within(path.error(), "data_object_directories." + std::to_string(paths.size()), 0);
              paths.push_back(*path);
            }
            return fitting(lwm2m::encode_odf(paths), size);
          }};
}

Value entry_value(const lwm2m::DataObject& entry) {
  Value out{Members()};
  out.set("label", entry.label);
  if (entry.has_flags) {
    out.set("private", entry.is_private);
    out.set("modifiable", entry.is_modifiable);
  }
  out.set("application", entry.application_name);
  out.set("oid", to_hex(entry.oid));
  if (entry.coding == lwm2m::OidCoding::kDoublyEncoded) out.set("oid_doubly_encoded", true);
  out.set("path", to_hex(entry.path));
  return out;
}

Coded<lwm2m::DataObject> entry_of(const Value& value) {
  lwm2m::DataObject out;
  const auto text = [&](std::string_view name) {
    const Value* found = value.find(name);
    return found == nullptr || found->text() == nullptr ? std::string() : *found->text();
  };
  const auto yes = [&](std::string_view name) {
    const Value* found = value.find(name);
    return found != nullptr && found->boolean() != nullptr && *found->boolean();
  };
  out.label = text("label");
  out.has_flags = value.find("private") != nullptr || value.find("modifiable") != nullptr;
  out.is_private = yes("private");
  out.is_modifiable = yes("modifiable");
  out.application_name = text("application");
  out.coding = yes("oid_doubly_encoded") ? lwm2m::OidCoding::kDoublyEncoded : lwm2m::OidCoding::kCorrect;
  const auto oid = from_hex(text("oid"));
  const auto path = from_hex(text("path"));
  if (!oid || oid->empty()) return within({ErrorCode::kMalformed, "", "must be hexadecimal digits"}, "oid", 0);
  if (!path || path->empty()) return within({ErrorCode::kMalformed, "", "must be hexadecimal digits"}, "path", 0);
  out.oid = *oid;
  out.path = *path;
  return out;
}

Type data_object_directory() {
  return {[](BytesView bytes) -> Coded<Value> {
            const auto entries = lwm2m::parse_dodf(bytes);
            if (!entries) return as_fault(entries.error());
            List out;
            for (const lwm2m::DataObject& entry : *entries) out.push_back(entry_value(entry));
            Value value{Members()};
            value.set("objects", std::move(out));
            return value;
          },
          [](const Value& value, std::optional<std::size_t> size) -> Coded<Bytes> {
            const Value* given = value.find("objects");
            if (given == nullptr || given->list() == nullptr) return faulty(ErrorCode::kMalformed, "must be a list of objects");
            Bytes out;
            for (std::size_t i = 0; i < given->list()->size(); ++i) {
              const auto entry = entry_of((*given->list())[i]);
              if (!entry) return within(entry.error(), "objects." + std::to_string(i), 0);
              append(out, lwm2m::encode_dodf(*entry));
            }
            return fitting(std::move(out), size);
          }};
}

std::string resource_text(const lwm2m::ResourceModel* model, BytesView value) {
  const auto text = model == nullptr ? Result<std::string>(fail(ErrorCode::kNotFound, "")) : lwm2m::value_text(*model, value);
  return text ? *text : "hex:" + to_hex(value);
}

Value bootstrap_value(const lwm2m::BootstrapFile& file) {
  List objects;
  for (const lwm2m::BootstrapObject& object : file.objects) {
    List instances;
    for (const lwm2m::ObjectInstance& instance : object.instances) {
      Value members{Members()};
      members.set("id", std::uint64_t{instance.id});
      for (const lwm2m::Resource& resource : instance.resources) {
        const auto* model =
            lwm2m::find_resource(object.id, object.version.value_or(lwm2m::ObjectVersion{1, lwm2m::kNewestMinor}), resource.id);
        const std::string key = model == nullptr ? std::to_string(resource.id) : lwm2m::key_of(*model);
        if (!resource.multiple) {
          members.set(key, resource_text(model, resource.instances.empty() ? BytesView() : BytesView(resource.instances[0].value)));
          continue;
        }
        Value several{Members()};
        for (const auto& one : resource.instances) several.set(std::to_string(one.id), resource_text(model, one.value));
        members.set(key, std::move(several));
      }
      instances.push_back(std::move(members));
    }
    Value members{Members()};
    members.set("id", std::uint64_t{object.id});
    if (object.version) members.set("version", std::to_string(object.version->major) + "." + std::to_string(object.version->minor));
    members.set("instances", std::move(instances));
    objects.push_back(std::move(members));
  }
  Value out{Members()};
  out.set("objects", std::move(objects));
  return out;
}

std::int64_t number_in(const Value* value) {
  return value == nullptr || value->number() == nullptr || *value->number() > 0xFFFF ? -1 : static_cast<std::int64_t>(*value->number());
}

Result<void> read_instance(lwm2m::ViewReader& reader, const Value& instance) {
  if (auto begun = reader.instance(number_in(instance.find("id"))); !begun) return begun;
  for (const auto& [name, value] : *instance.members()) {
    if (name == "id") continue;
    if (value.text() != nullptr) {
      if (auto done = reader.resource(name, *value.text()); !done) return done;
    } else if (value.members() != nullptr) {
      for (const auto& [place, one] : *value.members()) {
        std::int64_t number = -1;
        (void)std::from_chars(place.data(), place.data() + place.size(), number);
        if (auto done = reader.resource(name, number, one.text() == nullptr ? "" : *one.text()); !done) return done;
      }
    } else {
      return fail(ErrorCode::kMalformed, name + " must be a text");
    }
  }
  return {};
}

Result<lwm2m::BootstrapFile> bootstrap_file(const Value& value) {
  lwm2m::ViewReader reader;
  const Value* objects = value.find("objects");
  if (objects == nullptr || objects->list() == nullptr) return fail(ErrorCode::kMalformed, "must be a list of objects");
  for (const Value& object : *objects->list()) {
    const Value* version = object.find("version");
    const Value* instances = object.find("instances");
    const bool good = instances != nullptr && instances->list() != nullptr && (version == nullptr || version->text() != nullptr);
    if (!good) return fail(ErrorCode::kMalformed, "an object has an id, a version in a text and instances");
    if (auto begun =
            reader.object(number_in(object.find("id")), version == nullptr ? std::string_view() : std::string_view(*version->text()));
        !begun) {
      return tl::unexpected(begun.error());
    }
    for (const Value& instance : *instances->list()) {
      if (instance.members() == nullptr) return fail(ErrorCode::kMalformed, "an instance has resources by name");
      if (auto done = read_instance(reader, instance); !done) return tl::unexpected(done.error());
    }
  }
  return reader.take();
}

Type bootstrap() {
  return {[](BytesView bytes) -> Coded<Value> {
            const auto file = lwm2m::parse_bootstrap_file(bytes);
            if (!file) return as_fault(file.error());
            return bootstrap_value(*file);
          },
          [](const Value& value, std::optional<std::size_t> size) -> Coded<Bytes> {
            const auto file = bootstrap_file(value);
            if (!file) return as_fault(file.error());
            const auto bytes = lwm2m::encode_bootstrap_file(*file);
            if (!bytes) return as_fault(bytes.error());
            return fitting(to_bytes(*bytes), size);
          }};
}

}  // namespace

std::vector<Codec> lwm2m_codecs() {
  return {
      {"EF.ODF", "", "PKCS #15 v1.1 clause 6.2", or_empty(object_directory())},
      {"EF.DODF", "", "PKCS #15 v1.1 clause 6.9", or_empty(data_object_directory())},
      {"EF.DODF-bootstrap", "", "OMA-TS-LightweightM2M_Core appendix G.3.3", or_empty(data_object_directory())},
      {"EF.LwM2M_Bootstrap", "", "OMA-TS-LightweightM2M_Core appendix G.3.3", or_empty(bootstrap())},
  };
}

}  // namespace uicclab::ef
