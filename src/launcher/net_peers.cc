// Who has no peer: a card without a host side, a host side without a card. 4.0 warns of
// both when everything is plugged in, and starts.
#include <map>
#include <set>

#include "core/report.h"
#include "launcher/checks.h"
#include "launcher/known_types.h"
#include "launcher/net_types.h"
#include "options/groups.h"

namespace launcher {

using namespace core;

namespace {

bool is_network_card(std::string_view driver) {
  return is_pci_nic(driver) || driver == "virtio-net-device" || driver == "ne2k_isa" ||
         driver == "usb-net";
}

void warn_of_cards(std::set<std::string>& used) {
  std::map<std::string, int> numbers;
  for (const auto& opts : options::qemu_device_opts.head) {
    const std::string driver = net_text(opts.get(), "driver");
    const std::string_view real = device_of_alias(driver);
    const std::string model = real.empty() ? driver : std::string(real);
    if (!is_network_card(model)) {
      continue;
    }
    const std::string name =
        opts->id ? *opts->id : model + "." + std::to_string(numbers[model]++);
    if (net_given(opts.get(), "netdev")) {
      used.insert(net_text(opts.get(), "netdev"));
    } else {
      warn_report("nic " + name + " has no peer");
    }
  }
}

// All -net options without netdev= meet at hub 0.
void warn_of_hub(std::set<std::string>& used) {
  bool card = false;
  bool host = false;
  for (const auto& opts : options::qemu_net_opts.head) {
    const std::string type = net_text(opts.get(), "type");
    if (net_given(opts.get(), "netdev")) {
      used.insert(net_text(opts.get(), "netdev"));
    } else {
      card = card || type == "nic";
      host = host || (type != "nic" && type != "none");
    }
  }
  if (host && !card) {
    warn_report("hub 0 with no nics");
  } else if (card && !host) {
    warn_report("hub 0 is not connected to host network");
  }
}

}  // namespace

// The messages name the type that has the property, which for a virtio card on PCI is the
// one inside.
void check_network_card(std::string_view type, const options::QemuOpts* opts) {
  static std::set<std::string> taken;
  const std::string owner(type.starts_with("virtio-net-") ? "virtio-net-device" : type);
  const std::string mac = net_text(opts, "mac");
  if (net_given(opts, "mac") && !is_mac(mac)) {
    throw Error("Property '" + owner + ".mac' doesn't take value '" + mac + "'");
  }
  if (!net_given(opts, "netdev")) {
    return;
  }
  const std::string netdev = net_text(opts, "netdev");
  if (!netdev_exists(netdev)) {
    throw Error("Property '" + owner + ".netdev' can't find value '" + netdev + "'");
  }
  if (!taken.insert(netdev).second) {
    throw Error("Property '" + owner + ".netdev' can't take value '" + netdev +
                "', it's in use");
  }
}

void warn_net_without_peer(const options::CommandLine&) {
  std::set<std::string> used;
  warn_of_hub(used);
  warn_of_cards(used);
  for (const auto& opts : options::qemu_netdev_opts.head) {
    if (used.count(*opts->id) == 0) {
      warn_report("netdev " + *opts->id + " has no peer");
    }
  }
}

}  // namespace launcher
