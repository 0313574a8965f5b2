#include "launcher/net_types.h"

#include <algorithm>
#include <cctype>

#include "launcher/known_types.h"
#include "options/groups.h"

namespace launcher {

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

}  // namespace

std::span<const NetType> net_types() {
  return types;
}

std::string net_text(const QemuOpts* opts, const char* key) {
  const char* value = options::qemu_opt_get(opts, key);
  return value == nullptr ? "" : value;
}

bool net_given(const QemuOpts* opts, const char* key) {
  return options::qemu_opt_find(opts, key) != nullptr;
}

bool is_pci_nic(std::string_view name) {
  return std::find(pci_nics().begin(), pci_nics().end(), name) != pci_nics().end();
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

bool netdev_exists(const std::string& id) {
  return options::qemu_opts_find(&options::qemu_netdev_opts, id) != nullptr;
}

}  // namespace launcher
