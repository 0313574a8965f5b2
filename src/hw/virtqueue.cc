// Taking requests from a virtqueue and giving them back. See virtqueue.h.
//
// The driver runs meanwhile, on another processor: what is read once is not read again,
// and between an index and what it speaks of stands a fence.
#include "hw/virtqueue.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>

#include "hw/virtio.h"

namespace hw {

namespace {

struct Pop {
  static constexpr trace::Declaration declaration{
      "virtqueue_pop", trace::Category::device, trace::Shape::instant,
      "A virtio device takes a request from a queue."};
  trace::ObjectId device;
  std::uint32_t queue = 0;
  std::uint32_t head = 0;
  std::uint32_t in_num = 0;
  std::uint32_t out_num = 0;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("device", &Pop::device, "the device"),
        trace::identity("queue", &Pop::queue, "which of its queues"),
        trace::state("head", &Pop::head, "its first descriptor"),
        trace::state("in_num", &Pop::in_num, "buffers the device writes"),
        trace::state("out_num", &Pop::out_num, "buffers the device reads"));
  }
};

struct Fill {
  static constexpr trace::Declaration declaration{
      "virtqueue_fill", trace::Category::device, trace::Shape::instant,
      "A virtio device gives a request back."};
  trace::ObjectId device;
  std::uint32_t queue = 0;
  std::uint32_t head = 0;
  std::uint64_t length = 0;

  static constexpr auto fields() {
    return trace::fields(trace::identity("device", &Fill::device, "the device"),
                         trace::identity("queue", &Fill::queue, "which of its queues"),
                         trace::state("head", &Fill::head, "its first descriptor"),
                         trace::state("length", &Fill::length, "bytes the device wrote"));
  }
};

enum : std::uint16_t { desc_next = 1, desc_write = 2, desc_indirect = 4 };

constexpr std::uint16_t avail_no_interrupt = 1;
constexpr std::uint64_t desc_size = 16, ring_header = 4, used_size = 8;

enum class Access : std::uint8_t { read, write };

// ---- guest memory -------------------------------------------------------------------

// As much of [address, address + size) as lies in one piece of RAM; empty if none does.
std::span<std::byte> ram_at(AddressSpace& space, std::uint64_t address,
                            std::uint64_t size, Access access) {
  const FlatRange* range = space.find(address);
  if (range == nullptr || (range->read_only && access == Access::write)) {
    return {};
  }
  const std::uint64_t left = range->size - (address - range->start);
  return space.ram(address, std::min(size, left));
}

// A number of the ring; zero where there is no RAM.
std::uint64_t ring_load(const VirtQueue* vq, std::uint64_t address, std::size_t size) {
  const std::span<std::byte> ram = ram_at(*vq->vdev->dma_as, address, size, Access::read);
  return ram.size() == size ? ldn_le_p(ram) : 0;
}

void ring_store(const VirtQueue* vq, std::uint64_t address, std::uint64_t value,
                std::size_t size) {
  const std::span<std::byte> ram =
      ram_at(*vq->vdev->dma_as, address, size, Access::write);
  if (ram.size() != size) {
    return;
  }
  std::array<std::byte, 8> bytes{};
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<std::byte>(value >> 8 * i);
  }
  std::memcpy(ram.data(), bytes.data(), size);
  memory_invalidate(address, size);
}

void full_fence() {
  std::atomic_thread_fence(std::memory_order_seq_cst);
}

// ---- the rings ----------------------------------------------------------------------

std::uint16_t avail_flags(const VirtQueue* vq) {
  return static_cast<std::uint16_t>(ring_load(vq, vq->avail, 2));
}

std::uint16_t avail_index(const VirtQueue* vq) {
  return static_cast<std::uint16_t>(ring_load(vq, vq->avail + 2, 2));
}

std::uint16_t avail_head(const VirtQueue* vq, std::uint16_t index) {
  return static_cast<std::uint16_t>(
      ring_load(vq, vq->avail + ring_header + 2 * (index % vq->num), 2));
}

std::uint16_t used_event(const VirtQueue* vq) {
  return static_cast<std::uint16_t>(
      ring_load(vq, vq->avail + ring_header + 2ull * vq->num, 2));
}

void set_avail_event(const VirtQueue* vq) {
  ring_store(vq, vq->used + ring_header + used_size * vq->num, vq->last_avail, 2);
}

bool has_event_index(const VirtQueue* vq) {
  return virtio_vdev_has_feature(vq->vdev, VIRTIO_RING_F_EVENT_IDX);
}

// ---- a chain ------------------------------------------------------------------------

struct Descriptor {
  std::uint64_t address = 0;
  std::uint32_t length = 0;
  std::uint16_t flags = 0, next = 0;
};

struct Table {
  std::uint64_t address = 0;
  std::uint64_t count = 0;
};

// False: it is not in RAM.
bool read_descriptor(const VirtQueue* vq, const Table& table, std::uint64_t n,
                     Descriptor* to) {
  std::array<std::byte, desc_size> bytes;
  const std::span<std::byte> ram =
      ram_at(*vq->vdev->dma_as, table.address + n * desc_size, desc_size, Access::read);
  if (ram.size() != desc_size) {
    return false;
  }
  std::memcpy(bytes.data(), ram.data(), desc_size);  // once: it may change meanwhile
  const std::span<const std::byte> all(bytes);
  *to = {.address = ldn_le_p(all.first(8)),
         .length = static_cast<std::uint32_t>(ldn_le_p(all.subspan(8, 4))),
         .flags = static_cast<std::uint16_t>(ldn_le_p(all.subspan(12, 2))),
         .next = static_cast<std::uint16_t>(ldn_le_p(all.subspan(14, 2)))};
  return true;
}

// Follows one chain; `error` says what is wrong with it.
class Chain {
 public:
  Chain(VirtQueue* vq, VirtQueueElement* element) : vq_(vq), element_(element) {}

  // False: see error().
  bool follow(unsigned head) {
    Table table{.address = vq_->desc, .count = vq_->num};
    Descriptor desc;
    if (!read_descriptor(vq_, table, head, &desc)) {
      return fail("descriptor table is not in memory");
    }
    if ((desc.flags & desc_indirect) && !enter(desc, &table)) {
      return false;
    }
    for (std::uint64_t seen = 1;; ++seen) {
      if (!add(desc)) {
        return false;
      }
      if (!(desc.flags & desc_next)) {
        return true;
      }
      if (seen >= std::min<std::uint64_t>(table.count, VIRTQUEUE_MAX_SIZE)) {
        return fail("Looped descriptor");
      }
      const unsigned next = desc.next;
      if (next >= table.count) {
        return fail("Desc next is " + std::to_string(next));
      }
      if (!read_descriptor(vq_, table, next, &desc)) {
        return fail("descriptor table is not in memory");
      }
    }
  }

  const std::string& error() const { return error_; }

 private:
  bool fail(std::string what) {
    error_ = std::move(what);
    return false;
  }

  // Into an indirect table, at its first descriptor.
  bool enter(Descriptor& desc, Table* table) {
    if (desc.length == 0 || desc.length % desc_size != 0) {
      return fail("Invalid size for indirect buffer table");
    }
    *table = {.address = desc.address, .count = desc.length / desc_size};
    if (!read_descriptor(vq_, *table, 0, &desc)) {
      return fail("indirect table is not in memory");
    }
    return true;
  }

  bool add(const Descriptor& desc) {
    const bool write = (desc.flags & desc_write) != 0;
    if (desc.flags & desc_indirect) {
      return fail("Indirect descriptor inside a chain");
    }
    if (!write && !element_->in.empty()) {
      return fail("Incorrect order for descriptors");
    }
    if (desc.length == 0) {
      return fail("zero sized buffers are not allowed");
    }
    return map(desc.address, desc.length, write ? Access::write : Access::read);
  }

  bool map(std::uint64_t address, std::uint64_t length, Access access) {
    while (length > 0) {
      const std::span<std::byte> ram =
          ram_at(*vq_->vdev->dma_as, address, length, access);
      if (ram.empty()) {
        return fail("bogus descriptor or out of resources");
      }
      if (element_->in.size() + element_->out.size() >= 2 * VIRTQUEUE_MAX_SIZE) {
        return fail("too many pieces in a request");
      }
      if (access == Access::write) {
        element_->in.push_back(ram);
        element_->in_addresses.push_back(address);
      } else {
        element_->out.push_back(ram);
      }
      address += ram.size();
      length -= ram.size();
    }
    return true;
  }

  VirtQueue* vq_;
  VirtQueueElement* element_;
  std::string error_;
};

}  // namespace

std::uint64_t ldn_le_p(std::span<const std::byte> bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) {
    value = value << 8 | std::to_integer<std::uint64_t>(bytes[i]);
  }
  return value;
}

// ---- taking and giving back ---------------------------------------------------------

bool virtqueue_is_ready(const VirtQueue* vq) {
  return vq->num != 0 && vq->desc != 0 && vq->avail != 0 && vq->used != 0 &&
         !vq->vdev->broken;
}

std::optional<VirtQueueElement> virtqueue_pop(VirtQueue* vq) {
  VirtIODevice* vdev = vq->vdev;
  if (!virtqueue_is_ready(vq)) {
    return std::nullopt;
  }
  const std::uint16_t index = avail_index(vq);
  const auto waiting = static_cast<std::uint16_t>(index - vq->last_avail);
  if (waiting == 0) {
    return std::nullopt;
  }
  if (waiting > vq->num) {
    virtio_error(vdev, "Guest moved used index from " + std::to_string(vq->last_avail) +
                           " to " + std::to_string(index));
    return std::nullopt;
  }
  full_fence();  // the entry is read after the index that covers it
  VirtQueueElement element;
  element.head = avail_head(vq, vq->last_avail);
  ++vq->last_avail;
  if (element.head >= vq->num) {
    virtio_error(vdev,
                 "Guest says index " + std::to_string(element.head) + " is available");
    return std::nullopt;
  }
  if (has_event_index(vq)) {
    set_avail_event(vq);
    full_fence();  // told before it is looked at again
  }
  Chain chain(vq, &element);
  if (!chain.follow(element.head)) {
    virtio_error(vdev, chain.error());
    return std::nullopt;
  }
  trace::instant(Pop{.device = object_id(vdev),
                     .queue = vq->index,
                     .head = element.head,
                     .in_num = static_cast<std::uint32_t>(element.in.size()),
                     .out_num = static_cast<std::uint32_t>(element.out.size())});
  return element;
}

void virtqueue_unpop(VirtQueue* vq) {
  --vq->last_avail;
}

// Code of the guest may lie where the device wrote.
static void tell_of_writes(const VirtQueueElement& element, std::uint64_t length) {
  for (std::size_t i = 0; i < element.in.size() && length > 0; ++i) {
    const std::uint64_t size = std::min<std::uint64_t>(element.in[i].size(), length);
    memory_invalidate(element.in_addresses[i], size);
    length -= size;
  }
}

void virtqueue_push(VirtQueue* vq, const VirtQueueElement& element,
                    std::uint64_t length) {
  tell_of_writes(element, length);
  if (!virtqueue_is_ready(vq)) {
    return;
  }
  trace::instant(Fill{.device = object_id(vq->vdev),
                      .queue = vq->index,
                      .head = element.head,
                      .length = length});
  const std::uint64_t entry =
      vq->used + ring_header + used_size * (vq->used_index % vq->num);
  ring_store(vq, entry, element.head, 4);
  ring_store(vq, entry + 4, std::min<std::uint64_t>(length, 0xffffffff), 4);
  full_fence();  // the entry is there before the index covers it
  ++vq->used_index;
  ring_store(vq, vq->used + 2, vq->used_index, 2);
  // Half around since the driver was last told: its event index says nothing any more.
  if (static_cast<std::int16_t>(vq->used_index - vq->signalled_used) < 1) {
    vq->signalled_used_valid = false;
  }
}

bool virtqueue_should_notify(VirtQueue* vq) {
  full_fence();  // the driver's wishes are read after it can see what was pushed
  if (virtio_vdev_has_feature(vq->vdev, VIRTIO_F_NOTIFY_ON_EMPTY) &&
      avail_index(vq) == vq->last_avail) {
    return true;
  }
  if (!has_event_index(vq)) {
    return !(avail_flags(vq) & avail_no_interrupt);
  }
  const std::uint16_t before = vq->signalled_used;
  const bool valid = vq->signalled_used_valid;
  vq->signalled_used = vq->used_index;
  vq->signalled_used_valid = true;
  const auto since_event =
      static_cast<std::uint16_t>(vq->used_index - used_event(vq) - 1);
  return !valid || since_event < static_cast<std::uint16_t>(vq->used_index - before);
}

// ---- scattered bytes ----------------------------------------------------------------

std::uint64_t pieces_size(VirtPieces pieces) {
  std::uint64_t size = 0;
  for (const std::span<std::byte> piece : pieces) {
    size += piece.size();
  }
  return size;
}

std::vector<std::span<std::byte>> pieces_slice(VirtPieces pieces, std::uint64_t offset,
                                               std::uint64_t size) {
  std::vector<std::span<std::byte>> slice;
  for (const std::span<std::byte> piece : pieces) {
    const std::uint64_t skip = std::min<std::uint64_t>(offset, piece.size());
    const std::uint64_t take = std::min<std::uint64_t>(size, piece.size() - skip);
    if (take > 0) {
      slice.push_back(piece.subspan(skip, take));
    }
    offset -= skip;
    size -= take;
  }
  return slice;
}

std::size_t pieces_read(VirtPieces from, std::uint64_t offset, std::span<std::byte> to) {
  std::size_t done = 0;
  for (const std::span<std::byte> piece : pieces_slice(from, offset, to.size())) {
    std::memcpy(to.data() + done, piece.data(), piece.size());
    done += piece.size();
  }
  return done;
}

std::size_t pieces_write(VirtPieces to, std::uint64_t offset,
                         std::span<const std::byte> from) {
  std::size_t done = 0;
  for (const std::span<std::byte> piece : pieces_slice(to, offset, from.size())) {
    std::memcpy(piece.data(), from.data() + done, piece.size());
    done += piece.size();
  }
  return done;
}

}  // namespace hw
