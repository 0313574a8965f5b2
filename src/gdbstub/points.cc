#include "gdbstub/points.h"

#include <algorithm>

namespace gdbstub {

using namespace core;

namespace {

constexpr std::size_t most_points = 1024;
constexpr std::uint64_t longest_watch = 1 << 20;
constexpr std::uint64_t longest_compared = 4096;  // bytes, of all together

bool is_watch(const Point& point) {
  return point.kind >= PointKind::write;
}

Watchpoint::Access access_of(PointKind kind) {
  switch (kind) {
    case PointKind::write:
      return Watchpoint::Access::write;
    case PointKind::read:
      return Watchpoint::Access::read;
    default:
      return Watchpoint::Access::any;
  }
}

// Debug registers watch 1, 2, 4 or 8 bytes, aligned (SDM vol. 3, 17.2.5): the fewest such
// pieces that make up [address, address + length), one more than there are registers at
// most.
std::vector<Watchpoint> pieces(const Point& point) {
  std::vector<Watchpoint> list;
  std::uint64_t at = point.address, left = point.length;
  while (left > 0 && list.size() <= DebugControl{}.breakpoint.size()) {
    std::uint64_t size = 8;
    while (size > left || at % size != 0) {
      size /= 2;
    }
    list.push_back({.address = at, .length = size, .access = access_of(point.kind)});
    at += size;
    left -= size;
  }
  return list;
}

Plan plan_without_limit(const std::vector<Point>& points) {
  Plan plan;
  for (const Point& point : points) {
    if (is_watch(point)) {
      plan.control.watchpoints.push_back({.address = point.address,
                                          .length = point.length,
                                          .access = access_of(point.kind)});
    } else {
      plan.control.breakpoints.push_back(point.address);
    }
  }
  return plan;
}

void take_register(DebugControl& control, unsigned number, std::uint64_t address) {
  control.breakpoint[number] = address;
  control.breakpoint_mask |= static_cast<std::uint8_t>(1u << number);
}

}  // namespace

std::optional<Plan> PointList::try_plan(const DebugFacilities& facilities) const {
  if (facilities.any_number) {
    return plan_without_limit(points_);
  }
  Plan plan;
  DebugControl& control = plan.control;
  unsigned taken = 0;
  std::uint64_t compared = 0;
  for (const Point& point : points_) {
    if (point.kind == PointKind::hardware && taken < control.breakpoint.size()) {
      take_register(control, taken, point.address);
    }
    taken += point.kind == PointKind::hardware ? 1 : 0;
    if (is_watch(point) && !facilities.watchpoints) {
      compared += point.length;
      plan.compared.push_back({.address = point.address,
                               .length = point.length,
                               .access = access_of(point.kind)});
    } else if (is_watch(point)) {
      const auto parts = pieces(point);
      control.watchpoints.insert(control.watchpoints.end(), parts.begin(), parts.end());
    }
  }
  const auto watched = static_cast<unsigned>(control.watchpoints.size());
  const unsigned all =
      std::min<unsigned>(facilities.registers, control.breakpoint.size());
  if (taken + watched > all || compared > longest_compared) {
    return std::nullopt;
  }
  // A register is better than a trap: the guest may overwrite its code.
  for (const Point& point : points_) {
    if (point.kind != PointKind::software) {
      continue;
    }
    if (taken + watched < all) {
      take_register(control, taken++, point.address);
    } else {
      plan.traps.push_back(point.address);
    }
  }
  control.breakpoints = plan.traps;
  return plan;
}

InsertResult PointList::insert(const Point& point, const DebugFacilities& facilities) {
  const bool possible =
      facilities.any_number ||
      (facilities.registers > 0 &&
       point.kind != PointKind::read &&  // the registers know no reading alone
       (point.kind != PointKind::access || facilities.watchpoints));
  if (!possible) {
    return InsertResult::unsupported;
  }
  if (std::find(points_.begin(), points_.end(), point) != points_.end()) {
    return InsertResult::done;
  }
  const bool sound =
      !is_watch(point) || (point.length > 0 && point.length <= longest_watch &&
                           point.address + point.length > point.address);
  if (!sound || points_.size() == most_points) {
    return InsertResult::no_room;
  }
  points_.push_back(point);
  if (!try_plan(facilities)) {
    points_.pop_back();
    return InsertResult::no_room;
  }
  return InsertResult::done;
}

bool PointList::remove(const Point& point) {
  return std::erase(points_, point) > 0;
}

Plan PointList::plan(const DebugFacilities& facilities) const {
  return try_plan(facilities).value_or(Plan{});
}

const Point* PointList::breakpoint_at(std::uint64_t address) const {
  const Point* found = nullptr;
  for (const Point& point : points_) {
    if (!is_watch(point) && point.address == address &&
        (found == nullptr || point.kind == PointKind::hardware)) {
      found = &point;
    }
  }
  return found;
}

const Point* PointList::watchpoint_at(std::uint64_t address) const {
  for (const Point& point : points_) {
    if (is_watch(point) && address - point.address < point.length) {
      return &point;
    }
  }
  return nullptr;
}

}  // namespace gdbstub
