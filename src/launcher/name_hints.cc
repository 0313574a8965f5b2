#include "launcher/name_hints.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <vector>

#include "core/chardev.h"
#include "core/machine.h"
#include "core/report.h"
#include "cpu/x86_cpu.h"
#include "launcher/known_types.h"
#include "options/option_table.h"
#include "qom/composition.h"

namespace launcher {

namespace {

struct Note {
  std::string_view name;
  std::string_view hint;
};

// Names that later versions, or 4.0 built with more libraries, know.
constexpr Note device_notes[] = {
    {"qxl-vga", "4.0 has it only where SPICE was built in; the nearest is 'VGA'."},
    {"qxl", "4.0 has it only where SPICE was built in; the nearest is 'VGA'."},
    {"virtio-9p-pci", "4.0 has it only where libcap and libattr were built in."},
    {"usb-host", "4.0 has it only where libusb was built in."},
    {"usb-redir", "4.0 has it only where usbredir was built in."},
    {"virtio-gpu-gl", "It came with QEMU 6.1; the nearest is 'virtio-gpu-pci'."},
    {"virtio-gpu-gl-pci", "It came with QEMU 6.1; the nearest is 'virtio-gpu-pci'."},
    {"virtio-gpu-rutabaga", "It came with QEMU 8.2; the nearest is 'virtio-gpu-pci'."},
    {"virtio-vga-gl", "It came with QEMU 6.1; the nearest is 'virtio-vga'."},
    {"virtio-iommu", "It came with QEMU 5.2 and has no counterpart in 4.0."},
    {"virtio-iommu-pci", "It came with QEMU 5.2 and has no counterpart in 4.0."},
    {"virtio-mem", "It came with QEMU 5.1; the nearest is 'pc-dimm'."},
    {"virtio-mem-pci", "It came with QEMU 5.1; the nearest is 'pc-dimm'."},
    {"virtio-pmem", "It came with QEMU 4.1; the nearest is 'nvdimm'."},
    {"virtio-pmem-pci", "It came with QEMU 4.1; the nearest is 'nvdimm'."},
    {"vhost-user-fs-pci", "It came with QEMU 4.2; the nearest is '-virtfs'."},
    {"vhost-user-gpu-pci", "It came with QEMU 4.1; the nearest is 'virtio-gpu-pci'."},
    {"vhost-user-vga", "It came with QEMU 4.1; the nearest is 'virtio-vga'."},
    {"vhost-user-vsock-pci", "It came with QEMU 5.1; the nearest is 'vhost-vsock-pci'."},
    {"pvpanic-pci", "It came with QEMU 6.0; write 'pvpanic'."},
    {"nvme-ns", "It came with QEMU 5.2; 4.0 has one namespace: write 'nvme,drive=ID'."},
    {"nvme-subsys", "It came with QEMU 6.0; 4.0 has one namespace: write 'nvme'."},
    {"igb", "It came with QEMU 8.0; the nearest is 'e1000e'."},
    {"tulip", "It came with QEMU 5.0; the nearest is 'pcnet'."},
    {"u2f-passthru", "It came with QEMU 5.2 and has no counterpart in 4.0."},
    {"canokey", "It came with QEMU 7.1 and has no counterpart in 4.0."},
    {"cxl-type3", "It came with QEMU 7.1 and has no counterpart in 4.0."},
    {"cxl-rp", "It came with QEMU 7.1; the nearest is 'pcie-root-port'."},
    {"pxb-cxl", "It came with QEMU 7.1; the nearest is 'pxb-pcie'."},
    {"acpi-erst", "It came with QEMU 7.0 and has no counterpart in 4.0."},
    {"virtio-sound-pci", "It came with QEMU 8.2; the nearest is 'intel-hda'."},
    {"ufs", "It came with QEMU 8.2; the nearest is 'nvme'."},
    {"guest-loader", "It came with QEMU 6.0; the nearest is 'loader'."},
    {"ac97", "Did you mean 'AC97'?"},
    {"es1370", "Did you mean 'ES1370'?"},
    {"vga", "Did you mean 'VGA'?"},
    {"std", "Did you mean 'VGA', or -vga std?"},
    {"cirrus", "Did you mean 'cirrus-vga', or -vga cirrus?"},
    {"virtio", "Did you mean 'virtio-net', 'virtio-blk', or -nic model=virtio?"},
};

constexpr Note object_notes[] = {
    {"rng-builtin", "It came with QEMU 4.2; write 'rng-random,filename=/dev/urandom'."},
    {"thread-context",
     "It came with QEMU 7.2; leave it out: memory is prepared by one "
     "thread."},
    {"main-loop", "It came with QEMU 7.1; leave it out."},
    {"secret_keyring", "It came with QEMU 5.1; write 'secret,file=PATH'."},
    {"tls-cipher-suites", "It came with QEMU 5.1; leave it out."},
    {"memory-backend-epc", "It came with QEMU 6.2 and has no counterpart in 4.0."},
    {"memory-backend-shm", "It came with QEMU 9.1; write 'memory-backend-memfd'."},
    {"sev-snp-guest", "It came with QEMU 9.1 and has no counterpart in 4.0."},
    {"tdx-guest", "It came with QEMU 10.1 and has no counterpart in 4.0."},
    {"iommufd", "It came with QEMU 9.0; leave it out and write 'vfio-pci,host=...'."},
    {"input-barrier", "It came with QEMU 4.2; the nearest is 'input-linux'."},
    {"acpi-generic-initiator", "It came with QEMU 9.0 and has no counterpart in 4.0."},
    {"dbus-vmstate", "It came with QEMU 5.0 and has no counterpart in 4.0."},
    {"cryptodev-vhost-user", "4.0 has it only where vhost was built in."},
};

// The nearest model that 4.0 has, by age and maker.
constexpr Note cpu_notes[] = {
    {"Cooperlake", "It came with QEMU 5.0; the nearest here is 'Cascadelake-Server'."},
    {"Denverton", "It came with QEMU 4.1; the nearest here is 'Westmere'."},
    {"Snowridge", "It came with QEMU 4.1; the nearest here is 'Westmere'."},
    {"SapphireRapids", "It came with QEMU 8.0; the nearest here is 'Icelake-Server'."},
    {"GraniteRapids", "It came with QEMU 8.1; the nearest here is 'Icelake-Server'."},
    {"SierraForest", "It came with QEMU 9.1; the nearest here is 'Icelake-Client'."},
    {"EPYC-Rome", "It came with QEMU 5.0; the nearest here is 'EPYC'."},
    {"EPYC-Milan", "It came with QEMU 6.0; the nearest here is 'EPYC'."},
    {"EPYC-Genoa", "It came with QEMU 8.1; the nearest here is 'EPYC'."},
    {"EPYC-Turin", "It came with QEMU 10.1; the nearest here is 'EPYC'."},
    {"Dhyana", "It came with QEMU 4.1; the nearest here is 'EPYC'."},
    {"YongFeng", "It came with QEMU 10.0; the nearest here is 'Westmere'."},
    {"x86-64-v2", "It is Proxmox's; the nearest here is 'Nehalem'."},
    {"x86-64-v2-AES", "It is Proxmox's; the nearest here is 'Westmere'."},
    {"x86-64-v3", "It is Proxmox's; the nearest here is 'Haswell'."},
    {"x86-64-v4", "It is Proxmox's; the nearest here is 'Skylake-Server'."},
    {"android32", "It is the Android emulator's; the nearest here is 'n270'."},
    {"android64", "It is the Android emulator's; the nearest here is 'Nehalem'."},
};

constexpr Note accelerator_notes[] = {
    {"xen", "Xen is not built here; write 'kvm' or 'tcg'."},
    {"hax", "HAXM is not built here; write 'kvm' or 'tcg'."},
    {"hvf", "It is for macOS; write 'kvm' or 'tcg'."},
    {"whpx", "It is for Windows; write 'kvm' or 'tcg'."},
    {"nvmm", "It is for NetBSD; write 'kvm' or 'tcg'."},
    {"mshv", "It came with QEMU 10.2; write 'kvm' or 'tcg'."},
    {"qtest", "It is not built here; write 'tcg' with -S, which runs no guest code."},
};

constexpr Note netdev_notes[] = {
    {"stream", "It came with QEMU 7.2; write 'socket,connect=HOST:PORT'."},
    {"dgram", "It came with QEMU 7.2; write 'socket,udp=HOST:PORT'."},
    {"passt", "It came with QEMU 10.1; write 'user'."},
    {"vhost-vdpa", "It came with QEMU 5.1; the nearest is 'tap,vhost=on'."},
    {"vmnet-host", "It is for macOS; write 'user' or 'tap'."},
    {"vmnet-shared", "It is for macOS; write 'user' or 'tap'."},
    {"vmnet-bridged", "It is for macOS; write 'bridge' or 'tap'."},
    {"af-xdp", "It came with QEMU 8.2; the nearest is 'tap'."},
    {"vde", "4.0 has it only where VDE was built in; write 'socket' or 'tap'."},
    {"netmap", "It is for FreeBSD; write 'tap'."},
};

constexpr Note chardev_notes[] = {
    {"spicevmc", "4.0 has it only where SPICE was built in; write 'null'."},
    {"spiceport", "4.0 has it only where SPICE was built in; write 'null'."},
    {"qemu-vdagent", "It came with QEMU 6.1; write 'null'."},
    {"dbus", "It came with QEMU 7.0; write 'socket'."},
    {"hub", "It came with QEMU 10.0; write one -chardev for each user."},
    {"braille", "4.0 has it only where brlapi was built in."},
};

constexpr Note machine_property_notes[] = {
    {"hpet", "It came with QEMU 5.2; write '-no-hpet'."},
    {"acpi", "It came with QEMU 5.0; write '-no-acpi'."},
    {"fd-bootchk", "It came with QEMU 8.2; write '-no-fd-bootchk'."},
    {"pcspk-audiodev", "It came with QEMU 5.1; leave it out: sound is not built."},
    {"smbios-entry-point-type", "It came with QEMU 6.0; leave it out."},
    {"i8042", "It came with QEMU 6.2; leave it out: the board has its controller."},
    {"x-south-bridge", "It came with QEMU 8.2; leave it out: the board has a PIIX3."},
    {"confidential-guest-support",
     "It came with QEMU 6.0; 4.0 has 'memory-encryption=ID'."},
    {"hmat", "It came with QEMU 5.0; leave it out."},
    {"default-bus-bypass-iommu", "It came with QEMU 6.1; leave it out."},
    {"aux-ram-share", "It came with QEMU 10.0; leave it out."},
    {"boot", "It came with QEMU 7.1; write '-boot'."},
    {"smp", "It came with QEMU 6.1; write '-smp'."},
    {"memory", "It came with QEMU 7.1; write '-m'."},
    {"cxl", "It came with QEMU 7.1; leave it out."},
    {"sgx-epc", "It came with QEMU 6.2; leave it out."},
    {"pflash0", "Firmware in flash is not built; write '-bios FILE'."},
    {"pflash1", "Firmware in flash is not built; write '-bios FILE'."},
    {"audiodev", "Write '-audiodev', which is an option of its own."},
    {"spcr", "It came with QEMU 9.1; leave it out."},
    {"auto-kernel-cmdline",
     "It is not built; -append 'virtio_mmio.device=512@0xfeb00000:5' says the same."},
};

constexpr Note cpu_property_notes[] = {
    {"hv-passthrough", "It came with QEMU 4.1; name the hv- features that are wanted."},
    {"hv-no-nonarch-coresharing", "It came with QEMU 4.2; leave it out."},
    {"hv-stimer-direct", "It came with QEMU 4.1; 'hv-stimer' is the nearest."},
    {"hv-avic", "It came with QEMU 6.2; leave it out."},
    {"hv-apicv", "It came with QEMU 6.2; leave it out."},
    {"hv-enforce-cpuid", "It came with QEMU 6.2; leave it out."},
    {"hv-xmm-input", "It came with QEMU 7.1; leave it out."},
    {"hv-tlbflush-ext", "It came with QEMU 7.1; 'hv-tlbflush' is the nearest."},
    {"hv-tlbflush-direct", "It came with QEMU 7.1; 'hv-tlbflush' is the nearest."},
    {"hv-emsr-bitmap", "It came with QEMU 7.1; leave it out."},
    {"hv-syndbg", "It came with QEMU 7.1; leave it out."},
    {"hv-version-id-build", "It came with QEMU 7.1; leave it out."},
    {"migratable", "Only 'host' and 'max' have it; a model is migratable as it is."},
    {"host-cache-info", "Only 'host' and 'max' have it."},
    {"kvm-pv-enforce-cpuid", "It came with QEMU 5.1; leave it out."},
    {"kvm-asyncpf-int", "It came with QEMU 5.1; 'kvm-asyncpf' is the nearest."},
    {"kvm-msi-ext-dest-id", "It came with QEMU 5.2; leave it out."},
    {"kvm-poll-control", "It came with QEMU 4.1; leave it out."},
    {"kvm-pv-sched-yield", "It came with QEMU 4.2; leave it out."},
    {"waitpkg", "It came with QEMU 4.2; leave it out."},
    {"vmx-apicv-xapic", "It came with QEMU 4.2; 4.0 has one 'vmx' for all."},
    {"help", "-cpu help lists models and features."},
};

std::string note_of(std::span<const Note> notes, std::string_view name) {
  const auto found = std::find_if(notes.begin(), notes.end(),
                                  [name](const Note& note) { return note.name == name; });
  return found == notes.end() ? std::string() : std::string(found->hint);
}

std::string did_you_mean(std::string_view name, std::vector<std::string> names) {
  std::sort(names.begin(), names.end());  // one answer, whatever the order they came in
  const std::string nearest = options::nearest_spelling(name, names);
  return nearest.empty() ? "" : "Did you mean '" + nearest + "'?";
}

std::string first_of(std::string hint, std::string_view name,
                     std::vector<std::string> names) {
  return hint.empty() ? did_you_mean(name, std::move(names)) : hint;
}

constexpr std::string_view cpu_suffix = "-x86_64-cpu";

std::vector<std::string> cpu_models() {
  std::vector<std::string> names;
  for (ObjectClass* klass : object_class_get_list(cpu::TYPE_X86_CPU, false)) {
    const std::string_view type = object_class_get_name(klass);
    names.emplace_back(type.substr(0, type.size() - cpu_suffix.size()));
  }
  return names;
}

// "Skylake-Client-v3" -> "Skylake-Client"; the name itself if it ends otherwise.
std::string_view without_version(std::string_view model) {
  const std::size_t dash = model.rfind("-v");
  const bool version =
      dash != std::string_view::npos && dash + 2 < model.size() &&
      model.find_first_not_of("0123456789", dash + 2) == std::string_view::npos;
  return version ? model.substr(0, dash) : model;
}

bool is_kind(ObjectClass* klass, const char* type) {
  return klass != nullptr && object_class_dynamic_cast(klass, type) != nullptr;
}

}  // namespace

std::string device_hint(std::string_view driver) {
  std::vector<std::string> names = known_device_names();
  for (ObjectClass* klass : object_class_get_list(TYPE_DEVICE, false)) {
    if (class_cast<DeviceClass>(klass)->user_creatable) {
      names.emplace_back(object_class_get_name(klass));
    }
  }
  return first_of(note_of(device_notes, driver), driver, std::move(names));
}

std::string object_hint(std::string_view type) {
  std::vector<std::string> names = known_object_names();
  for (ObjectClass* klass : object_class_get_list(TYPE_USER_CREATABLE, false)) {
    names.emplace_back(object_class_get_name(klass));
  }
  return first_of(note_of(object_notes, type), type, std::move(names));
}

std::string cpu_hint(std::string_view model) {
  if (std::string hint = note_of(cpu_notes, model); !hint.empty()) {
    return hint;
  }
  const std::string_view base = without_version(model);
  std::vector<std::string> names = cpu_models();
  if (base != model) {
    const bool known = std::find(names.begin(), names.end(), base) != names.end();
    return known ? "Versions of models came with QEMU 4.1; write '" + std::string(base) +
                       "'."
                 : note_of(cpu_notes, base);
  }
  return did_you_mean(model, std::move(names));
}

std::string accelerator_hint(std::string_view names) {
  const std::string_view first = names.substr(0, names.find(':'));
  return first_of(note_of(accelerator_notes, first), first, {"kvm", "tcg"});
}

std::string netdev_hint(std::string_view type) {
  return first_of(note_of(netdev_notes, type), type,
                  {"user", "tap", "bridge", "socket", "hubport", "l2tpv3", "vhost-user"});
}

std::string chardev_hint(std::string_view backend) {
  return first_of(note_of(chardev_notes, backend), backend, known_chardev_names());
}

std::string property_hint(ObjectClass* klass, std::string_view property, Object* obj) {
  if (is_kind(klass, TYPE_MACHINE)) {
    const std::string_view group = property.substr(0, property.find('.'));
    if (std::string hint = note_of(machine_property_notes, group); !hint.empty()) {
      return hint;
    }
  } else if (is_kind(klass, cpu::TYPE_X86_CPU)) {
    if (std::string hint = note_of(cpu_property_notes, property); !hint.empty()) {
      return hint;
    }
  }
  std::vector<std::string> names;
  for (const ObjectProperty* row :
       obj == nullptr ? object_class_property_list(klass) : object_property_list(obj)) {
    if (row->set != nullptr) {
      names.push_back(row->name);
    }
  }
  return did_you_mean(property, std::move(names));
}

std::string_view missing_property(std::string_view message) {
  constexpr std::string_view begin = "Property '.", end = "' not found";
  const std::size_t at = message.rfind(begin);
  if (at == std::string_view::npos || !message.ends_with(end)) {
    return {};
  }
  message.remove_prefix(at + begin.size());
  return message.substr(0, message.size() - end.size());
}

}  // namespace launcher
