// -blockdev, -audiodev, -display: documents whose members 4.0 declares. A driver whose
// members are not listed below takes any.
#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "options/argument_checks.h"
#include "options/opts.h"

namespace options {

using Kind = Document::Kind;

enum class Shape : std::uint8_t { text, boolean, integer, choice, any };

struct Field {
  const char* name = nullptr;
  Shape shape = Shape::text;
  bool required = false;
  std::span<const char* const> choices = {};
};

static constexpr const char* block_drivers[] = {
    "blkdebug",    "blklogwrites", "blkverify", "bochs", "cloop",     "copy-on-read",
    "dmg",         "file",         "ftp",       "ftps",  "gluster",   "host_cdrom",
    "host_device", "http",         "https",     "iscsi", "luks",      "nbd",
    "nfs",         "null-aio",     "null-co",   "nvme",  "parallels", "qcow",
    "qcow2",       "qed",          "quorum",    "raw",   "rbd",       "replication",
    "sheepdog",    "ssh",          "throttle",  "vdi",   "vhdx",      "vmdk",
    "vpc",         "vvfat",        "vxhs"};
static constexpr const char* discard_modes[] = {"ignore", "unmap"};
static constexpr const char* zero_modes[] = {"off", "on", "unmap"};
static constexpr const char* lock_modes[] = {"auto", "on", "off"};
static constexpr const char* aio_modes[] = {"threads", "native", "io_uring"};

static constexpr Field common_fields[] = {
    {"driver", Shape::choice, true, block_drivers},
    {"node-name"},
    {"discard", Shape::choice, false, discard_modes},
    {"cache", Shape::any},
    {"read-only", Shape::boolean},
    {"auto-read-only", Shape::boolean},
    {"force-share", Shape::boolean},
    {"detect-zeroes", Shape::choice, false, zero_modes},
};
static constexpr Field file_fields[] = {
    {"filename", Shape::text, true},
    {"pr-manager"},
    {"locking", Shape::choice, false, lock_modes},
    {"aio", Shape::choice, false, aio_modes},
    {"drop-cache", Shape::boolean},
    {"x-check-cache-dropped", Shape::boolean},
};
static constexpr Field null_fields[] = {{"size", Shape::integer},
                                        {"latency-ns", Shape::integer}};
static constexpr Field raw_fields[] = {
    {"file", Shape::any, true}, {"offset", Shape::integer}, {"size", Shape::integer}};
static constexpr Field format_fields[] = {{"file", Shape::any, true}};
static constexpr Field cow_fields[] = {{"file", Shape::any, true},
                                       {"backing", Shape::any}};
static constexpr Field qcow_fields[] = {
    {"file", Shape::any, true}, {"backing", Shape::any}, {"encrypt", Shape::any}};
static constexpr Field luks_fields[] = {{"file", Shape::any, true}, {"key-secret"}};
static constexpr Field throttle_fields[] = {{"throttle-group", Shape::text, true},
                                            {"file", Shape::any, true}};
static constexpr Field qcow2_fields[] = {
    {"file", Shape::any, true},
    {"backing", Shape::any},
    {"lazy-refcounts", Shape::boolean},
    {"pass-discard-request", Shape::boolean},
    {"pass-discard-snapshot", Shape::boolean},
    {"pass-discard-other", Shape::boolean},
    {"overlap-check", Shape::any},
    {"cache-size", Shape::integer},
    {"l2-cache-size", Shape::integer},
    {"l2-cache-entry-size", Shape::integer},
    {"refcount-cache-size", Shape::integer},
    {"cache-clean-interval", Shape::integer},
    {"encrypt", Shape::any},
    {"data-file", Shape::any},
};

struct DriverFields {
  const char* driver;
  std::span<const Field> fields;
};

static constexpr DriverFields driver_fields[] = {
    {"file", file_fields},         {"host_device", file_fields},
    {"host_cdrom", file_fields},   {"null-co", null_fields},
    {"null-aio", null_fields},     {"raw", raw_fields},
    {"bochs", format_fields},      {"cloop", format_fields},
    {"dmg", format_fields},        {"parallels", format_fields},
    {"vdi", format_fields},        {"vhdx", format_fields},
    {"vpc", format_fields},        {"copy-on-read", format_fields},
    {"qed", cow_fields},           {"vmdk", cow_fields},
    {"qcow", qcow_fields},         {"luks", luks_fields},
    {"throttle", throttle_fields}, {"qcow2", qcow2_fields},
};

// ---- checking -----------------------------------------------------------------------

[[noreturn]] static void wrong_type(const Field& field, const char* expected) {
  throw qom::Error(std::string("Invalid parameter type for '") + field.name +
                   "', expected: " + expected);
}

[[noreturn]] static void wrong_value(const Field& field, const char* expected) {
  throw qom::Error(std::string("Parameter '") + field.name + "' expects " + expected);
}

static bool is_integer(const std::string& text) {
  char* end = nullptr;
  errno = 0;
  std::strtoll(text.c_str(), &end, 0);
  return end != text.c_str() && *end == '\0' && errno == 0;
}

// JSON says what a value is; of keyval everything is text and must read as it.
static void check_value(const Field& field, const Document& value, bool json) {
  if (field.shape == Shape::any) {
    return;
  }
  const bool number = value.kind == Kind::number;
  if (field.shape == Shape::boolean) {
    if (json && value.kind != Kind::boolean) {
      wrong_type(field, "boolean");
    }
    if (value.scalar != "on" && value.scalar != "off") {
      wrong_value(field, "'on' or 'off'");
    }
  } else if (field.shape == Shape::integer) {
    if (json && !number) {
      wrong_type(field, "integer");
    }
    if (!is_integer(value.scalar)) {
      wrong_value(field, "integer");
    }
  } else if (value.kind != Kind::text) {
    wrong_type(field, "string");
  } else if (field.shape == Shape::choice &&
             std::none_of(field.choices.begin(), field.choices.end(),
                          [&](const char* choice) { return value.scalar == choice; })) {
    throw qom::Error("Invalid parameter '" + value.scalar + "'");
  }
}

static void check_fields(const Document& document, std::span<const Field> fields,
                         bool json) {
  for (const Field& field : fields) {
    const Document* value = document.find(field.name);
    if (value != nullptr) {
      check_value(field, *value, json);
    } else if (field.required) {
      throw qom::Error(std::string("Parameter '") + field.name + "' is missing");
    }
  }
}

static bool has_field(std::span<const Field> fields, std::string_view name) {
  return std::any_of(fields.begin(), fields.end(),
                     [name](const Field& field) { return name == field.name; });
}

static void refuse_others(const Document& document, std::span<const Field> common,
                          std::span<const Field> special) {
  for (const auto& [key, value] : document.members) {
    if (!has_field(common, key) && !has_field(special, key)) {
      throw qom::Error("Parameter '" + key + "' is unexpected");
    }
  }
}

Document parse_blockdev(std::string_view text) {
  Document document = document_parse(text, "driver");
  const bool json = looks_like_json(text);
  check_fields(document, common_fields, json);
  for (const DriverFields& row : driver_fields) {
    if (document.text("driver") == row.driver) {
      check_fields(document, row.fields, json);
      refuse_others(document, common_fields, row.fields);
    }
  }
  return document;
}

static constexpr const char* audio_drivers[] = {
    "none", "alsa", "coreaudio", "dsound", "oss", "pa", "sdl", "spice", "wav"};
static constexpr Field audio_fields[] = {
    {"id", Shape::text, true},
    {"driver", Shape::choice, true, audio_drivers},
    {"in", Shape::any},
    {"out", Shape::any},
    {"timer-period", Shape::integer},
};

Document parse_audiodev(std::string_view text) {
  Document document = document_parse(text, "driver");
  check_fields(document, audio_fields, looks_like_json(text));
  if (document.text("driver") == "none") {
    refuse_others(document, audio_fields, {});
  }
  return document;
}

static constexpr const char* display_types[] = {
    "default", "none", "gtk", "sdl", "curses", "cocoa", "egl-headless", "spice-app"};
static constexpr const char* gl_modes[] = {"off", "on", "core", "es"};
static constexpr Field display_fields[] = {
    {"type", Shape::choice, true, display_types},
    {"full-screen", Shape::boolean},
    {"window-close", Shape::boolean},
    {"gl", Shape::choice, false, gl_modes},
};
static constexpr Field gtk_fields[] = {{"grab-on-hover", Shape::boolean}};
static constexpr Field egl_fields[] = {{"rendernode"}};

void check_display(std::string_view text) {
  if (text.starts_with("sdl")) {
    return;  // an older syntax of its own: sdl,alt_grab=on
  }
  if (text.starts_with("vnc")) {
    if (!text.starts_with("vnc=")) {
      throw qom::Error("VNC requires a display argument vnc=<display>");
    }
    return;
  }
  const Document document = document_parse(text, "type");
  check_fields(document, display_fields, looks_like_json(text));
  const std::string_view type = document.text("type");
  const std::span<const Field> special =
      type == "gtk"            ? std::span<const Field>(gtk_fields)
      : type == "egl-headless" ? std::span<const Field>(egl_fields)
                               : std::span<const Field>();
  check_fields(document, special, looks_like_json(text));
  refuse_others(document, display_fields, special);
}

}  // namespace options
