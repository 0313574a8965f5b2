// Items of -d that show the finished machine, once, before it runs: what QEMU's monitor
// prints for "info qtree" and its relatives.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace launcher {

struct View {
  std::string_view name;
  std::uint32_t mask;  // of the log; none of core/log.h's
  std::string_view help;
};

const std::vector<View>& views();
void show_views();  // those that the log's mask asks for

}  // namespace launcher
