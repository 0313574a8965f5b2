// Where random numbers for a guest come from: type "rng-backend" and what descends from
// it, made with -object. Its types are in backend/.
#pragma once

#include <cstddef>
#include <span>

#include "qom/composition.h"
#include "qom/object.h"

namespace core {

inline constexpr const char* TYPE_RNG_BACKEND = "rng-backend";

struct RngBackend : qom::Object {
  static constexpr const char* qom_type = "rng-backend";
  bool opened = false;
};

struct RngBackendClass : qom::ObjectClass {
  static constexpr const char* qom_type = "rng-backend";
  void (*open)(RngBackend* backend) = nullptr;  // throws qom::Error
  // Fills the front of `bytes`; returns how many, 0 if there are none at the moment.
  // Never waits.
  std::size_t (*read)(RngBackend* backend, std::span<std::byte> bytes) = nullptr;
};

}  // namespace core
