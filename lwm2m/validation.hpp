// SPDX-License-Identifier: Apache-2.0
// Checks for what a device would refuse in a bootstrap file, before it is written: OMA-TS-LightweightM2M_Core appendices E.1 and E.2,
// clauses 7.1 (UDP) and 7.2 (SMS) of 1.0.
#pragma once

#include <string>
#include <vector>

#include "lwm2m/bootstrap_file.hpp"

namespace uicclab::lwm2m {

/// One thing that is wrong.
struct Refusal {
  enum class Severity {
    kRefused,  ///< a device must not work with it
    kWarning   ///< it can, and somebody will be sorry
  };
  std::string path;  ///< "/0/0/5"; "/0/0" or "/1" for what is not in one resource
  std::string reason;
  Severity severity = Severity::kRefused;
};

struct ValidationOptions {
  ObjectVersion version{1, 1};  ///< of objects that give none
  std::string endpoint_name;    ///< what the device will register as; empty: not known
};

/// Everything found, in the order of the file.
std::vector<Refusal> validate(const BootstrapFile& file, const ValidationOptions& options = {});

/// The secret can be guessed by trying, as far as its bytes show (docs/lwm2m.md has the rule): without padding and repetitions it has fewer
/// than five different bytes, or is a text, a number in digits or semi-octets, or what is left of a longer secret, of less than 112 bits if
/// each of its characters were drawn from its kind. No program can know better.
bool is_low_entropy(BytesView secret);

}  // namespace uicclab::lwm2m
