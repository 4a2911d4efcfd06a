// SPDX-License-Identifier: Apache-2.0
#include "scp03/key_cipher.hpp"

namespace uicclab::scp03 {
namespace {

constexpr crypto::Bytes16 kZeroIv{};

}  // namespace

Bytes DekCipher::encrypt(BytesView plain) {
  return m_cbc.encrypt(kZeroIv, plain);
}

Result<Bytes> DekCipher::decrypt(BytesView cipher) {
  return m_cbc.decrypt(kZeroIv, cipher);
}

}  // namespace uicclab::scp03
