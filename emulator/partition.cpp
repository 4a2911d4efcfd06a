// SPDX-License-Identifier: Apache-2.0
#include "emulator/partition.hpp"

#include "emulator/remote/remote_session.hpp"

namespace uicclab::emulator {

Partition::Partition(Session& session, Nvm& nvm_)
    : nvm(nvm_), files(nvm_), access(files), security(nvm_), runtime(nvm_), toolkit(session) {}

Partition::~Partition() = default;

}  // namespace uicclab::emulator
