// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/view_reader.hpp"

#include <algorithm>
#include <charconv>

#include "core/hex.hpp"
#include "lwm2m/view.hpp"

namespace uicclab::lwm2m {
namespace {

constexpr std::int64_t kLargestId = 65534;  // 65535 is reserved (LwM2M 1.0 clause 6.2)

template <typename Number>
std::optional<Number> number_in(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Result<std::optional<ObjectVersion>> parse_version(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const std::size_t dot = text.find('.');
  const auto major = number_in<std::uint8_t>(text.substr(0, dot));
  const auto minor = dot == std::string_view::npos ? std::nullopt : number_in<std::uint8_t>(text.substr(dot + 1));
  if (!major || !minor || *major == 0) return fail(ErrorCode::kMalformed, "a version is MAJOR.MINOR, as \"1.1\"");
  return ObjectVersion{*major, *minor};
}

}  // namespace

std::string ViewReader::where(std::string_view key) const {
  std::string out = "/" + std::to_string(m_file.objects.back().id);
  if (!m_file.objects.back().instances.empty()) out += "/" + std::to_string(m_file.objects.back().instances.back().id);
  return out + (key.empty() ? "" : " " + std::string(key)) + ": ";
}

Result<void> ViewReader::object(std::int64_t id, std::string_view version) {
  if (id < 0 || id > kLargestId) return fail(ErrorCode::kRange, "an object's id is 0 to 65534");
  auto parsed = parse_version(version);
  if (!parsed) return tl::unexpected(parsed.error());
  if (m_file.find(static_cast<std::uint16_t>(id)) != nullptr) {
    return fail(ErrorCode::kMalformed, "object " + std::to_string(id) + " occurs twice");
  }
  m_file.objects.push_back({static_cast<std::uint16_t>(id), *parsed, {}});
  return {};
}

Result<void> ViewReader::instance(std::int64_t id) {
  if (m_file.objects.empty()) return fail(ErrorCode::kMalformed, "an instance outside an object");
  if (id < 0 || id > kLargestId) return fail(ErrorCode::kRange, "an instance's id is 0 to 65534");
  auto& instances = m_file.objects.back().instances;
  if (std::ranges::find(instances, static_cast<std::uint16_t>(id), &ObjectInstance::id) != instances.end()) {
    return fail(ErrorCode::kMalformed, where("") + "instance " + std::to_string(id) + " occurs twice");
  }
  instances.push_back({static_cast<std::uint16_t>(id), {}});
  return {};
}

Result<ViewReader::Parsed> ViewReader::parse(std::string_view key, std::string_view text, bool multiple) const {
  if (m_file.objects.empty() || m_file.objects.back().instances.empty()) {
    return fail(ErrorCode::kMalformed, std::string(key) + " is outside an instance");
  }
  const BootstrapObject& object = m_file.objects.back();
  if (text.starts_with("hidden: ")) return fail(ErrorCode::kRefused, where(key) + "was hidden in the view; make it with --secrets");
  const ObjectVersion version = object.version.value_or(ObjectVersion{1, kNewestMinor});
  if (const ResourceModel* model = find_resource(object.id, version, key)) {
    if (model->multiple != multiple) return fail(ErrorCode::kMalformed, where(key) + (multiple ? "has one value" : "has several values"));
    auto value = parse_value(*model, text);
    if (!value) return fail(value.error().code, where(key) + value.error().text);
    return Parsed{model->id, *std::move(value)};
  }
  const auto number = number_in<std::uint16_t>(key);
  if (!number) return fail(ErrorCode::kNotFound, where(key) + "no such resource in this version of the object");
  auto bytes = text.starts_with("hex:") ? from_hex(text.substr(4)) : fail(ErrorCode::kMalformed, "");
  if (!bytes) return fail(ErrorCode::kMalformed, where(key) + "what the tables do not know is written as hex:");
  Parsed out{*number, crypto::to_wiped(*bytes)};
  crypto::wipe(*bytes);
  return out;
}

Result<void> ViewReader::resource(std::string_view key, std::string_view text) {
  const auto parsed = parse(key, text, false);
  if (!parsed) return tl::unexpected(parsed.error());
  ObjectInstance& instance = m_file.objects.back().instances.back();
  if (instance.find(parsed->id) != nullptr) return fail(ErrorCode::kMalformed, where(key) + "occurs twice");
  instance.set(parsed->id, BytesView(parsed->value));
  return {};
}

Result<void> ViewReader::resource(std::string_view key, std::int64_t number, std::string_view text) {
  const auto parsed = parse(key, text, true);
  if (!parsed) return tl::unexpected(parsed.error());
  if (number < 0 || number > kLargestId) return fail(ErrorCode::kRange, where(key) + "an instance is 0 to 65534");
  m_file.objects.back().instances.back().add(parsed->id, static_cast<std::uint16_t>(number), parsed->value);
  return {};
}

}  // namespace uicclab::lwm2m
