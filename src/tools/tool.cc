#include "tools/tool.h"

#include <algorithm>
#include <cassert>
#include <tuple>

namespace tools {

namespace {

// Made on first use: tools register from constructors that run in no known order.
std::vector<const Tool*>& registry() {
  static std::vector<const Tool*> tools;
  return tools;
}

}  // namespace

void tool_register(const Tool* tool) {
  assert(tool->name != nullptr && tool->main != nullptr);
  assert(tool_find(tool->name) == nullptr && "two tools of one name");
  registry().push_back(tool);
}

const Tool* tool_find(const std::string& name) {
  for (const Tool* tool : registry()) {
    if (name == tool->name) {
      return tool;
    }
  }
  return nullptr;
}

std::vector<const Tool*> tool_list() {
  std::vector<const Tool*> tools = registry();
  std::ranges::sort(tools, {}, [](const Tool* tool) {
    return std::tuple(tool->group, std::string(tool->name));
  });
  return tools;
}

}  // namespace tools
