// A virtio driver in the test's own words: it finds the card in configuration space, puts
// its BARs somewhere, and talks to it through ports and memory as guest code would.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "board.h"
#include "core/block.h"
#include "core/pci.h"

namespace virtio_test {

using namespace machine_test;

enum class Face : std::uint8_t { legacy, modern };

using Bytes = std::vector<std::uint8_t>;

// A disk in memory that counts what is done to it.
class MemoryDisk : public BlockNode {
 public:
  explicit MemoryDisk(std::size_t size) : BlockNode("memory"), bytes(size) {}

  std::string_view driver() const override { return "memory"; }

  std::string filename() const override { return "memory"; }

  std::uint64_t length() const override { return bytes.size(); }

  bool read_only() const override { return is_read_only; }

  int read(std::uint64_t offset, BlockVector to) override;
  int write(std::uint64_t offset, BlockVector from) override;

  int flush() override {
    ++flushes;
    return 0;
  }

  int discard(std::uint64_t, std::uint64_t) override {
    ++discards;
    return 0;
  }

  int write_zeroes(std::uint64_t offset, std::uint64_t size, bool) override;

  void set_permissions(BlockPermissions) override {}

  Bytes bytes;
  bool is_read_only = false;
  int fail_with = 0;  // errno of every transfer from now on
  int flushes = 0, discards = 0;
};

// One piece of a request, as a descriptor says it.
struct Piece {
  std::uint64_t address = 0;
  std::uint32_t length = 0;
  bool device_writes = false;
};

// Places in the board's 16 MiB of RAM.
inline constexpr std::uint64_t queue_at = 0x100000, header_at = 0x110000,
                               data_at = 0x120000, status_at = 0x180000,
                               indirect_at = 0x190000, message_at = 0x1a0000;

class Driver {
 public:
  Driver(PCIDevice* card, Face face);

  // Status 0, 1, 3, features, the queues, 7. `features` are taken if they are offered.
  void start(std::uint64_t features = 0, unsigned queues = 1);

  // The queue that what follows is about; 0 at first.
  void select(unsigned queue) { queue_ = queue; }

  void reset() { set_status(0); }

  std::uint64_t offered();
  std::uint8_t status();
  void set_status(std::uint8_t value);
  std::uint64_t config(unsigned offset, unsigned size);
  void write_config(unsigned offset, std::uint64_t value, unsigned size);
  std::uint8_t take_interrupt_reason();
  unsigned queue_size();
  void set_queue_vector(std::uint16_t vector);
  void notify();

  // Descriptors from `first` on, one chain; then it is made available.
  void describe(unsigned first, const std::vector<Piece>& pieces);
  void make_available(unsigned head);
  std::uint16_t used_index();
  std::uint32_t used_length(unsigned entry);

  std::uint16_t available_index() const { return queues_[queue_].available; }

  // The event index of the driver: interrupt when the used index passes it.
  void set_used_event(std::uint16_t index);
  void set_avail_flags(std::uint16_t flags);

  // A whole request of a disk: returns the status byte, 0xff if there was no answer.
  std::uint8_t request(std::uint32_t type, std::uint64_t sector, const Bytes& out,
                       std::uint32_t in_size);
  Bytes data(std::size_t size);  // what the last request read

  PCIDevice* card() const { return card_; }

  std::uint64_t desc() const { return queue_at + queue_bytes * queue_; }

  std::uint64_t avail() const { return desc() + 16ull * queues_[queue_].num; }

  std::uint64_t used() const { return desc() + 0x1000; }

 private:
  static constexpr std::uint64_t queue_bytes = 0x2000;

  struct Region {
    bool io = false;
    std::uint64_t address = 0;
  };

  struct Queue {
    unsigned num = 128;
    std::uint16_t available = 0;
  };

  std::uint64_t read(const Region& region, unsigned offset, unsigned size);
  void write(const Region& region, unsigned offset, std::uint64_t value, unsigned size);
  void find_regions();
  void place_queue();

  PCIDevice* card_;
  Face face_;
  Region common_, notify_, isr_, device_;
  unsigned queue_ = 0;
  std::array<Queue, 8> queues_{};
};

// A pc with one disk on a card.
class DiskBoard {
 public:
  explicit DiskBoard(Face face, const std::map<std::string, std::string>& properties = {},
                     const char* type = "virtio-blk-pci");
  ~DiskBoard();

  static PCIBus* bus() {
    return object_cast<PCIBus>(object_resolve_path_type("", "PCI"));
  }

  Board board;
  std::shared_ptr<MemoryDisk> disk = std::make_shared<MemoryDisk>(64 * 512);
  PCIDevice* card = nullptr;
  std::unique_ptr<Driver> driver_;

  Driver& driver() { return *driver_; }
};

// A card on the board's bus with these properties; throws what realize throws.
PCIDevice* add_card(PCIBus* bus, const char* type,
                    const std::map<std::string, std::string>& properties);
std::uint32_t config_read(const PCIDevice* card, unsigned offset, unsigned size = 4);
void config_write(const PCIDevice* card, unsigned offset, std::uint32_t value,
                  unsigned size = 4);

}  // namespace virtio_test
