// SPDX-License-Identifier: Apache-2.0
// The components of a converted package (JCVM chapter 6), once its classes have tokens and its methods code.
#pragma once

#include "jcvm/tools/converter/card_code.hpp"
#include "jcvm/tools/converter/converter.hpp"
#include "jcvm/tools/converter/static_init.hpp"

namespace uicclab::jcvm::converter {

/// A method that has a place in the Method component; without code it is abstract.
struct MethodUnit {
  const ClassModel* owner = nullptr;
  MethodModel* method = nullptr;
  std::optional<CardCode> code;
  std::optional<Assembled> assembled;
  std::vector<std::optional<std::size_t>> caught;  ///< by handler of the class file: symbol of the class; nullopt: any

  std::size_t header_size() const;
  unsigned nargs() const;
};

// One file each. They fill in their part of `file`, and where what they place is.
void write_methods(std::vector<MethodUnit>& units, const References& references, cap::CapFile& file, Report& report);
void write_classes(const Program& program, References& references, cap::CapFile& file);
void write_constants(References& references, cap::CapFile& file);
void write_static_fields(const StaticImage& image, cap::CapFile& file);
void write_exports(const Program& program, cap::CapFile& file);
void write_descriptor(const Program& program, References& references, cap::CapFile& file);
void write_debug(const Program& program, const std::vector<MethodUnit>& units, const Options& options, cap::CapFile& file);

}  // namespace uicclab::jcvm::converter
