#include "viz/picture.h"

#include <algorithm>

namespace viz {
namespace {

// Made on first use: registrations run before main(), in no known order.
std::vector<const Picture*>& pictures() {
  static std::vector<const Picture*> list;
  return list;
}

}  // namespace

void picture_register(const Picture* picture) {
  pictures().push_back(picture);
}

const Picture* picture_find(std::string_view name) {
  for (const Picture* picture : pictures()) {
    if (picture->name == name) {
      return picture;
    }
  }
  return nullptr;
}

std::vector<const Picture*> picture_list() {
  std::vector<const Picture*> list = pictures();
  std::sort(list.begin(), list.end(), [](const Picture* a, const Picture* b) {
    return std::string_view(a->name) < b->name;
  });
  return list;
}

}  // namespace viz
