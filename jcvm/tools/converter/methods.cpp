// SPDX-License-Identifier: Apache-2.0
// Method and Reference Location components: JCVM 3.1 clauses 6.10 and 6.12.
#include <algorithm>

#include "core/reader.hpp"
#include "jcvm/tools/converter/code_generator.hpp"
#include "jcvm/tools/converter/components.hpp"

namespace uicclab::jcvm::converter {
namespace {

constexpr std::size_t kMostHandlers = 255;
constexpr std::size_t kLargest = 65535;
constexpr unsigned kMostInShortHeader = 15;  // four bits each

bool is_extended(const MethodUnit& unit) {
  if (!unit.code) return false;
  return unit.code->max_stack > kMostInShortHeader || unit.code->nargs > kMostInShortHeader || unit.code->max_locals > kMostInShortHeader;
}

Bytes header(const MethodUnit& unit) {
  ByteWriter out;
  if (!unit.code) return out.u8(cap::kMethodAbstract).u8(static_cast<std::uint8_t>(std::min(unit.nargs(), kMostInShortHeader) << 4)).take();
  const auto u8 = [](unsigned value) { return static_cast<std::uint8_t>(value); };
  const CardCode& code = *unit.code;
  if (is_extended(unit)) return out.u8(cap::kMethodExtended).u8(u8(code.max_stack)).u8(u8(code.nargs)).u8(u8(code.max_locals)).take();
  return out.u8(u8(code.max_stack)).u8(u8(code.nargs << 4 | code.max_locals)).take();
}

/// Distances from each place to the next; FF goes on to the next byte.
Bytes distances(std::vector<std::size_t> places) {
  std::ranges::sort(places);
  Bytes out;
  std::size_t last = 0;
  for (const std::size_t place : places) {
    std::size_t left = place - last;
    for (; left >= 0xFF; left -= 0xFF) out.push_back(0xFF);
    out.push_back(static_cast<std::uint8_t>(left));
    last = place;
  }
  return out;
}

/// The ranges of a method in bytes of its code; those of no bytes are left out.
struct Range {
  std::size_t start;
  std::size_t end;
  std::size_t handler;
  std::optional<std::size_t> caught;
};

std::vector<Range> ranges_of(const MethodUnit& unit) {
  std::vector<Range> out;
  const auto& handlers = unit.method->java->code->handlers;
  const auto place = [&](std::uint16_t pc) { return unit.assembled->offsets[unit.code->start_of(pc)]; };
  for (std::size_t i = 0; i < handlers.size(); ++i) {
    // A handler that is never reached guards nothing that is there.
    if (!unit.code->starts.contains(handlers[i].handler)) continue;
    const Range range{place(handlers[i].start), place(handlers[i].end), place(handlers[i].handler), unit.caught[i]};
    if (range.start < range.end) out.push_back(range);
  }
  return out;
}

}  // namespace

std::size_t MethodUnit::header_size() const {
  return is_extended(*this) ? 4 : 2;
}

unsigned MethodUnit::nargs() const {
  if (code) return code->nargs;
  unsigned out = 1;
  const auto signature = signature_of(method->descriptor);
  for (const auto& type : signature->parameters) out += cells_of(type);
  return out;
}

void write_methods(std::vector<MethodUnit>& units, const References& references, cap::CapFile& file, Report& report) {
  std::size_t handler_count = 0;
  for (MethodUnit& unit : units) {
    if (!unit.code) continue;
    auto assembled = assemble(*unit.code, references);
    if (!assembled) return report.refuse(*unit.owner->file, unit.method->java->code->line_of(0), assembled.error().text);
    unit.assembled = *std::move(assembled);
    handler_count += ranges_of(unit).size();
  }
  if (handler_count > kMostHandlers) {
    return report.refuse(std::to_string(handler_count) + " exception handlers, must be at most 255 in a package");
  }
  std::vector<std::size_t> bytes;
  std::vector<std::size_t> shorts;
  const std::size_t base = 1 + 8 * handler_count;
  for (MethodUnit& unit : units) {
    const std::size_t offset = base + file.methods.methods.size();
    const std::size_t code = offset + unit.header_size();
    const std::size_t size = unit.assembled ? unit.assembled->bytes.size() : 0;
    if (code + size > kLargest) return report.refuse("the package has more than 65535 bytes of code");
    unit.method->offset = static_cast<std::uint16_t>(offset);
    unit.method->code_size = static_cast<std::uint16_t>(size);
    unit.method->handler_index = static_cast<std::uint16_t>(file.methods.handlers.size());
    append(file.methods.methods, header(unit));
    if (!unit.assembled) continue;
    append(file.methods.methods, unit.assembled->bytes);
    for (const std::size_t place : unit.assembled->byte_references) bytes.push_back(code + place);
    for (const std::size_t place : unit.assembled->byte2_references) shorts.push_back(code + place);
    const auto ranges = ranges_of(unit);
    unit.method->handler_count = static_cast<std::uint16_t>(ranges.size());
    for (std::size_t i = 0; i < ranges.size(); ++i) {
      // The last one that is searched for what it guards: no later range of the method touches it.
      const bool stop = std::none_of(ranges.begin() + static_cast<std::ptrdiff_t>(i) + 1, ranges.end(),
                                     [&](const Range& later) { return later.start < ranges[i].end && ranges[i].start < later.end; });
      if (ranges[i].caught) shorts.push_back(1 + 8 * file.methods.handlers.size() + 6);
      const auto u16 = [](std::size_t value) { return static_cast<std::uint16_t>(value); };
      file.methods.handlers.push_back({u16(code + ranges[i].start), u16(ranges[i].end - ranges[i].start), stop,
                                       u16(code + ranges[i].handler), ranges[i].caught ? references.index(*ranges[i].caught) : u16(0)});
    }
  }
  file.references = {distances(std::move(bytes)), distances(std::move(shorts))};
}

}  // namespace uicclab::jcvm::converter
