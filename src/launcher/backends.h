// Host ends that must wait for the accelerator.
#pragma once

namespace launcher {

void create_delayed_objects();  // memory-backend-*, filter-*... of -object

}  // namespace launcher
