#include "emulator/runtime/instance_context.hpp"

namespace uicclab::emulator {

applet::CardManager* InstanceContext::card_manager() {
  if (!spec().module->is_security_domain()) return nullptr;
  if (!m_manager) m_manager.emplace(m_session, m_instance, m_channel, m_security);
  return &*m_manager;
}

StatusWord InstanceContext::process_security(const apdu::Command& command, Bytes& out) {
  const auto domain = m_session.runtime.registry().domain_of(spec());
  if (!domain || m_channel.value >= Session::kChannels) return sw::kInsNotSupported;
  if (!m_session.runtime.is_selectable(*domain)) return sw::kConditionsNotSatisfied;
  auto& secure = m_session.channels[m_channel.value].secure;
  if (!secure) secure = m_session.runtime.object(*domain).make_secure_channel();
  if (!secure) return sw::kInsNotSupported;
  InstanceContext context(m_session, *domain, m_channel, m_security);
  return secure->open(context, spec().aid, command, out);
}

std::optional<crypto::SecretBytes> InstanceContext::take_naf_key(BytesView naf_id) {
  for (const std::uint32_t number : m_session.runtime.numbers()) {
    if (number == m_instance || !m_session.runtime.is_selectable(number)) continue;
    InstanceContext context(m_session, number, m_channel, m_security);
    if (auto key = m_session.runtime.object(number).take_naf_key(context, naf_id)) return key;
  }
  return std::nullopt;
}

StatusWord InstanceContext::provision(const applet::ProvisionedSubscriber& subscriber) {
  for (const std::uint32_t number : m_session.runtime.numbers()) {
    if (number == m_instance || !m_session.runtime.is_selectable(number)) continue;
    InstanceContext context(m_session, number, m_channel, m_security);
    const StatusWord answer = m_session.runtime.object(number).provision(context, subscriber);
    if (answer != sw::kFunctionNotSupported) return answer;
  }
  return sw::kFunctionNotSupported;
}

std::optional<FileId> InstanceContext::resolve(BytesView path) const {
  if (path.empty() || path.size() % 2 != 0) return std::nullopt;
  FileId at = root();
  for (std::size_t i = 0; i < path.size(); i += 2) {
    const auto next = m_session.files.child(at, fid_at(path, i));
    if (!next) return std::nullopt;
    at = *next;
  }
  const FileHeader& header = m_session.files.header(at);
  if (is_directory(header.kind) || header.life_cycle != LifeCycle::kActivated) return std::nullopt;
  return at;
}

std::optional<Bytes> InstanceContext::read_binary(BytesView path) const {
  const auto file = resolve(path);
  if (!file || m_session.files.header(*file).kind != FileKind::kTransparent) return std::nullopt;
  return to_bytes(m_session.files.body(*file));
}

bool InstanceContext::update_binary(BytesView path, std::size_t offset, BytesView data) {
  const auto file = resolve(path);
  if (!file) return false;
  const FileHeader& header = m_session.files.header(*file);
  if (header.kind != FileKind::kTransparent || offset > header.size || data.size() > header.size - offset) return false;
  std::ranges::copy(data, m_session.files.edit_body(*file).begin() + static_cast<std::ptrdiff_t>(offset));
  return true;
}

std::optional<Bytes> InstanceContext::read_record(BytesView path, std::size_t record) const {
  const auto file = resolve(path);
  if (!file) return std::nullopt;
  const FileHeader& header = m_session.files.header(*file);
  if (!has_records(header.kind) || record == 0 || record > header.record_count) return std::nullopt;
  return to_bytes(m_session.files.body(*file).subspan((record - 1) * header.record_length, header.record_length));
}

bool InstanceContext::update_record(BytesView path, std::size_t record, BytesView data) {
  const auto file = resolve(path);
  if (!file) return false;
  const FileHeader& header = m_session.files.header(*file);
  if (!has_records(header.kind) || record == 0 || record > header.record_count || data.size() > header.record_length) return false;
  const auto begin = m_session.files.edit_body(*file).begin() + static_cast<std::ptrdiff_t>((record - 1) * header.record_length);
  const auto end = std::ranges::copy(data, begin).out;
  std::fill(end, begin + header.record_length, std::uint8_t{0xFF});
  return true;
}

std::size_t InstanceContext::record_count(BytesView path) const {
  const auto file = resolve(path);
  return file && has_records(m_session.files.header(*file).kind) ? m_session.files.header(*file).record_count : 0;
}

}  // namespace uicclab::emulator
