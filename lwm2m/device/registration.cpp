// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/device/registration.hpp"

#include <algorithm>

#include "core/visible.hpp"

namespace uicclab::lwm2m::device {
namespace {

using coap::Message;

/// A segment of a path as text, where a slash of its own would be taken for the end of it.
std::string encoded(const std::string& segment) {
  std::string out;
  for (const char c : segment) out += c == '/' ? "%2F" : c == '%' ? "%25" : std::string(1, c);
  return out;
}

std::string decoded(std::string_view segment) {
  std::string out;
  for (std::size_t i = 0; i < segment.size(); ++i) {
    const bool slash = segment.substr(i).starts_with("%2F"), percent = segment.substr(i).starts_with("%25");
    out += slash ? '/' : percent ? '%' : segment[i];
    if (slash || percent) i += 2;
  }
  return out;
}

/// Also empty segments, which a server may have in its locations.
void add_location(Message& message, const std::string& location) {
  for (std::size_t at = 0; at <= location.size();) {
    const std::size_t end = std::min(location.find('/', at), location.size());
    message.add(coap::option::kUriPath, decoded(std::string_view(location).substr(at, end - at)));
    at = end + 1;
  }
}

void add_objects(Message& message, const std::string& objects) {
  if (objects.empty()) return;
  message.add_number(coap::option::kContentFormat, coap::format::kLinkFormat);
  message.payload = to_bytes(as_bytes(objects));
}

/// The answer if it is the one wanted.
Result<Message> ask(coap::Client& client, Message message, coap::Code wanted, std::string_view what) {
  auto answer = client.request(std::move(message));
  if (!answer || answer->code == wanted) return answer;
  const std::string code = coap::name(answer->code);
  std::string text = std::string(what) + ": the server answers " + code;
  const std::string more(answer->payload.begin(), answer->payload.end());  // a diagnostic payload (RFC 7252 clause 5.5.2)
  constexpr std::size_t kLongest = 200;
  if (!more.empty() && !code.ends_with(more)) text += ": " + visible(more.substr(0, kLongest));
  return fail(answer->code == coap::kNotFound ? ErrorCode::kNotFound : ErrorCode::kRefused, text);
}

}  // namespace

std::string object_links(const BootstrapFile& file) {
  std::string out = "</>;rt=\"oma.lwm2m\"";
  for (const BootstrapObject& object : file.objects) {
    if (object.id == kSecurityObject) continue;
    for (const ObjectInstance& one : object.instances) out += ",</" + std::to_string(object.id) + "/" + std::to_string(one.id) + ">";
  }
  return out + ",</3/0>";
}

std::string location_of(const Message& answer) {
  std::string out;
  bool first = true;
  for (const std::string& one : answer.texts(coap::option::kLocationPath)) {
    out += (first ? "" : "/") + encoded(one);
    first = false;
  }
  return out;
}

Message register_message(const RegistrationRequest& request) {
  Message message;
  message.code = coap::kPost;
  message.add(coap::option::kUriPath, std::string_view("rd"));
  message.add(coap::option::kUriQuery, "ep=" + request.endpoint);
  message.add(coap::option::kUriQuery, "lt=" + std::to_string(request.lifetime.count()));
  message.add(coap::option::kUriQuery, "lwm2m=" + request.version);
  message.add(coap::option::kUriQuery, "b=" + request.binding);
  if (!request.sms_number.empty()) message.add(coap::option::kUriQuery, "sms=" + request.sms_number);
  add_objects(message, request.objects);
  return message;
}

Message update_message(const std::string& location, std::optional<std::chrono::seconds> lifetime, const std::string& objects) {
  Message message;
  message.code = coap::kPost;
  add_location(message, location);
  if (lifetime) message.add(coap::option::kUriQuery, "lt=" + std::to_string(lifetime->count()));
  add_objects(message, objects);
  return message;
}

Message deregister_message(const std::string& location) {
  Message message;
  message.code = coap::kDelete;
  add_location(message, location);
  return message;
}

Result<std::string> register_device(coap::Client& client, const RegistrationRequest& request) {
  const auto answer = ask(client, register_message(request), coap::kCreated, "Register");
  if (!answer) return tl::unexpected(answer.error());
  std::string location = location_of(*answer);
  if (location.empty()) return fail(ErrorCode::kMalformed, "Register: the server returned no location");
  return location;
}

Result<void> update_registration(coap::Client& client, const std::string& location, std::optional<std::chrono::seconds> lifetime,
                                 const std::string& objects) {
  return ask(client, update_message(location, lifetime, objects), coap::kChanged, "Update").map([](const Message&) {});
}

Result<void> deregister_device(coap::Client& client, const std::string& location) {
  return ask(client, deregister_message(location), coap::kDeleted, "De-register").map([](const Message&) {});
}

}  // namespace uicclab::lwm2m::device
