// `vitrine run`: starts a machine from QEMU's options. The start-up is in main.cc.
#include "launcher/startup.h"
#include "tools/tool.h"

namespace tools {

constexpr Tool run_tool{"run",
                        "start a machine; takes QEMU's options (run -help lists them)",
                        Group::run, launcher::start_machine};

tool_init(run_tool)

}  // namespace tools
