// SPDX-License-Identifier: Apache-2.0
// SenML as LwM2M 1.1 uses it (Core 1.1 clause 7.4.4): RFC 8428 clauses 4 and 5 (JSON), 6 (CBOR, RFC 8949).
#pragma once

#include <string>

#include "lwm2m/object.hpp"
#include "lwm2m/object_model.hpp"

namespace uicclab::lwm2m {

/// One value with its whole path, as TLV holds it.
struct SenmlRecord {
  std::vector<std::uint16_t> path;  ///< three or four numbers
  Value value;
  ValueType type = ValueType::kOpaque;  ///< by its label, where it was parsed; kNone: a float of 8 bytes
};

/// Errors: kMalformed with the place, kRange for more than 4096 records, kUnsupported for a time or a sum.
Result<std::vector<SenmlRecord>> parse_senml_json(std::string_view text);
Result<std::vector<SenmlRecord>> parse_senml_cbor(BytesView bytes);

/// Values of known objects by their types, others as bytes (vd).
std::string senml_json(const std::vector<SenmlRecord>& records);
Bytes senml_cbor(const std::vector<SenmlRecord>& records);

}  // namespace uicclab::lwm2m
