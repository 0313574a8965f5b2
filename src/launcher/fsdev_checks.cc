// -fsdev: the mistakes 4.0 reports about a host folder for 9pfs.
#include "launcher/checks.h"
#include "launcher/drive.h"
#include "launcher/unbuilt.h"
#include "options/groups.h"

namespace launcher {

using qom::Error;

void check_fsdevs() {
  static constexpr const char* drivers[] = {"local", "synth", "proxy", "handle"};
  for (const auto& opts : options::qemu_fsdev_opts.head) {
    at_option(opts->location, [&] {
      if (!opts->id) {
        throw Error("fsdev: No id specified");
      }
      const std::string driver = drive_text(opts.get(), "fsdriver");
      if (driver.empty()) {
        throw Error("fsdev: No fsdriver specified");
      }
      if (!one_of(drivers, driver)) {
        throw Error("fsdev: fsdriver " + driver + " not found");
      }
    });
  }
}

}  // namespace launcher
