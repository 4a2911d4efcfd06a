// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/device/bootstrap_client.hpp"

#include <algorithm>

#include "lwm2m/device/account.hpp"
#include "lwm2m/transport/payloads.hpp"
#include "lwm2m/validation.hpp"

namespace uicclab::lwm2m::device {
namespace {

using coap::Message;

bool is_bootstrap_account(std::uint16_t object, const ObjectInstance& instance) {
  const auto value = object == kSecurityObject ? instance.value(security::kBootstrap) : std::nullopt;
  return value && decode_boolean(*value).value_or(false);
}

bool is_bootstrap_object(std::uint16_t object) {
  return object == kSecurityObject || object == kServerObject || object == kAccessControlObject;
}

std::string short_id_attribute(const ObjectInstance& instance, std::uint16_t resource) {
  const auto value = instance.value(resource);
  const auto number = value ? decode_integer(*value) : fail(ErrorCode::kNotFound, "");
  return number && *number > 0 ? ";ssid=" + std::to_string(*number) : std::string();
}

}  // namespace

BootstrapClient::BootstrapClient(coap::Client& client, BootstrapFile begin, std::string version)
    : m_client(client), m_file(std::move(begin)), m_version(std::move(version)) {
  m_client.on_request([this](const Message& request) { return answer(request); });
}

Result<BootstrapFile> BootstrapClient::run(const std::string& endpoint, std::chrono::milliseconds within,
                                           std::chrono::milliseconds hold_off) {
  m_endpoint = endpoint;
  if (hold_off.count() > 0) {
    if (const auto served = m_client.serve(hold_off, [this] { return m_begun; }); !served) return tl::unexpected(served.error());
    m_server_initiated = m_begun;
  }
  if (!m_server_initiated) {
    if (const auto asked = ask(endpoint); !asked) return tl::unexpected(asked.error());
  }
  if (const auto served = m_client.serve(within, [this] { return m_finished; }); !served) return tl::unexpected(served.error());
  if (!m_finished) return fail(ErrorCode::kIo, "the bootstrap server did not finish");
  return std::move(m_file);
}

Result<void> BootstrapClient::ask(const std::string& endpoint) {
  Message request = coap::answer_of(coap::kPost);
  request.add(coap::option::kUriPath, std::string_view("bs"));
  request.add(coap::option::kUriQuery, "ep=" + endpoint);
  const auto accepted = m_client.request(std::move(request));
  if (!accepted) return tl::unexpected(accepted.error());
  if (accepted->code != coap::kChanged)
    return fail(ErrorCode::kRefused, "Bootstrap-Request: the server answers " + coap::name(accepted->code));
  return {};
}

/// What is refused begins no bootstrap.
Message BootstrapClient::answer(const Message& request) {
  Message out = carry_out(request);
  m_begun = m_begun || out.code.is_success();
  return out;
}

Message BootstrapClient::carry_out(const Message& request) {
  const auto words = request.texts(coap::option::kUriPath);
  if (request.code == coap::kPost && words == std::vector<std::string>{"bs"}) {
    const auto consistent = check_consistency();
    m_finished = consistent.has_value();
    Message out = coap::answer_of(m_finished ? coap::kChanged : coap::kNotAcceptable);
    if (!consistent) out.payload = to_bytes(as_bytes(consistent.error().text));  // a diagnostic payload (RFC 7252 clause 5.5.2)
    return out;
  }
  const auto path = coap::numbers_of(words);
  if (!path || path->size() > 3) return coap::answer_of(coap::kBadRequest);
  if (!path->empty() && !is_bootstrap_object((*path)[0])) return coap::answer_of(coap::kNotFound);
  if (request.code == coap::kPut) return coap::answer_of(write(*path, request));
  if (request.code == coap::kDelete) return coap::answer_of(remove(*path));
  if (request.code == coap::kGet) return get(*path, request);
  return coap::answer_of(coap::kMethodNotAllowed);
}

coap::Code BootstrapClient::write(const std::vector<std::uint16_t>& path, const Message& request) {
  if (path.empty()) return coap::kMethodNotAllowed;
  auto written = decode_payload(path, request);
  if (!written) return written.error().code == ErrorCode::kUnsupported ? coap::kUnsupportedFormat : coap::kBadRequest;
  for (const ObjectInstance& one : *written) {
    const bool fits = one.id != kNoInstance && (path.size() < 2 || one.id == path[1]);
    const bool resource_fits = path.size() < 3 || (one.resources.size() == 1 && one.resources[0].id == path[2]);
    if (!fits || !resource_fits) return coap::kBadRequest;
  }
  if (path.size() > 1 && written->size() != 1) return coap::kBadRequest;
  auto object = std::ranges::find(m_file.objects, path[0], &BootstrapObject::id);
  if (object == m_file.objects.end()) object = m_file.objects.insert(object, {path[0], std::nullopt, {}});
  for (ObjectInstance& one : *written) {
    const auto there = std::ranges::find(object->instances, one.id, &ObjectInstance::id);
    if (there == object->instances.end()) {
      object->instances.push_back(std::move(one));
      continue;
    }
    // Clause 5.2.7.1: what is written replaces what was there, resource by resource.
    for (Resource& resource : one.resources) {
      there->remove(resource.id);
      there->resources.insert(std::ranges::upper_bound(there->resources, resource.id, {}, &Resource::id), std::move(resource));
    }
  }
  return coap::kChanged;
}

/// Clause 5.2.7.2: the account of the bootstrap server stays whatever is deleted; to name it alone is an error.
coap::Code BootstrapClient::remove(const std::vector<std::uint16_t>& path) {
  if (path.size() == 3) return coap::kMethodNotAllowed;
  bool kept = false;
  for (BootstrapObject& object : m_file.objects) {
    if (!path.empty() && object.id != path[0]) continue;
    std::erase_if(object.instances, [&](const ObjectInstance& one) {
      if (path.size() == 2 && one.id != path[1]) return false;
      const bool own = is_bootstrap_account(object.id, one);
      kept = kept || own;
      return !own;
    });
  }
  std::erase_if(m_file.objects, [](const BootstrapObject& object) { return object.instances.empty(); });
  return path.size() == 2 && kept ? coap::kBadRequest : coap::kDeleted;
}

/// Bootstrap-Discover (1.0 clause 5.2.7.3; 1.1 clause 6.1.7.3), or Bootstrap-Read of what is no secret (1.1 clause 6.1.7.4).
Message BootstrapClient::get(const std::vector<std::uint16_t>& path, const Message& request) const {
  const auto accept = request.number_in(coap::option::kAccept);
  const bool discovers = accept == coap::format::kLinkFormat || (!accept && path.size() < 2);
  if (discovers) return path.size() > 1 ? coap::answer_of(coap::kBadRequest) : discover(path);
  if (path.empty() || path[0] == kSecurityObject || path.size() > 2) return coap::answer_of(coap::kMethodNotAllowed);
  const BootstrapObject* object = m_file.find(path[0]);
  std::vector<ObjectInstance> instances;
  for (const ObjectInstance& one : object != nullptr ? object->instances : std::vector<ObjectInstance>()) {
    if (path.size() == 1 || one.id == path[1]) instances.push_back(one);
  }
  if (instances.empty()) return coap::answer_of(coap::kNotFound);
  return encode_payload(path, instances, accept);
}

Message BootstrapClient::discover(const std::vector<std::uint16_t>& path) const {
  const bool first_version = m_version == "1.0";
  std::string links = first_version ? "lwm2m=\"1.0\"" : "</>;lwm2m=" + m_version;
  for (const BootstrapObject& object : m_file.objects) {
    if (!path.empty() && object.id != path[0]) continue;
    for (const ObjectInstance& one : object.instances) {
      links += ",</" + std::to_string(object.id) + "/" + std::to_string(one.id) + ">";
      if (object.id == kServerObject) links += short_id_attribute(one, server::kShortServerId);
      if (object.id != kSecurityObject || is_bootstrap_account(object.id, one)) continue;
      links += short_id_attribute(one, security::kShortServerId);
      const auto uri = one.value(security::kUri);
      const bool plain = uri && std::ranges::all_of(*uri, [](std::uint8_t c) { return c > 0x20 && c < 0x7F && c != '"' && c != '\\'; });
      if (plain && !first_version) links += ";uri=\"" + std::string(uri->begin(), uri->end()) + "\"";
    }
  }
  Message out = coap::answer_of(coap::kContent);
  out.add_number(coap::option::kContentFormat, coap::format::kLinkFormat);
  out.payload = to_bytes(as_bytes(links));
  return out;
}

/// There is an account that the device can register with, and nothing in the file that it would refuse (clause 5.2.7.5).
Result<void> BootstrapClient::check_consistency() const {
  const auto account = find_account(m_file, std::nullopt, false);
  if (!account) return tl::unexpected(account.error());
  BootstrapFile written = m_file;  // the account of the bootstrap server itself is not this bootstrap's to judge
  for (BootstrapObject& object : written.objects) {
    std::erase_if(object.instances, [&](const ObjectInstance& one) { return is_bootstrap_account(object.id, one); });
  }
  for (const Refusal& one : validate(written, {.endpoint_name = m_endpoint})) {
    if (one.severity == Refusal::Severity::kRefused) return fail(ErrorCode::kRefused, one.path + ": " + one.reason);
  }
  return {};
}

}  // namespace uicclab::lwm2m::device
