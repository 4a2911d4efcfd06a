// SPDX-License-Identifier: Apache-2.0
#include "mcim/receiver.hpp"

namespace uicclab::mcim {

Nonce Receiver::begin(std::chrono::sys_seconds now, Random& random) {
  Nonce nonce;
  random.fill(nonce);
  m_state.nonce = nonce;
  m_state.nonce_until = now + m_options.nonce_lifetime;
  m_state.tries_left = m_options.tries;
  return nonce;
}

Result<Subscription> Receiver::accept(BytesView object, BytesView signature, const crypto::PrivateKey& key, std::chrono::sys_seconds now,
                                      Random& random) {
  const auto refused = [] { return fail(ErrorCode::kRefused, "MCIM object refused"); };
  if (!m_state.nonce) return refused();
  // Counted before anything is looked at, so that no way out is free.
  const bool last_try = --m_state.tries_left == 0;

  const bool from_sender = !m_options.sender || m_options.sender->verifies(object, signature);
  const auto data = open_any(object, key, random);
  auto subscription = data ? parse_subscription(data->payload, data->tag) : Result<Subscription>(tl::unexpected(data.error()));
  if (from_sender && subscription && fits(*data, *subscription, now)) {
    m_state.nonce.reset();
    m_state.version = data->version;
    return subscription;
  }
  if (last_try) m_state.nonce.reset();
  return refused();
}

Result<Data> Receiver::open_any(BytesView object, const crypto::PrivateKey& key, Random& random) const {
  return m_options.literal && !has_header(object) ? open_literal(object, key, random) : open(object, key, random);
}

bool Receiver::fits(const Data& data, const Subscription& subscription, std::chrono::sys_seconds now) const {
  const bool in_time = now < m_state.nonce_until && (!subscription.not_after || now <= *subscription.not_after);
  const bool for_us = subscription.target.empty() || subscription.target == m_options.target;
  return data.version > m_state.version && crypto::constant_time_equal(subscription.nonce, *m_state.nonce) && in_time && for_us &&
         (m_options.token.empty() || subscription.token == m_options.token);
}

}  // namespace uicclab::mcim
