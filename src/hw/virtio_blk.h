// The virtio disk as its files share it (Virtio 1.1, 5.2).
#pragma once

#include "core/block.h"
#include "hw/virtio.h"

namespace hw {

inline constexpr const char* TYPE_VIRTIO_BLK = "virtio-blk-device";
inline constexpr std::uint16_t VIRTIO_ID_BLOCK = 2;

enum VirtioBlkFeature : std::uint8_t {
  VIRTIO_BLK_F_SEG_MAX = 2,
  VIRTIO_BLK_F_GEOMETRY = 4,
  VIRTIO_BLK_F_RO = 5,
  VIRTIO_BLK_F_BLK_SIZE = 6,
  VIRTIO_BLK_F_SCSI = 7,
  VIRTIO_BLK_F_FLUSH = 9,  // there is a write cache
  VIRTIO_BLK_F_TOPOLOGY = 10,
  VIRTIO_BLK_F_CONFIG_WCE = 11,
  VIRTIO_BLK_F_MQ = 12,
  VIRTIO_BLK_F_DISCARD = 13,
  VIRTIO_BLK_F_WRITE_ZEROES = 14,
};

inline constexpr std::uint32_t virtio_blk_max_sectors =
    bdrv_request_max_bytes / bdrv_sector_size;

struct VirtIOBlock : VirtIODevice {
  static constexpr const char* qom_type = "virtio-blk-device";
  BlockBackend* blk = nullptr;
  std::uint16_t logical_block_size = 512, physical_block_size = 512;
  std::uint16_t min_io_size = 0;
  std::uint32_t opt_io_size = 0, discard_granularity = 0;
  OnOffAuto write_cache = OnOffAuto::auto_;
  bool share_rw = false;
  std::int32_t rerror = 0, werror = 0;  // by place in report, ignore, enospc, stop, auto
  std::uint32_t cyls = 0, heads = 0, secs = 0;
  std::string serial;
  std::uint32_t flags = 0;
  std::uint16_t num_queues = 1, queue_size = 128;
  Object* iothread = nullptr;
  std::uint32_t max_discard_sectors = 0, max_write_zeroes_sectors = 0;
  std::int32_t bootindex = -1;
  bool original_wce = true;
  std::uint32_t requests = 0;  // numbers them in the trace
};

// Answers everything that is in the queue.
void virtio_blk_handle_output(VirtIODevice* vdev, VirtQueue* vq);

}  // namespace hw
