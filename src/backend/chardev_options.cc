// See chardev_options.h.
#include "backend/chardev_options.h"

#include "qom/object.h"

namespace backend {

const std::string* option_text(const ChardevOptions& options, const std::string& key) {
  const std::string* found = nullptr;
  for (const auto& [name, value] : options)
    if (name == key)
      found = &value;
  return found;
}

bool option_bool(const ChardevOptions& options, const std::string& key, bool fallback) {
  const std::string* text = option_text(options, key);
  if (!text)
    return fallback;
  if (*text == "on" || *text == "off")
    return *text == "on";
  throw qom::Error("Parameter '" + key + "' expects 'on' or 'off'");
}

}  // namespace backend
