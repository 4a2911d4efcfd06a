// SPDX-License-Identifier: Apache-2.0
// The way back from a view (view.hpp): whoever reads the notation hands the parts over, one by one.
#pragma once

#include "lwm2m/bootstrap_file.hpp"

namespace uicclab::lwm2m {

/// Puts a bootstrap file together. Errors name the place as "/0/0 server_uri"; a key is never in them.
class ViewReader {
 public:
  /// `version`: "1.1", or empty if the view gives none. Errors: kMalformed, kRange; kMalformed for an object that is there already.
  Result<void> object(std::int64_t id, std::string_view version);
  /// Errors: kRange; kMalformed for an instance that is there already, or without an object.
  Result<void> instance(std::int64_t id);
  /// A single resource; `key` is its name or, of one that the tables do not know, its number. Errors: as parse_value(); kNotFound for a
  /// name that this version does not have; kRefused for a value that was hidden when the view was made.
  Result<void> resource(std::string_view key, std::string_view text);
  /// One instance of a multiple resource.
  Result<void> resource(std::string_view key, std::int64_t number, std::string_view text);

  BootstrapFile take() { return std::move(m_file); }

 private:
  struct Parsed {
    std::uint16_t id;
    Value value;
  };
  Result<Parsed> parse(std::string_view key, std::string_view text, bool multiple) const;
  std::string where(std::string_view key) const;

  BootstrapFile m_file;
};

}  // namespace uicclab::lwm2m
