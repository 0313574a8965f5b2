#include "options/opts_visitor.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>

namespace options {

constexpr std::uint64_t longest_range = 65536;

[[noreturn]] static void expects(std::string_view name, const char* what) {
  throw qom::Error("Parameter '" + std::string(name) + "' expects " + what);
}

// The number at the beginning of `text`; nullopt if there is none. `end`: behind it.
static std::optional<std::uint64_t> leading_uint64(const char* text, const char*& end) {
  while (*text == ' ') {
    ++text;
  }
  if (*text == '-') {
    return std::nullopt;
  }
  errno = 0;
  char* stop = nullptr;
  const unsigned long long number = std::strtoull(text, &stop, 0);
  end = stop;
  return stop == text || errno != 0 ? std::nullopt : std::optional<std::uint64_t>(number);
}

static std::optional<std::uint64_t> parse_uint64(const std::string& text) {
  const char* end = nullptr;
  const auto number = leading_uint64(text.c_str(), end);
  return number && *end == '\0' ? number : std::nullopt;
}

// "3" or "0-3".
static bool append_range(const std::string& text, std::vector<std::uint64_t>& out) {
  const char* end = nullptr;
  const auto first = leading_uint64(text.c_str(), end);
  if (!first) {
    return false;
  }
  std::optional<std::uint64_t> last = first;
  if (*end == '-') {
    const char* second = end + 1;
    last = leading_uint64(second, end);
  }
  if (!last || *end != '\0' || *last < *first || *last - *first >= longest_range) {
    return false;
  }
  for (std::uint64_t i = 0; i <= *last - *first; ++i) {
    out.push_back(*first + i);
  }
  return true;
}

static void check_unsigned(const QemuOpt& opt, std::uint64_t most, const char* type) {
  const auto number = parse_uint64(opt.str);
  if (!number) {
    expects(opt.name, "a uint64 value");
  }
  if (*number > most) {
    expects(opt.name, type);
  }
}

static void check_boolean(const QemuOpt& opt) {
  for (const char* word : {"on", "yes", "y", "off", "no", "n"}) {
    if (opt.str == word) {
      return;
    }
  }
  expects(opt.name, "on|yes|y|off|no|n");
}

static void check_enumeration(const QemuOpt& opt, std::span<const char* const> values) {
  const bool known = std::any_of(values.begin(), values.end(),
                                 [&](const char* value) { return opt.str == value; });
  if (!known) {
    throw qom::Error("Invalid parameter '" + opt.str + "'");
  }
}

static void check_member(const QemuOpt& opt, const OptsMember& member) {
  std::vector<std::uint64_t> numbers;
  switch (member.type) {
    case MemberType::string:
      return;
    case MemberType::boolean:
      return check_boolean(opt);
    case MemberType::uint8:
      return check_unsigned(opt, 0xff, "uint8_t");
    case MemberType::uint16:
      return check_unsigned(opt, 0xffff, "uint16_t");
    case MemberType::uint32:
      return check_unsigned(opt, 0xffffffff, "uint32_t");
    case MemberType::uint64:
      return check_unsigned(opt, ~std::uint64_t{0}, "");
    case MemberType::ranges:
      if (!append_range(opt.str, numbers)) {
        expects(opt.name, "a uint64 value or range");
      }
      return;
    case MemberType::size:
      if (qemu_strtosz(opt.str).error != SizeError::none) {
        expects(opt.name, "a size value");
      }
      return;
    case MemberType::enumeration:
      return check_enumeration(opt, member.values);
  }
}

void visit_opts(const QemuOpts* opts, std::span<const OptsMember> members) {
  for (const OptsMember& member : members) {
    const std::string_view name = member.name;
    const bool given =
        name == "id" ? opts->id.has_value() : qemu_opt_find(opts, name) != nullptr;
    if (!given && member.required) {
      throw qom::Error("Parameter '" + std::string(name) + "' is missing");
    }
    for (const QemuOpt& opt : opts->head) {
      if (opt.name == name) {
        check_member(opt, member);
      }
    }
  }
  for (const QemuOpt& opt : opts->head) {
    const bool known =
        std::any_of(members.begin(), members.end(),
                    [&](const OptsMember& member) { return opt.name == member.name; });
    if (!known) {
      throw qom::Error("Invalid parameter '" + opt.name + "'");
    }
  }
}

std::vector<std::uint64_t> opt_ranges(const QemuOpts* opts, std::string_view name) {
  std::vector<std::uint64_t> numbers;
  for (const QemuOpt& opt : opts->head) {
    if (opt.name == name) {
      append_range(opt.str, numbers);
    }
  }
  return numbers;
}

std::uint64_t opt_uint64(const QemuOpts* opts, std::string_view name,
                         std::uint64_t fallback) {
  const QemuOpt* opt = qemu_opt_find(opts, name);
  return opt == nullptr ? fallback : parse_uint64(opt->str).value_or(fallback);
}

}  // namespace options
