// SPDX-License-Identifier: Apache-2.0
#include "applet/aka/personalise.hpp"

#include "applet/aka/engine.hpp"
#include "applet/aka/slots.hpp"

namespace uicclab::applet::aka {
namespace {

constexpr auto kLoadFile = "F0 75696363 6C6162 01"_h;

}  // namespace

Aid load_file_aid() {
  return Aid::from(kLoadFile).value();
}

Aid module_aid(std::uint8_t number) {
  return Aid::from(concat({kLoadFile, std::array{number}})).value();
}

Result<InitialObjects> personalise(const Parameters& parameters) {
  const auto made = read_subscriber(parameters);
  if (!made) return tl::unexpected(made.error());
  return objects_of(*made);
}

Result<InitialObjects> objects_of(const NewSubscriber& made) {
  const auto engine = Engine::from(made.subscriber);
  if (!engine) return tl::unexpected(engine.error());
  InitialObjects objects;
  objects.emplace_back(kSubscriberSlot, encode(made.subscriber));
  if (engine->has_aka()) objects.emplace_back(kSqnSlot, to_bytes(SqnState(made.subscriber.sqn, made.sqn_start).encoded()));
  return objects;
}

}  // namespace uicclab::applet::aka
