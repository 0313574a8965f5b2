// Text from outside made safe for a picture: names come from traces and from
// binaries, and nothing they hold may break a dot file, an SVG or a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace viz {

// Valid UTF-8 whose control characters, invalid bytes and characters that reorder
// text (U+202A-202E, U+2066-2069, U+200E, U+200F, U+061C) are spelled visibly, as
// "\x1b" or "\u202e". Longer than `max_chars` characters is cut with U+2026.
std::string visible(std::string_view text, std::size_t max_chars = 60);

// For the inside of a Graphviz HTML label and of XML attributes.
std::string html_escape(std::string_view text);

// For an ordinary Graphviz attribute (tooltip, URL): backslash sequences and
// entities are spelled, so that the reader sees the text as it was.
std::string dot_escape(std::string_view text);

// The node id of a type: the name itself. Only the characters dot or SVG cannot
// carry there (backslash, '&', '%', control, reordering, invalid UTF-8) become ~XX,
// and '~' with them.
std::string node_id(std::string_view name);

// Shell-like: `*` any run, `?` one byte; without either, true if `text` contains
// the pattern. At most pattern length times text length steps.
bool glob_match(std::string_view pattern, std::string_view text);

}  // namespace viz
