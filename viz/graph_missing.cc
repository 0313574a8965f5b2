#include "viz/graph.h"

namespace viz {

GraphvizMissing::GraphvizMissing()
    : std::runtime_error(
          "this build has no Graphviz, which draws the pictures; text and JSON work "
          "(--format txt, --format json). To get it: apt install libgraphviz-dev, then "
          "configure and build again") {}

}  // namespace viz
