// One access to a device: its size rules and its trace.
//
// A device states two pairs of sizes: what the guest may do, and what its callbacks
// take. Between the two this file splits a wide access into several calls, low part
// first, or widens a narrow one. An access the guest may not do is as if nobody
// answered.
#include <algorithm>

#include "core/log.h"
#include "core/memory_internal.h"

namespace core {
namespace {

struct OpsRead {
  static constexpr trace::Declaration declaration{
      "memory_region_ops_read", trace::Category::device, trace::Shape::span,
      "The guest reads a device register."};
  trace::ObjectId device;
  std::string_view region;
  trace::Hex offset;
  std::uint32_t size = 0;

  struct Result {
    trace::Hex value;

    static constexpr auto fields() {
      return trace::fields(
          trace::state("value", &Result::value, "what the device answered"));
    }
  };

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("device", &OpsRead::device, "who answers"),
        trace::identity("region", &OpsRead::region, "its region"),
        trace::identity("offset", &OpsRead::offset, "register in the region"),
        trace::identity("size", &OpsRead::size, "bytes"));
  }
};

struct OpsWrite {
  static constexpr trace::Declaration declaration{
      "memory_region_ops_write", trace::Category::device, trace::Shape::span,
      "The guest writes a device register."};
  trace::ObjectId device;
  std::string_view region;
  trace::Hex offset;
  std::uint32_t size = 0;
  trace::Hex value;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("device", &OpsWrite::device, "who answers"),
        trace::identity("region", &OpsWrite::region, "its region"),
        trace::identity("offset", &OpsWrite::offset, "register in the region"),
        trace::identity("size", &OpsWrite::size, "bytes"),
        trace::state("value", &OpsWrite::value, "what the guest wrote"));
  }
};

std::uint64_t mask(unsigned size) {
  return size >= 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << size * 8) - 1;
}

// Does the region itself stand for the device (nobody owns it)?
trace::ObjectId device_of(const MemoryRegion* mr) {
  return object_id(mr->owner ? mr->owner : mr);
}

bool valid(const MemoryRegion* mr, unsigned size) {
  return size >= mr->ops->min_access_size && size <= mr->ops->max_access_size;
}

// The guest asked for what the region does not do.
void log_invalid(const char* access, const MemoryRegion* mr, std::uint64_t offset,
                 unsigned size, bool has_callback) {
  if (!qemu_loglevel_mask(LOG_GUEST_ERROR))
    return;
  std::string reason = has_callback ? "invalid size" : "rejected";
  if (has_callback)
    append_format(reason, " (min:%u max:%u)", mr->ops->min_access_size,
                  mr->ops->max_access_size);
  qemu_log_mask(LOG_GUEST_ERROR,
                "Invalid %s at addr 0x%llX, size %u, region '%s', reason: %s\n", access,
                static_cast<unsigned long long>(offset), size, mr->name.c_str(),
                reason.c_str());
}

// Bytes of each callback for an access of `size`, at least one.
unsigned callback_size(const MemoryRegionOps* ops, unsigned size) {
  return std::max(
      {std::min(size, ops->impl_max_access_size), ops->impl_min_access_size, 1u});
}

}  // namespace

std::uint64_t memory_region_dispatch_read(MemoryRegion* mr, std::uint64_t offset,
                                          unsigned size) {
  trace::Span span{OpsRead{
      .device = device_of(mr), .region = mr->name, .offset = {offset}, .size = size}};
  std::uint64_t value = mask(size);
  if (mr->ops->read && valid(mr, size)) {
    value = 0;
    const unsigned step = callback_size(mr->ops, size);
    for (unsigned i = 0; i < size; i += step)
      value |= (mr->ops->read(mr->opaque, offset + i, step) & mask(step)) << i * 8;
    value &= mask(size);
  } else {
    log_invalid("read", mr, offset, size, mr->ops->read != nullptr);
  }
  span.result(OpsRead::Result{.value = {value}});
  return value;
}

void memory_region_dispatch_write(MemoryRegion* mr, std::uint64_t offset,
                                  std::uint64_t data, unsigned size) {
  trace::Span span{OpsWrite{.device = device_of(mr),
                            .region = mr->name,
                            .offset = {offset},
                            .size = size,
                            .value = {data}}};
  if (!mr->ops->write || !valid(mr, size)) {
    log_invalid("write", mr, offset, size, mr->ops->write != nullptr);
    return;
  }
  const unsigned step = callback_size(mr->ops, size);
  for (unsigned i = 0; i < size; i += step)
    mr->ops->write(mr->opaque, offset + i, data >> i * 8 & mask(step), step);
}

}  // namespace core
