// SPDX-License-Identifier: Apache-2.0
// The way back from a profile to TOML, laid out as docs/profile-format.md shows it: one line a PIN, one line an EF, one section a
// directory.
#include "core/visible.hpp"
#include "profile/body.hpp"
#include "profile/toml.hpp"
#include "profile/toml_choices.hpp"
#include "profile/toml_remote.hpp"

namespace uicclab::profile {
namespace {

std::string quoted(std::string_view text) {
  return visible_in_toml(text);
}

std::string quoted_hex(BytesView bytes) {
  return "\"" + to_hex(bytes) + "\"";
}

/// A card's label may be any bytes; TOML holds UTF-8 only.
std::string label_text(std::string_view label) {
  bool is_text = !label.starts_with(kHexLabel);
  for (BytesView rest = as_bytes(label); is_text && !rest.empty(); rest = rest.subspan(utf8_sequence(rest))) {
    if (utf8_sequence(rest) == 0) return std::string(kHexLabel) + to_hex(as_bytes(label));
  }
  return is_text ? std::string(label) : std::string(kHexLabel) + to_hex(as_bytes(label));
}

std::string flag(bool value) {
  return value ? "true" : "false";
}

/// `key = value` joined by commas, for an inline table.
class Fields {
 public:
  void add(std::string_view key, std::string_view value) {
    m_text.append(m_text.empty() ? "" : ", ").append(key).append(" = ").append(value);
  }
  const std::string& text() const { return m_text; }

 private:
  std::string m_text;
};

/// `key = value` lines, for a section.
class Lines {
 public:
  void add(std::string_view key, std::string_view value) { m_text.append(key).append(" = ").append(value).append("\n"); }
  const std::string& text() const { return m_text; }

 private:
  std::string m_text;
};

std::string identity_section(const Identity& identity) {
  Lines out;
  const auto add = [&](std::string_view key, const std::string& value) {
    if (!value.empty()) out.add(key, quoted(value));
  };
  add("imsi", identity.imsi);
  add("mcc", identity.mcc);
  add("mnc", identity.mnc);
  add("iccid", identity.iccid);
  add("msisdn", identity.msisdn);
  add("smsc", identity.smsc);
  add("spn", identity.spn);
  add("impi", identity.impi);
  if (!identity.impu.empty()) {
    std::string list;
    for (const std::string& impu : identity.impu) list += (list.empty() ? "" : ", ") + quoted(impu);
    out.add("impu", "[" + list + "]");
  }
  add("domain", identity.domain);
  return out.text().empty() ? "" : "\n[identity]\n" + out.text();
}

std::string pin_value(const Bytes& value) {
  std::string text;
  std::size_t i = 0;
  for (; i < value.size() && value[i] > 0x20 && value[i] < 0x7F; ++i) text += static_cast<char>(value[i]);
  const bool padded = std::all_of(value.begin() + static_cast<std::ptrdiff_t>(i), value.end(), [](std::uint8_t b) { return b == 0xFF; });
  return value.size() == 8 && i > 0 && padded ? quoted(text) : quoted_hex(value);
}

std::string pin_line(const PinSpec& pin) {
  Fields out;
  out.add("key", quoted_hex(BytesView{&pin.key.value, 1}));
  if (!pin.scope.empty()) out.add("in", quoted(pin.scope));
  out.add("value", pin_value(pin.value));
  if (!pin.puk.empty()) out.add("puk", pin_value(pin.puk));
  if (!pin.enabled) out.add("enabled", "false");
  const auto low = static_cast<std::uint8_t>(pin.key.value & 0x7F);
  if (const bool usual = low < 0x0A || low == 0x11; pin.can_be_disabled != usual) out.add("can_be_disabled", flag(pin.can_be_disabled));
  if (pin.max_tries != 3) out.add("tries", std::to_string(pin.max_tries));
  if (pin.max_puk_tries != 10) out.add("puk_tries", std::to_string(pin.max_puk_tries));
  return "  { " + out.text() + " },\n";
}

std::string load_file_section(const LoadFileSpec& file) {
  Lines out;
  if (file.components.empty()) {
    out.add("file", quoted(file.file));
  } else {
    out.add("content", quoted_hex(file.components));
  }
  return "\n[[load_files]]\n" + out.text() + (file.verify_strictly ? verify_line() : "");
}

std::string application_section(const ApplicationSpec& application) {
  Lines out;
  out.add("module", quoted(application.module));
  out.add("aid", quoted_hex(application.aid.bytes()));
  if (!application.label.empty()) out.add("label", quoted(label_text(application.label)));
  if (!application.adf.empty()) out.add("adf", quoted(application.adf));
  if (!application.load_file.empty()) out.add("load_file", quoted_hex(application.load_file.bytes()));
  if (application.in_dir != application.load_file.empty()) out.add("in_dir", flag(application.in_dir));
  if (!application.parameters.all().empty()) {
    Lines parameters;
    for (const auto& [name, value] : application.parameters.all()) {
      if (const auto* text = std::get_if<std::string>(&value)) parameters.add(name, quoted(*text));
      if (const auto* number = std::get_if<std::int64_t>(&value)) parameters.add(name, std::to_string(*number));
      if (const auto* truth = std::get_if<bool>(&value)) parameters.add(name, flag(*truth));
    }
    return "\n[[applications]]\n" + out.text() + "[applications.parameters]\n" + parameters.text();
  }
  return "\n[[applications]]\n" + out.text();
}

template <typename Out>
void write_security(Out& out, const uicc::SecurityAttributes& security) {
  using Form = uicc::SecurityAttributes::Form;
  const Bytes& value = security.value;
  if (security.form == Form::kReferenced && value.size() == 3 && value[2] >= 1 && value[2] <= 254) {
    out.add("rule", quoted(to_hex(BytesView(value).first(2)) + "/" + std::to_string(value[2])));
  } else if (security.form != Form::kNone) {
    out.add(security.form == Form::kReferenced ? "referenced"
            : security.form == Form::kCompact  ? "compact"
                                               : "expanded",
            quoted_hex(value));
  }
}

template <typename Out>
void write_common(Out& out, const FileSpec& file) {
  const uicc::FileHeader& header = file.header;
  write_security(out, header.security);
  if (header.life_cycle != uicc::LifeCycle::kActivated) out.add("state", quoted(name_of(header.life_cycle)));
  if (!header.shareable) out.add("shareable", "false");
  if (!header.proprietary.empty()) out.add("proprietary", quoted_hex(header.proprietary));
}

std::string ef_line(const FileSpec& file) {
  const uicc::FileHeader& header = file.header;
  Fields out;
  if (!file.name.empty()) out.add("name", quoted(file.name));
  const std::string records = quoted(std::to_string(header.record_count) + " x " + std::to_string(header.record_length));
  if (!file.link.empty()) {
    out.add("link", quoted(file.link));
    if (header.sfi) out.add("sfi", std::to_string(header.sfi->value));
    write_common(out, file);
    return to_hex(last_fid(file.path).value_or(Fid{})) + " = { " + out.text() + " }\n";
  }
  if (header.kind == uicc::FileKind::kTransparent) out.add("size", std::to_string(header.size));
  if (header.kind == uicc::FileKind::kLinearFixed) out.add("linear", records);
  if (header.kind == uicc::FileKind::kCyclic) out.add("cyclic", records);
  if (header.kind == uicc::FileKind::kBerTlv) out.add("ber_tlv", std::to_string(header.size));
  if (header.max_size != 0) out.add("max_size", std::to_string(header.max_size));
  if (header.sfi) out.add("sfi", std::to_string(header.sfi->value));
  write_common(out, file);
  if (!file.content.empty()) out.add("content", quoted_hex(file.content));
  if (!file.fill.empty()) out.add("fill", quoted_hex(file.fill));
  const auto other = [&](const Bytes& record) { return record != file.records.front(); };
  if (file.records.size() > 1 && file.records.size() == header.record_count && std::ranges::none_of(file.records, other)) {
    out.add("each", quoted_hex(file.records.front()));
  } else if (!file.records.empty()) {
    std::string list;
    for (const Bytes& record : file.records) list += "\n  " + quoted_hex(record) + ",";
    out.add("records", "[" + list + "\n]");
  }
  return to_hex(last_fid(file.path).value_or(Fid{})) + " = { " + out.text() + " }\n";
}

std::string directory_section(const FileSpec& directory, const std::vector<FileSpec>& files) {
  Lines out;
  if (!directory.name.empty()) out.add("name", quoted(directory.name));
  if (directory.header.kind == uicc::FileKind::kAdf)
    out.add("fid", quoted(directory.header.fid == Fid{} ? "" : to_hex(directory.header.fid)));
  std::string keys;
  for (KeyReference key : directory.header.keys) keys += (keys.empty() ? "" : ", ") + quoted_hex(BytesView{&key.value, 1});
  out.add("keys", "[" + keys + "]");
  write_common(out, directory);
  std::string text = "\n[files." + quoted(directory.path) + "]\n" + out.text();
  for (const FileSpec& file : files) {
    if (!is_directory(file.header.kind) && parent_path(file.path) == directory.path) text += ef_line(file);
  }
  return text;
}

}  // namespace

std::string to_toml(const Profile& profile) {
  Lines card;
  card.add("name", quoted(profile.name));
  card.add("atr", quoted_hex(profile.atr));
  card.add("free_memory", std::to_string(profile.free_memory));
  card.add("logical_channels", std::to_string(profile.logical_channels));
  card.add("gsm_class", flag(profile.gsm_class));
  card.add("max_suspend_seconds", std::to_string(profile.max_suspend_seconds));
  std::string text = card.text() + choices_lines(profile.choices);
  if (!profile.pins.empty()) {
    text += "\npins = [\n";
    for (const PinSpec& pin : profile.pins) text += pin_line(pin);
    text += "]\n";
  }
  text += identity_section(profile.identity);
  text += remote_section(profile.remote);
  for (const LoadFileSpec& file : profile.load_files) text += load_file_section(file);
  for (const ApplicationSpec& application : profile.applications) text += application_section(application);
  for (const FileSpec& file : profile.files) {
    if (is_directory(file.header.kind)) text += directory_section(file, profile.files);
  }
  return text;
}

}  // namespace uicclab::profile
