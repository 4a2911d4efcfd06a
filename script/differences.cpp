// SPDX-License-Identifier: Apache-2.0
// Answers decoded field by field, and the differences of two of them.
#include <algorithm>
#include <map>

#include "core/ber_tlv.hpp"
#include "core/comprehension_tlv.hpp"
#include "ef/codec.hpp"
#include "script/explain.hpp"
#include "script/fields.hpp"

namespace uicclab::script {
namespace {

/// A primitive data object, or the head of a constructed one.
struct Leaf {
  std::string path;
  std::size_t begin = 0;  ///< of the whole object
  std::size_t value = 0;  ///< offset of its value
  Bytes bytes;
  bool constructed = false;
};

std::string tag_text(std::uint32_t tag) {
  Bytes bytes;
  for (int shift = 16; shift >= 0; shift -= 8) {
    if (tag >> shift != 0) bytes.push_back(static_cast<std::uint8_t>(tag >> shift));
  }
  return to_hex(bytes);
}

/// "62/83", "70:2/4F"
std::string numbered(std::map<std::string, std::size_t>& seen, const std::string& path) {
  const std::size_t which = ++seen[path];
  return which == 1 ? path : path + ":" + std::to_string(which);
}

bool is_cat_template(std::uint32_t tag) {
  return tag >= 0xD0 && tag <= 0xDF;
}

constexpr std::size_t kDeepestTemplate = 16;  // a template below it is compared as one value

/// False if the bytes are no sequence of data objects.
bool walk(BytesView bytes, const std::string& above, std::size_t base, bool comprehension, std::vector<Leaf>& out, std::size_t depth = 0) {
  std::map<std::string, std::size_t> seen;
  const std::string prefix = above.empty() ? "" : above + "/";
  if (comprehension) {
    for (ctlv::Reader reader(bytes); !reader.empty();) {
      const auto one = reader.next();
      if (!one) return false;
      const std::size_t value = static_cast<std::size_t>(one->value.data() - bytes.data());
      out.push_back({numbered(seen, prefix + tag_text(one->tag < 0x80 ? one->tag | 0x80U : one->tag)), base + one->offset, base + value,
                     to_bytes(one->value)});
    }
    return true;
  }
  for (ber::Reader reader(bytes); !reader.empty();) {
    const auto one = reader.next();
    if (!one) return false;
    const std::string path = numbered(seen, prefix + tag_text(one->tag));
    const std::size_t value = one->offset + one->whole.size() - one->value.size();
    const bool deeper = depth < kDeepestTemplate && (one->constructed() || is_cat_template(one->tag));
    out.push_back({path, base + one->offset, base + value, to_bytes(one->value), deeper});
    if (deeper) {
      const std::size_t before = out.size();
      if (!walk(one->value, path, base + value, is_cat_template(one->tag), out, depth + 1)) {
        out.resize(before);
        out.back().constructed = false;
      }
    }
  }
  return true;
}

/// The data objects of an answer that looks like one template; else nothing.
std::vector<Leaf> leaves(BytesView data) {
  std::vector<Leaf> out;
  const auto first = ber::first(data);
  if (!first || first->whole.size() != data.size() || data.size() < 3) return out;
  const bool known = !field_name(tag_text(first->tag)).empty();
  if ((!first->constructed() && !known) || !walk(data, "", 0, false, out)) out.clear();
  return out;
}

std::string named(const std::string& path) {
  const std::string name = field_name(path);
  return name.empty() ? path : path + " " + name;
}

std::string line_of(const Leaf& leaf) {
  return named(leaf.path) + (leaf.constructed ? "" : "  " + to_hex(leaf.bytes));
}

std::vector<std::string> file_differences(BytesView expected, BytesView got, std::string_view file) {
  std::vector<std::string> out;
  if (const ef::Codec* codec = ef::codec_of(file)) {
    const ef::Decoded wanted = ef::decode(*codec, expected);
    const ef::Decoded there = ef::decode(*codec, got);
    if (!wanted.wrong && !there.wrong) {
      for (const ef::Difference& one : ef::differences(wanted.value, there.value)) {
        out.push_back(one.place + ": expected " + one.before + ", got " + one.after);
      }
      if (!out.empty()) return out;  // else they say the same in other bytes
    }
  }
  for (const FileField& field : file_fields(file)) {
    const auto part = [&](BytesView bytes) {
      if (field.offset >= bytes.size()) return BytesView();
      return field.size == 0 ? bytes.subspan(field.offset) : bytes.subspan(field.offset, std::min(field.size, bytes.size() - field.offset));
    };
    if (equal(part(expected), part(got))) continue;
    out.push_back(std::string(field.name) + ": expected " + to_hex(part(expected)) + ", got " + to_hex(part(got)));
  }
  return out;
}

}  // namespace

std::string field_at(BytesView data, std::size_t offset, std::string_view file) {
  const auto all = leaves(data);
  const Leaf* best = nullptr;
  for (const Leaf& leaf : all) {
    if (offset >= leaf.begin && offset < leaf.value + leaf.bytes.size()) best = &leaf;
  }
  if (best != nullptr) {
    return named(best->path) + (offset < best->value ? ", its tag or length" : ", byte " + std::to_string(offset - best->value));
  }
  const FileField* field = all.empty() ? file_field(file, offset) : nullptr;
  return field == nullptr ? std::string() : std::string(field->name);
}

std::vector<std::string> differences(BytesView expected, BytesView got, std::string_view file) {
  const auto wanted = leaves(expected);
  const auto there = leaves(got);
  if (wanted.empty() || there.empty()) return file_differences(expected, got, file);
  std::vector<std::string> out;
  const auto find = [](const std::vector<Leaf>& in, const std::string& path) {
    const auto found = std::ranges::find(in, path, &Leaf::path);
    return found == in.end() ? nullptr : &*found;
  };
  for (const Leaf& leaf : wanted) {
    const Leaf* other = find(there, leaf.path);
    if (other == nullptr) {
      out.push_back(named(leaf.path) + ": expected " + to_hex(leaf.bytes) + ", is missing");
    } else if (!leaf.constructed && leaf.bytes != other->bytes) {
      out.push_back(named(leaf.path) + ": expected " + to_hex(leaf.bytes) + ", got " + to_hex(other->bytes));
    }
  }
  for (const Leaf& leaf : there) {
    if (find(wanted, leaf.path) == nullptr) out.push_back(named(leaf.path) + ": got " + to_hex(leaf.bytes) + ", not expected");
  }
  if (out.empty()) out.emplace_back("the same data objects in another order or coding");
  return out;
}

std::vector<std::string> decode(BytesView data) {
  std::vector<std::string> out;
  for (const Leaf& leaf : leaves(data)) out.push_back(line_of(leaf));
  return out;
}

}  // namespace uicclab::script
