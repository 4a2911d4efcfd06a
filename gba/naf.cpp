// SPDX-License-Identifier: Apache-2.0
#include "gba/naf.hpp"

#include "gba/time_text.hpp"

namespace uicclab::gba {
namespace {

constexpr const char* kNafRole = "NAF";

}  // namespace

Answer<Naf::Push> Naf::push(ZpnRequest request) {
  auto user = checked(request.user);
  if (!user) return refuse(kNafRole, ResultCode::kInvalidAvpValue, user.error().text);
  request.user = *std::move(user);
  request.naf = m_name;
  auto answer = m_zpn(request);
  if (!answer) return tl::unexpected(std::move(answer.error()));
  const auto push = parse_push(answer->gpi);
  if (!push || push->info.naf_id != request.naf_id || answer->me_key.empty()) {
    return refuse(kNafRole, ResultCode::kUnableToComply, "the BSF's answer is no GPI for this NAF_Id, or has no key");
  }
  NafAssociation association;
  association.sa_id = answer->sa_id;
  association.user = request.user;
  association.impi = answer->impi;
  association.naf_id = request.naf_id;
  association.mode = push->info.mode;
  association.me_key = std::move(answer->me_key);
  association.uicc_key = std::move(answer->uicc_key);
  association.expires = answer->expires;
  m_associations.put(association);
  return Push{std::move(answer->gpi), association.sa_id, association.expires};
}

Answer<NafAssociation> Naf::alive(std::optional<NafAssociation> found, const std::string& what) const {
  if (!found) return refuse(kNafRole, ResultCode::kTransactionIdentifierInvalid, "no NAF security association " + what);
  if (found->expires <= now() || found->me_key.empty()) {
    return refuse(kNafRole, ResultCode::kTransactionIdentifierInvalid,
                  "the lifetime of the NAF security association " + what + " ended at " + time_text(found->expires) + ": push anew");
  }
  return *std::move(found);
}

Answer<NafAssociation> Naf::key(const std::string& sa_id) {
  forget_keys();
  return alive(m_associations.find(sa_id), sa_id);
}

Answer<NafAssociation> Naf::latest_key(const UserIdentity& user) {
  forget_keys();
  auto known = checked(user);
  if (!known) return refuse(kNafRole, ResultCode::kInvalidAvpValue, known.error().text);
  return alive(m_associations.latest(*known), std::string("with the ") + name_of(known->kind) + " " + known->digits);
}

void Naf::forget_keys() {
  m_associations.forget_keys(now());
}

}  // namespace uicclab::gba
