// A user network: its addresses must lie in one net, its forwarding rules must be such
// (4.0's net/slirp.c as measured).
#include <arpa/inet.h>

#include <cstdlib>
#include <optional>

#include "core/machine.h"
#include "launcher/net_types.h"

namespace launcher {

using options::QemuOpts;
using namespace core;

namespace {

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
  if (!net_given(opts, key)) {
    return;
  }
  const auto address = ipv4(net_text(opts, key));
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
  const std::string text = net_text(opts, key);
  return text == "off" || text == "no" || text == "n";
}

}  // namespace

void check_user_network(const QemuOpts* opts) {
  if (is_off(opts, "ipv4") && is_off(opts, "ipv6")) {
    throw Error("IPv4 and IPv6 disabled");
  }
  const Network network =
      net_given(opts, "net") ? parse_network(net_text(opts, "net")) : Network{};
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

}  // namespace launcher
