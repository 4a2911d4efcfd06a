// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/server_uri.hpp"

#include <doctest/doctest.h>

using namespace uicclab;
using namespace uicclab::lwm2m;

TEST_CASE("Server URIs: scheme, host, port (RFC 7252 clause 6; LwM2M E.1)") {
  struct Row {
    const char* uri;
    const char* scheme;
    const char* host;
    std::uint16_t port;
    bool secure;
  };
  for (const Row& row :
       {Row{"coaps://127.0.0.1:5684", "coaps", "127.0.0.1", 5684, true}, Row{"coap://a.example", "coap", "a.example", 5683, false},
        Row{"COAPS://[::1]:1", "coaps", "::1", 1, true}, Row{"coaps+tcp://h:/x?y", "coaps+tcp", "h", 5684, true},
        Row{"tel:+491710000000", "tel", "+491710000000", 0, false}, Row{"coap://h?q", "coap", "h", 5683, false}}) {
    CAPTURE(row.uri);
    const auto uri = parse_server_uri(row.uri);
    REQUIRE(uri);
    CHECK(uri->scheme == row.scheme);
    CHECK(uri->host == row.host);
    CHECK(uri->port == row.port);
    CHECK(uri->secure() == row.secure);
  }
  for (const char* bad :
       {"", "coaps", "coaps:", "coaps:/h", "coaps://", "coaps://:5684", "coaps://h:0", "coaps://h:65536", "coaps://h:5a", "coaps://h:-1",
        "coaps://[::1", "coaps://[h]:1", "coaps://[::1]1", "coaps://a b", "coaps://u@h", "http://h", "tel:", "://h", "coaps://h\n"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_server_uri(bad));
  }
  CHECK(parse_server_uri("https://h").error().code == ErrorCode::kUnsupported);
}

TEST_CASE("Names in certificates: a wildcard is a whole first label before two others (LwM2M 1.0 7.1.3)") {
  CHECK(name_covers("lwm2m.example.com", "LWM2M.Example.Com"));
  CHECK(name_covers("*.example.com", "a.example.com"));
  for (const auto& [name, host] : {std::pair{"*.com", "example.com"}, std::pair{"*", "example"}, std::pair{"*.example.com", "example.com"},
                                   std::pair{"*.example.com", "a.b.example.com"}, std::pair{"*.example.com", ".example.com"},
                                   std::pair{"f*.example.com", "foo.example.com"}, std::pair{"a.*.com", "a.b.com"},
                                   std::pair{"*.*.com", "a.b.com"}, std::pair{"a.example.com", "b.example.com"}, std::pair{"", ""},
                                   std::pair{"a..com", "a..com"}, std::pair{"*.0.0.1", "127.0.0.1"}, std::pair{"a.com.", "a.com"}}) {
    CAPTURE(name);
    CHECK_FALSE(name_covers(name, host));
  }
  CHECK(is_allowed_name("*.acme.com"));
  CHECK_FALSE(is_allowed_name("*.com"));
  CHECK_FALSE(is_allowed_name(std::string(64, 'a') + ".com"));
  CHECK(address_of("10.0.0.1") == Bytes{10, 0, 0, 1});
  CHECK(address_of("fe80::1").size() == 16);
  CHECK(address_of("example.com").empty());
}
