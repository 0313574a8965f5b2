// The breakpoints and watchpoints a debugger asked for, and how an engine is to see to
// them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/vcpu.h"

namespace gdbstub {

// Numbers of the Z packets.
enum class PointKind : std::uint8_t {
  software,  // a breakpoint, by whatever means
  hardware,
  write,
  read,
  access,
};

struct Point {
  PointKind kind = PointKind::software;
  std::uint64_t address = 0;  // linear
  std::uint64_t length = 1;   // of watched data

  bool operator==(const Point&) const = default;
};

// What the points come to for one engine.
struct Plan {
  core::DebugControl control;
  std::vector<std::uint64_t> traps;  // addresses where an INT3 is to stand meanwhile
  // For an engine that cannot watch: compared after every single instruction.
  std::vector<core::Watchpoint> compared;
};

enum class InsertResult : std::uint8_t { done, unsupported, no_room };

class PointList {
 public:
  // Where an engine's debug registers do not suffice traps stand for software
  // breakpoints, and where it cannot watch a write is found by comparing; for the rest
  // there is no room.
  InsertResult insert(const Point& point, const core::DebugFacilities& facilities);
  bool remove(const Point& point);  // false: there is none like it

  void clear() { points_.clear(); }

  bool empty() const { return points_.empty(); }

  Plan plan(const core::DebugFacilities& facilities) const;
  // The breakpoint at an address, if any; a hardware one before a software one.
  const Point* breakpoint_at(std::uint64_t address) const;
  // The one that contains this byte of data.
  const Point* watchpoint_at(std::uint64_t address) const;

 private:
  std::optional<Plan> try_plan(const core::DebugFacilities& facilities) const;

  std::vector<Point> points_;
};

}  // namespace gdbstub
