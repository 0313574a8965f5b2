// What a virtio disk does for a request (Virtio 1.1, 5.2.6):
//
//   device reads    type (4)  priority (4)  sector (8)   then what is to be written
//   device writes   what was read   then one byte: 0 done, 1 error, 2 not supported
//
// Requests are done one after the other, at the driver's notification: when it returns
// from telling us, the answers are there. How the bytes are cut into buffers is the
// driver's affair.
#include <algorithm>
#include <array>
#include <cerrno>

#include "core/log.h"
#include "core/report.h"
#include "hw/virtio_blk.h"

namespace hw {

namespace {

struct Request {
  trace::ObjectId device;
  std::uint32_t request = 0;
  std::uint64_t sector = 0;
  std::uint64_t nsectors = 0;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("device", &Request::device, "the disk"),
        trace::identity("request", &Request::request, "counted since its reset"),
        trace::identity("sector", &Request::sector, "the first, of 512 bytes"),
        trace::identity("nsectors", &Request::nsectors, "how many"));
  }
};

struct HandleRead : Request {
  static constexpr trace::Declaration declaration{
      "virtio_blk_handle_read", trace::Category::device, trace::Shape::instant,
      "The driver of a virtio disk wants sectors."};
};

struct HandleWrite : Request {
  static constexpr trace::Declaration declaration{
      "virtio_blk_handle_write", trace::Category::device, trace::Shape::instant,
      "The driver of a virtio disk gives sectors."};
};

struct HandleOther : Request {
  static constexpr trace::Declaration declaration{
      "virtio_blk_handle_request", trace::Category::device, trace::Shape::instant,
      "The driver of a virtio disk wants something else: a flush, its name, a discard."};
  std::uint32_t type = 0;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("device", &HandleOther::device, "the disk"),
        trace::identity("request", &HandleOther::request, "counted since its reset"),
        trace::identity("type", &HandleOther::type,
                        "4 flush, 8 its serial number, 11 discard, 13 write zeroes"));
  }
};

struct Complete {
  static constexpr trace::Declaration declaration{
      "virtio_blk_req_complete", trace::Category::device, trace::Shape::instant,
      "A virtio disk has done a request, or not."};
  trace::ObjectId device;
  std::uint32_t request = 0;
  std::uint32_t status = 0;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("device", &Complete::device, "the disk"),
        trace::identity("request", &Complete::request, "counted since its reset"),
        trace::state("status", &Complete::status, "0 done, 1 error, 2 not supported"));
  }
};

enum RequestType : std::uint32_t {
  type_in = 0,
  type_out = 1,
  type_flush = 4,
  type_get_id = 8,
  type_discard = 11,
  type_write_zeroes = 13,
};

constexpr std::uint32_t type_barrier =
    0x80000000;  // older drivers'; nothing to do for it

enum Status : std::uint8_t { status_ok = 0, status_ioerr = 1, status_unsupp = 2 };

constexpr std::size_t header_size = 16, id_size = 20, segment_size = 16;

// A request that is whole: header and room for the status.
struct BlockRequest {
  VirtIOBlock* disk;
  VirtQueueElement element;
  std::uint32_t type = 0;
  std::uint64_t sector = 0;
  std::uint64_t in_size = 0;   // without the status
  std::uint64_t out_size = 0;  // without the header
  std::uint64_t written = 0;   // bytes of `in` that carry something
};

// ---- errors ---------------------------------------------------------------------------

// By rerror= and werror=. There is nobody yet who could continue a machine that stops,
// so the guest is told in that case too.
Status status_of(const VirtIOBlock* disk, int error, bool is_read) {
  if (error == 0) {
    return status_ok;
  }
  const BlockdevOnError action =
      is_read ? disk->blk->on_read_error : disk->blk->on_write_error;
  qemu_log_mask(LOG_GUEST_ERROR, "virtio-blk: a request failed with errno %d\n", error);
  return action == BlockdevOnError::ignore ? status_ok : status_ioerr;
}

// ---- what is done ---------------------------------------------------------------------

bool sectors_are_fine(const VirtIOBlock* disk, std::uint64_t sector, std::uint64_t size) {
  const std::uint64_t all = disk->blk->length() / bdrv_sector_size;
  const std::uint64_t count = size / bdrv_sector_size;
  const std::uint64_t block = disk->logical_block_size / bdrv_sector_size;
  return size <= bdrv_request_max_bytes && size % disk->logical_block_size == 0 &&
         sector % block == 0 && count <= all && sector <= all - count;
}

::trace::ObjectId id_of(const BlockRequest& request) {
  return object_id(request.disk);
}

Request traced(const BlockRequest& request, std::uint64_t size) {
  return {.device = id_of(request),
          .request = request.disk->requests,
          .sector = request.sector,
          .nsectors = size / bdrv_sector_size};
}

Status do_read(BlockRequest& request) {
  trace::instant(HandleRead{traced(request, request.in_size)});
  if (!sectors_are_fine(request.disk, request.sector, request.in_size)) {
    return status_ioerr;
  }
  const auto to = pieces_slice(request.element.in, 0, request.in_size);
  const int error = request.disk->blk->read(request.sector * bdrv_sector_size, to);
  request.written = error == 0 ? request.in_size : 0;
  return status_of(request.disk, error, true);
}

Status do_write(BlockRequest& request) {
  trace::instant(HandleWrite{traced(request, request.out_size)});
  if (!sectors_are_fine(request.disk, request.sector, request.out_size)) {
    return status_ioerr;
  }
  const auto from = pieces_slice(request.element.out, header_size, request.out_size);
  const int error = request.disk->blk->write(request.sector * bdrv_sector_size, from);
  return status_of(request.disk, error, false);
}

// The serial number, ended by a zero if there is room for one.
Status do_get_id(BlockRequest& request) {
  std::array<std::byte, id_size> id{};
  const std::string& serial = request.disk->serial;
  for (std::size_t i = 0; i < std::min(serial.size(), id.size()); ++i) {
    id[i] = static_cast<std::byte>(serial[i]);
  }
  const std::size_t size =
      std::min<std::uint64_t>({serial.size() + 1, id.size(), request.in_size});
  request.written = pieces_write(request.element.in, 0, std::span(id).first(size));
  return status_ok;
}

// One range: sector (8), count of sectors (4), flags (4; 1: may be unmapped).
Status do_range(BlockRequest& request, bool discard) {
  std::array<std::byte, segment_size> bytes{};
  const VirtIOBlock* disk = request.disk;
  if (request.out_size != segment_size) {
    return status_unsupp;  // one range a request, as the configuration says
  }
  pieces_read(request.element.out, header_size, bytes);
  const std::span<const std::byte> all(bytes);
  const std::uint64_t sector = ldn_le_p(all.first(8));
  const std::uint64_t count = ldn_le_p(all.subspan(8, 4));
  const std::uint64_t flags = ldn_le_p(all.subspan(12, 4));
  const std::uint64_t size = count * bdrv_sector_size;
  if ((flags & ~std::uint64_t{1}) != 0 || (discard && flags != 0)) {
    return status_unsupp;
  }
  if (count > (discard ? disk->max_discard_sectors : disk->max_write_zeroes_sectors) ||
      !sectors_are_fine(disk, sector, size)) {
    return status_ioerr;
  }
  const std::uint64_t offset = sector * bdrv_sector_size;
  return status_of(disk,
                   discard ? disk->blk->discard(offset, size)
                           : disk->blk->write_zeroes(offset, size, flags != 0),
                   false);
}

Status do_other(BlockRequest& request) {
  const VirtIOBlock* disk = request.disk;
  HandleOther event;
  event.device = id_of(request);
  event.request = disk->requests;
  event.type = request.type;
  trace::instant(event);
  switch (request.type) {
    case type_flush:
    case type_flush | type_out:
      return status_of(disk, disk->blk->flush(), false);
    case type_get_id:
      return do_get_id(request);
    case type_discard:
      return virtio_host_has_feature(disk, VIRTIO_BLK_F_DISCARD) ? do_range(request, true)
                                                                 : status_unsupp;
    case type_write_zeroes:
      return virtio_host_has_feature(disk, VIRTIO_BLK_F_WRITE_ZEROES)
                 ? do_range(request, false)
                 : status_unsupp;
    default:
      return status_unsupp;  // SCSI commands among them
  }
}

Status do_request(BlockRequest& request) {
  request.type &= ~type_barrier;
  return request.type == type_in    ? do_read(request)
         : request.type == type_out ? do_write(request)
                                    : do_other(request);
}

// ---- one element of the queue -------------------------------------------------------

// False: it is no request; the device is broken.
bool parse(VirtIOBlock* disk, BlockRequest& request) {
  const std::uint64_t in_size = pieces_size(request.element.in);
  const std::uint64_t out_size = pieces_size(request.element.out);
  if (in_size == 0 || out_size == 0) {
    virtio_error(disk, "virtio-blk missing headers");
    return false;
  }
  std::array<std::byte, header_size> header{};
  if (pieces_read(request.element.out, 0, header) != header.size()) {
    virtio_error(disk, "virtio-blk request outhdr too short");
    return false;
  }
  const std::span<const std::byte> bytes(header);
  request.type = static_cast<std::uint32_t>(ldn_le_p(bytes.first(4)));
  request.sector = ldn_le_p(bytes.subspan(8, 8));
  request.in_size = in_size - 1;
  request.out_size = out_size - header.size();
  return true;
}

// False: the device is broken.
bool handle_request(VirtIOBlock* disk, VirtQueue* vq, VirtQueueElement&& element) {
  BlockRequest request{.disk = disk, .element = std::move(element)};
  if (!parse(disk, request)) {
    return false;
  }
  ++disk->requests;
  const Status status = do_request(request);
  const std::array<std::byte, 1> answer{static_cast<std::byte>(status)};
  pieces_write(request.element.in, request.in_size, answer);
  trace::instant(
      Complete{.device = object_id(disk), .request = disk->requests, .status = status});
  // All of `in` counts as written: the status is its last byte.
  virtqueue_push(vq, request.element, request.in_size + 1);
  return true;
}

}  // namespace

void virtio_blk_handle_output(VirtIODevice* vdev, VirtQueue* vq) {
  auto* disk = static_cast<VirtIOBlock*>(vdev);
  bool answered = false;
  while (std::optional<VirtQueueElement> element = virtqueue_pop(vq)) {
    if (!handle_request(disk, vq, std::move(*element))) {
      return;
    }
    answered = true;
  }
  if (answered) {
    virtio_notify(vdev, vq);
  }
}

}  // namespace hw
