// -netdev, -nic, -net: their members, the rules of a user network, and who has no peer
// (4.0's net/net.c as measured; messages have no location there).
#include <arpa/inet.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>

#include "core/report.h"
#include "core/startup_step.h"
#include "launcher/checks.h"
#include "launcher/known_types.h"
#include "launcher/unbuilt.h"
#include "options/groups.h"
#include "options/opts_visitor.h"

namespace launcher {

using namespace core;
using options::MemberType;
using options::OptsMember;
using options::QemuOpts;

namespace {

using enum MemberType;

constexpr OptsMember user_members[] = {{"hostname"},
                                       {"restrict", boolean},
                                       {"ipv4", boolean},
                                       {"ipv6", boolean},
                                       {"ip"},
                                       {"net"},
                                       {"host"},
                                       {"tftp"},
                                       {"bootfile"},
                                       {"dhcpstart"},
                                       {"dns"},
                                       {"dnssearch"},
                                       {"domainname"},
                                       {"ipv6-prefix"},
                                       {"ipv6-prefixlen", uint64},
                                       {"ipv6-host"},
                                       {"ipv6-dns"},
                                       {"smb"},
                                       {"smbserver"},
                                       {"hostfwd"},
                                       {"guestfwd"},
                                       {"tftp-server-name"}};
constexpr OptsMember tap_members[] = {{"ifname"},
                                      {"fd"},
                                      {"fds"},
                                      {"script"},
                                      {"downscript"},
                                      {"br"},
                                      {"helper"},
                                      {"sndbuf", size},
                                      {"vnet_hdr", boolean},
                                      {"vhost", boolean},
                                      {"vhostfd"},
                                      {"vhostfds"},
                                      {"vhostforce", boolean},
                                      {"queues", uint32},
                                      {"poll-us", uint32}};
constexpr OptsMember socket_members[] = {{"fd"},    {"listen"},    {"connect"},
                                         {"mcast"}, {"localaddr"}, {"udp"}};
constexpr OptsMember bridge_members[] = {{"br"}, {"helper"}};
constexpr OptsMember hubport_members[] = {{"hubid", uint32, true}, {"netdev"}};
constexpr OptsMember vhost_members[] = {
    {"chardev", string, true}, {"vhostforce", boolean}, {"queues", uint64}};
constexpr OptsMember l2tpv3_members[] = {
    {"src", string, true}, {"dst", string, true}, {"srcport"},
    {"dstport"},           {"ipv6", boolean},     {"udp", boolean},
    {"cookie64", boolean}, {"counter", boolean},  {"pincounter", boolean},
    {"txcookie", uint64},  {"rxcookie", uint64},  {"txsession", uint32, true},
    {"rxsession", uint32}, {"offset", uint32}};
constexpr OptsMember nic_members[] = {
    {"netdev"}, {"macaddr"}, {"model"}, {"addr"}, {"vectors", uint32}};

struct NetType {
  const char* name;
  std::span<const OptsMember> members;
};

constexpr NetType types[] = {{"none", {}},
                             {"nic", nic_members},
                             {"user", user_members},
                             {"tap", tap_members},
                             {"socket", socket_members},
                             {"bridge", bridge_members},
                             {"vde", {}},
                             {"netmap", {}},
                             {"hubport", hubport_members},
                             {"l2tpv3", l2tpv3_members},
                             {"vhost-user", vhost_members}};

std::string text_of(const QemuOpts* opts, const char* key) {
  const char* value = options::qemu_opt_get(opts, key);
  return value == nullptr ? "" : value;
}

bool given(const QemuOpts* opts, const char* key) {
  return options::qemu_opt_find(opts, key) != nullptr;
}

// ---- addresses ----------------------------------------------------------------------

std::optional<std::uint32_t> ipv4(const std::string& text) {
  in_addr address{};
  return ::inet_aton(text.c_str(), &address) != 0
             ? std::optional<std::uint32_t>(ntohl(address.s_addr))
             : std::nullopt;
}

struct Network {
  std::uint32_t address = 0x0a000200, mask = 0xffffff00;  // 10.0.2.0/24
};

std::uint32_t class_mask(std::uint32_t address) {
  if ((address & 0x80000000u) == 0) {
    return 0xff000000;
  }
  return (address & 0xc0000000u) == 0x80000000u ? 0xffff0000 : 0xffffff00;
}

Network parse_network(const std::string& text) {
  const std::size_t slash = text.find('/');
  const auto address = ipv4(text.substr(0, slash));
  if (!address) {
    throw Error("Failed to parse netmask");
  }
  if (slash == std::string::npos) {
    return {*address, class_mask(*address)};
  }
  const std::string rest = text.substr(slash + 1);
  char* end = nullptr;
  const long bits = std::strtol(rest.c_str(), &end, 10);
  if (*end != '\0') {
    const auto mask = ipv4(rest);
    if (!mask) {
      throw Error("Failed to parse netmask");
    }
    return {*address & *mask, *mask};
  }
  if (bits < 4 || bits > 32) {
    throw Error("Invalid netmask provided (must be in range 4-32)");
  }
  const auto mask = static_cast<std::uint32_t>(0xffffffffull << (32 - bits));
  return {*address & mask, mask};
}

void check_address(const QemuOpts* opts, const char* key, const char* what,
                   const Network& network) {
  if (!given(opts, key)) {
    return;
  }
  const auto address = ipv4(text_of(opts, key));
  if (!address) {
    throw Error(std::string("Failed to parse ") + what);
  }
  if ((*address & network.mask) != network.address) {
    const std::string_view name = std::string_view(what).substr(0, 4);
    throw Error(std::string(name == "host"   ? "Host"
                            : name == "DHCP" ? "DHCP"
                                             : "DNS") +
                " doesn't belong to network");
  }
}

// ---- forwarding rules ---------------------------------------------------------------

// The text before `separator`, taken off `rest`; nullopt if there is none.
std::optional<std::string> take_until(std::string& rest, char separator) {
  const std::size_t end = rest.find(separator);
  if (end == std::string::npos) {
    return std::nullopt;
  }
  std::string part = rest.substr(0, end);
  rest.erase(0, end + 1);
  return part;
}

bool is_port(const std::string& text, long least) {
  char* end = nullptr;
  const long port = std::strtol(text.c_str(), &end, 0);
  return *end == '\0' && port >= least && port <= 65535;
}

// PROTOCOL:[ADDRESS]:PORT-[ADDRESS]:PORT; what is wrong with it, or nullptr.
const char* fault_of_hostfwd(std::string rest) {
  const auto protocol = take_until(rest, ':');
  if (!protocol) {
    return "No : separators";
  }
  if (!protocol->empty() && *protocol != "tcp" && *protocol != "udp") {
    return "Bad protocol name";
  }
  const auto host = take_until(rest, ':');
  if (!host) {
    return "Missing : separator";
  }
  if (!host->empty() && !ipv4(*host)) {
    return "Bad host address";
  }
  const auto port = take_until(rest, '-');
  if (!port) {
    return "Bad host port separator";
  }
  if (!is_port(*port, 0)) {
    return "Bad host port";
  }
  const auto guest = take_until(rest, ':');
  if (!guest) {
    return "Missing guest address";
  }
  if (!guest->empty() && !ipv4(*guest)) {
    return "Bad guest address";
  }
  return is_port(rest, 1) ? nullptr : "Bad guest port";
}

// tcp:ADDRESS:PORT-DEVICE
bool is_guestfwd(std::string rest) {
  const auto protocol = take_until(rest, ':');
  const auto address = protocol ? take_until(rest, ':') : std::nullopt;
  const auto port = address ? take_until(rest, '-') : std::nullopt;
  return port && (protocol->empty() || *protocol == "tcp") &&
         (address->empty() || ipv4(*address)) && is_port(*port, 1);
}

bool is_off(const QemuOpts* opts, const char* key) {
  const std::string text = text_of(opts, key);
  return text == "off" || text == "no" || text == "n";
}

void check_user(const QemuOpts* opts) {
  if (is_off(opts, "ipv4") && is_off(opts, "ipv6")) {
    throw Error("IPv4 and IPv6 disabled");
  }
  const Network network =
      given(opts, "net") ? parse_network(text_of(opts, "net")) : Network{};
  check_address(opts, "host", "host", network);
  check_address(opts, "dhcpstart", "DHCP start address", network);
  check_address(opts, "dns", "DNS", network);
  for (const options::QemuOpt& opt : opts->head) {
    if (opt.name == "hostfwd") {
      if (const char* fault = fault_of_hostfwd(opt.str)) {
        throw Error("Invalid host forwarding rule '" + opt.str + "' (" + fault + ")");
      }
    } else if (opt.name == "guestfwd" && !is_guestfwd(opt.str)) {
      throw Error("Invalid guest forwarding rule '" + opt.str + "'");
    }
  }
}

void check_socket(const QemuOpts* opts) {
  int kinds = 0;
  for (const char* key : {"fd", "listen", "connect", "mcast", "udp"}) {
    kinds += given(opts, key) ? 1 : 0;
  }
  if (kinds != 1) {
    throw Error("exactly one of listen=, connect=, mcast= or udp= is required");
  }
}

void check_tap(const QemuOpts* opts) {
  if (given(opts, "fd") && given(opts, "fds")) {
    throw Error("fds= is invalid with fd=");
  }
  for (const char* key : {"ifname", "script", "downscript", "vnet_hdr", "helper",
                          "queues", "fds", "vhostfds"}) {
    if (given(opts, "fd") && given(opts, key)) {
      throw Error(
          "ifname=, script=, downscript=, vnet_hdr=, helper=, queues=, fds=, and "
          "vhostfds= are invalid with fd=");
    }
  }
}

// ---- one client ---------------------------------------------------------------------

enum class Syntax : std::uint8_t { netdev, net };

std::vector<OptsMember> all_members(const NetType& type, Syntax syntax) {
  std::vector<OptsMember> members{{"id", string, syntax == Syntax::netdev}, {"type"}};
  members.insert(members.end(), type.members.begin(), type.members.end());
  return members;
}

const NetType& type_of(const QemuOpts* opts) {
  const char* name = options::qemu_opt_get(opts, "type");
  if (name == nullptr) {
    throw Error("Parameter 'type' is missing");
  }
  for (const NetType& type : types) {
    if (std::string_view(name) == type.name) {
      return type;
    }
  }
  throw Error("Invalid parameter '" + std::string(name) + "'");
}

bool is_mac(const std::string& text) {
  int digits = 0;
  int groups = 1;
  for (const char c : text) {
    if (c == ':' || c == '-') {
      groups += 1;
      digits = 0;
    } else if (std::isxdigit(static_cast<unsigned char>(c)) == 0 || ++digits > 2) {
      return false;
    }
  }
  return groups == 6 && digits > 0;
}

void check_nic_address(const QemuOpts* opts, const char* key) {
  if (given(opts, key) && !is_mac(text_of(opts, key))) {
    throw Error("invalid syntax for ethernet address");
  }
}

bool netdev_exists(const std::string& id) {
  return options::qemu_opts_find(&options::qemu_netdev_opts, id) != nullptr;
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
  if (name == "nic" && given(opts, "netdev") && !netdev_exists(text_of(opts, "netdev"))) {
    throw Error("netdev '" + text_of(opts, "netdev") + "' not found");
  }
  check_nic_address(opts, "macaddr");
  if (name == "user") {
    check_user(opts);
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
  if (!given(opts, "type")) {
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
  if (text_of(opts, "type") != "none") {
    check_client(&back, Syntax::net);
  } else {
    type_of(opts);
  }
}

bool is_pci_nic(std::string_view name) {
  return std::find(pci_nics().begin(), pci_nics().end(), name) != pci_nics().end();
}

void check_model(const QemuOpts* opts) {
  std::string model = text_of(opts, "model");
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

// ---- peers --------------------------------------------------------------------------

bool is_network_card(std::string_view driver) {
  return is_pci_nic(driver) || driver == "virtio-net-device" || driver == "ne2k_isa" ||
         driver == "usb-net";
}

void warn_of_cards(std::set<std::string>& used) {
  std::map<std::string, int> numbers;
  for (const auto& opts : options::qemu_device_opts.head) {
    const std::string driver = text_of(opts.get(), "driver");
    const std::string_view real = device_of_alias(driver);
    const std::string model = real.empty() ? driver : std::string(real);
    if (!is_network_card(model)) {
      continue;
    }
    const std::string name =
        opts->id ? *opts->id : model + "." + std::to_string(numbers[model]++);
    if (given(opts.get(), "netdev")) {
      used.insert(text_of(opts.get(), "netdev"));
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
    const std::string type = text_of(opts.get(), "type");
    if (given(opts.get(), "netdev")) {
      used.insert(text_of(opts.get(), "netdev"));
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
    if (text_of(opts.get(), "type") == "nic") {
      check_model(opts.get());
    }
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
