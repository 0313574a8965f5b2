// A plugin whose stamp says it was built against other headers.
#include "qom/stamp.h"

extern "C" {
__attribute__((visibility("default"))) extern const qom::PluginStamp vitrine_plugin_stamp;
const qom::PluginStamp vitrine_plugin_stamp{.interface = 0};
}
