// A virtqueue: how a virtio driver hands buffers to a device and gets them back (the
// "split" ring; Virtio 1.1, 2.6). Three tables in guest memory:
//
//   descriptors  16 bytes each: address, length, flags, next. Chained, they are one
//                request: first what the device reads, then what it writes.
//   available    flags, index, heads of chains, used_event    written by the driver
//   used         flags, index, (head, length), avail_event    written by the device
//
// A descriptor may instead lead to a table of descriptors elsewhere (indirect). Indexes
// run freely in 16 bits; a place in a ring is the index modulo the queue's size.
//
// Every address, index and length in them comes from the guest. A chain is followed only
// while it stays in its table and is not longer than 1024; buffers must be RAM, and the
// device's own may not be ROM. Anything else is virtio_error().
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace hw {

inline constexpr unsigned VIRTQUEUE_MAX_SIZE = 1024;

struct VirtIODevice;
struct VirtQueue;
using VirtQueueHandler = void (*)(VirtIODevice* vdev, VirtQueue* vq);

struct VirtQueue {
  VirtIODevice* vdev = nullptr;
  unsigned index = 0;
  unsigned num = 0, num_default = 0;  // entries; 0: there is no such queue
  std::uint64_t align = 4096;         // of the used ring, legacy
  std::uint64_t desc = 0, avail = 0, used = 0;
  std::uint16_t last_avail = 0;  // the next to take
  std::uint16_t used_index = 0;
  std::uint16_t signalled_used = 0;
  bool signalled_used_valid = false;
  std::uint16_t vector = 0xffff;
  VirtQueueHandler handle = nullptr;
};

// One request: host bytes of the guest's memory.
struct VirtQueueElement {
  unsigned head = 0;
  std::vector<std::span<std::byte>> out;    // the device reads
  std::vector<std::span<std::byte>> in;     // the device writes
  std::vector<std::uint64_t> in_addresses;  // where `in` is for the guest
};

// The next request, if there is one. What is wrong with it is told by virtio_error.
std::optional<VirtQueueElement> virtqueue_pop(VirtQueue* vq);
// Puts the last one taken back: it will be the next again.
void virtqueue_unpop(VirtQueue* vq);
// Gives it back; `length` bytes of `in` were written, from their beginning.
void virtqueue_push(VirtQueue* vq, const VirtQueueElement& element, std::uint64_t length);
bool virtqueue_is_ready(const VirtQueue* vq);  // the driver said where it is
// Does the driver want to hear of what was pushed since the last time it did?
bool virtqueue_should_notify(VirtQueue* vq);

// A little-endian number of up to eight bytes, as all of virtio 1's are.
std::uint64_t ldn_le_p(std::span<const std::byte> bytes);

// ---- scattered bytes ----------------------------------------------------------------

using VirtPieces = std::span<const std::span<std::byte>>;
std::uint64_t pieces_size(VirtPieces pieces);
// Both return how many bytes there were to copy.
std::size_t pieces_read(VirtPieces from, std::uint64_t offset, std::span<std::byte> to);
std::size_t pieces_write(VirtPieces to, std::uint64_t offset,
                         std::span<const std::byte> from);
// [offset, offset + size) of them.
std::vector<std::span<std::byte>> pieces_slice(VirtPieces pieces, std::uint64_t offset,
                                               std::uint64_t size);

}  // namespace hw
