// What may help after "Invalid parameter 'KEY'": since when there is such a key, or the
// nearest one of the group.
#include <algorithm>
#include <string>
#include <vector>

#include "options/option_table.h"

namespace options {

struct KeyNote {
  std::string_view group, key, hint;
};

static constexpr KeyNote notes[] = {
    {"smp-opts", "dies", "It came with QEMU 4.1; leave it out, or multiply cores by it."},
    {"smp-opts", "clusters", "It came with QEMU 7.0; leave it out."},
    {"smp-opts", "modules", "It came with QEMU 9.1; leave it out."},
    {"smp-opts", "books", "It is of another architecture; leave it out."},
    {"smp-opts", "drawers", "It is of another architecture; leave it out."},
    {"chardev", "reconnect-ms", "It came with QEMU 9.2; write 'reconnect=SECONDS'."},
    {"chardev", "abstract", "It came with QEMU 5.1; leave it out."},
    {"chardev", "tight", "It came with QEMU 5.1; leave it out."},
    {"chardev", "clipboard", "It came with QEMU 6.1; leave it out."},
    {"chardev", "mouse", "It came with QEMU 6.1; leave it out."},
    {"chardev", "encoding", "It came with QEMU 10.1; leave it out."},
    {"chardev", "input-path", "It came with QEMU 8.1; leave it out."},
    {"vnc", "audiodev", "It came with QEMU 4.2; leave it out."},
    {"vnc", "power-control", "It came with QEMU 6.0; leave it out."},
    {"vnc", "password-secret", "It came with QEMU 6.0; write 'password'."},
    {"msg", "guest-name", "It came with QEMU 5.1; leave it out."},
    {"fw_cfg", "gen_id", "It came with QEMU 5.1; write 'file=FILE'."},
    {"rtc", "localtime", "Write 'base=localtime'."},
};

std::string key_hint(const QemuOptsList& list, std::string_view key) {
  const std::string_view group = list.name;
  for (const KeyNote& note : notes) {
    if (note.group == group && note.key == key) {
      return std::string(note.hint);
    }
  }
  std::vector<std::string> names;
  for (const QemuOptDesc& desc : list.desc) {
    names.emplace_back(desc.name);
  }
  const std::string nearest = nearest_spelling(key, names);
  return nearest.empty() ? "" : "Did you mean '" + nearest + "'?";
}

}  // namespace options
