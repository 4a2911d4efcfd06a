// SPDX-License-Identifier: Apache-2.0
// The list of mcim wrap: a line for each object (docs/formats/mcim.md, "The list").
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "mcim/object.hpp"

namespace uicclab::cli {

/// One line: a device and what it gets.
struct Order {
  std::string name;              ///< of the object's file
  std::filesystem::path device;  ///< file with a public key, or a certificate
  mcim::Subscription subscription;
  std::uint16_t version = 1;
  std::string place;  ///< "meters.csv:2", for messages
};

/// All lines, each checked as a device will check it. Throws Exit (kUsage) that names file and line.
std::vector<Order> read_orders(const std::string& name, std::chrono::sys_seconds now);

}  // namespace uicclab::cli
