// Host ends: those that must wait for the accelerator, those named by a short text.
#pragma once

#include <string>

#include "core/chardev.h"

namespace launcher {

void create_delayed_objects();  // memory-backend-*, filter-*... of -object

// "stdio", "file:PATH", "tcp:HOST:PORT,server", "chardev:ID"...: a character device named
// `id`, or the one named; nullptr for "none". Throws 4.0's text.
core::Chardev* compat_chardev(std::string text, const std::string& id);

}  // namespace launcher
