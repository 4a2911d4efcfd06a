// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/server/bootstrap_run.hpp"

#include <set>

#include "lwm2m/transport/link_format.hpp"

namespace uicclab::lwm2m::server {
namespace {

coap::Message request(coap::Code code, std::string_view path) {
  coap::Message out;
  out.code = code;
  coap::add_path(out, path);
  return out;
}

}  // namespace

Bytes BootstrapRun::stop(const Error& why) {
  m_stopped = true;
  m_done(tl::unexpected(why));
  return m_token;
}

/// Instances of the Security object that cannot be deleted are those of bootstrap servers (clause 5.2.7.2); ours get other numbers.
void BootstrapRun::plan_writes(BytesView discovered) {
  std::set<std::uint16_t> taken;
  const auto links = parse_links(std::string_view(reinterpret_cast<const char*>(discovered.data()), discovered.size()));
  if (links) {
    for (const Link& one : *links) {
      unsigned id = 0;
      char rest = 0;
      if (std::sscanf(one.path.c_str(), "/0/%u%c", &id, &rest) == 1 && id <= 0xFFFF) taken.insert(static_cast<std::uint16_t>(id));
    }
  }
  for (const BootstrapObject& object : m_file.objects) {
    for (const ObjectInstance& instance : object.instances) {
      std::uint16_t id = instance.id;
      if (object.id == kSecurityObject) {
        while (taken.contains(id)) ++id;
        taken.insert(id);
      }
      const std::string path = "/" + std::to_string(object.id) + "/" + std::to_string(id);
      coap::Message write = request(coap::kPut, path);
      write.add_number(coap::option::kContentFormat, coap::format::kLwm2mTlv);
      const Value whole = encode_instances({{id, instance.resources}});
      const auto outer = TlvReader(whole).next();
      if (outer) write.payload = to_bytes(outer->value);
      m_writes.emplace_back("Write " + path, std::move(write));
    }
  }
}

void BootstrapRun::send(coap::Message message, const std::string& what, bool may_fail) {
  m_token = m_ask(std::move(message), [self = shared_from_this(), what, may_fail](const Result<coap::Message>& answer) {
    if (self->m_stopped) return;
    if (!answer) return self->m_done(fail(answer.error().code, what + ": " + answer.error().text));
    if (!answer->code.is_success() && !may_fail) {
      return self->m_done(fail(ErrorCode::kRefused, what + ": the device answers " + coap::name(answer->code)));
    }
    if (self->m_next == 1) self->plan_writes(answer->code.is_success() ? BytesView(answer->payload) : BytesView());
    ++self->m_next;
    self->step();
  });
}

void BootstrapRun::step() {
  if (m_next == 0) return send(request(coap::kDelete, "/"), "Delete /", false);
  if (m_next == 1) {
    coap::Message discover = request(coap::kGet, "/");
    discover.add_number(coap::option::kAccept, coap::format::kLinkFormat);
    return send(std::move(discover), "Bootstrap-Discover", true);
  }
  const std::size_t write = m_next - 2;
  if (write < m_writes.size()) return send(m_writes[write].second, m_writes[write].first, false);
  if (write == m_writes.size()) return send(request(coap::kPost, "/bs"), "Bootstrap-Finish", false);
  m_done({});
}

}  // namespace uicclab::lwm2m::server
