// -blockdev: nodes of the block graph by name. A node's child is written inside it
// ("file.driver=file,file.filename=x") or named ("file=n0").
#include "backend/block_file.h"
#include "backend/block_null.h"
#include "backend/block_raw.h"
#include "launcher/checks.h"
#include "launcher/drive.h"
#include "launcher/unbuilt.h"
#include "options/argument_checks.h"
#include "options/document.h"
#include "options/opts.h"

namespace launcher {

using namespace core;
using options::Document;

namespace {

constexpr std::uint64_t null_size = 1 << 30;

void check_node_name(const std::string& name) {
  constexpr std::size_t longest = 31;
  if (name.empty()) {
    throw Error("'node-name' must be specified for the root node");
  }
  if (!options::id_wellformed(name)) {
    throw Error("Invalid node name");
  }
  if (bdrv_find_node(name) || blk_by_name(name) != nullptr) {
    throw Error("Duplicate node name");
  }
  if (name.size() > longest) {
    throw Error("Node name too long");
  }
}

BlockNodePtr named_node(const std::string& name) {
  BlockNodePtr node = bdrv_find_node(name);
  if (!node) {
    throw Error("Cannot find device=" + name + " nor node_name=" + name);
  }
  return node;
}

bool is_on(const Document& document, std::string_view key) {
  return document.text(key) == "on";
}

// Children inherit what is not said about them.
struct Inherited {
  bool read_only = false, auto_read_only = false, no_flush = false, discard = false;
};

Inherited inherit(const Document& document, Inherited from) {
  const Document* cache = document.find("cache");
  const auto choose = [&](std::string_view key, bool fallback) {
    return document.find(key) != nullptr ? is_on(document, key) : fallback;
  };
  return {.read_only = choose("read-only", from.read_only),
          .auto_read_only = choose("auto-read-only", from.auto_read_only),
          .no_flush = cache != nullptr && cache->find("no-flush") != nullptr
                          ? is_on(*cache, "no-flush")
                          : from.no_flush,
          .discard = document.find("discard") != nullptr
                         ? document.text("discard") == "unmap"
                         : from.discard};
}

std::optional<std::uint64_t> size_of(const Document& document, const char* key) {
  if (document.find(key) == nullptr) {
    return std::nullopt;
  }
  return options::parse_option_size(key, std::string(document.text(key)));
}

BlockNodePtr open_node(const Document& document, Inherited from);

BlockNodePtr open_child(const Document& document, const char* key, Inherited how) {
  const Document* child = document.find(key);
  if (child == nullptr || child->kind == Document::Kind::null || child->scalar.empty()) {
    if (child != nullptr && child->kind == Document::Kind::dictionary) {
      return open_node(*child, how);
    }
    return nullptr;
  }
  return named_node(child->scalar);
}

std::string node_name_of(const Document& document) {
  const std::string name(document.text("node-name"));
  return name.empty() ? next_node_name() : name;
}

BlockNodePtr make_node(const Document& document, Inherited how) {
  const std::string driver(document.text("driver"));
  const std::string name = node_name_of(document);
  if (driver == "file" || driver == "host_device" || driver == "host_cdrom") {
    return backend::block_file_open({.node_name = name,
                                     .filename = std::string(document.text("filename")),
                                     .driver = driver,
                                     .read_only = how.read_only || driver == "host_cdrom",
                                     .auto_read_only = how.auto_read_only,
                                     .no_flush = how.no_flush,
                                     .discard = how.discard,
                                     .locking = document.text("locking") == "off"
                                                    ? backend::Locking::off
                                                    : backend::Locking::auto_});
  }
  if (driver == "null-co" || driver == "null-aio") {
    return backend::block_null_open(name, size_of(document, "size").value_or(null_size),
                                    how.read_only);
  }
  const BlockNodePtr file = open_child(document, "file", how);
  open_child(document, "backing", how);
  if (driver == "raw" && file) {
    return backend::block_raw_open(
        {.node_name = name,
         .offset = size_of(document, "offset").value_or(0),
         .size = size_of(document, "size"),
         .read_only = how.read_only || (how.auto_read_only && file->read_only())},
        file);
  }
  return backend::block_unbuilt(name, driver, file ? file->filename() : "");
}

BlockNodePtr open_node(const Document& document, Inherited from) {
  BlockNodePtr node = make_node(document, inherit(document, from));
  if (document.find("node-name") != nullptr) {
    bdrv_add_node(node);
  }
  return node;
}

}  // namespace

void open_blockdevs(const options::CommandLine& line) {
  for (const options::GivenOption* option : line.all("blockdev")) {
    at_option(option->location, [&] {
      const Document document = options::parse_blockdev(option->value);
      check_node_name(std::string(document.text("node-name")));
      open_node(document, {});
    });
  }
}

}  // namespace launcher
