// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/transport/payloads.hpp"

#include <algorithm>

#include "core/base64.hpp"
#include "lwm2m/management_objects.hpp"
#include "lwm2m/transport/senml.hpp"
#include "lwm2m/view.hpp"

namespace uicclab::lwm2m {
namespace {

using Path = std::vector<std::uint16_t>;
namespace format = coap::format;

coap::Message with(coap::Code code) {
  coap::Message out;
  out.code = code;
  return out;
}

std::string text_of(BytesView bytes) {
  return {bytes.begin(), bytes.end()};
}

/// The one value of the path, or nothing.
const Resource* single(const std::vector<ObjectInstance>& instances) {
  return instances.size() == 1 && instances[0].resources.size() == 1 && instances[0].resources[0].instances.size() == 1
             ? instances[0].resources.data()
             : nullptr;
}

/// Clause 6.4.1: numbers in decimal, booleans as 0 and 1, opaque values in base64, links as 66:0.
std::string plain_text(std::uint16_t object, const Resource& resource) {
  const BytesView value = resource.instances[0].value;
  const ResourceModel* model = known_resource(object, resource.id);
  const ValueType type = model != nullptr ? model->type : ValueType::kString;
  if (type == ValueType::kOpaque) return base64(value);
  if (type == ValueType::kBoolean) return value.size() == 1 && value[0] != 0 ? "1" : "0";
  if (type == ValueType::kString) return text_of(value);
  return value_text(*model, value).value_or(text_of(value));
}

Result<Value> value_of_text(std::uint16_t object, std::uint16_t resource, const std::string& text) {
  const ResourceModel* model = known_resource(object, resource);
  const ValueType type = model != nullptr ? model->type : ValueType::kString;
  if (type == ValueType::kString) return crypto::to_wiped(as_bytes(text));
  if (type == ValueType::kOpaque) {
    auto bytes = from_base64(text);
    if (!bytes) return tl::unexpected(bytes.error());
    return crypto::to_wiped(*bytes);
  }
  if (type == ValueType::kBoolean) {
    if (text != "0" && text != "1") return fail(ErrorCode::kMalformed, "a boolean in text is 0 or 1");
    return Value{static_cast<std::uint8_t>(text == "1")};
  }
  return parse_value(*model, text);
}

Value bare(const ObjectInstance& instance) {
  const Value whole = encode_instances({instance});
  const auto outer = TlvReader(whole).next();
  return outer ? crypto::to_wiped(outer->value) : Value();
}

/// Clause 6.4.3: an object's instances with their numbers; of one instance its resources; of one value of a multiple resource that value.
Value tlv_of(const Path& path, const std::vector<ObjectInstance>& instances) {
  if (path.size() == 1) return encode_instances(instances);
  if (path.size() < 4) return bare(instances[0]);
  const ResourceInstance& one = instances[0].resources[0].instances[0];
  Value out;
  write_tlv(out, TlvType::kResourceInstance, one.id, one.value);
  return out;
}

std::vector<SenmlRecord> records_of(std::uint16_t object, const std::vector<ObjectInstance>& instances) {
  std::vector<SenmlRecord> out;
  for (const ObjectInstance& instance : instances) {
    for (const Resource& resource : instance.resources) {
      for (const ResourceInstance& one : resource.instances) {
        SenmlRecord record{{object, instance.id, resource.id}, one.value};
        if (resource.multiple) record.path.push_back(one.id);
        out.push_back(std::move(record));
      }
    }
  }
  return out;
}

Result<std::vector<ObjectInstance>> instances_of(const Path& path, const std::vector<SenmlRecord>& records) {
  std::vector<ObjectInstance> out;
  for (const SenmlRecord& one : records) {
    const bool fits = one.path.size() >= 3 && one.path.size() <= 4 && one.path.size() >= path.size() &&
                      std::equal(path.begin(), path.end(), one.path.begin());
    if (!fits) return fail(ErrorCode::kMalformed, "a record outside the path that is written");
    const auto there = std::ranges::find(out, one.path[1], &ObjectInstance::id);
    ObjectInstance& instance = there != out.end() ? *there : out.emplace_back(ObjectInstance{one.path[1], {}});
    if (one.path.size() == 4) {
      instance.add(one.path[2], one.path[3], one.value);
    } else {
      if (instance.find(one.path[2]) != nullptr) return fail(ErrorCode::kMalformed, "a resource twice");
      instance.set(one.path[2], BytesView(one.value));
    }
  }
  return out;
}

Result<std::vector<ObjectInstance>> instances_in_tlv(const Path& path, BytesView payload) {
  const std::uint8_t first = payload.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(payload[0] >> 6);
  const bool named = !payload.empty() && first == static_cast<std::uint8_t>(TlvType::kObjectInstance);
  Value wrapped;
  if (!named) {
    Value resources = crypto::to_wiped(payload);
    if (first == static_cast<std::uint8_t>(TlvType::kResourceInstance) && path.size() >= 3) {
      resources.clear();
      write_tlv(resources, TlvType::kMultipleResource, path[2], payload);
    }
    write_tlv(wrapped, TlvType::kObjectInstance, path.size() > 1 ? path[1] : kNoInstance, resources);
  }
  return parse_instances(named ? payload : BytesView(wrapped));
}

}  // namespace

coap::Message encode_payload(const Path& path, const std::vector<ObjectInstance>& instances, std::optional<std::uint32_t> accept) {
  const Resource* one = path.size() > 2 ? single(instances) : nullptr;
  const bool text_fits = one != nullptr && (path.size() == 4 || !one->multiple);
  const std::uint32_t chosen = accept.value_or(text_fits ? format::kText : format::kLwm2mTlv);
  coap::Message out = with(coap::kContent);
  if (chosen == format::kText && text_fits) {
    out.payload = to_bytes(as_bytes(plain_text(path[0], *one)));
  } else if (chosen == format::kOpaque && text_fits) {
    const ResourceModel* model = known_resource(path[0], path[2]);
    if (model != nullptr && model->type != ValueType::kOpaque) return with(coap::kNotAcceptable);
    out.payload = to_bytes(one->instances[0].value);
  } else if (chosen == format::kLwm2mTlv || chosen == format::kOldTlv) {
    out.payload = to_bytes(tlv_of(path, instances));
  } else if (chosen == format::kSenmlJson) {
    out.payload = to_bytes(as_bytes(senml_json(records_of(path[0], instances))));
  } else if (chosen == format::kSenmlCbor) {
    out.payload = senml_cbor(records_of(path[0], instances));
  } else {
    return with(coap::kNotAcceptable);  // RFC 7252 clause 5.10.4
  }
  out.add_number(coap::option::kContentFormat, chosen);
  return out;
}

Result<std::vector<ObjectInstance>> decode_payload(const Path& path, const coap::Message& message) {
  const std::uint32_t given = message.number_in(coap::option::kContentFormat).value_or(format::kLwm2mTlv);
  const auto one_value = [&](const Value& value) {
    ObjectInstance out{path[1], {}};
    if (path.size() == 4) {
      out.add(path[2], path[3], value);
    } else {
      out.set(path[2], BytesView(value));
    }
    return std::vector<ObjectInstance>{out};
  };
  switch (given) {
    case format::kText:
    case format::kOpaque: {
      if (path.size() < 3) return fail(ErrorCode::kMalformed, "text and opaque payloads are one value, but the path is not a resource");
      if (given == format::kOpaque) return one_value(crypto::to_wiped(message.payload));
      const auto value = value_of_text(path[0], path[2], text_of(message.payload));
      if (!value) return tl::unexpected(value.error());
      return one_value(*value);
    }
    case format::kLwm2mTlv:
    case format::kOldTlv:
      return instances_in_tlv(path, message.payload);
    case format::kSenmlJson:
    case format::kSenmlCbor: {
      const auto records = given == format::kSenmlJson ? parse_senml_json(text_of(message.payload)) : parse_senml_cbor(message.payload);
      if (!records) return tl::unexpected(records.error());
      return instances_of(path, *records);
    }
    default:
      return fail(ErrorCode::kUnsupported, "content format " + std::to_string(given));
  }
}

}  // namespace uicclab::lwm2m
