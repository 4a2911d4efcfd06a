// SPDX-License-Identifier: Apache-2.0
#include "emulator/cat/system_commands.hpp"

#include <algorithm>

#include "core/comprehension_tlv.hpp"
#include "emulator/cat/events.hpp"
#include "emulator/cat/proactive.hpp"

namespace uicclab::emulator {
namespace {

constexpr Fid kTelecom{0x7F10};
constexpr Fid kSetUpMenuElements{0x6F54};

constexpr std::uint8_t kHelpAvailable = 0x80;
constexpr int kSystemPolling = 30;  ///< seconds, where an application leaves it to the card
// Bytes 28 and 29 of the profile: text attributes, alignment and font size, style (ETSI TS 102 223 clause 5.2).
constexpr std::size_t kAttributeByte = 28;
constexpr auto kPlainAttribute = "00000390"_h;  // left aligned, normal size and style, black on white

bool shows_attributes(BytesView profile) {
  return profile.size() >= kAttributeByte &&
         (profile[kAttributeByte - 1] != 0 || (profile.size() > kAttributeByte && profile[kAttributeByte] != 0));
}

/// Title and its text attribute: 3GPP TS 51.011 clause 10.5.11 (EF_SUME), else of the first application that names one.
struct Title {
  Bytes text;
  Bytes attribute;
};

Title title_of(Session& session) {
  Title title;
  if (const auto file = menu_title_file(session.files())) {
    const BytesView body = session.files().body(*file);
    title.text = to_bytes(ctlv::find(body, object_tag::kAlphaIdentifier).value_or(BytesView()));
    title.attribute = to_bytes(ctlv::find(body, object_tag::kTextAttribute).value_or(BytesView()));
  }
  ToolkitRegistry& registry = session.toolkit().registry();
  for (const auto& [instance, record] : registry.records()) {
    if (!title.text.empty()) break;
    if (registry.may_be_triggered(instance)) title.text = to_bytes(as_bytes(record.title));
  }
  return title;
}

Bytes title_objects(const Title& title) {
  Bytes objects;
  ctlv::write(objects, object_tag::kAlphaIdentifier, title.text);
  return objects;
}

/// Data objects after the items: next actions, icons if every entry has one, text attributes if the terminal shows them.
Bytes item_lists(const std::vector<const ToolkitRecord::Item*>& items, const Title& title, bool attributes) {
  Bytes next_actions;
  Bytes icons(1, 0x00);
  Bytes texts;
  bool any_action = false;
  bool any_attribute = false;
  for (const auto* item : items) {
    next_actions.push_back(item->entry.next_action);
    any_action = any_action || item->entry.next_action != 0;
    if (item->entry.icon) icons.push_back(*item->entry.icon);
    if (item->entry.icon_qualifier != 0) icons[0] = 0x01;  // not self-explanatory if one of them is not
    append(texts, item->attribute.empty() ? BytesView(kPlainAttribute) : BytesView(item->attribute));
    any_attribute = any_attribute || !item->attribute.empty();
  }
  Bytes objects;
  if (any_action) ctlv::write(objects, object_tag::kNextActions, next_actions, false);
  if (icons.size() == items.size() + 1) ctlv::write(objects, object_tag::kItemIcons, icons, false);
  if (attributes && !title.attribute.empty()) ctlv::write(objects, object_tag::kTextAttribute, title.attribute, false);
  if (attributes && any_attribute) ctlv::write(objects, object_tag::kItemTextAttributes, texts, false);
  return objects;
}

Bytes build_menu(const Title& title, const std::vector<const ToolkitRecord::Item*>& items, bool attributes) {
  Bytes objects = title_objects(title);
  for (const auto* item : items) {
    Bytes value{item->identifier};
    append(value, item->entry.text);
    ctlv::write(objects, object_tag::kItem, value);
  }
  append(objects, item_lists(items, title, attributes));
  const bool help = std::ranges::any_of(items, [](const auto* item) { return item->entry.help; });
  return system_command(command_type::kSetUpMenu, help ? kHelpAvailable : std::uint8_t{0}, objects);
}

}  // namespace

std::optional<FileId> menu_title_file(const FileSystem& files) {
  const auto telecom = files.child(kMfId, kTelecom);
  const auto file = telecom ? files.child(*telecom, kSetUpMenuElements) : std::nullopt;
  if (!file || files.header(*file).kind != FileKind::kTransparent || files.header(*file).life_cycle != LifeCycle::kActivated) {
    return std::nullopt;
  }
  return file;
}

std::optional<Bytes> menu_command(Session& session) {
  ToolkitRegistry& registry = session.toolkit().registry();
  std::vector<const ToolkitRecord::Item*> items;
  for (const auto& place : registry.menu()) {
    const ToolkitRecord::Item& item = registry.item(place);
    if (item.shown() && registry.may_be_triggered(place.instance)) items.push_back(&item);
  }
  if (items.empty()) return std::nullopt;
  const Title title = title_of(session);
  const bool attributes = shows_attributes(session.cat.terminal_profile());
  Bytes command = build_menu(title, items, attributes);
  while (command.size() > CatSession::kMaxCommand && items.size() > 1) {
    items.pop_back();
    command = build_menu(title, items, attributes);
  }
  return command;
}

Bytes empty_menu_command(Session& session) {
  Bytes objects = title_objects(title_of(session));
  ctlv::write(objects, object_tag::kItem, {});
  return system_command(command_type::kSetUpMenu, 0x00, objects);
}

Bytes event_list(Session& session) {
  ToolkitRegistry& registry = session.toolkit().registry();
  Bytes codes;
  for (const EventRule& rule : event_rules()) {
    if (!rule.list_code || !has(session.cat.terminal_profile(), rule.facility)) continue;
    if (!registry.registered(rule.event).empty()) codes.push_back(*rule.list_code);
  }
  std::ranges::sort(codes);
  return codes;
}

int polling(ToolkitRegistry& registry) {
  int shortest = 0;
  for (const auto& [instance, record] : registry.records()) {
    if (record.polling == applet::ToolkitEntry::kNoPolling || !registry.may_be_triggered(instance)) continue;
    const int wanted = record.polling == applet::ToolkitEntry::kSystemPolling ? kSystemPolling : record.polling;
    if (shortest == 0 || wanted < shortest) shortest = wanted;
  }
  return shortest;
}

Bytes event_list_command(BytesView codes) {
  Bytes objects;
  ctlv::write(objects, object_tag::kEventList, codes);
  return system_command(command_type::kSetUpEventList, 0x00, objects);
}

// Duration: unit (00 minutes, 01 seconds, 02 tenths of seconds) and value, clause 8.8. Over 255 seconds it is rounded down to minutes.
Bytes poll_command(int seconds) {
  if (seconds == 0) return system_command(command_type::kPollingOff, 0x00, {});
  constexpr std::uint8_t kMinutes = 0x00;
  constexpr std::uint8_t kSeconds = 0x01;
  const bool in_seconds = seconds <= 0xFF;
  const Bytes duration{in_seconds ? kSeconds : kMinutes, static_cast<std::uint8_t>(in_seconds ? seconds : seconds / 60)};
  Bytes objects;
  ctlv::write(objects, object_tag::kDuration, duration);
  return system_command(command_type::kPollInterval, 0x00, objects);
}

int seconds_of(BytesView duration) {
  if (duration.size() != 2) return 0;
  switch (duration[0]) {
    case 0x00:
      return duration[1] * 60;
    case 0x01:
      return duration[1];
    case 0x02:
      return (duration[1] + 9) / 10;
    default:
      return 0;
  }
}

}  // namespace uicclab::emulator
