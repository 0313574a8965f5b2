// The words of a type in a picture: its label, its tooltip, its class for styling.
#pragma once

#include <string>

#include "viz/model.h"
#include "viz/select.h"
#include "viz/theme.h"

namespace viz {

// The name as an HTML label: italic when abstract, with the number of objects.
std::string name_label(const Type& type, const Theme& theme);

// name_label() with what hangs on it: badges for interfaces, counts.
std::string branch_label(const Branch& branch, const Theme& theme);

// Everything known about the type, one fact a line, unescaped.
std::string type_facts(const Type& type);

// "type class abstract": for style sheets over the SVG.
std::string style_classes(const Type& type);

// One cell per leaf, filled by column, and the count of the others last.
// `link_prefix` as in PictureOptions.
std::string table_label(const Branch& branch, const Theme& theme, State base,
                        const std::string& link_prefix = {});

// The file of a type's own page, of letters that need no escaping anywhere.
std::string page_of(const std::string& link_prefix, const std::string& type);

// The state most of the leaves have.
State common_state(const Branch& branch);

// <FONT ...>text</FONT>; the text is escaped.
std::string small(const std::string& text, const char* colour, const char* points);

}  // namespace viz
