// fw_cfg_io: firmware asks the board (QEMU's docs/specs/fw_cfg). The guest selects an
// item by its number and reads it, byte by byte or by DMA. What lies beyond an item's end
// reads as zeros.
//
//   0x510  w   two bytes: selects an item, from its beginning
//   0x511  r   the next byte of it            w  one byte: nothing (items are read only)
//   0x514  rw  eight bytes, big endian: read, "QEMU CFG"; written, the address of a
//              request in guest memory; its lower half, or all of it, starts the request
//
//   request, big endian
//   0  control  bit 0 error, 1 read, 2 skip, 3 select the item in bits 31..16, 4 write
//   4  length   8  address of the buffer
//
// The control word is zero afterwards, or has only the error bit.
#include "hw/fw_cfg.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/machine.h"
#include "core/qdev_properties.h"

namespace hw {

namespace {

constexpr std::uint64_t control_port = 0x510, dma_port = 0x514;
constexpr std::uint64_t dma_signature = 0x51454d5520434647;  // "QEMU CFG"

enum DmaControl : std::uint32_t {
  dma_error = 1 << 0,
  dma_read = 1 << 1,
  dma_skip = 1 << 2,
  dma_select = 1 << 3,
  dma_write = 1 << 4,
};

struct FWCfgIoState : FWCfgState {
  static constexpr const char* qom_type = "fw_cfg_io";
};

struct DmaTransfer {
  static constexpr trace::Declaration declaration{
      "fw_cfg_dma_transfer", trace::Category::device, trace::Shape::instant,
      "An item of fw_cfg is copied to guest memory, all at once."};
  trace::Hex control;
  std::uint64_t length = 0;
  trace::Hex address;
  bool refused = false;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("control", &DmaTransfer::control, "what was asked for"),
        trace::state("length", &DmaTransfer::length, "bytes"),
        trace::state("address", &DmaTransfer::address, "where to"),
        trace::state("refused", &DmaTransfer::refused,
                     "true: the buffer is not RAM, or the item cannot be written"));
  }
};

// ---- ports --------------------------------------------------------------------------

std::uint64_t fw_cfg_read(void* opaque, std::uint64_t, unsigned) {
  auto* s = static_cast<FWCfgState*>(opaque);
  const std::span<const std::byte> left = fw_cfg_rest(s);
  if (left.empty()) {
    return 0;
  }
  ++s->offset;
  return std::to_integer<std::uint64_t>(left.front());
}

void fw_cfg_write(void* opaque, std::uint64_t, std::uint64_t data, unsigned size) {
  if (size == 2) {
    fw_cfg_select(static_cast<FWCfgState*>(opaque), static_cast<std::uint16_t>(data));
  }
}

constexpr MemoryRegionOps fw_cfg_ops{
    .read = fw_cfg_read,
    .write = fw_cfg_write,
    .min_access_size = 1,
    .max_access_size = 2,
    .impl_min_access_size = 1,
    .impl_max_access_size = 2,
};

// ---- DMA ----------------------------------------------------------------------------

std::uint64_t from_big_endian(std::span<const std::byte> bytes) {
  std::uint64_t value = 0;
  for (const std::byte byte : bytes) {
    value = value << 8 | std::to_integer<std::uint64_t>(byte);
  }
  return value;
}

// RAM that a device may write.
std::span<std::byte> writable_ram(std::uint64_t address, std::uint64_t size) {
  const FlatRange* range = address_space_memory().find(address);
  return range == nullptr || range->read_only ? std::span<std::byte>{}
                                              : address_space_memory().ram(address, size);
}

// The next `length` bytes to guest memory, zeros behind the item's end. Page by page:
// not all RAM lies in one piece. False: some of it is no RAM.
bool copy_to_guest(FWCfgState* s, std::uint64_t address, std::uint64_t length) {
  constexpr std::uint64_t page = 4096;
  while (length != 0) {
    const std::uint64_t size = std::min(length, page - address % page);
    const std::span<std::byte> to = writable_ram(address, size);
    if (to.size() != size) {
      return false;
    }
    const std::span<const std::byte> from =
        fw_cfg_rest(s).first(std::min<std::uint64_t>(fw_cfg_rest(s).size(), size));
    std::fill(std::copy(from.begin(), from.end(), to.begin()), to.end(), std::byte{});
    memory_invalidate(address, size);
    s->offset += from.size();
    address += size;
    length -= size;
  }
  return true;
}

bool run_request(FWCfgState* s, std::uint32_t control, std::uint32_t length,
                 std::uint64_t address) {
  if ((control & dma_select) != 0) {
    fw_cfg_select(s, static_cast<std::uint16_t>(control >> 16));
  }
  bool done = true;
  if ((control & dma_read) != 0) {
    done = copy_to_guest(s, address, length);
  } else if ((control & dma_write) != 0) {
    done = length == 0;  // no item can be written
  } else if ((control & dma_skip) != 0) {
    s->offset += std::min<std::uint64_t>(length, fw_cfg_rest(s).size());
  }
  trace::instant(DmaTransfer{
      .control = {control}, .length = length, .address = {address}, .refused = !done});
  return done;
}

void fw_cfg_dma_transfer(FWCfgState* s) {
  const std::uint64_t request = std::exchange(s->dma_address, 0);
  std::array<std::byte, 16> bytes{};
  address_space_memory().read(request, bytes);
  const std::span<const std::byte> fields(bytes);
  const auto control = static_cast<std::uint32_t>(from_big_endian(fields.first(4)));
  const auto length = static_cast<std::uint32_t>(from_big_endian(fields.subspan(4, 4)));
  const bool done =
      run_request(s, control, length, from_big_endian(fields.subspan(8, 8)));
  FwCfgBytes answer;
  fw_cfg_append_big_endian(answer, done ? 0u : std::uint32_t{dma_error}, 4);
  address_space_memory().write(request, answer);
}

// The signature's first letter lies at the lowest address.
std::uint64_t dma_port_read(void*, std::uint64_t offset, unsigned size) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < size; ++i) {
    value |= (dma_signature >> (8 * (7 - offset - i)) & 0xff) << (8 * i);
  }
  return value;
}

// Registers are big endian: a guest that knows swaps what it writes, and the number
// arrives with its first byte in the lowest bits.
void dma_port_write(void* opaque, std::uint64_t offset, std::uint64_t data,
                    unsigned size) {
  auto* s = static_cast<FWCfgState*>(opaque);
  if (size == 4) {
    const std::uint64_t half = __builtin_bswap32(static_cast<std::uint32_t>(data));
    if (offset == 0) {
      s->dma_address = half << 32;
    } else if (offset == 4) {
      s->dma_address |= half;
      fw_cfg_dma_transfer(s);
    }
  } else if (size == 8 && offset == 0) {
    s->dma_address = __builtin_bswap64(data);
    fw_cfg_dma_transfer(s);
  }
}

constexpr MemoryRegionOps dma_ops{
    .read = dma_port_read,
    .write = dma_port_write,
    .min_access_size = 1,
    .max_access_size = 8,
    .impl_min_access_size = 1,
    .impl_max_access_size = 8,
};

// ---- the types ----------------------------------------------------------------------

void fw_cfg_reset(DeviceState* dev) {
  auto* s = object_cast<FWCfgState>(dev);
  for (FwCfgItem& item : s->items) {
    item.made = item.made && !item.follows_firmware;
  }
  s->selected = nullptr;
  s->offset = s->dma_address = 0;
}

void fw_cfg_io_realize(DeviceState* dev) {
  auto* s = object_cast<FWCfgState>(dev);
  constexpr std::uint16_t least_slots = 0x10;
  if (s->file_slots < least_slots) {
    throw Error("\"file_slots\" must be at least 0x10");
  }
  constexpr std::uint16_t most_slots = 0x4000 - FW_CFG_FILE_FIRST - 1;
  if (s->file_slots > most_slots) {
    throw Error("\"file_slots\" must not exceed 0x3fdf");
  }
  s->io = memory_region_new_io(s, &fw_cfg_ops, s, "fwcfg", 2);
  if (s->dma_enabled) {
    s->dma = memory_region_new_io(s, &dma_ops, s, "fwcfg.dma", 8);
  }
}

void fw_cfg_class_init(ObjectClass* klass, void*) {
  class_cast<DeviceClass>(klass)->reset = fw_cfg_reset;
}

constexpr std::uint16_t default_slots = 0x20;

constexpr Property fw_cfg_io_properties[] = {
    qdev_prop_bool("dma_enabled", &FWCfgState::dma_enabled, true),
    qdev_prop_uint16("x-file-slots", &FWCfgState::file_slots, default_slots),
};

void fw_cfg_io_class_init(ObjectClass* klass, void*) {
  auto* dc = class_cast<DeviceClass>(klass);
  dc->realize = fw_cfg_io_realize;
  dc->user_creatable = false;
  device_class_set_props(dc, fw_cfg_io_properties);
}

constinit const TypeInfo fw_cfg_info{
    .name = TYPE_FW_CFG,
    .parent = TYPE_SYS_BUS_DEVICE,
    .instance = instance_struct<FWCfgState>(),
    .abstract = true,
    .class_init = fw_cfg_class_init,
};

constinit const TypeInfo fw_cfg_io_info{
    .name = TYPE_FW_CFG_IO,
    .parent = TYPE_FW_CFG,
    .instance = instance_struct<FWCfgIoState>(),
    .class_init = fw_cfg_io_class_init,
};

void fw_cfg_register_types() {
  type_register_static(fw_cfg_info);
  type_register_static(fw_cfg_io_info);
}

type_init(fw_cfg_register_types);

}  // namespace

// ---- for boards ---------------------------------------------------------------------

FWCfgState* fw_cfg_find() {
  Object* dev = object_resolve_path("/machine/fw_cfg");
  return dev == nullptr ? nullptr : object_cast<FWCfgState>(dev);
}

FWCfgState* fw_cfg_init_io_dma() {
  auto* s = object_cast<FWCfgState>(qdev_create(nullptr, TYPE_FW_CFG_IO));
  object_property_add_child(current_machine, "fw_cfg", s);
  qdev_init_nofail(s);
  sysbus_add_io(s, control_port, s->io);
  if (s->dma != nullptr) {
    sysbus_add_io(s, dma_port, s->dma);
  }
  return s;
}

}  // namespace hw
