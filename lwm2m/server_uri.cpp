// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/server_uri.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <arpa/inet.h>

#include "core/ascii.hpp"

namespace uicclab::lwm2m {
namespace {

constexpr std::string_view kWildcard = "*.";

struct Scheme {
  std::string_view name;
  std::uint16_t port;
};
constexpr std::array kSchemes{Scheme{"coap", 5683}, Scheme{"coaps", 5684}, Scheme{"coap+tcp", 5683}, Scheme{"coaps+tcp", 5684}};

tl::unexpected<Error> malformed(const char* what) {
  return fail(ErrorCode::kMalformed, what);
}

bool is_host_character(char c) {
  const char l = lower(c);
  return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_' || c == ':';
}

/// Labels of 1 to 63 characters, one dot between them, none of them a bare wildcard.
bool has_whole_labels(std::string_view name) {
  while (true) {
    const std::size_t dot = name.find('.');
    const std::size_t size = dot == std::string_view::npos ? name.size() : dot;
    if (size == 0 || size > 63) return false;
    if (dot == std::string_view::npos) return true;
    name.remove_prefix(dot + 1);
  }
}

}  // namespace

Result<ServerUri> parse_server_uri(std::string_view uri) {
  const std::size_t colon = uri.find(':');
  if (colon == std::string_view::npos) return malformed("a URI without a scheme");
  ServerUri out;
  out.scheme = lower(uri.substr(0, colon));
  std::string_view rest = uri.substr(colon + 1);
  if (out.scheme == "tel") {
    if (rest.empty()) return malformed("tel: without a number");
    out.host = rest;
    return out;
  }
  const auto scheme = std::ranges::find(kSchemes, std::string_view(out.scheme), &Scheme::name);
  if (scheme == kSchemes.end()) return fail(ErrorCode::kUnsupported, "scheme " + out.scheme + " is not one of CoAP");
  out.port = scheme->port;
  if (!rest.starts_with("//")) return malformed("a URI without //");
  rest.remove_prefix(2);
  rest = rest.substr(0, rest.find_first_of("/?#"));

  std::string_view port;
  if (rest.starts_with('[')) {
    const std::size_t end = rest.find(']');
    if (end == std::string_view::npos) return malformed("an IPv6 address without ]");
    out.host = rest.substr(1, end - 1);
    port = rest.substr(end + 1);
    if (address_of(out.host).size() != 16) return malformed("no IPv6 address between the brackets");
  } else {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    out.host = rest.substr(0, end);
    port = rest.substr(end);
  }
  if (out.host.empty()) return malformed("a URI without a host");
  if (!std::ranges::all_of(out.host, is_host_character)) return malformed("a host with a character that no name has");
  if (port.empty()) return out;
  if (!port.starts_with(':')) return malformed("unexpected text after the address");
  port.remove_prefix(1);
  if (port.empty()) return out;  // RFC 3986 clause 3.2.3: an empty port is the default one
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
  if (error != std::errc() || end != port.data() + port.size() || out.port == 0) return malformed("no port number");
  return out;
}

Bytes address_of(std::string_view host) {
  const std::string text(host);
  std::array<std::uint8_t, 16> address{};
  if (inet_pton(AF_INET, text.c_str(), address.data()) == 1) return {address.begin(), address.begin() + 4};
  if (inet_pton(AF_INET6, text.c_str(), address.data()) == 1) return {address.begin(), address.end()};
  return {};
}

bool is_allowed_name(std::string_view name) {
  const bool wildcard = name.starts_with(kWildcard);
  if (wildcard) name.remove_prefix(kWildcard.size());
  if (name.find('*') != std::string_view::npos || !has_whole_labels(name)) return false;
  return !wildcard || name.find('.') != std::string_view::npos;
}

bool name_covers(std::string_view name, std::string_view host) {
  if (!is_allowed_name(name)) return false;
  if (!name.starts_with(kWildcard)) return same_but_for_case(name, host);
  const std::size_t dot = host.find('.');
  return dot != std::string_view::npos && dot != 0 && address_of(host).empty() && same_but_for_case(name.substr(1), host.substr(dot));
}

}  // namespace uicclab::lwm2m
