// The image of a -drive: which format it has, by its keys or by its first bytes, and the
// nodes for it. A format that is not built gets a node that can be named only.
#include <array>
#include <cstdio>
#include <cstring>

#include "backend/block_file.h"
#include "backend/block_null.h"
#include "backend/block_raw.h"
#include "backend/block_snapshot.h"
#include "launcher/drive.h"
#include "options/command_line.h"
#include "options/opts_visitor.h"

namespace launcher {

using core::BlockNodePtr;
using qom::Error;

void check_format(const std::string& format) {
  static constexpr const char* formats[] = {
      "raw",      "qcow2",        "qcow",         "qed",      "vmdk",
      "vdi",      "vpc",          "vhdx",         "bochs",    "parallels",
      "cloop",    "dmg",          "luks",         "blkdebug", "nbd",
      "vvfat",    "blkverify",    "quorum",       "file",     "replication",
      "throttle", "ssh",          "iscsi",        "null-co",  "null-aio",
      "nvme",     "host_device",  "host_cdrom",   "http",     "https",
      "ftp",      "ftps",         "gluster",      "rbd",      "nfs",
      "sheepdog", "copy-on-read", "blklogwrites", "vxhs"};
  if (options::is_help_option(format)) {
    throw options::Answer{"Supported formats: raw\n", {}, 0};
  }
  if (!format.empty() && !one_of(formats, format)) {
    throw Error("Unknown driver '" + format + "'");
  }
}

// "nbd:host:port" has a protocol, "dir/a:b" has not.
static bool has_protocol(std::string_view path) {
  const std::size_t colon = path.find(':');
  return colon != std::string_view::npos && path.find('/') > colon;
}

static bool names_a_file(std::string& path) {
  static constexpr const char* protocols[] = {
      "nbd",          "nbd+unix",    "nbd+tcp",  "ssh",         "iscsi",   "rbd",
      "http",         "https",       "ftp",      "ftps",        "gluster", "gluster+tcp",
      "gluster+unix", "nfs",         "sheepdog", "fat",         "json",    "blkdebug",
      "blkverify",    "null-co",     "null-aio", "host_device", "nvme",    "vxhs",
      "iser",         "sheepdog+tcp"};
  if (!has_protocol(path)) {
    return !path.empty();
  }
  const std::string protocol = path.substr(0, path.find(':'));
  if (protocol == "file") {
    path.erase(0, sizeof "file:" - 1);
    return true;
  }
  if (!one_of(protocols, protocol)) {
    throw Error("Unknown protocol '" + protocol + "'");
  }
  return false;
}

std::string next_node_name() {
  static int count = 0;
  std::array<char, 24> name{};
  std::snprintf(name.data(), name.size(), "#block%03d", count++);
  return name.data();
}

static void warn_of_probing(const std::string& file) {
  std::fprintf(
      stderr,
      "WARNING: Image format was not specified for '%s' and probing guessed raw.\n"
      "         Automatically detecting the format is dangerous for raw images, "
      "write operations on block 0 will be restricted.\n"
      "         Specify the 'raw' format explicitly to remove the restrictions.\n",
      file.c_str());
}

// What the keys say about the image.
struct ImageKeys {
  std::string file, path, format;
  std::string protocol = "file";
  std::string node_name;
  bool read_only = false, plain_file = true;
  bool snapshot = false;  // the image is read only, the disk is not
};

static ImageKeys image_keys(const DrivePlace& place) {
  const QemuOpts* opts = place.opts;
  ImageKeys keys;
  keys.file = drive_text(opts, "file");
  keys.format = drive_text(opts, drive_gives(opts, "format") ? "format" : "driver");
  check_format(keys.format);
  keys.path = keys.file;
  keys.node_name = drive_text(opts, "node-name");
  keys.read_only =
      place.info.cdrom || drive_is_on(opts, "read-only") || drive_is_on(opts, "readonly");
  keys.snapshot = drive_is_on(opts, "snapshot") && !keys.read_only;
  if (keys.file.empty()) {
    keys.file = keys.path = drive_text(opts, "file.filename");
    keys.protocol = drive_gives(opts, "file.driver") ? drive_text(opts, "file.driver")
                                                     : keys.protocol;
    check_format(keys.protocol);
    keys.plain_file =
        !keys.path.empty() && (keys.protocol == "file" || keys.protocol == "host_device");
  } else {
    keys.plain_file = names_a_file(keys.path);
  }
  if (keys.format == "file" || keys.format == "host_device") {
    keys.protocol = keys.format;  // no format above it: bytes as they are
    keys.format = "raw";
  }
  return keys;
}

static BlockNodePtr open_file(const ImageKeys& keys, const QemuOpts* opts) {
  const std::string locking = drive_text(opts, "file.locking");
  const std::string discard = drive_text(opts, "discard");
  const bool unsafe = drive_text(opts, "cache") == "unsafe";
  return backend::block_file_open(
      {.node_name = next_node_name(),
       .filename = keys.path,
       .driver = keys.protocol,
       .read_only = keys.read_only || keys.snapshot,
       .auto_read_only = drive_is_on(opts, "auto-read-only"),
       .no_flush = unsafe || drive_is_on(opts, "cache.no-flush"),
       .discard = discard == "unmap" || discard == "on",
       .locking = locking == "off" ? backend::Locking::off : backend::Locking::auto_});
}

// The format given, or the one the first bytes tell.
static std::string format_of(core::BlockNode& file, const ImageKeys& keys) {
  std::array<std::byte, backend::probe_size> beginning{};
  const std::span<std::byte> bytes(
      beginning.data(), std::min<std::uint64_t>(beginning.size(), file.length()));
  file.read(0, {&bytes, 1});
  const std::string found(backend::probe_format(beginning));
  const char* complaint = backend::format_complaint(keys.format);
  if (complaint != nullptr && found != keys.format) {
    throw Error(complaint);
  }
  if (!keys.format.empty()) {
    return keys.format;
  }
  if (found == "raw" && !keys.read_only && !keys.snapshot) {
    warn_of_probing(keys.file);
  }
  return found;
}

static std::optional<std::uint64_t> size_key(const QemuOpts* opts, const char* key) {
  if (!drive_gives(opts, key)) {
    return std::nullopt;
  }
  return options::parse_option_size(key, drive_text(opts, key));
}

static BlockNodePtr open_plain_file(const ImageKeys& keys, const QemuOpts* opts) {
  const BlockNodePtr file = open_file(keys, opts);
  const std::string format = format_of(*file, keys);
  const std::string name = keys.node_name.empty() ? next_node_name() : keys.node_name;
  if (format != "raw") {
    return backend::block_unbuilt(name, format, keys.file);
  }
  check_raw_keys(opts);
  const BlockNodePtr image =
      backend::block_raw_open({.node_name = keys.snapshot ? next_node_name() : name,
                               .offset = size_key(opts, "offset").value_or(0),
                               .size = size_key(opts, "size"),
                               .read_only = file->read_only(),
                               .probed = keys.format.empty()},
                              file);
  return keys.snapshot ? backend::block_snapshot_open(name, image) : image;
}

BlockNodePtr open_drive_image(const DrivePlace& place) {
  const QemuOpts* opts = place.opts;
  const ImageKeys keys = image_keys(place);
  if (keys.plain_file) {
    return open_plain_file(keys, opts);
  }
  if (keys.file.empty() && !drive_gives(opts, "driver")) {
    if (drive_gives(opts, "help")) {
      throw Error("Must specify either driver or file");
    }
    return nullptr;
  }
  const std::string name = keys.node_name.empty() ? next_node_name() : keys.node_name;
  if (keys.format == "null-co" || keys.format == "null-aio") {
    constexpr std::uint64_t usual_size = 1 << 30;
    return backend::block_null_open(name, size_key(opts, "size").value_or(usual_size),
                                    keys.read_only);
  }
  const std::string protocol = keys.file.substr(0, keys.file.find(':'));
  return backend::block_unbuilt(name, keys.file.empty() ? keys.format : protocol,
                                keys.file);
}

}  // namespace launcher
