// SPDX-License-Identifier: Apache-2.0
#include "cli/mcim/orders.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <sstream>

#include "cli/common/commands.hpp"
#include "cli/common/input_file.hpp"
#include "core/hex.hpp"

namespace uicclab::cli {
namespace {

/// What a line that is read belongs to: for errors, and for names of files.
struct Line {
  std::string place;
  std::filesystem::path folder;

  [[noreturn]] void refuse(const std::string& text) const { throw Exit{kUsage, place + ": " + text}; }

  Bytes hex(const std::string& text, const std::string& what) const {
    const auto bytes = from_hex(text);
    if (!bytes) refuse(what + " must be hexadecimal");
    return *bytes;
  }
  crypto::SecretBytes secret(const std::string& text, const std::string& what) const {
    Bytes bytes = hex(text, what);
    auto secret = crypto::SecretBytes::from(bytes);
    crypto::wipe(bytes);
    if (!secret) refuse(what + " has up to 64 bytes");
    return *std::move(secret);
  }
  crypto::SecretBytes key(const std::string& text) const {
    auto secret = this->secret(text, "a key");
    if (!secret.empty() && secret.size() != 16 && secret.size() != 32) refuse("a key is 16 or 32 bytes in hexadecimal");
    return secret;
  }
  template <typename Number>
  Number number(const std::string& text, const std::string& what, Number least, Number most) const {
    Number value{};
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, value);
    if (read.ec != std::errc{} || read.ptr != end || value < least || value > most) {
      refuse(what + " is " + std::to_string(least) + " to " + std::to_string(most) + ", not '" + text + "'");
    }
    return value;
  }
};

template <typename Value>
struct Word {
  const char* text;
  Value value;
};
constexpr auto kKinds = std::to_array<Word<mcim::Tag>>(
    {{"mcim", mcim::Tag::kMcim}, {"algorithm", mcim::Tag::kAlgorithm}, {"update", mcim::Tag::kUpdate}, {"token", mcim::Tag::kToken}});
constexpr auto kAlgorithms = std::to_array<Word<mcim::Algorithm>>(
    {{"milenage", mcim::Algorithm::kMilenage}, {"tuak", mcim::Algorithm::kTuak}, {"xor", mcim::Algorithm::kXor}});

template <typename Value, std::size_t n>
Value word_of(const Line& line, const std::array<Word<Value>, n>& words, const std::string& text, const std::string& column) {
  std::string list;
  for (const auto& word : words) {
    if (text == word.text) return word.value;
    list += (list.empty() ? "" : ", ") + std::string(word.text);
  }
  line.refuse(column + " is one of " + list + ", not '" + text + "'");
}

/// "2027-01-31", its last second, or seconds since 1970.
std::chrono::sys_seconds time_of(const Line& line, const std::string& text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') {
    return std::chrono::sys_seconds(std::chrono::seconds(line.number<std::int64_t>(text, "not-after", 0, std::int64_t{1} << 40)));
  }
  using namespace std::chrono;
  const year_month_day day{year(line.number<int>(text.substr(0, 4), "a year", 1970, 9999)),
                           month(line.number<unsigned>(text.substr(5, 2), "a month", 1, 12)),
                           std::chrono::day(line.number<unsigned>(text.substr(8, 2), "a day", 1, 31))};
  if (!day.ok()) line.refuse("no such day: " + text);
  return sys_days(day) + days(1) - seconds(1);
}

/// A column and how its text gets into an order; it is not called for an empty text.
struct Column {
  const char* name;
  void (*take)(const Line& line, const std::string& text, Order& order);
};
constexpr auto kColumns = std::to_array<Column>({
    {"name",
     [](const Line& line, const std::string& text, Order& order) {
       if (text.find_first_of("/\\") != std::string::npos || text.starts_with('.'))
         line.refuse("'" + text + "' cannot be the name of a file");
       order.name = text;
     }},
    {"device", [](const Line& line, const std::string& text, Order& order) { order.device = line.folder / text; }},
    {"imsi", [](const Line&, const std::string& text, Order& order) { order.subscription.imsi = text; }},
    {"ki", [](const Line& line, const std::string& text, Order& order) { order.subscription.ki = line.key(text); }},
    {"opc", [](const Line& line, const std::string& text, Order& order) { order.subscription.opc = line.key(text); }},
    {"nonce",
     [](const Line& line, const std::string& text, Order& order) {
       const auto nonce = from_hex(text);
       if (!nonce || nonce->size() != order.subscription.nonce.size()) line.refuse("a nonce is 16 bytes in hexadecimal");
       std::ranges::copy(*nonce, order.subscription.nonce.begin());
     }},
    {"version", [](const Line& line, const std::string& text,
                   Order& order) { order.version = static_cast<std::uint16_t>(line.number<unsigned>(text, "a version", 1, 65535)); }},
    {"target", [](const Line&, const std::string& text, Order& order) { order.subscription.target = text; }},
    {"kind", [](const Line& line, const std::string& text, Order& order) { order.subscription.tag = word_of(line, kKinds, text, "kind"); }},
    {"algorithm", [](const Line& line, const std::string& text,
                     Order& order) { order.subscription.algorithm = word_of(line, kAlgorithms, text, "algorithm"); }},
    {"constants",
     [](const Line& line, const std::string& text, Order& order) { order.subscription.constants = line.hex(text, "constants"); }},
    {"token", [](const Line& line, const std::string& text, Order& order) { order.subscription.token = line.secret(text, "token"); }},
    {"new-token",
     [](const Line& line, const std::string& text, Order& order) { order.subscription.new_token = line.secret(text, "new-token"); }},
    {"not-after", [](const Line& line, const std::string& text, Order& order) { order.subscription.not_after = time_of(line, text); }},
    {"mnc-digits",
     [](const Line& line, const std::string& text,
        Order& order) { order.subscription.mnc_digits = static_cast<std::uint8_t>(line.number<unsigned>(text, "mnc-digits", 2, 3)); }},
});
/// Of a list without a line of names: so many of kColumns, the last one may be left out.
constexpr std::size_t kPlainColumns = 8;

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> fields;
  std::istringstream in(line);
  for (std::string field; std::getline(in, field, ',');) fields.push_back(field);
  if (line.ends_with(',')) fields.emplace_back();
  return fields;
}

const Column* column_of(const std::string& name) {
  const auto found = std::ranges::find_if(kColumns, [&](const Column& column) { return name == column.name; });
  return found == kColumns.end() ? nullptr : &*found;
}

/// The first line names the columns if its first two words are names of some.
std::optional<std::vector<const Column*>> columns_of(const Line& line, const std::vector<std::string>& names) {
  if (names.size() < 2 || column_of(names[0]) == nullptr || column_of(names[1]) == nullptr) return std::nullopt;
  std::vector<const Column*> out;
  for (const std::string& name : names) {
    const Column* const column = column_of(name);
    if (column == nullptr) {
      std::string all;
      for (const Column& one : kColumns) all += (all.empty() ? "" : ", ") + std::string(one.name);
      line.refuse("no column '" + name + "'; there are " + all);
    }
    if (std::ranges::find(out, column) != out.end()) line.refuse("the column '" + name + "' comes twice");
    out.push_back(column);
  }
  return out;
}

Order parse_order(const Line& line, const std::vector<const Column*>& columns, const std::vector<std::string>& fields) {
  const bool plain = columns.empty();
  if (plain && (fields.size() < kPlainColumns - 1 || fields.size() > kPlainColumns)) {
    line.refuse("a line is name,device,imsi,ki,opc,nonce,version[,target], or as a first line of names says");
  }
  if (!plain && fields.size() != columns.size()) {
    line.refuse("the first line names " + std::to_string(columns.size()) + " columns, this one has " + std::to_string(fields.size()));
  }
  Order order;
  order.place = line.place;
  order.subscription.algorithm = mcim::Algorithm::kKept;
  std::set<std::string> given;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const Column& column = plain ? kColumns[i] : *columns[i];
    if (fields[i].empty()) continue;
    column.take(line, fields[i], order);
    given.insert(column.name);
  }
  for (const char* needed : {"name", "device", "nonce", "version"}) {
    if (!given.contains(needed)) line.refuse("'" + std::string(needed) + "' is missing");
  }
  if (order.subscription.tag == mcim::Tag::kMcim && !given.contains("algorithm")) order.subscription.algorithm = mcim::Algorithm::kMilenage;
  return order;
}

}  // namespace

std::vector<Order> read_orders(const std::string& name, std::chrono::sys_seconds now) {
  std::istringstream file(read_input_text(name, kObjectFile));
  std::vector<Order> orders;
  std::vector<const Column*> columns;
  std::map<std::string, std::string> seen;
  std::string text;
  bool first = true;
  for (std::size_t number = 1; std::getline(file, text); ++number) {
    if (text.ends_with('\r')) text.pop_back();
    if (text.empty() || text.starts_with('#')) continue;
    const Line line{name + ":" + std::to_string(number), std::filesystem::path(name).parent_path()};
    const auto fields = split(text);
    if (std::exchange(first, false)) {
      if (auto named = columns_of(line, fields)) {
        columns = *std::move(named);
        continue;
      }
    }
    Order order = parse_order(line, columns, fields);
    if (const auto good = mcim::check(order.subscription); !good) line.refuse("no device takes this: " + good.error().text);
    if (order.subscription.not_after && *order.subscription.not_after < now) line.refuse("no device takes this: not-after is over");
    if (const auto [before, is_new] = seen.emplace(order.name, line.place); !is_new) {
      line.refuse("the name '" + order.name + "' is that of " + before->second + " too: one file would replace the other");
    }
    orders.push_back(std::move(order));
  }
  return orders;
}

}  // namespace uicclab::cli
