// Block devices, host side (QEMU's block layer in small): nodes, which are images or what
// lies around them, and back ends, which are what a disk of the guest holds on to.
//
//   virtio-blk-device --drive--> BlockBackend "d0" --root--> node "raw" --file--> node
//   "file"
//
// -drive makes a back end with its nodes, -blockdev a node by name, for which a back end
// is made once a device asks for it. The nodes themselves are in backend/.
//
// A transfer returns 0 or an errno value: what goes wrong while a guest runs is told to
// the guest. Opening and attaching throw qom::Error. Thread rule: with the big lock held.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/qdev.h"

namespace core {

inline constexpr std::uint64_t bdrv_sector_size = 512;
// What one request may carry at most (QEMU's BDRV_REQUEST_MAX_SECTORS).
inline constexpr std::uint64_t bdrv_request_max_bytes = (1ull << 31) - bdrv_sector_size;

// What a user of a node does to it, or lets others do: bits as QEMU numbers them.
enum BlockPermission : std::uint8_t {
  BLK_PERM_CONSISTENT_READ = 1 << 0,
  BLK_PERM_WRITE = 1 << 1,
  BLK_PERM_WRITE_UNCHANGED = 1 << 2,
  BLK_PERM_RESIZE = 1 << 3,
  BLK_PERM_GRAPH_MOD = 1 << 4,
  BLK_PERM_ALL = (1 << 5) - 1,
};

struct BlockPermissions {
  std::uint8_t taken = 0;              // of BlockPermission
  std::uint8_t shared = BLK_PERM_ALL;  // what others may take meanwhile
};

// Pieces of memory that one transfer fills or empties, in order.
using BlockVector = std::span<const std::span<std::byte>>;
std::uint64_t block_vector_size(BlockVector vector);

// A device was given an image whose format nothing here can read.
struct ImageNotBuilt : Error {
  using Error::Error;
};

// QEMU's BlockDriverState: one node of the block graph.
class BlockNode {
 public:
  explicit BlockNode(std::string node_name) : node_name_(std::move(node_name)) {}

  virtual ~BlockNode() = default;
  BlockNode(const BlockNode&) = delete;
  BlockNode& operator=(const BlockNode&) = delete;

  const std::string& node_name() const { return node_name_; }

  virtual std::string_view driver() const = 0;  // "raw", "file"
  virtual std::string filename() const = 0;     // for messages
  virtual std::uint64_t length() const = 0;     // bytes
  virtual bool read_only() const = 0;
  // [offset, offset + size of the vector) lies within length(): callers check.
  virtual int read(std::uint64_t offset, BlockVector to) = 0;
  virtual int write(std::uint64_t offset, BlockVector from) = 0;
  virtual int flush() = 0;  // what was written is on stable storage
  virtual int discard(std::uint64_t offset, std::uint64_t size) = 0;  // a hint
  virtual int write_zeroes(std::uint64_t offset, std::uint64_t size, bool may_unmap) = 0;
  // Throws qom::Error if somebody else's use of the image is against it.
  virtual void set_permissions(BlockPermissions permissions) = 0;

  // Why no device can have it (its format is not built); empty: it can.
  virtual std::string unusable() const { return {}; }

 private:
  std::string node_name_;
};

using BlockNodePtr = std::shared_ptr<BlockNode>;

// By node name; a name stands for one node. Throws qom::Error "Duplicate node name".
void bdrv_add_node(const BlockNodePtr& node);
BlockNodePtr bdrv_find_node(std::string_view name);  // nullptr if there is none

enum class BlockdevOnError : std::uint8_t { report, ignore, enospc, stop, auto_ };

// Where a -drive is plugged in: if=, bus=, unit=.
struct DriveInfo {
  std::string interface;
  std::uint64_t bus = 0, unit = 0;
  bool cdrom = false;
};

class BlockBackend {
 public:
  explicit BlockBackend(std::string name, BlockNodePtr root = nullptr);
  ~BlockBackend();
  BlockBackend(const BlockBackend&) = delete;
  BlockBackend& operator=(const BlockBackend&) = delete;

  const std::string& name() const { return name_; }  // empty: made for a node

  const BlockNodePtr& root() const { return root_; }  // nullptr: drive without a medium

  DeviceState* device() const { return device_; }

  // Throws 4.0's "Drive 'd0' is already in use by another device", and for a node that
  // is unusable.
  void attach(DeviceState* device);
  void detach();
  // In a device's realize: what it will do. Throws qom::Error.
  void set_permissions(BlockPermissions permissions);

  std::uint64_t length() const { return root_ ? root_->length() : 0; }

  bool read_only() const { return root_ && root_->read_only(); }

  bool write_cache() const { return write_cache_; }

  void set_write_cache(bool enabled) { write_cache_ = enabled; }

  // Any numbers may come: EIO beyond the end, EPERM for a write that is not allowed.
  // Without a write cache a write is on stable storage when it returns.
  int read(std::uint64_t offset, BlockVector to);
  int write(std::uint64_t offset, BlockVector from);
  int flush();
  int discard(std::uint64_t offset, std::uint64_t size);
  int write_zeroes(std::uint64_t offset, std::uint64_t size, bool may_unmap);

  BlockdevOnError on_read_error = BlockdevOnError::report;
  BlockdevOnError on_write_error = BlockdevOnError::enospc;
  std::optional<DriveInfo> drive;  // made by -drive

 private:
  int check(std::uint64_t offset, std::uint64_t size) const;
  int check_write(std::uint64_t offset, std::uint64_t size) const;
  int written(int error);

  std::string name_;
  BlockNodePtr root_;
  DeviceState* device_ = nullptr;
  bool write_cache_ = true;
};

// Takes it over; names are unique. Throws qom::Error.
BlockBackend* blk_add(std::unique_ptr<BlockBackend> backend);
BlockBackend* blk_by_name(std::string_view name);  // nullptr if there is none
// All nodes and back ends that no device holds are gone, images closed.
void block_close_all();

}  // namespace core
