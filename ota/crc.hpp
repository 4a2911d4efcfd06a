// SPDX-License-Identifier: Apache-2.0
// The redundancy checks of secured packets: ETSI TS 102 225 clause 5.1.3.2; both are the frame check sequences of ISO/IEC 13239.
#pragma once

#include <initializer_list>

#include "core/bytes.hpp"

namespace uicclab::ota {

/// Polynomial x^16 + x^12 + x^5 + 1, reflected, all ones before and after; over the concatenation of the parts.
std::uint16_t crc16(std::initializer_list<BytesView> parts);
/// Polynomial 04C11DB7, reflected, all ones before and after.
std::uint32_t crc32(std::initializer_list<BytesView> parts);

}  // namespace uicclab::ota
