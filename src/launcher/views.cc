#include "launcher/views.h"

#include "core/info.h"
#include "core/log.h"

namespace launcher {

namespace {

enum : std::uint32_t {
  view_qtree = 1u << 28,
  view_qom_tree = 1u << 29,
  view_mtree = 1u << 30,
  view_pci = 1u << 31,
};

}  // namespace

const std::vector<View>& views() {
  static const std::vector<View> all{
      {"qtree", view_qtree, "buses and devices with their properties, once"},
      {"qom-tree", view_qom_tree, "the objects of the machine, once"},
      {"mtree", view_mtree, "address spaces and memory regions, once"},
      {"pci", view_pci, "PCI devices and their regions, once"},
  };
  return all;
}

void show_views() {
  if (core::qemu_loglevel_mask(view_qtree)) {
    core::qemu_log(core::info_qtree());
  }
  if (core::qemu_loglevel_mask(view_qom_tree)) {
    core::qemu_log(core::info_qom_tree());
  }
  if (core::qemu_loglevel_mask(view_mtree)) {
    core::qemu_log(core::info_mtree());
  }
  if (core::qemu_loglevel_mask(view_pci)) {
    core::qemu_log(core::info_pci());
  }
}

}  // namespace launcher
