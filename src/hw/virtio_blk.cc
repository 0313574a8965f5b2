// virtio-blk-device: a disk (Virtio 1.1, 5.2). Its configuration:
//
//   0x00 8 capacity in sectors     0x18 1 log2(physical/logical block)   0x24 4 discard:
//   0x08 4 size_max, unused        0x19 1 alignment                        most sectors
//   0x0c 4 seg_max: buffers of     0x1a 2 min_io_size, in blocks         0x28 4 ranges
//          a request               0x1c 4 opt_io_size                    0x2c 4 alignment
//   0x10 4 cylinders, heads,       0x20 1 write cache on                 0x30 4 write
//          sectors                 0x22 2 queues                           zeroes: most
//   0x14 4 logical block                                                 0x34 4 ranges
//                                                                        0x38 1 may unmap
//
// What a request does is in virtio_blk_request.cc.
#include "hw/virtio_blk.h"

#include <algorithm>
#include <bit>

namespace hw {

namespace {

constexpr std::size_t config_base_size = 0x24, config_discard_size = 0x30,
                      config_zeroes_size = 0x39;
constexpr std::uint32_t seg_max = 128 - 2;  // the header and the status take two
constexpr unsigned max_cyls = 65535, max_heads = 255, max_secs = 255;

VirtIOBlock* as_disk(Object* obj) {
  return object_cast<VirtIOBlock>(obj);
}

// ---- configuration ------------------------------------------------------------------

void put(std::span<std::byte> config, std::size_t offset, std::uint64_t value,
         std::size_t size) {
  for (std::size_t i = 0; i < size && offset + i < config.size(); ++i) {
    config[offset + i] = static_cast<std::byte>(value >> 8 * i);
  }
}

void virtio_blk_get_config(VirtIODevice* vdev, std::span<std::byte> config) {
  const VirtIOBlock* disk = as_disk(vdev);
  const std::uint32_t block = disk->logical_block_size;
  put(config, 0x00, disk->blk->length() / bdrv_sector_size, 8);
  put(config, 0x0c, seg_max, 4);
  put(config, 0x10, disk->cyls, 2);
  put(config, 0x12, disk->heads, 1);
  put(config, 0x13, disk->secs, 1);
  put(config, 0x14, block, 4);
  put(config, 0x18,
      static_cast<unsigned>(std::countr_zero(disk->physical_block_size) -
                            std::countr_zero(disk->logical_block_size)),
      1);
  put(config, 0x1a, disk->min_io_size / block, 2);
  put(config, 0x1c, disk->opt_io_size / block, 4);
  put(config, 0x20, disk->blk->write_cache(), 1);
  put(config, 0x22, disk->num_queues, 2);
  put(config, 0x24, disk->max_discard_sectors, 4);
  put(config, 0x28, 1, 4);
  put(config, 0x2c, block / bdrv_sector_size, 4);
  put(config, 0x30, disk->max_write_zeroes_sectors, 4);
  put(config, 0x34, 1, 4);
  put(config, 0x38, 1, 1);
}

// The driver may switch the write cache and nothing else.
void virtio_blk_set_config(VirtIODevice* vdev, std::span<const std::byte> config) {
  as_disk(vdev)->blk->set_write_cache(config[0x20] != std::byte{0});
}

std::uint64_t virtio_blk_get_features(VirtIODevice* vdev, std::uint64_t features) {
  const VirtIOBlock* disk = as_disk(vdev);
  const auto add = [&features](unsigned bit, bool wanted = true) {
    features |= std::uint64_t{wanted} << bit;
  };
  add(VIRTIO_BLK_F_SEG_MAX);
  add(VIRTIO_BLK_F_GEOMETRY);
  add(VIRTIO_BLK_F_TOPOLOGY);
  add(VIRTIO_BLK_F_BLK_SIZE);
  if (features >> VIRTIO_F_VERSION_1 & 1) {
    if (disk->flags & 1) {
      throw Error(
          "Please set scsi=off for virtio-blk devices in order to use virtio 1.0");
    }
  } else {
    features &= ~(1ull << VIRTIO_F_ANY_LAYOUT);
    add(VIRTIO_BLK_F_SCSI);
  }
  add(VIRTIO_BLK_F_FLUSH, disk->blk->write_cache());
  add(VIRTIO_BLK_F_RO, disk->blk->read_only());
  add(VIRTIO_BLK_F_MQ, disk->num_queues > 1);
  return features;
}

// A driver that knows no write cache gets none: its writes are durable when done.
void virtio_blk_set_status(VirtIODevice* vdev, std::uint8_t status) {
  if ((status & VIRTIO_CONFIG_S_DRIVER_OK) &&
      !virtio_vdev_has_feature(vdev, VIRTIO_BLK_F_CONFIG_WCE)) {
    as_disk(vdev)->blk->set_write_cache(
        virtio_vdev_has_feature(vdev, VIRTIO_BLK_F_FLUSH));
  }
}

void virtio_blk_reset(VirtIODevice* vdev) {
  VirtIOBlock* disk = as_disk(vdev);
  disk->requests = 0;
  if (disk->blk != nullptr) {
    disk->blk->set_write_cache(disk->original_wce);
  }
}

// ---- realize ------------------------------------------------------------------------

void check_properties(const VirtIOBlock* disk) {
  if (disk->blk == nullptr) {
    throw Error("drive property not set");
  }
  if (!disk->blk->root()) {
    throw Error("Device needs media, but drive is empty");
  }
  if (disk->num_queues == 0) {
    throw Error("num-queues property must be larger than 0");
  }
  if (disk->num_queues > VIRTIO_QUEUE_MAX) {
    throw Error("num-queues property must be at most " +
                std::to_string(VIRTIO_QUEUE_MAX));
  }
  if (!std::has_single_bit(disk->queue_size) || disk->queue_size > VIRTQUEUE_MAX_SIZE) {
    throw Error("invalid queue-size property (" + std::to_string(disk->queue_size) +
                "), must be a power of 2 (max " + std::to_string(VIRTQUEUE_MAX_SIZE) +
                ")");
  }
}

void check_sectors(const char* name, std::uint32_t sectors) {
  if (sectors == 0 || sectors > virtio_blk_max_sectors) {
    throw Error(std::string("invalid ") + name + " property (" + std::to_string(sectors) +
                "), must be between 1 and " + std::to_string(virtio_blk_max_sectors));
  }
}

void check_between(const char* name, std::uint32_t value, unsigned most) {
  if (value < 1 || value > most) {
    throw Error(std::string(name) + " must be between 1 and " + std::to_string(most));
  }
}

// Cylinders, heads and sectors mean nothing to this disk; drivers for old systems ask.
void settle_geometry(VirtIOBlock* disk) {
  constexpr std::uint64_t heads = 16, secs = 63, least = 2, most = 16383;
  if (disk->cyls == 0 && disk->heads == 0 && disk->secs == 0) {
    const std::uint64_t sectors = disk->blk->length() / bdrv_sector_size;
    disk->cyls =
        static_cast<std::uint32_t>(std::clamp(sectors / (heads * secs), least, most));
    disk->heads = heads;
    disk->secs = secs;
  }
  check_between("cyls", disk->cyls, max_cyls);
  check_between("heads", disk->heads, max_heads);
  check_between("secs", disk->secs, max_secs);
}

void settle_blocks(VirtIOBlock* disk) {
  const auto or_usual = [](std::uint16_t& size) {
    size = size == 0 ? static_cast<std::uint16_t>(bdrv_sector_size) : size;
  };
  or_usual(disk->logical_block_size);
  or_usual(disk->physical_block_size);
  if (disk->logical_block_size > disk->physical_block_size) {
    throw Error("logical_block_size > physical_block_size not supported");
  }
}

void take_image(VirtIOBlock* disk) {
  const unsigned writes = disk->blk->read_only() ? 0 : BLK_PERM_WRITE | BLK_PERM_RESIZE;
  const unsigned shared = BLK_PERM_CONSISTENT_READ | BLK_PERM_WRITE_UNCHANGED |
                          BLK_PERM_RESIZE | BLK_PERM_GRAPH_MOD |
                          (disk->share_rw ? BLK_PERM_WRITE : 0);
  disk->blk->set_permissions(
      {.taken = static_cast<std::uint8_t>(BLK_PERM_CONSISTENT_READ | writes),
       .shared = static_cast<std::uint8_t>(shared)});
  if (disk->write_cache != OnOffAuto::auto_) {
    disk->blk->set_write_cache(disk->write_cache == OnOffAuto::on);
  }
  const auto action = [](std::int32_t value, BlockdevOnError& to) {
    if (static_cast<BlockdevOnError>(value) != BlockdevOnError::auto_) {
      to = static_cast<BlockdevOnError>(value);
    }
  };
  action(disk->rerror, disk->blk->on_read_error);
  action(disk->werror, disk->blk->on_write_error);
  disk->original_wce = disk->blk->write_cache();
}

std::size_t config_size(const VirtIOBlock* disk) {
  return virtio_host_has_feature(disk, VIRTIO_BLK_F_WRITE_ZEROES) ? config_zeroes_size
         : virtio_host_has_feature(disk, VIRTIO_BLK_F_DISCARD)    ? config_discard_size
                                                                  : config_base_size;
}

void virtio_blk_device_realize(VirtIODevice* vdev) {
  VirtIOBlock* disk = as_disk(vdev);
  check_properties(disk);
  take_image(disk);
  settle_geometry(disk);
  settle_blocks(disk);
  if (virtio_host_has_feature(disk, VIRTIO_BLK_F_DISCARD)) {
    check_sectors("max-discard-sectors", disk->max_discard_sectors);
  }
  if (virtio_host_has_feature(disk, VIRTIO_BLK_F_WRITE_ZEROES)) {
    check_sectors("max-write-zeroes-sectors", disk->max_write_zeroes_sectors);
  }
  virtio_init(disk, "virtio-blk", VIRTIO_ID_BLOCK, config_size(disk));
  for (unsigned i = 0; i < disk->num_queues; ++i) {
    virtio_add_queue(disk, disk->queue_size, virtio_blk_handle_output);
  }
}

void virtio_blk_device_unrealize(VirtIODevice* vdev) {
  as_disk(vdev)->blk->flush();
  virtio_cleanup(vdev);
}

// ---- the type -----------------------------------------------------------------------

constexpr const char* on_error_names[] = {"report", "ignore", "enospc",
                                          "stop",   "auto",   nullptr};

constexpr Property on_error(const char* name, std::int32_t VirtIOBlock::*member) {
  Property row = qdev_prop_enum(name, member, "BlockdevOnError", on_error_names,
                                static_cast<std::int32_t>(BlockdevOnError::auto_));
  row.description = "Error handling policy, report/ignore/enospc/stop/auto";
  return row;
}

constexpr Property virtio_blk_properties[] = {
    qdev_prop_drive("drive", &VirtIOBlock::blk),
    qdev_prop_blocksize("logical_block_size", &VirtIOBlock::logical_block_size, 512),
    qdev_prop_blocksize("physical_block_size", &VirtIOBlock::physical_block_size, 512),
    qdev_prop_uint16("min_io_size", &VirtIOBlock::min_io_size, 0),
    qdev_prop_uint32("opt_io_size", &VirtIOBlock::opt_io_size, 0),
    qdev_prop_uint32("discard_granularity", &VirtIOBlock::discard_granularity, ~0u),
    qdev_prop_on_off_auto("write-cache", &VirtIOBlock::write_cache, OnOffAuto::auto_),
    qdev_prop_bool("share-rw", &VirtIOBlock::share_rw, false),
    on_error("rerror", &VirtIOBlock::rerror),
    on_error("werror", &VirtIOBlock::werror),
    qdev_prop_uint32("cyls", &VirtIOBlock::cyls, 0),
    qdev_prop_uint32("heads", &VirtIOBlock::heads, 0),
    qdev_prop_uint32("secs", &VirtIOBlock::secs, 0),
    qdev_prop_string("serial", &VirtIOBlock::serial),
    qdev_prop_bit64("config-wce", &VirtIOBlock::host_features, VIRTIO_BLK_F_CONFIG_WCE,
                    true),
    qdev_prop_bit("scsi", &VirtIOBlock::flags, 0, false),
    qdev_prop_bit("request-merging", &VirtIOBlock::flags, 1, true),
    qdev_prop_uint16("num-queues", &VirtIOBlock::num_queues, 1),
    qdev_prop_uint16("queue-size", &VirtIOBlock::queue_size, 128),
    qdev_prop_link("iothread", &VirtIOBlock::iothread, "iothread"),
    qdev_prop_bit64("discard", &VirtIOBlock::host_features, VIRTIO_BLK_F_DISCARD, true),
    qdev_prop_bit64("write-zeroes", &VirtIOBlock::host_features,
                    VIRTIO_BLK_F_WRITE_ZEROES, true),
    qdev_prop_uint32("max-discard-sectors", &VirtIOBlock::max_discard_sectors,
                     virtio_blk_max_sectors),
    qdev_prop_uint32("max-write-zeroes-sectors", &VirtIOBlock::max_write_zeroes_sectors,
                     virtio_blk_max_sectors),
};

void virtio_blk_instance_init(Object* obj) {
  object_property_add(
      obj, "bootindex", "int32",
      [](Object* o, const ObjectProperty&) {
        return Value(std::int64_t{as_disk(o)->bootindex});
      },
      [](Object* o, const ObjectProperty& property, const Value& value) {
        as_disk(o)->bootindex = visit_type_int32(value, property.name);
      });
}

void virtio_blk_class_init(ObjectClass* klass, void*) {
  auto* vdc = class_cast<VirtioDeviceClass>(klass);
  vdc->categories = DEVICE_CATEGORY_STORAGE;
  vdc->realize_virtio = virtio_blk_device_realize;
  vdc->unrealize_virtio = virtio_blk_device_unrealize;
  vdc->get_config = virtio_blk_get_config;
  vdc->set_config = virtio_blk_set_config;
  vdc->get_features = virtio_blk_get_features;
  vdc->set_status = virtio_blk_set_status;
  vdc->reset_virtio = virtio_blk_reset;
  device_class_set_props(vdc, virtio_blk_properties);
}

constinit const TypeInfo virtio_blk_info{
    .name = TYPE_VIRTIO_BLK,
    .parent = TYPE_VIRTIO_DEVICE,
    .instance = instance_struct<VirtIOBlock>(),
    .instance_init = virtio_blk_instance_init,
    .class_init = virtio_blk_class_init,
};

void virtio_blk_register_types() {
  type_register_static(virtio_blk_info);
}

type_init(virtio_blk_register_types);

}  // namespace

}  // namespace hw
