// What a trace tells of the memory map: regions as they are made, where they are put,
// and what of them changes. From these alone the address spaces can be drawn.
#pragma once

#include "core/memory.h"

namespace core {

struct RegionMade {
  static constexpr trace::Declaration declaration{
      "memory_region_init", trace::Category::memory, trace::Shape::instant,
      "A region of memory or ports exists; it is nowhere yet."};
  trace::ObjectId region;
  std::string_view name;
  std::string_view kind;
  trace::Hex size;
  trace::ObjectId target;
  trace::Hex offset;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("region", &RegionMade::region, "the region"),
        trace::identity("name", &RegionMade::name, "its name"),
        trace::state("kind", &RegionMade::kind, "container, io, ram, rom or alias"),
        trace::state("size", &RegionMade::size, "bytes; 2^64 as 2^64 - 1"),
        trace::state("target", &RegionMade::target, "of an alias: what it shows"),
        trace::state("offset", &RegionMade::offset, "of an alias: from where on"));
  }
};

struct SubregionAdded {
  static constexpr trace::Declaration declaration{
      "memory_region_add_subregion", trace::Category::memory, trace::Shape::instant,
      "A region gets a place in another one."};
  trace::ObjectId region;
  trace::ObjectId container;
  trace::Hex address;
  std::int32_t priority = 0;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("region", &SubregionAdded::region, "the region"),
        trace::identity("container", &SubregionAdded::container, "what it is put into"),
        trace::state("address", &SubregionAdded::address, "offset in the container"),
        trace::state("priority", &SubregionAdded::priority,
                     "where two overlap, the higher one answers"));
  }
};

struct SubregionTaken {
  static constexpr trace::Declaration declaration{
      "memory_region_del_subregion", trace::Category::memory, trace::Shape::instant,
      "A region leaves its place."};
  trace::ObjectId region;
  trace::ObjectId container;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("region", &SubregionTaken::region, "the region"),
        trace::identity("container", &SubregionTaken::container, "where it was"));
  }
};

struct RegionChanged {
  static constexpr trace::Declaration declaration{
      "memory_region_update", trace::Category::memory, trace::Shape::instant,
      "A region is switched on or off, gets another size, or shows something else."};
  trace::ObjectId region;
  bool enabled = true;
  bool read_only = false;
  trace::Hex size;
  trace::Hex offset;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("region", &RegionChanged::region, "the region"),
        trace::state("enabled", &RegionChanged::enabled,
                     "false: as if it were not there"),
        trace::state("read_only", &RegionChanged::read_only, "writes are not taken"),
        trace::state("size", &RegionChanged::size, "bytes"),
        trace::state("offset", &RegionChanged::offset, "of an alias: from where on"));
  }
};

struct SpaceMade {
  static constexpr trace::Declaration declaration{
      "address_space_init", trace::Category::memory, trace::Shape::instant,
      "An address space shows a region from address 0 on."};
  std::string_view name;
  trace::ObjectId root;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("name", &SpaceMade::name, "the space"),
        trace::identity("root", &SpaceMade::root, "the region it shows"));
  }
};

}  // namespace core
