// The gallery: every picture light and dark, and one page. The page is plain HTML with
// the pictures beside it, so that it can be put on a web server or a stick as it is.
#include "tools/draw_gallery.h"

#include <deque>
#include <filesystem>
#include <fstream>
#include <set>
#include <stdexcept>

#include "viz/picture.h"
#include "viz/run_words.h"
#include "viz/text.h"
#include "viz/type_label.h"

namespace tools {

namespace {

constexpr std::size_t most_pages = 60;  // of one hierarchy

struct Entry {
  const viz::Picture* picture = nullptr;
  std::string subject;
  std::string file;   // without -dark and ending
  std::string words;  // the picture in words
  std::string why_not;
  std::vector<std::string> pages;  // further files, with ending
};

class Gallery {
 public:
  Gallery(const viz::Run& run, std::string folder, bool chinese)
      : run_(run), folder_(std::move(folder)), chinese_(chinese) {}

  std::size_t make();

 private:
  const char* say(const char* en, const char* zh) const { return chinese_ ? zh : en; }

  void write(const std::string& name, const std::string& bytes) const;
  void draw(Entry& entry);
  void draw_pages(Entry& entry);
  viz::PictureOptions options(const Entry& entry, bool dark) const;
  std::string section(const Entry& entry) const;
  std::string page(const std::vector<Entry>& entries) const;

  const viz::Run& run_;
  std::string folder_;
  bool chinese_;
};

void Gallery::write(const std::string& name, const std::string& bytes) const {
  const std::string path = folder_ + "/" + name;
  std::ofstream out(path, std::ios::binary);
  if (!(out << bytes) || !out.flush()) {
    throw std::runtime_error("cannot write '" + path +
                             "': check the folder, its rights and the room on the disk");
  }
}

viz::PictureOptions Gallery::options(const Entry& entry, bool dark) const {
  viz::PictureOptions options;
  options.chinese = chinese_;
  options.subject = entry.subject;
  options.theme = dark ? &viz::dark_theme() : &viz::light_theme();
  if (entry.picture->draw) {
    options.link_prefix = std::string(entry.picture->name) + "-";
  }
  return options;
}

void Gallery::draw(Entry& entry) {
  entry.file = entry.picture->name;
  std::string light, dark;
  try {
    if (entry.picture->subject) {
      entry.subject = entry.picture->subject(run_);
    }
    entry.words = viz::outline_text(entry.picture->outline(run_, options(entry, false)));
    light = entry.picture->draw_run(run_, options(entry, false)).render("svg");
    dark = entry.picture->draw_run(run_, options(entry, true)).render("svg");
  } catch (const viz::GraphvizMissing&) {
    throw;
  } catch (const std::runtime_error& error) {
    entry.why_not = error.what();
    return;
  }
  write(entry.file + ".svg", light);
  write(entry.file + "-dark.svg", dark);
  if (entry.picture->draw) {
    draw_pages(entry);
  }
}

// A page for every branch that another page left closed.
void Gallery::draw_pages(Entry& entry) {
  const viz::TypeModel model = viz::types_at(run_);
  std::set<std::string> drawn{""};
  std::deque<std::string> wanted{""};
  const auto closed = [&](const viz::Selection& selection) {
    std::vector<const viz::Branch*> todo;
    for (const viz::Branch& root : selection.roots) {
      todo.push_back(&root);
    }
    for (std::size_t i = 0; i < todo.size(); ++i) {
      if (todo[i]->cut != 0) {
        wanted.push_back(todo[i]->type->name);
      }
      for (const viz::Cell& cell : todo[i]->cells) {
        if (cell.cut != 0) {
          wanted.push_back(cell.type->name);
        }
      }
      for (const viz::Branch& child : todo[i]->inner) {
        todo.push_back(&child);
      }
    }
  };
  while (!wanted.empty() && entry.pages.size() < most_pages) {
    const std::string root = wanted.front();
    wanted.pop_front();
    viz::PictureOptions look = options(entry, false);
    look.select.root = root;
    if (!root.empty() && drawn.insert(root).second) {
      const std::string name = viz::page_of(look.link_prefix, root);
      write(name, entry.picture->draw_run(run_, look).render("svg"));
      entry.pages.push_back(name);
    } else if (!root.empty()) {
      continue;
    }
    closed(viz::select_types(model, look.select));
  }
}

std::string Gallery::section(const Entry& entry) const {
  const viz::Picture& picture = *entry.picture;
  const auto safe = [](const std::string& text, std::size_t longest = 2000) {
    return viz::html_escape(viz::visible(text, longest));
  };
  const std::string id = std::string("p-") + picture.name;
  std::string out = "<section id=\"" + id + "\" aria-labelledby=\"h-" + picture.name +
                    "\">\n<h2 id=\"h-" + picture.name + "\">" + picture.name +
                    (entry.subject.empty() ? "" : " " + safe(entry.subject, 80)) +
                    "</h2>\n<p>" + (chinese_ ? picture.about_zh : picture.about) +
                    "</p>\n";
  if (!entry.why_not.empty()) {
    return out + "<p class=\"none\">" + say("Nothing to draw: ", "没有可画的: ") +
           safe(entry.why_not) + "</p>\n</section>\n";
  }
  const std::string command = std::string("vitrine draw ") + picture.name +
                              (entry.subject.empty() ? "" : " " + entry.subject) + " " +
                              run_.source + " -o " + entry.file + ".svg";
  out += "<a class=\"picture\" href=\"" + entry.file + ".svg\"><picture>" +
         "<source srcset=\"" + entry.file +
         "-dark.svg\" media=\"(prefers-color-scheme: dark)\">" + "<img src=\"" +
         entry.file + ".svg\" loading=\"lazy\" alt=\"" + safe(picture.help) + ". " +
         say("In words below.", "文字说明见下。") + "\"></picture></a>\n";
  if (!entry.pages.empty()) {
    out += std::string("<p>") + say("Branches left closed above: ", "上图合上的分支: ");
    for (const std::string& page : entry.pages) {
      out += "<a href=\"" + safe(page) + "\">" + safe(page.substr(0, page.size() - 4)) +
             "</a> ";
    }
    out += "</p>\n";
  }
  return out + "<details><summary>" + say("In words, and the command", "文字说明与命令") +
         "</summary>\n<pre tabindex=\"0\">$ " + safe(command) + "\n\n" +
         viz::html_escape(entry.words) + "</pre></details>\n</section>\n";
}

constexpr const char* style =
    ":root{color-scheme:light dark;--bg:#fff;--fg:#1b2733;--dim:#5d6a78;--line:#d5dce4;"
    "--link:#0b57b0}\n"
    "@media(prefers-color-scheme:dark){:root{--bg:#12161d;--fg:#eef3f9;--dim:#9aa7b5;"
    "--line:#323b46;--link:#8abaff}}\n"
    "body{margin:0 auto;max-width:78rem;padding:1rem 1.5rem 4rem;background:var(--bg);"
    "color:var(--fg);font:16px/1.55 \"DejaVu Sans\",\"Noto Sans CJK SC\",system-ui,"
    "sans-serif}\n"
    "h1{font-size:1.6rem;margin:.5rem 0 0}h2{font-size:1.25rem;margin:2.5rem 0 .2rem}"
    "p{max-width:62rem;margin:.3rem 0 .8rem}\n"
    "code{overflow-wrap:anywhere}nav "
    "a{margin-right:1rem}a{color:var(--link)}.sub,.none{color:var(--dim)}\n"
    "a.picture{display:block;border:1px solid "
    "var(--line);border-radius:8px;padding:.5rem;"
    "background:var(--bg);overflow:auto}\n"
    "img{max-width:100%;height:auto;display:block;margin:auto}"
    "pre{overflow:auto;max-height:30rem;font-size:.8rem;border:1px solid var(--line);"
    "border-radius:8px;padding:.7rem}\n"
    "summary{cursor:pointer;color:var(--dim)}"
    ":focus-visible{outline:2px solid var(--link);outline-offset:2px}\n"
    "@media print{nav,details{display:none}section{break-inside:avoid}}\n";

std::string Gallery::page(const std::vector<Entry>& entries) const {
  const auto safe = [](const std::string& text) {
    return viz::html_escape(viz::visible(text, 600));
  };
  std::string out =
      std::string("<!doctype html>\n<html lang=\"") + say("en", "zh") +
      "\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
      "content=\"width=device-width, initial-scale=1\">\n<meta "
      "http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'; img-src 'self' file:\">\n<title>" +
      say("Pictures of ", "图集: ") + safe(run_.source) + "</title>\n<style>\n" + style +
      "</style>\n</head>\n<body>\n<header><h1>" + say("Pictures of ", "图集: ") +
      safe(run_.source) + "</h1>\n<p class=\"sub\"><code>" + safe(run_.command_line) +
      "</code></p></header>\n<nav aria-label=\"" + say("pictures", "图") + "\">";
  for (const Entry& entry : entries) {
    out += std::string("<a href=\"#p-") + entry.picture->name + "\">" +
           entry.picture->name + "</a>\n";
  }
  out += "</nav>\n<main>\n";
  for (const Entry& entry : entries) {
    out += section(entry);
  }
  return out + "</main>\n</body>\n</html>\n";
}

std::size_t Gallery::make() {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  std::vector<Entry> entries;
  std::size_t drawn = 0;
  for (const viz::Picture* picture : viz::picture_list()) {
    if (!picture->draw_run) {
      continue;
    }
    Entry entry;
    entry.picture = picture;
    draw(entry);
    drawn += entry.why_not.empty() ? 1 + entry.pages.size() : 0;
    entries.push_back(std::move(entry));
  }
  write("index.html", page(entries));
  return drawn;
}

}  // namespace

std::size_t make_gallery(const viz::Run& run, const std::string& folder, bool chinese) {
  return Gallery(run, folder, chinese).make();
}

}  // namespace tools
