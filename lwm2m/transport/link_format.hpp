// SPDX-License-Identifier: Apache-2.0
// CoRE link format: RFC 6690 clause 2, with what LwM2M makes of it (Core clauses 6.2.1, 6.3.3: object lists, Discover).
#pragma once

#include <string>
#include <vector>

#include "core/result.hpp"

namespace uicclab::lwm2m {

struct LinkAttribute {
  std::string name;
  std::string value;  ///< without its quotes
  bool operator==(const LinkAttribute&) const = default;
};

struct Link {
  std::string path;  ///< between the angle brackets: "/3/0"
  std::vector<LinkAttribute> attributes;

  /// Nothing: no such attribute.
  const std::string* find(std::string_view name) const;
  bool operator==(const Link&) const = default;
};

/// Links; an element without brackets ("lwm2m=1.0", which Bootstrap-Discover of 1.0 begins with) is a link without a path. Errors:
/// kMalformed with the offset; kRange for more than 4096 links.
Result<std::vector<Link>> parse_links(std::string_view text);

}  // namespace uicclab::lwm2m
