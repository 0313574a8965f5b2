// -netdev, -nic, -net: which kinds of clients there are, which keys each takes, which
// cards (4.0's net/net.c as measured; messages have no location there).
#include <algorithm>
#include <cctype>

#include "core/report.h"
#include "core/startup_step.h"
#include "launcher/checks.h"
#include "launcher/known_types.h"
#include "launcher/name_hints.h"
#include "launcher/net_types.h"
#include "options/groups.h"

namespace launcher {

using namespace core;
using options::MemberType;
using options::OptsMember;
using options::QemuOpts;

namespace {

void check_socket(const QemuOpts* opts) {
  int kinds = 0;
  for (const char* key : {"fd", "listen", "connect", "mcast", "udp"}) {
    kinds += net_given(opts, key) ? 1 : 0;
  }
  if (kinds != 1) {
    throw Error("exactly one of listen=, connect=, mcast= or udp= is required");
  }
}

void check_tap(const QemuOpts* opts) {
  if (net_given(opts, "fd") && net_given(opts, "fds")) {
    throw Error("fds= is invalid with fd=");
  }
  for (const char* key : {"ifname", "script", "downscript", "vnet_hdr", "helper",
                          "queues", "fds", "vhostfds"}) {
    if (net_given(opts, "fd") && net_given(opts, key)) {
      throw Error(
          "ifname=, script=, downscript=, vnet_hdr=, helper=, queues=, fds=, and "
          "vhostfds= are invalid with fd=");
    }
  }
}

// ---- one client ---------------------------------------------------------------------

enum class Syntax : std::uint8_t { netdev, net };

std::vector<OptsMember> all_members(const NetType& type, Syntax syntax) {
  std::vector<OptsMember> members{{"id", MemberType::string, syntax == Syntax::netdev},
                                  {"type"}};
  members.insert(members.end(), type.members.begin(), type.members.end());
  return members;
}

const NetType& type_of(const QemuOpts* opts) {
  const char* name = options::qemu_opt_get(opts, "type");
  if (name == nullptr) {
    throw Error("Parameter 'type' is missing");
  }
  for (const NetType& type : net_types()) {
    if (std::string_view(name) == type.name) {
      return type;
    }
  }
  Error error("Invalid parameter '" + std::string(name) + "'");
  error.hint = netdev_hint(name);
  throw error;
}

void check_nic_address(const QemuOpts* opts, const char* key) {
  if (net_given(opts, key) && !is_mac(net_text(opts, key))) {
    throw Error("invalid syntax for ethernet address");
  }
}

void check_client(const QemuOpts* opts, Syntax syntax) {
  if (syntax == Syntax::netdev && !opts->id) {
    throw Error("Parameter 'id' is missing");
  }
  const NetType& type = type_of(opts);
  const std::string_view name = type.name;
  if (name != "vde" && name != "netmap") {
    options::visit_opts(opts, all_members(type, syntax));
  }
  if (name == "vde" || name == "netmap" ||
      (syntax == Syntax::netdev && (name == "nic" || name == "none"))) {
    throw Error(syntax == Syntax::netdev
                    ? "Parameter 'type' expects a netdev backend type"
                    : "Parameter 'type' expects a net backend type (maybe it is not "
                      "compiled into this binary)");
  }
  if (name == "nic" && net_given(opts, "netdev") &&
      !netdev_exists(net_text(opts, "netdev"))) {
    throw Error("netdev '" + net_text(opts, "netdev") + "' not found");
  }
  check_nic_address(opts, "macaddr");
  if (name == "user") {
    check_user_network(opts);
  } else if (name == "socket") {
    check_socket(opts);
  } else if (name == "tap") {
    check_tap(opts);
  }
}

void netdev_help(const QemuOpts* opts) {
  const char* type = options::qemu_opt_get(opts, "type");
  if (type != nullptr && options::is_help_option(type)) {
    throw options::Answer{
        "Available netdev backend types:\nsocket\nhubport\ntap\nuser\nl2tpv3\nbridge\n"
        "vhost-user\n",
        {},
        0};
  }
}

// -nic has the card's keys beside those of its host side.
void check_nic(const QemuOpts* opts) {
  check_nic_address(opts, "mac");
  if (!net_given(opts, "type")) {
    return;
  }
  QemuOpts back;
  options::QemuOptsList list{"nic", "type"};
  back.list = &list;
  back.id = opts->id;
  for (const options::QemuOpt& opt : opts->head) {
    if (opt.name != "model" && opt.name != "mac" && opt.name != "addr" &&
        opt.name != "vectors" && opt.name != "netdev") {
      back.head.push_back(opt);
    }
  }
  if (net_text(opts, "type") != "none") {
    check_client(&back, Syntax::net);
  } else {
    type_of(opts);
  }
}

void check_model(const QemuOpts* opts) {
  std::string model = net_text(opts, "model");
  if (model.empty()) {
    return;
  }
  if (options::is_help_option(model)) {
    std::string text = "qemu: Supported NIC models: ";
    for (const std::string_view known : pci_nics()) {
      text += (known == pci_nics().front() ? "" : ",") + std::string(known);
    }
    throw options::Answer{{}, text + "\n", 0};
  }
  model = model == "virtio" ? "virtio-net-pci" : model;
  if (!is_pci_nic(model)) {
    throw Error("Unsupported NIC model: " + model);
  }
}

}  // namespace

void check_net_clients() {
  const core::StartupStep step("net_init_clients");
  for (const auto& opts : options::qemu_netdev_opts.head) {
    netdev_help(opts.get());
    check_client(opts.get(), Syntax::netdev);
  }
  for (const auto& opts : options::qemu_nic_opts.head) {
    check_nic(opts.get());
  }
  for (const auto& opts : options::qemu_net_opts.head) {
    check_client(opts.get(), Syntax::net);
  }
}

void check_board_nics(const MachineClass* mc) {
  if (mc->default_nic_model == nullptr) {
    return;  // a board without a place for cards
  }
  for (const auto& opts : options::qemu_nic_opts.head) {
    check_model(opts.get());
  }
  for (const auto& opts : options::qemu_net_opts.head) {
    if (net_text(opts.get(), "type") == "nic") {
      check_model(opts.get());
    }
  }
}

}  // namespace launcher
