// SPDX-License-Identifier: Apache-2.0
// Instances of objects as payloads and back, in the formats of LwM2M: text, opaque and TLV (1.0 clause 6.4), SenML JSON and CBOR (1.1
// clause 7.4; RFC 8428).
#pragma once

#include "lwm2m/object.hpp"
#include "lwm2m/transport/coap.hpp"

namespace uicclab::lwm2m {

/// Of an instance that the payload does not name: the receiver chooses (Create).
inline constexpr std::uint16_t kNoInstance = 65535;

/// What a Read of this path answers with: 2.05 and the payload, or 4.06 for a format that is not there or does not fit the path. Without
/// Accept text for one value, TLV for more. `instances` hold what the path names, and no more.
coap::Message encode_payload(const std::vector<std::uint16_t>& path, const std::vector<ObjectInstance>& instances,
                             std::optional<std::uint32_t> accept);

/// The instances that a Write or Create to this path brings: those of the object, or one with the path's number. A payload without a format
/// is TLV. Errors: kUnsupported for another format; kMalformed for what does not fit path or format; kRange.
Result<std::vector<ObjectInstance>> decode_payload(const std::vector<std::uint16_t>& path, const coap::Message& message);

}  // namespace uicclab::lwm2m
