// The keys of -drive: which there are, what values they take, older spellings of them.
#include <cstdint>

#include "launcher/drive.h"
#include "options/opts_visitor.h"
#include "qom/object.h"

namespace launcher {

using qom::Error;

std::string drive_text(const QemuOpts* opts, const char* key) {
  const char* value = options::qemu_opt_get(opts, key);
  return value == nullptr ? "" : value;
}

bool drive_gives(const QemuOpts* opts, const char* key) {
  return options::qemu_opt_find(opts, key) != nullptr;
}

bool drive_is_on(const QemuOpts* opts, const char* key) {
  return drive_text(opts, key) == "on";
}

struct Alias {
  const char* older;
  const char* newer;
};

static constexpr Alias aliases[] = {
    {"iops", "throttling.iops-total"},
    {"iops_rd", "throttling.iops-read"},
    {"iops_wr", "throttling.iops-write"},
    {"bps", "throttling.bps-total"},
    {"bps_rd", "throttling.bps-read"},
    {"bps_wr", "throttling.bps-write"},
    {"iops_max", "throttling.iops-total-max"},
    {"iops_rd_max", "throttling.iops-read-max"},
    {"iops_wr_max", "throttling.iops-write-max"},
    {"bps_max", "throttling.bps-total-max"},
    {"bps_rd_max", "throttling.bps-read-max"},
    {"bps_wr_max", "throttling.bps-write-max"},
    {"iops_size", "throttling.iops-size"},
    {"group", "throttling.group"},
    {"readonly", "read-only"},
};

static void check_aliases(const QemuOpts* opts) {
  for (const Alias& alias : aliases) {
    if (drive_gives(opts, alias.older) && drive_gives(opts, alias.newer)) {
      throw Error(std::string("'") + alias.newer + "' and its alias '" + alias.older +
                  "' can't be used at the same time");
    }
  }
}

void check_drive_cache(const QemuOpts* opts) {
  check_aliases(opts);
  static constexpr const char* modes[] = {"none",      "off",          "directsync",
                                          "writeback", "writethrough", "unsafe"};
  if (drive_gives(opts, "cache") && !one_of(modes, drive_text(opts, "cache"))) {
    throw Error("invalid cache option");
  }
}

static void check_switches(const QemuOpts* opts) {
  for (const char* key :
       {"snapshot", "read-only", "readonly", "copy-on-read", "auto-read-only",
        "force-share", "cache.direct", "cache.no-flush", "cache.writeback"}) {
    if (drive_gives(opts, key)) {
      options::parse_option_bool(std::string_view(key) == "readonly" ? "read-only" : key,
                                 drive_text(opts, key));
    }
  }
}

static void check_throttling(const QemuOpts* opts) {
  for (const Alias& alias : aliases) {
    const std::string_view newer = alias.newer;
    const bool number = newer.starts_with("throttling.") && newer != "throttling.group";
    for (const char* key : {alias.older, alias.newer}) {
      if (!number || !drive_gives(opts, key)) {
        continue;
      }
      constexpr std::uint64_t most = 1000000000000000;
      if (options::parse_option_number(alias.newer, drive_text(opts, key)) > most) {
        throw Error("bps/iops/max values must be within [0, 1000000000000000]");
      }
    }
  }
}

static void check_words(const QemuOpts* opts) {
  static constexpr const char* discards[] = {"ignore", "off", "unmap", "on"};
  static constexpr const char* aios[] = {"threads", "native"};
  static constexpr const char* writes[] = {"enospc", "report", "ignore", "stop"};
  static constexpr const char* reads[] = {"report", "ignore", "stop"};
  if (drive_gives(opts, "discard") && !one_of(discards, drive_text(opts, "discard"))) {
    throw Error("Invalid discard option");
  }
  if (drive_gives(opts, "aio") && !one_of(aios, drive_text(opts, "aio"))) {
    throw Error("invalid aio option");
  }
  if (drive_gives(opts, "format") && drive_gives(opts, "driver")) {
    throw Error("Cannot specify both 'driver' and 'format'");
  }
  if (drive_gives(opts, "werror") && !one_of(writes, drive_text(opts, "werror"))) {
    throw Error("'" + drive_text(opts, "werror") + "' invalid write error action");
  }
  if (drive_gives(opts, "rerror") && !one_of(reads, drive_text(opts, "rerror"))) {
    throw Error("'" + drive_text(opts, "rerror") + "' invalid read error action");
  }
}

void check_drive_values(const QemuOpts* opts) {
  check_switches(opts);
  check_throttling(opts);
  check_words(opts);
}

bool drive_is_throttled(const QemuOpts* opts) {
  return std::any_of(std::begin(aliases), std::end(aliases), [opts](const Alias& alias) {
    return std::string_view(alias.newer).starts_with("throttling.") &&
           (drive_gives(opts, alias.older) || drive_gives(opts, alias.newer));
  });
}

// ---- keys of raw images ---------------------------------------------------------------

void check_raw_keys(const QemuOpts* opts) {
  static constexpr const char* known[] = {"file",
                                          "format",
                                          "driver",
                                          "if",
                                          "index",
                                          "bus",
                                          "unit",
                                          "media",
                                          "snapshot",
                                          "cache",
                                          "aio",
                                          "discard",
                                          "detect-zeroes",
                                          "werror",
                                          "rerror",
                                          "read-only",
                                          "readonly",
                                          "auto-read-only",
                                          "force-share",
                                          "copy-on-read",
                                          "node-name",
                                          "offset",
                                          "size",
                                          "stats-account-invalid",
                                          "stats-account-failed",
                                          "cache.direct",
                                          "cache.no-flush",
                                          "cache.writeback",
                                          "throttling.iops-size",
                                          "throttling.group"};
  for (const options::QemuOpt& opt : opts->head) {
    const std::string_view name = opt.name;
    bool fine = one_of(known, name) || name.starts_with("file.");
    for (const Alias& alias : aliases) {
      fine = fine || name == alias.older || name == alias.newer ||
             (name.starts_with(alias.newer) && name.ends_with("-max-length"));
    }
    if (!fine) {
      throw Error("Block format 'raw' does not support the option '" + opt.name + "'");
    }
  }
}

}  // namespace launcher
