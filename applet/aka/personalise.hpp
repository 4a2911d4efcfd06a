// SPDX-License-Identifier: Apache-2.0
// Common parts of the modules of the USIM and the ISIM.
#pragma once

#include "applet/aka/subscriber.hpp"
#include "applet/api/applet.hpp"

namespace uicclab::applet::aka {

/// Load file of both modules: F0 "uicclab" 01.
Aid load_file_aid();
/// Its modules: the load file's AID and a number.
Aid module_aid(std::uint8_t number);

/// First objects of an instance: the subscriber and, with an algorithm of the third generation, its sequence numbers.
/// Errors: those of read_subscriber().
Result<InitialObjects> personalise(const Parameters& parameters);
/// The objects of a subscriber. Errors: parameters that the algorithm does not take.
Result<InitialObjects> objects_of(const NewSubscriber& made);

}  // namespace uicclab::applet::aka
