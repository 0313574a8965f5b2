// fatal(): one line on stderr, then abort().
#include "qom/fatal.h"

#include <cstdio>
#include <cstdlib>

namespace qom {

void fatal(const std::string& message) {
  std::fprintf(stderr, "%s\n", message.c_str());
  std::fflush(stderr);
  std::abort();
}

}  // namespace qom
