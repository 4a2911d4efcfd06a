// SPDX-License-Identifier: Apache-2.0
#include "emulator/cat/toolkit_record.hpp"

#include <algorithm>

#include "core/reader.hpp"

namespace uicclab::emulator {
namespace {

constexpr std::uint8_t kFormat = 2;
// Flags of a menu entry.
constexpr std::uint8_t kInitialised = 0x01;
constexpr std::uint8_t kEnabled = 0x02;
constexpr std::uint8_t kHelp = 0x04;
constexpr std::uint8_t kIcon = 0x08;

std::optional<ToolkitRecord::Item> read_item(ByteReader& in) {
  const auto identifier = in.u8();
  const auto position = in.u8();
  const auto flags = in.u8();
  const auto next_action = in.u8();
  const auto qualifier = in.u8();
  const auto icon = in.u8();
  const auto text = in.lv();
  const auto attribute = text ? in.lv() : std::nullopt;
  if (!attribute) return std::nullopt;
  ToolkitRecord::Item item;
  item.identifier = *identifier;
  item.position = *position;
  item.initialised = (*flags & kInitialised) != 0;
  item.enabled = (*flags & kEnabled) != 0;
  item.entry.text = to_bytes(*text);
  item.entry.next_action = *next_action;
  item.entry.help = (*flags & kHelp) != 0;
  item.entry.icon_qualifier = *qualifier;
  if ((*flags & kIcon) != 0) item.entry.icon = *icon;
  item.attribute = to_bytes(*attribute);
  return item;
}

}  // namespace

bool ToolkitRecord::is_set(applet::Event event) const {
  return std::ranges::find(events, event) != events.end();
}

void ToolkitRecord::set(applet::Event event, bool on) {
  if (on == is_set(event)) return;
  if (on) {
    events.push_back(event);
  } else {
    std::erase(events, event);
  }
}

ToolkitRecord ToolkitRecord::from(const gp::ToolkitParameters& parameters) {
  ToolkitRecord record;
  for (const auto& entry : parameters.menu) {
    Item item;
    item.identifier = entry.id;
    item.position = entry.position;
    record.menu.push_back(std::move(item));
  }
  return record;
}

Bytes ToolkitRecord::encoded() const {
  ByteWriter out;
  out.u8(kFormat).u8(timers).u8(services).u16(static_cast<std::uint16_t>(polling)).lv(as_bytes(title));
  out.u8(static_cast<std::uint8_t>(events.size()));
  for (const applet::Event event : events) out.u16(static_cast<std::uint16_t>(event));
  out.u8(static_cast<std::uint8_t>(menu.size()));
  for (const Item& item : menu) {
    const unsigned flags = (item.initialised ? kInitialised : 0U) | (item.enabled ? kEnabled : 0U) | (item.entry.help ? kHelp : 0U) |
                           (item.entry.icon ? kIcon : 0U);
    out.u8(item.identifier).u8(item.position).u8(static_cast<std::uint8_t>(flags)).u8(item.entry.next_action);
    out.u8(item.entry.icon_qualifier).u8(item.entry.icon.value_or(0)).lv(item.entry.text).lv(item.attribute);
  }
  for (const Watched& file : files) {
    out.lv(file.adf ? file.adf->bytes() : BytesView()).u8(static_cast<std::uint8_t>(file.path.size()));
    for (const Fid fid : file.path) out.u16(fid.value);
  }
  return out.take();
}

std::optional<ToolkitRecord> ToolkitRecord::decode(BytesView object) {
  ByteReader in(object);
  const auto format = in.u8();
  const auto timers = in.u8();
  const auto services = in.u8();
  const auto polling = in.u16();
  const auto title = in.lv();
  const auto events = in.u8();
  if (format != kFormat || !title || !events) return std::nullopt;
  ToolkitRecord record;
  record.timers = *timers;
  record.services = *services;
  record.polling = static_cast<std::int16_t>(*polling);
  record.title.assign(title->begin(), title->end());
  for (unsigned i = 0; i < *events; ++i) {
    const auto event = in.u16();
    if (!event) return std::nullopt;
    record.events.push_back(static_cast<applet::Event>(static_cast<std::int16_t>(*event)));
  }
  const auto items = in.u8();
  if (!items) return std::nullopt;
  for (unsigned i = 0; i < *items; ++i) {
    auto item = read_item(in);
    if (!item) return std::nullopt;
    record.menu.push_back(*std::move(item));
  }
  while (!in.empty()) {
    const auto adf = in.lv();
    const auto size = adf ? in.u8() : std::nullopt;
    if (!size) return std::nullopt;
    Watched file;
    if (!adf->empty()) {
      const auto aid = Aid::from(*adf);
      if (!aid) return std::nullopt;
      file.adf = *aid;
    }
    for (unsigned i = 0; i < *size; ++i) {
      const auto fid = in.u16();
      if (!fid) return std::nullopt;
      file.path.push_back(Fid{*fid});
    }
    record.files.push_back(std::move(file));
  }
  return record;
}

}  // namespace uicclab::emulator
