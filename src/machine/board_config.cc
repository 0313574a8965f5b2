#include "machine/board_config.h"

namespace machine {

BoardConfig& board_config() {
  static BoardConfig config;
  return config;
}

}  // namespace machine
