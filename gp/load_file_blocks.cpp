// SPDX-License-Identifier: Apache-2.0
#include "gp/load_file_blocks.hpp"

#include "core/ber_tlv.hpp"

namespace uicclab::gp {
namespace {

Result<Dap> parse_dap(BytesView block, std::size_t offset) {
  const auto aid_bytes = ber::find(block, 0x4F);
  const auto signature = ber::find(block, 0xC3);
  const auto aid = aid_bytes ? Aid::from(*aid_bytes) : fail(ErrorCode::kMalformed, "");
  if (!aid || !signature || signature->empty()) return fail(ErrorCode::kMalformed, "a DAP block without AID or signature", offset);
  return Dap{*aid, to_bytes(*signature)};
}

}  // namespace

Result<LoadFileBlocks> LoadFileBlocks::parse(BytesView load_file) {
  LoadFileBlocks out;
  for (ber::Reader reader(load_file); !reader.empty();) {
    const auto block = reader.next();
    if (!block) return tl::unexpected(block.error());
    switch (block->tag) {
      case 0xE2: {
        auto dap = parse_dap(block->value, block->offset);
        if (!dap) return tl::unexpected(dap.error());
        out.daps.push_back(*std::move(dap));
        break;
      }
      case 0xC4:
        if (!out.components.empty()) return fail(ErrorCode::kMalformed, "a second load file data block", block->offset);
        out.components = block->value;
        break;
      case 0xD4:
        return fail(ErrorCode::kUnsupported, "a ciphered load file data block", block->offset);
      default:
        return fail(ErrorCode::kMalformed, "neither DAP nor load file data block", block->offset);
    }
  }
  if (out.components.empty()) return fail(ErrorCode::kTruncated, "no load file data block C4");
  return out;
}

}  // namespace uicclab::gp
