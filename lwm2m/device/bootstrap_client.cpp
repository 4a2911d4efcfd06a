// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/device/bootstrap_client.hpp"

#include <algorithm>
#include <charconv>

#include "lwm2m/device/account.hpp"

namespace uicclab::lwm2m::device {
namespace {

using coap::Message;

constexpr std::uint32_t kOldTlvFormat = 1542;  // what servers sent before 11542 was assigned
constexpr std::uint16_t kDeviceObject = 3;

/// Numbers of a path of up to three; nothing for anything else.
std::optional<std::vector<std::uint16_t>> numbers_of(const std::vector<std::string>& path) {
  std::vector<std::uint16_t> out;
  for (const std::string& one : path) {
    if (one.empty() && path.size() == 1) break;  // "/"
    std::uint16_t number = 0;
    const auto [end, error] = std::from_chars(one.data(), one.data() + one.size(), number);
    if (error != std::errc() || end != one.data() + one.size()) return std::nullopt;
    out.push_back(number);
  }
  if (out.size() > 3) return std::nullopt;
  return out;
}

bool is_bootstrap_account(std::uint16_t object, const ObjectInstance& instance) {
  const auto value = object == kSecurityObject ? instance.value(security::kBootstrap) : std::nullopt;
  return value && decode_boolean(*value).value_or(false);
}

Message with(coap::Code code) {
  Message out;
  out.code = code;
  return out;
}

/// The instances in a TLV payload for an object, or for one instance of it: its resources, bare or inside the instance.
Result<std::vector<ObjectInstance>> instances_in(BytesView payload, const std::vector<std::uint16_t>& path) {
  const bool bare = !payload.empty() && (payload[0] & 0xC0) != 0;  // not an object instance (clause 6.4.3)
  if (path.size() == 1) {
    if (bare) return fail(ErrorCode::kMalformed, "resources without an instance");
    return parse_instances(payload);
  }
  Bytes wrapped;
  if (bare) write_tlv(wrapped, TlvType::kObjectInstance, path[1], payload);
  auto parsed = parse_instances(bare ? BytesView(wrapped) : payload);
  crypto::wipe(wrapped);  // the values may be keys
  if (parsed && (parsed->size() > 1 || (!parsed->empty() && parsed->front().id != path[1]))) {
    return fail(ErrorCode::kMalformed, "another instance than the one written");
  }
  if (parsed && parsed->empty()) parsed->push_back({path[1], {}});
  return parsed;
}

}  // namespace

BootstrapClient::BootstrapClient(coap::Client& client, BootstrapFile begin) : m_client(client), m_file(std::move(begin)) {
  m_client.on_request([this](const Message& request) { return answer(request); });
}

Result<BootstrapFile> BootstrapClient::run(const std::string& endpoint, std::chrono::milliseconds within,
                                           std::chrono::milliseconds hold_off) {
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
  Message request = with(coap::kPost);
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
  for (const coap::Option& one : request.options) {
    const bool known = one.number == coap::option::kUriPath || one.number == coap::option::kUriHost ||
                       one.number == coap::option::kAccept || one.number == coap::option::kUriPort;
    if (coap::option::is_critical(one.number) && !known) return with(coap::kBadOption);
  }
  const auto words = request.texts(coap::option::kUriPath);
  if (request.code == coap::kPost && words == std::vector<std::string>{"bs"}) {
    m_finished = is_consistent();
    return with(m_finished ? coap::kChanged : coap::kNotAcceptable);
  }
  const auto path = numbers_of(words);
  if (!path) return with(coap::kBadRequest);
  if (request.code == coap::kPut) return with(write(*path, request));
  if (request.code == coap::kDelete) return with(remove(*path));
  if (request.code == coap::kGet) return discover(*path);
  return with(coap::kMethodNotAllowed);
}

coap::Code BootstrapClient::write(const std::vector<std::uint16_t>& path, const Message& request) {
  const auto format = request.number_in(coap::option::kContentFormat);
  const bool tlv = !format || *format == coap::format::kLwm2mTlv || *format == kOldTlvFormat;
  if (path.empty() || path.size() == 3 || !tlv) return tlv ? coap::kMethodNotAllowed : coap::code_of(4, 15);
  auto written = instances_in(request.payload, path);
  if (!written) return coap::kBadRequest;
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

/// Clause 5.2.7.2: the account of the bootstrap server and the Device object stay whatever is deleted.
coap::Code BootstrapClient::remove(const std::vector<std::uint16_t>& path) {
  if (path.size() == 3) return coap::kMethodNotAllowed;
  for (BootstrapObject& object : m_file.objects) {
    if (object.id == kDeviceObject || (!path.empty() && object.id != path[0])) continue;
    std::erase_if(object.instances, [&](const ObjectInstance& one) {
      return (path.size() < 2 || one.id == path[1]) && !is_bootstrap_account(object.id, one);
    });
  }
  std::erase_if(m_file.objects, [](const BootstrapObject& object) { return object.instances.empty(); });
  return coap::kDeleted;
}

Message BootstrapClient::discover(const std::vector<std::uint16_t>& path) const {
  if (path.size() > 1) return with(coap::kBadRequest);
  std::string links = "lwm2m=1.0";
  for (const BootstrapObject& object : m_file.objects) {
    if (!path.empty() && object.id != path[0]) continue;
    for (const ObjectInstance& one : object.instances) links += ",</" + std::to_string(object.id) + "/" + std::to_string(one.id) + ">";
  }
  Message out = with(coap::kContent);
  out.add_number(coap::option::kContentFormat, coap::format::kLinkFormat);
  out.payload = to_bytes(as_bytes(links));
  return out;
}

/// There is an account that the device can register with.
bool BootstrapClient::is_consistent() const {
  return find_account(m_file, std::nullopt, false).has_value();
}

}  // namespace uicclab::lwm2m::device
