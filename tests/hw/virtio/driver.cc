#include "driver.h"

#include <algorithm>
#include <cstring>

namespace virtio_test {

namespace {

constexpr std::uint64_t io_bar = 0xc000, msix_bar = 0xe0000000, memory_bar = 0xe0100000;

void poke(std::uint64_t address, std::uint64_t value, unsigned size) {
  write_number(address_space_memory(), address, value, size);
}

std::uint64_t peek(std::uint64_t address, unsigned size) {
  return read_number(address_space_memory(), address, size);
}

template <class Copy>
int transfer(int error, BlockVector pieces, Copy copy) {
  if (error != 0) {
    return error;
  }
  std::uint64_t done = 0;
  for (const std::span<std::byte> piece : pieces) {
    copy(done, piece);
    done += piece.size();
  }
  return 0;
}

}  // namespace

// ---- the disk -----------------------------------------------------------------------

int MemoryDisk::read(std::uint64_t offset, BlockVector to) {
  return transfer(fail_with, to, [&](std::uint64_t done, std::span<std::byte> piece) {
    std::memcpy(piece.data(), bytes.data() + offset + done, piece.size());
  });
}

int MemoryDisk::write(std::uint64_t offset, BlockVector from) {
  return transfer(fail_with, from, [&](std::uint64_t done, std::span<std::byte> piece) {
    std::memcpy(bytes.data() + offset + done, piece.data(), piece.size());
  });
}

int MemoryDisk::write_zeroes(std::uint64_t offset, std::uint64_t size, bool) {
  std::fill_n(bytes.begin() + static_cast<long>(offset), size, std::uint8_t{0});
  return 0;
}

// ---- configuration space ------------------------------------------------------------

static std::uint32_t address_of(const PCIDevice* card, unsigned offset) {
  return 0x80000000u | static_cast<std::uint32_t>(card->devfn) << 8 | offset;
}

std::uint32_t config_read(const PCIDevice* card, unsigned offset, unsigned size) {
  return pci_data_read(pci_bus_of(card), address_of(card, offset), size);
}

void config_write(const PCIDevice* card, unsigned offset, std::uint32_t value,
                  unsigned size) {
  pci_data_write(pci_bus_of(card), address_of(card, offset), value, size);
}

PCIDevice* add_card(PCIBus* bus, const char* type,
                    const std::map<std::string, std::string>& properties) {
  DeviceState* dev = qdev_create(bus, type);
  object_ref(dev);
  const Ref<DeviceState> alive(dev);
  try {
    for (const auto& [name, value] : properties) {
      object_property_parse(dev, value, name);
    }
    qdev_realize(dev);
  } catch (...) {
    qdev_set_parent_bus(dev, nullptr);
    throw;
  }
  return object_cast<PCIDevice>(dev);
}

// ---- the driver ---------------------------------------------------------------------

Driver::Driver(PCIDevice* card, Face face) : card_(card), face_(face) {
  config_write(card, 0x10, io_bar);
  config_write(card, 0x14, msix_bar);
  config_write(card, 0x20, memory_bar);
  config_write(card, 0x24, 0);
  config_write(card, 0x04, 7, 2);
  find_regions();
}

void Driver::find_regions() {
  if (face_ == Face::legacy) {
    common_ = {true, io_bar};
    notify_ = {true, io_bar + 0x10};
    isr_ = {true, io_bar + 0x13};
    device_ = {true, io_bar + 0x14};
    return;
  }
  for (unsigned at = config_read(card_, 0x34, 1); at != 0;
       at = config_read(card_, at + 1, 1)) {
    const unsigned type = config_read(card_, at + 3, 1);
    if (config_read(card_, at, 1) != 0x09 || type < 1 || type > 4) {
      continue;
    }
    Region* regions[] = {&common_, &notify_, &isr_, &device_};
    *regions[type - 1] = {false, memory_bar + config_read(card_, at + 8)};
  }
}

std::uint64_t Driver::read(const Region& region, unsigned offset, unsigned size) {
  return read_number(region.io ? address_space_io() : address_space_memory(),
                     region.address + offset, size);
}

void Driver::write(const Region& region, unsigned offset, std::uint64_t value,
                   unsigned size) {
  write_number(region.io ? address_space_io() : address_space_memory(),
               region.address + offset, value, size);
}

std::uint8_t Driver::status() {
  return static_cast<std::uint8_t>(read(common_, face_ == Face::legacy ? 0x12 : 0x14, 1));
}

void Driver::set_status(std::uint8_t value) {
  write(common_, face_ == Face::legacy ? 0x12 : 0x14, value, 1);
}

std::uint64_t Driver::offered() {
  if (face_ == Face::legacy) {
    return read(common_, 0, 4);
  }
  write(common_, 0, 0, 4);
  const std::uint64_t low = read(common_, 4, 4);
  write(common_, 0, 1, 4);
  return read(common_, 4, 4) << 32 | low;
}

void Driver::start(std::uint64_t features, unsigned queues) {
  constexpr std::uint64_t version_1 = 1ull << 32;
  queues_ = {};
  set_status(0);
  set_status(1);
  set_status(3);
  if (face_ == Face::legacy) {
    write(common_, 4, features & offered(), 4);
  } else {
    const std::uint64_t taken = (features | version_1) & offered();
    for (const unsigned half : {0u, 1u}) {
      write(common_, 8, half, 4);
      write(common_, 12, taken >> 32 * half & 0xffffffff, 4);
    }
    set_status(3 | 8);
  }
  for (queue_ = queues; queue_-- > 0;) {
    place_queue();
  }
  queue_ = 0;
  set_status(face_ == Face::legacy ? 7 : 7 | 8);
}

void Driver::place_queue() {
  for (std::uint64_t at = 0; at < queue_bytes; at += 8) {
    poke(desc() + at, 0, 8);
  }
  queues_[queue_].num = queue_size();
  if (face_ == Face::legacy) {
    write(common_, 8, desc() >> 12, 4);
    return;
  }
  write(common_, 0x20, desc(), 4);
  write(common_, 0x28, avail(), 4);
  write(common_, 0x30, used(), 4);
  write(common_, 0x1c, 1, 2);
}

unsigned Driver::queue_size() {
  write(common_, face_ == Face::legacy ? 0x0e : 0x16, queue_, 2);
  return static_cast<unsigned>(read(common_, face_ == Face::legacy ? 0x0c : 0x18, 2));
}

std::uint64_t Driver::config(unsigned offset, unsigned size) {
  return read(device_, offset, size);
}

void Driver::write_config(unsigned offset, std::uint64_t value, unsigned size) {
  write(device_, offset, value, size);
}

std::uint8_t Driver::take_interrupt_reason() {
  return static_cast<std::uint8_t>(read(isr_, 0, 1));
}

void Driver::set_queue_vector(std::uint16_t vector) {
  write(common_, face_ == Face::legacy ? 0x16 : 0x1a, vector, 2);
}

void Driver::notify() {
  constexpr unsigned modern_step = 4;
  write(notify_, face_ == Face::legacy ? 0 : modern_step * queue_, queue_, 2);
}

void Driver::describe(unsigned first, const std::vector<Piece>& pieces) {
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const std::uint64_t at = desc() + 16 * (first + i);
    const bool last = i + 1 == pieces.size();
    poke(at, pieces[i].address, 8);
    poke(at + 8, pieces[i].length, 4);
    poke(at + 12, (last ? 0u : 1u) | (pieces[i].device_writes ? 2u : 0u), 2);
    poke(at + 14, last ? 0 : first + i + 1, 2);
  }
}

void Driver::make_available(unsigned head) {
  Queue& queue = queues_[queue_];
  poke(avail() + 4 + 2 * (queue.available % queue.num), head, 2);
  ++queue.available;
  poke(avail() + 2, queue.available, 2);
}

std::uint16_t Driver::used_index() {
  return static_cast<std::uint16_t>(peek(used() + 2, 2));
}

std::uint32_t Driver::used_length(unsigned entry) {
  return static_cast<std::uint32_t>(peek(used() + 4 + 8 * entry + 4, 4));
}

void Driver::set_used_event(std::uint16_t index) {
  poke(avail() + 4 + 2ull * queues_[queue_].num, index, 2);
}

void Driver::set_avail_flags(std::uint16_t flags) {
  poke(avail(), flags, 2);
}

std::uint8_t Driver::request(std::uint32_t type, std::uint64_t sector, const Bytes& out,
                             std::uint32_t in_size) {
  poke(header_at, type, 4);
  poke(header_at + 4, 0, 4);
  poke(header_at + 8, sector, 8);
  poke(status_at, 0xff, 1);
  std::vector<Piece> pieces{{header_at, 16, false}};
  if (!out.empty()) {
    address_space_memory().write(data_at, std::as_bytes(std::span(out)));
    pieces.push_back({data_at, static_cast<std::uint32_t>(out.size()), false});
  }
  if (in_size > 0) {
    pieces.push_back({data_at, in_size, true});
  }
  pieces.push_back({status_at, 1, true});
  describe(0, pieces);
  make_available(0);
  notify();
  return static_cast<std::uint8_t>(peek(status_at, 1));
}

Bytes Driver::data(std::size_t size) {
  Bytes bytes(size);
  address_space_memory().read(data_at, std::as_writable_bytes(std::span(bytes)));
  return bytes;
}

// ---- the board ----------------------------------------------------------------------

DiskBoard::DiskBoard(Face face, const std::map<std::string, std::string>& properties,
                     const char* type)
    : board("pc-i440fx-4.0") {
  block_close_all();  // of a board that could not be built
  for (std::size_t i = 0; i < disk->bytes.size(); ++i) {
    disk->bytes[i] = static_cast<std::uint8_t>(i / 512 + i % 251);
  }
  disk->is_read_only = properties.count("test-read-only") != 0;
  blk_add(std::make_unique<BlockBackend>("d0", disk));
  std::map<std::string, std::string> all = properties;
  all.erase("test-read-only");
  all["drive"] = "d0";
  card = add_card(bus(), type, all);
  driver_ = std::make_unique<Driver>(card, face);
}

DiskBoard::~DiskBoard() {
  const Ref<> alive(object_ref(card));
  object_unparent(card);
  block_close_all();
}

}  // namespace virtio_test
