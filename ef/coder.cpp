// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "ef/type.hpp"

namespace uicclab::ef {
namespace {

constexpr std::string_view kRest = "rest";

Type fields_type(std::function<void(Coder&)> fields, bool padded) {
  return {[fields, padded](BytesView bytes) {
            Coder coder(bytes);
            fields(coder);
            return coder.read_end(padded);
          },
          [fields, padded](const Value& value, std::optional<std::size_t> size) -> Coded<Bytes> {
            if (value.members() == nullptr) return faulty(ErrorCode::kMalformed, "must have fields by name");
            Coder coder(value, size);
            fields(coder);
            return coder.written_end(padded);
          }};
}

}  // namespace

Type record(std::function<void(Coder&)> fields) {
  return fields_type(std::move(fields), true);
}

Type exact(std::function<void(Coder&)> fields) {
  return fields_type(std::move(fields), false);
}

std::optional<std::size_t> Coder::left() const {
  if (m_reading) return m_bytes.size() - m_offset;
  if (!m_size) return std::nullopt;
  return *m_size - std::min(*m_size, m_written.size());
}

void Coder::fail(ErrorCode code, std::string_view name, std::string what) {
  if (!m_fault) m_fault = Fault{code, std::string(name), std::move(what), m_offset};
}

Value Coder::take(std::string_view name, std::size_t size, const Type& type) {
  if (m_bytes.size() - m_offset < size) {
    fail(ErrorCode::kTruncated, name, "needs " + std::to_string(size) + " bytes, there are " + std::to_string(m_bytes.size() - m_offset));
    return {};
  }
  auto value = type.decode(m_bytes.subspan(m_offset, size));
  if (!value) {
    m_fault = within(value.error(), name, m_offset).value();
    return {};
  }
  m_offset += size;
  m_members.set(name, *value);
  return *std::move(value);
}

const Value* Coder::given(std::string_view name) {
  m_used.emplace_back(name);
  return m_given->find(name);
}

Value Coder::put(std::string_view name, const Value& value, std::optional<std::size_t> size, const Type& type) {
  const auto bytes = type.encode(value, size);
  if (!bytes) {
    m_fault = within(bytes.error(), name, 0).value();
    return {};
  }
  if (size && bytes->size() != *size) {
    fail(ErrorCode::kRange, name, "is " + std::to_string(bytes->size()) + " bytes, should be " + std::to_string(*size));
    return {};
  }
  append(m_written, *bytes);
  return value;
}

bool Coder::present(std::string_view name) const {
  if (!m_reading) return m_given->find(name) != nullptr;
  return std::ranges::any_of(m_bytes.subspan(m_offset), [](std::uint8_t byte) { return byte != 0xFF; });
}

Value Coder::field(std::string_view name, std::size_t size, const Type& type) {
  if (failed()) return {};
  if (m_reading) return take(name, size, type);
  const Value* value = given(name);
  if (value != nullptr) return put(name, *value, size, type);
  fail(ErrorCode::kNotFound, name, "is missing");
  return {};
}

Value Coder::rest(std::string_view name, const Type& type, std::size_t keep) {
  if (failed()) return {};
  const auto all = left();
  if (all && *all < keep) {
    fail(ErrorCode::kTruncated, name, "no room: " + std::to_string(keep) + " bytes follow it, there are " + std::to_string(*all));
    return {};
  }
  if (m_reading) return take(name, *all - keep, type);
  const Value* value = given(name);
  if (value != nullptr) return put(name, *value, all ? std::optional(*all - keep) : std::nullopt, type);
  fail(ErrorCode::kNotFound, name, "is missing");
  return {};
}

Value Coder::lv(std::string_view name, const Type& type) {
  return self_sized(name, behind_length(type));
}

Value Coder::self_sized(std::string_view name, const Type& type) {
  if (failed()) return {};
  if (m_reading) {
    if (m_offset < m_bytes.size()) {
      return take(name, std::min<std::size_t>(std::size_t{1} + m_bytes[m_offset], m_bytes.size() - m_offset), type);
    }
    fail(ErrorCode::kTruncated, name, "has no length");
    return {};
  }
  const Value* value = given(name);
  if (value != nullptr) return put(name, *value, std::nullopt, type);
  fail(ErrorCode::kNotFound, name, "is missing");
  return {};
}

Value Coder::optional(std::string_view name, std::size_t size, const Type& type) {
  if (failed()) return {};
  if (m_reading) return *left() < size ? Value() : take(name, size, type);
  const Value* value = given(name);
  return value == nullptr ? Value() : put(name, *value, size, type);
}

Value Coder::usually(std::string_view name, BytesView value, const Type& type) {
  if (failed()) return {};
  if (m_reading) {
    if (*left() < value.size() || !equal(m_bytes.subspan(m_offset, value.size()), value)) return take(name, value.size(), type);
    m_offset += value.size();
    return {};
  }
  if (const Value* told = given(name)) return put(name, *told, value.size(), type);
  append(m_written, value);
  return {};
}

Coded<Value> Coder::read_end(bool padded) {
  if (m_fault) return tl::unexpected<Fault>(*m_fault);
  BytesView behind = m_bytes.subspan(m_offset);
  while (padded && !behind.empty() && behind.back() == 0xFF) behind = behind.first(behind.size() - 1);
  if (!behind.empty()) m_members.set(kRest, Value(to_hex(behind)));
  return m_members;
}

Coded<Bytes> Coder::written_end(bool padded) {
  if (!m_fault) {
    if (const Value* behind = given(kRest)) put(kRest, *behind, std::nullopt, hex());
  }
  if (m_fault) return tl::unexpected<Fault>(*m_fault);
  for (const auto& [name, value] : *m_given->members()) {
    if (std::ranges::find(m_used, name) != m_used.end()) continue;
    std::string known;
    for (const auto& one : m_used) {
      if (one != kRest) known += (known.empty() ? "" : ", ") + std::string(one);
    }
    return within({ErrorCode::kNotFound, "", "no such field" + (known.empty() ? "" : "; the fields are: " + known)}, name, 0);
  }
  if (m_size && m_written.size() > *m_size) {
    return faulty(ErrorCode::kRange, "is " + std::to_string(m_written.size()) + " bytes, there is room for " + std::to_string(*m_size));
  }
  if (m_size && padded) m_written.resize(*m_size, 0xFF);
  return m_written;
}

}  // namespace uicclab::ef
