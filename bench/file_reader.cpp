// SPDX-License-Identifier: Apache-2.0
#include "bench/file_reader.hpp"

#include "core/ber_tlv.hpp"
#include "core/transceive.hpp"
#include "script/explain.hpp"

namespace uicclab::bench {
namespace {

constexpr std::uint32_t kPiece = 255;
constexpr std::uint32_t kMostOffset = 0x7FFF;  // of READ BINARY
constexpr std::size_t kMostBlocks = 1024;      // of one data object

void drop_padding(Bytes& bytes) {
  while (!bytes.empty() && bytes.back() == 0xFF) bytes.pop_back();
}

Result<void> read_transparent(CardPort& card, const uicc::FileHeader& header, FileContent& out) {
  while (out.whole.size() < header.size) {
    const auto offset = static_cast<std::uint32_t>(out.whole.size());
    if (offset > kMostOffset) {
      out.refused = "bytes behind 32767 are out of the reach of READ BINARY";
      break;
    }
    const std::uint32_t size = std::min(kPiece, header.size - offset);
    const auto answer =
        transceive(card, apdu::Command{0x00, 0xB0, static_cast<std::uint8_t>(offset >> 8), static_cast<std::uint8_t>(offset), {}, size});
    if (!answer) return tl::unexpected(answer.error());
    if (!answer->status.is_success() || answer->data.empty()) {
      out.refused = "READ BINARY answers " + script::describe(answer->status);
      break;
    }
    append(out.whole, answer->data);
  }
  drop_padding(out.whole);
  return {};
}

Result<void> read_records(CardPort& card, const uicc::FileHeader& header, FileContent& out) {
  for (unsigned number = 1; number <= header.record_count; ++number) {
    const auto answer = transceive(card, apdu::Command{0x00, 0xB2, static_cast<std::uint8_t>(number), 0x04, {}, header.record_length});
    if (!answer) return tl::unexpected(answer.error());
    if (!answer->status.is_success()) {
      out.refused = "READ RECORD " + std::to_string(number) + " answers " + script::describe(answer->status);
      break;
    }
    out.records.push_back(answer->data);
    drop_padding(out.records.back());
  }
  while (!out.records.empty() && out.records.back().empty()) out.records.pop_back();
  return {};
}

/// One data object, or the list of tags, in blocks (clause 11.3.1.2).
Result<std::optional<Bytes>> retrieve(CardPort& card, BytesView tag, FileContent& out) {
  Bytes object;
  for (std::size_t block = 0; block < kMostBlocks; ++block) {
    const bool first = block == 0;
    const apdu::Command command{0x80, 0xCB, 0x00, first ? std::uint8_t{0x80} : std::uint8_t{0x00}, first ? tag : BytesView(), 256};
    const auto answer = transceive(card, command);
    if (!answer) return tl::unexpected(answer.error());
    if (!answer->status.is_success()) {
      out.refused = "RETRIEVE DATA answers " + script::describe(answer->status);
      return std::nullopt;
    }
    append(object, answer->data);
    if (answer->status != sw::kMoreData && answer->status != sw::kMoreDataAndProactive) return object;
  }
  out.refused = "a data object that does not end";
  return std::nullopt;
}

Result<void> read_objects(CardPort& card, FileContent& out) {
  const auto list = retrieve(card, "5C"_h, out);
  if (!list) return tl::unexpected(list.error());
  if (!*list) return {};
  const auto tags = ber::first(**list);
  BytesView rest = tags ? tags->value : BytesView();
  while (!rest.empty()) {
    std::size_t size = 1;
    if ((rest[0] & 0x1F) == 0x1F) {
      do ++size;
      while (size <= rest.size() && size < 4 && (rest[size - 1] & 0x80) != 0);
    }
    if (size > rest.size()) break;
    const auto object = retrieve(card, rest.first(size), out);
    if (!object) return tl::unexpected(object.error());
    if (*object) append(out.whole, **object);
    rest = rest.subspan(size);
  }
  return {};
}

}  // namespace

Result<FileContent> read_content(CardPort& card, const uicc::FileHeader& header) {
  FileContent out;
  Result<void> done;
  if (uicc::has_records(header.kind)) {
    done = read_records(card, header, out);
  } else if (header.kind == uicc::FileKind::kBerTlv) {
    done = read_objects(card, out);
  } else {
    done = read_transparent(card, header, out);
  }
  if (!done) return tl::unexpected(done.error());
  return out;
}

}  // namespace uicclab::bench
