// `vitrine draw PICTURE [SUBJECT] TRACE`: a run as a picture, in words, or as data; and
// all pictures of it as a gallery to walk through.
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include <unistd.h>

#include <CLI/CLI.hpp>

#include "tools/draw_gallery.h"
#include "tools/picture_file.h"
#include "tools/qmp_objects.h"
#include "tools/qmp_types.h"
#include "tools/tool.h"
#include "viz/model_json.h"
#include "viz/picture.h"
#include "viz/pictures/objects.h"
#include "viz/tree_text.h"

namespace tools {

namespace {

struct Request {
  std::vector<std::string> words;  // PICTURE [SUBJECT] [TRACE]
  std::string format, output, language, gallery, at, from;
  bool list = false, dark = false, no_legend = false;
  QmpOptions qemu;
  viz::PictureOptions picture;
};

void declare(CLI::App& app, Request& request) {
  app.add_option("PICTURE", request.words,
                 "which picture (--list tells them), for some what it is about, and the "
                 "trace")
      ->type_name("PICTURE [SUBJECT] TRACE");
  app.add_flag("--list", request.list, "the pictures, and what question each answers");
  app.add_option("--gallery", request.gallery,
                 "draw every picture of TRACE into DIR, with an index.html to look at")
      ->type_name("DIR");
  app.add_option("-o,--output", request.output, "the file to write; - is standard output")
      ->type_name("FILE");
  app.add_option(
         "--format", request.format,
         "txt, json, dot, svg, png, pdf or dot-json (Graphviz'); default: as FILE "
         "ends, else txt")
      ->type_name("FORMAT")
      ->check(CLI::IsMember(picture_formats()));
  app.add_option("--lang", request.language, "en or zh; default: as LANG says")
      ->check(CLI::IsMember({"en", "zh"}));
  app.add_flag("--dark", request.dark, "for a dark page");
  app.add_flag("--no-legend", request.no_legend, "no title, no legend");
  app.add_option("--at,--checkpoint", request.at,
                 "state as of this step: its number, or a checkpoint's name")
      ->type_name("STEP");
  app.add_option("--from", request.from, "where a sequence begins: a step's number")
      ->type_name("STEP");
  app.add_option("--window", request.picture.window, "so many steps of a sequence")
      ->type_name("N")
      ->check(CLI::Range(1, 200))
      ->capture_default_str();
  app.add_flag("--unfold", request.picture.unfolded, "fold nothing");
  app.add_option("--qemu", request.qemu.binary,
                 "objects, types: ask this QEMU binary instead; arguments after --")
      ->type_name("BIN");
  declare_type_selection(app, request.picture.select);
}

std::string usage_of(const viz::Picture& picture) {
  return std::string(picture.name) +
         (picture.argument ? std::string(" ") + picture.argument : std::string());
}

// Text broken at blanks, `width` columns wide; a Chinese letter counts two.
std::string wrapped(const std::string& text, std::size_t width,
                    const std::string& indent) {
  std::string out = indent;
  std::size_t column = 0, after_blank = 0;  // where the line may be broken
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const bool wide = lead >= 0xe0;
    const bool starts = (lead & 0xc0) != 0x80;
    if (starts && wide && column + 2 > width) {
      out += "\n" + indent;
      column = 0;
    }
    out += text[i];
    column += starts ? (wide ? 2 : 1) : 0;
    if (text[i] == ' ') {
      after_blank = out.size();
    } else if (column > width && after_blank != 0) {
      out.insert(after_blank, "\n" + indent);
      out.erase(after_blank - 1, 1);
      column = out.size() - after_blank - indent.size();
      after_blank = 0;
    }
  }
  return out;
}

int list_pictures(bool chinese) {
  for (const viz::Picture* picture : viz::picture_list()) {
    if (!picture->about) {
      continue;
    }
    const char* about = chinese && picture->about_zh ? picture->about_zh : picture->about;
    std::printf("%s\n    %s\n%s\n\n", usage_of(*picture).c_str(), picture->help,
                wrapped(about, 84, "    ").c_str());
  }
  return 0;
}

const viz::Picture& known_picture(const std::string& name) {
  const viz::Picture* picture = viz::picture_find(name);
  if (picture && picture->draw_run) {
    return *picture;
  }
  std::string names;
  for (const viz::Picture* one : viz::picture_list()) {
    names += one->draw_run ? (names.empty() ? "" : ", ") + std::string(one->name) : "";
  }
  throw std::runtime_error("there is no picture '" + name + "'; there are " + names);
}

std::string render(const viz::Graph& graph, const std::string& format) {
  return format == "dot" ? graph.dot()
                         : graph.render(format == "dot-json" ? "json" : format);
}

std::string drawn(const viz::Picture& picture, const viz::Run& run,
                  const viz::PictureOptions& options, const std::string& format) {
  if (format != "json" && format != "txt") {
    return render(picture.draw_run(run, options), format);
  }
  if (format == "json" && picture.draw) {
    return viz::model_to_json(viz::types_at(run, options.at));
  }
  const viz::Outline outline = picture.outline(run, options);
  return format == "txt" ? viz::outline_text(outline)
                         : viz::outline_json(outline, picture.name);
}

std::string drawn_from_qemu(const std::string& name, const Request& request,
                            const std::string& format) {
  if (name == "objects") {
    const viz::ObjectTree tree = objects_of_qemu(request.qemu);
    if (format != "json" && format != "txt") {
      return render(viz::draw_object_tree(tree, request.picture), format);
    }
    const viz::Outline outline = viz::outline_object_tree(tree, request.picture);
    return format == "txt" ? viz::outline_text(outline)
                           : viz::outline_json(outline, name);
  }
  if (name != "types") {
    throw std::runtime_error("--qemu can be asked for objects and types, not for '" +
                             name + "': a real QEMU leaves no trace of its own start");
  }
  const viz::TypeModel model = types_of_qemu(request.qemu);
  if (format == "json") {
    return viz::model_to_json(model);
  }
  if (format == "txt") {
    return viz::types_as_text(model, {.select = request.picture.select});
  }
  return render(viz::picture_find("types")->draw(model, request.picture), format);
}

int draw_one(Request& request) {
  if (request.words.empty()) {
    throw std::runtime_error("which picture? `vitrine draw --list` tells them");
  }
  const viz::Picture& picture = known_picture(request.words.front());
  const std::string format = picture_format(request.format, request.output);
  if (!request.qemu.binary.empty()) {
    write_picture(drawn_from_qemu(picture.name, request, format), request.output, format);
    return 0;
  }
  const std::size_t most = picture.argument ? 3 : 2;
  if (request.words.size() < 2 || request.words.size() > most) {
    throw std::runtime_error("a picture needs a trace: vitrine draw " +
                             usage_of(picture) + " TRACE");
  }
  const viz::Run run = viz::run_from_trace(request.words.back());
  if (request.words.size() == 3) {
    request.picture.subject = request.words[1];
  } else if (picture.subject) {
    request.picture.subject = picture.subject(run);
  }
  if (!request.at.empty()) {
    request.picture.at = viz::step_by_name(run, request.at);
  }
  if (!request.from.empty()) {
    request.picture.from = viz::step_by_name(run, request.from);
  }
  write_picture(drawn(picture, run, request.picture, format), request.output, format);
  return 0;
}

int draw_all(const Request& request) {
  if (request.words.size() != 1) {
    throw std::runtime_error(
        "a gallery is of one trace: vitrine draw --gallery DIR TRACE");
  }
  const std::size_t count = make_gallery(viz::run_from_trace(request.words.front()),
                                         request.gallery, request.picture.chinese);
  std::printf("%zu pictures in %s/index.html\n", count, request.gallery.c_str());
  return 0;
}

std::string footer() {
  std::string text = "Pictures:\n";
  for (const viz::Picture* picture : viz::picture_list()) {
    if (picture->draw_run) {
      std::string usage = usage_of(*picture);
      usage.resize(std::max<std::size_t>(usage.size(), 18), ' ');
      text += "  " + usage + " " + picture->help + "\n";
    }
  }
  return text +
         "\n  vitrine draw timeline boot.json -o timeline.svg\n"
         "  vitrine draw causes edu boot.json -o why.svg --lang zh --dark\n"
         "  vitrine draw types boot.json --at machine.selected -o then.svg\n"
         "  vitrine draw objects --qemu qemu-system-x86_64 -o real.svg -- -machine pc\n"
         "  vitrine draw --gallery pictures boot.json";
}

int draw_main(int argc, char** argv) {
  Request request;
  request.qemu.arguments = take_arguments(argc, argv);
  CLI::App app("Draws one picture of a run, or all of them.", "vitrine draw");
  declare(app, request);
  app.footer(footer());
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 1;
  }
  if (!request.qemu.arguments.empty() && request.qemu.binary.empty()) {
    throw std::runtime_error("arguments after -- are for --qemu BIN, which is missing");
  }
  request.picture.chinese = wants_chinese(request.language);
  request.picture.theme = request.dark ? &viz::dark_theme() : &viz::light_theme();
  request.picture.legend = !request.no_legend;
  if (request.list) {
    return list_pictures(request.picture.chinese);
  }
  return request.gallery.empty() ? draw_one(request) : draw_all(request);
}

const Tool draw_tool{
    .name = "draw",
    .help = "draw a run: types, objects, causes, time line, exits, memory, PCI...",
    .group = Group::look,
    .main = draw_main,
};

}  // namespace

}  // namespace tools

using tools::draw_tool;
tool_init(draw_tool)
