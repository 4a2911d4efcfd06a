// SPDX-License-Identifier: Apache-2.0
#include "bench/file_reader.hpp"

#include "script/explain.hpp"
#include "uicc/file_exchange.hpp"

namespace uicclab::bench {
namespace {

void drop_padding(Bytes& bytes) {
  while (!bytes.empty() && bytes.back() == 0xFF) bytes.pop_back();
}

Result<void> read_transparent(uicc::FileExchange& exchange, const uicc::FileHeader& header, FileContent& out) {
  const auto content = exchange.read_binary(header.size);
  if (!content) return tl::unexpected(content.error());
  if (content->is_refused()) {
    out.refused = "READ BINARY answers " + script::describe(content->status);
  } else if (content->bytes.size() < header.size) {
    out.refused = content->bytes.size() < uicc::FileExchange::kReach ? "READ BINARY ends before the size of the FCP"
                                                                     : "READ BINARY does not reach bytes beyond 32767";
  }
  out.whole = to_bytes(content->bytes);
  drop_padding(out.whole);
  return {};
}

Result<void> read_records(uicc::FileExchange& exchange, const uicc::FileHeader& header, FileContent& out) {
  for (unsigned number = 1; number <= header.record_count; ++number) {
    const auto record = exchange.read_record(static_cast<std::uint8_t>(number), header.record_length);
    if (!record) return tl::unexpected(record.error());
    if (record->is_refused()) {
      out.refused = "READ RECORD " + std::to_string(number) + " answers " + script::describe(record->status);
      break;
    }
    out.records.push_back(to_bytes(record->bytes));
    drop_padding(out.records.back());
  }
  while (!out.records.empty() && out.records.back().empty()) out.records.pop_back();
  return {};
}

Result<void> read_objects(uicc::FileExchange& exchange, FileContent& out) {
  const auto objects = exchange.read_objects();
  if (!objects && objects.error().code != ErrorCode::kMalformed) return tl::unexpected(objects.error());
  if (!objects) {
    out.refused = objects.error().text;
    return {};
  }
  if (objects->is_refused()) out.refused = "RETRIEVE DATA answers " + script::describe(objects->status);
  out.whole = to_bytes(objects->bytes);
  return {};
}

}  // namespace

Result<FileContent> read_content(CardPort& card, const uicc::FileHeader& header) {
  FileContent out;
  Result<void> done;
  uicc::FileExchange exchange(card);
  if (uicc::has_records(header.kind)) {
    done = read_records(exchange, header, out);
  } else if (header.kind == uicc::FileKind::kBerTlv) {
    done = read_objects(exchange, out);
  } else {
    done = read_transparent(exchange, header, out);
  }
  if (!done) return tl::unexpected(done.error());
  return out;
}

}  // namespace uicclab::bench
