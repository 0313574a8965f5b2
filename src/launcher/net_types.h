// What the files about -netdev, -nic and -net share: the kinds of clients with the keys
// of each, and how a key is read.
#pragma once

#include <span>
#include <string>

#include "options/opts.h"
#include "options/opts_visitor.h"

namespace launcher {

struct NetType {
  const char* name;
  std::span<const options::OptsMember> members;
};

std::span<const NetType> net_types();

std::string net_text(const options::QemuOpts* opts, const char* key);  // "": not given
bool net_given(const options::QemuOpts* opts, const char* key);

// Addresses and forwarding rules of a user network (net_user.cc). Throws qom::Error.
void check_user_network(const options::QemuOpts* opts);

bool is_pci_nic(std::string_view name);
bool is_mac(const std::string& text);  // six groups of one or two digits
bool netdev_exists(const std::string& id);

// A network card of -device: its address, and its host side, which no other card may
// have. Throws qom::Error.
void check_network_card(std::string_view type, const options::QemuOpts* opts);

}  // namespace launcher
