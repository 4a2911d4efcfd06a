// SPDX-License-Identifier: Apache-2.0
// Data objects of an FCP: ETSI TS 102 221 clause 11.1.1.4. Only for the readers and writers of FCPs.
#pragma once

#include "core/ber_tlv.hpp"

namespace uicclab::uicc::fcp {

enum Tag : ber::Tag {
  kFcpTemplate = 0x62,
  kFciTemplate = 0x6F,  ///< of GlobalPlatform's applications
  kFileSize = 0x80,
  kTotalSize = 0x81,
  kDescriptor = 0x82,
  kFileId = 0x83,
  kDfName = 0x84,
  kSfi = 0x88,
  kLifeCycle = 0x8A,
  kReferenced = 0x8B,
  kCompact = 0x8C,
  kProprietary = 0xA5,
  kExpanded = 0xAB,
  kPinStatus = 0xC6,
  kPinEnabled = 0x90,
  kUsageQualifier = 0x95,
  kKeyReference = 0x83,
  kMaximumFileSize = 0x86,
};

}  // namespace uicclab::uicc::fcp
