// Block back ends and the lists of back ends and nodes. See block.h.
#include "core/block.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "core/qdev_properties.h"

namespace core {
namespace {

struct RootAttach {
  static constexpr trace::Declaration declaration{
      "blk_root_attach", trace::Category::host, trace::Shape::instant,
      "A device of the guest gets an image of the host."};
  std::string_view backend;
  std::string_view node;
  trace::ObjectId device;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("backend", &RootAttach::backend, "id of the drive"),
        trace::identity("node", &RootAttach::node, "name of its node"),
        trace::identity("device", &RootAttach::device, "the device"));
  }
};

struct Lists {
  std::vector<std::unique_ptr<BlockBackend>> backends;
  std::vector<BlockNodePtr> nodes;  // those with a name
};

Lists& lists() {
  static Lists all;
  return all;
}

// ---- property "drive" ---------------------------------------------------------------

Value drive_get(DeviceState* dev, const Property& row) {
  const BlockBackend* blk = dev->*(row.member.drive);
  if (blk == nullptr)
    return Value(std::string());
  return Value(blk->name().empty() && blk->root() ? blk->root()->node_name()
                                                  : blk->name());
}

void drive_release(DeviceState* dev, const Property& row) {
  BlockBackend* blk = std::exchange(dev->*(row.member.drive), nullptr);
  if (blk != nullptr)
    blk->detach();
}

// A drive by its id, else a back end of its own for a node.
BlockBackend* backend_for(const std::string& text) {
  if (BlockBackend* blk = blk_by_name(text))
    return blk;
  BlockNodePtr node = bdrv_find_node(text);
  if (!node)
    return nullptr;
  return blk_add(std::make_unique<BlockBackend>("", std::move(node)));
}

void drive_set(DeviceState* dev, const Property& row, const Value& value) {
  const std::string text = visit_type_str(value, row.name);
  if (text.empty()) {
    drive_release(dev, row);
    return;
  }
  BlockBackend* blk = backend_for(text);
  if (blk == nullptr)
    throw Error(std::string("Property '") + object_get_typename(dev) + "." + row.name +
                "' can't find value '" + text + "'");
  blk->attach(dev);
  drive_release(dev, row);
  dev->*(row.member.drive) = blk;
}

}  // namespace

constexpr PropertyInfo qdev_prop_info_drive{
    .type = "str",
    .description = "Node name or ID of a block device to use as a backend",
    .get = drive_get,
    .set = drive_set,
    .release = drive_release};

std::uint64_t block_vector_size(BlockVector vector) {
  std::uint64_t size = 0;
  for (const std::span<std::byte> piece : vector)
    size += piece.size();
  return size;
}

// ---- back ends ----------------------------------------------------------------------

BlockBackend::BlockBackend(std::string name, BlockNodePtr root)
    : name_(std::move(name)), root_(std::move(root)) {}

BlockBackend::~BlockBackend() {
  if (root_)
    root_->flush();
}

void BlockBackend::attach(DeviceState* device) {
  if (device_ != nullptr) {
    const bool automatic = drive && drive->interface != "none";
    throw Error("Drive '" + name_ + "' is already in use " +
                (automatic ? "because it has been automatically connected to another "
                             "device (did you need 'if=none' in the drive options?)"
                           : "by another device"));
  }
  if (root_ && !root_->unusable().empty())
    throw ImageNotBuilt(root_->unusable());
  trace::instant(RootAttach{.backend = name_,
                            .node = root_ ? root_->node_name() : std::string_view(),
                            .device = object_id(device)});
  device_ = device;
}

void BlockBackend::detach() {
  device_ = nullptr;
  if (root_) {
    root_->flush();
    root_->set_permissions({});
  }
}

void BlockBackend::set_permissions(BlockPermissions permissions) {
  if ((permissions.taken & BLK_PERM_WRITE) && read_only())
    throw Error("Block node is read-only");
  for (const auto& other : lists().backends) {
    if (other.get() != this && other->root_ == root_ && other->device_ != nullptr &&
        !(permissions.shared & BLK_PERM_WRITE))
      throw Error("Conflicts with use by block device '" +
                  other->device_->canonical_path +
                  "' as 'root', which does not allow 'write' on " + root_->node_name());
  }
  root_->set_permissions(permissions);
}

int BlockBackend::check(std::uint64_t offset, std::uint64_t size) const {
  if (!root_)
    return ENOMEDIUM;
  const std::uint64_t end = root_->length();
  return size > bdrv_request_max_bytes || offset > end || size > end - offset ? EIO : 0;
}

int BlockBackend::check_write(std::uint64_t offset, std::uint64_t size) const {
  const int error = check(offset, size);
  return error == 0 && root_->read_only() ? EPERM : error;
}

int BlockBackend::written(int error) {
  return error != 0 || write_cache_ ? error : root_->flush();
}

int BlockBackend::read(std::uint64_t offset, BlockVector to) {
  const int error = check(offset, block_vector_size(to));
  return error != 0 ? error : root_->read(offset, to);
}

int BlockBackend::write(std::uint64_t offset, BlockVector from) {
  const int error = check_write(offset, block_vector_size(from));
  return error != 0 ? error : written(root_->write(offset, from));
}

int BlockBackend::flush() {
  return root_ ? root_->flush() : ENOMEDIUM;
}

int BlockBackend::discard(std::uint64_t offset, std::uint64_t size) {
  const int error = check_write(offset, size);
  return error != 0 ? error : root_->discard(offset, size);
}

int BlockBackend::write_zeroes(std::uint64_t offset, std::uint64_t size, bool may_unmap) {
  const int error = check_write(offset, size);
  return error != 0 ? error : written(root_->write_zeroes(offset, size, may_unmap));
}

// ---- lists --------------------------------------------------------------------------

void bdrv_add_node(const BlockNodePtr& node) {
  if (bdrv_find_node(node->node_name()) || blk_by_name(node->node_name()) != nullptr)
    throw Error("Duplicate node name");
  lists().nodes.push_back(node);
}

BlockNodePtr bdrv_find_node(std::string_view name) {
  for (const BlockNodePtr& node : lists().nodes)
    if (node->node_name() == name)
      return node;
  return nullptr;
}

BlockBackend* blk_add(std::unique_ptr<BlockBackend> backend) {
  if (!backend->name().empty() && blk_by_name(backend->name()) != nullptr)
    throw Error("Device with id '" + backend->name() + "' already exists");
  if (!backend->name().empty() && bdrv_find_node(backend->name()))
    throw Error("Device name '" + backend->name() +
                "' conflicts with an existing node name");
  lists().backends.push_back(std::move(backend));
  return lists().backends.back().get();
}

BlockBackend* blk_by_name(std::string_view name) {
  for (const auto& backend : lists().backends)
    if (!name.empty() && backend->name() == name)
      return backend.get();
  return nullptr;
}

void block_close_all() {
  Lists& all = lists();
  std::erase_if(all.backends,
                [](const auto& backend) { return backend->device() == nullptr; });
  all.nodes.clear();
}

}  // namespace core
