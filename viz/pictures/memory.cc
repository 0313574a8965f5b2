// memory: who answers at an address, and what lies below it.
//
//   0x0        [ pc.ram          ]
//   0xa0000    [ vga-lowmem      ] ( pc.ram, covered )
//   0xc0000    [ ... pam-rom     ]
//
// One column an address space, addresses downwards. Heights are no sizes: every boundary
// is a line of its own, or 13 bytes of a device would be as high as a hair beside 2 GiB
// of RAM. Beside an answer stands, dashed, what it hides.
#include <algorithm>
#include <set>
#include <stdexcept>

#include "viz/canvas.h"
#include "viz/memory_map.h"
#include "viz/picture.h"
#include "viz/run_words.h"
#include "viz/text.h"

namespace viz {

namespace {

constexpr double address_width = 92, answer_width = 300, covered_width = 190;
constexpr double row = 16, gap_row = 9, column_gap = 60;
constexpr std::size_t most_rows = 46;  // then the next column

struct Interval {
  std::uint64_t begin = 0, last = 0;
  const Shown* answer = nullptr;
  std::vector<const Shown*> covered;
};

class MemoryPicture {
 public:
  MemoryPicture(const Run& run, const PictureOptions& options)
      : run_(run),
        options_(options),
        theme_(*options.theme),
        map_(memory_at(run, options.at)),
        canvas_("memory", theme_) {
    if (map_.spaces.empty()) {
      throw std::runtime_error(
          visible(run.source) +
          " tells of no address space: it ended before the machine was made, is older "
          "than these events, or was recorded with the memory events switched off");
    }
  }

  Graph draw();
  Outline outline() const;

 private:
  const char* say(const char* en, const char* zh) const {
    return viz::say(options_, en, zh);
  }

  std::vector<Interval> intervals(const Space& space) const;
  const Box& box(const Shown& shown) const;
  std::string words(const Shown& shown) const;
  void draw_answer(const Shown& shown, double x, double y, double h);
  void draw_covered(const Shown& shown, double x, double y, double h);
  double draw_space(const Space& space, double x, double y);
  void legend(double y);
  std::string title() const;
  bool worth_drawing(const Space& space, std::size_t number) const;

  const Run& run_;
  const PictureOptions& options_;
  const Theme& theme_;
  MemoryMap map_;
  Canvas canvas_;
};

std::string MemoryPicture::title() const {
  return say("Who answers at an address: ", "每个地址由谁应答: ") +
         when_words(run_, options_.at, options_.chinese);
}

const Box& MemoryPicture::box(const Shown& shown) const {
  const std::string& kind = shown.region->kind;
  return kind == "io" ? theme_.amber : shown.read_only ? theme_.violet : theme_.green;
}

std::string MemoryPicture::words(const Shown& shown) const {
  std::string text = visible(shown.region->name, 30);
  if (shown.via && shown.via->name != shown.region->name) {
    text += say(" through ", " 经由 ") + visible(shown.via->name, 24);
  }
  return text;
}

std::vector<Interval> MemoryPicture::intervals(const Space& space) const {
  std::set<std::uint64_t> bounds{0};
  const auto mark = [&bounds](const Shown& shown) {
    bounds.insert(shown.begin);
    if (shown.last != UINT64_MAX) {
      bounds.insert(shown.last + 1);
    }
  };
  std::for_each(space.answers.begin(), space.answers.end(), mark);
  std::for_each(space.covered.begin(), space.covered.end(), mark);
  std::vector<Interval> list;
  for (auto it = bounds.begin(); it != bounds.end(); ++it) {
    const auto next = std::next(it);
    list.push_back({*it, next == bounds.end() ? UINT64_MAX : *next - 1, nullptr, {}});
  }
  for (Interval& one : list) {
    for (const Shown& shown : space.answers) {
      if (shown.begin <= one.begin && one.last <= shown.last) {
        one.answer = &shown;
      }
    }
    for (const Shown& shown : space.covered) {
      if (shown.begin <= one.begin && one.last <= shown.last) {
        one.covered.push_back(&shown);
      }
    }
  }
  return list;
}

void MemoryPicture::draw_answer(const Shown& shown, double x, double y, double h) {
  const Box& look = box(shown);
  const std::uint64_t bytes = shown.last - shown.begin;
  canvas_.box({x, y, answer_width, h - 1.5},
              {.fill = look.fill, .border = look.border, .width = 0.8}, "", {},
              words(shown) + ", " + shown.region->kind + ", " + hex_words(shown.begin) +
                  " - " + hex_words(shown.last));
  canvas_.text({x + 4, y, answer_width - 76, std::min(h, row) - 1}, words(shown),
               {.colour = look.text, .size = 10});
  canvas_.text({x + answer_width - 74, y, 70, std::min(h, row) - 1},
               bytes == UINT64_MAX ? "2^64" : size_words(bytes + 1),
               {.colour = look.text, .size = 8, .align = Align::right});
}

void MemoryPicture::draw_covered(const Shown& shown, double x, double y, double h) {
  const Box& look = box(shown);
  canvas_.box({x, y + 0.5, covered_width, h - 2},
              {.border = look.border, .style = "dashed", .width = 0.8});
  canvas_.text({x + 4, y, covered_width - 8, std::min(h, row) - 1},
               words(shown) + (shown.priority ? say(", priority ", ",优先级 ") +
                                                    std::to_string(shown.priority)
                                              : std::string()),
               {.colour = theme_.muted, .size = 8});
}

double MemoryPicture::draw_space(const Space& space, double x, double y) {
  canvas_.text({x, y, address_width + answer_width, 20},
               space.name == "I/O"
                   ? say("I/O ports", "I/O 端口")
                   : say("address space ", "地址空间 ") + visible(space.name, 30),
               {.size = 13, .bold = true});
  const double top = y + 26;
  y = top;
  double right = x;
  std::size_t rows = 0;
  const std::vector<Interval> list = intervals(space);
  for (std::size_t i = 0; i < list.size();) {
    std::size_t j = i + 1;  // intervals of one answer, and of the same covered regions
    while (j < list.size() && list[j].answer == list[i].answer &&
           list[j].covered.empty() && list[i].covered.empty()) {
      ++j;
    }
    const bool gap = !list[i].answer;
    const double h = gap ? gap_row : row;
    const bool begins = !gap && list[i].answer->begin == list[i].begin;
    if (rows > most_rows && (gap || begins)) {
      x = right + column_gap;
      y = top;
      rows = 0;
    }
    if (!gap) {
      canvas_.text({x, y, address_width - 6, row - 1}, hex_words(list[i].begin),
                   {.colour = begins ? theme_.title : theme_.muted,
                    .size = 9,
                    .align = Align::right});
      if (begins) {
        // As high as all its intervals.
        std::size_t count = 0;
        for (std::size_t k = i; k < list.size() && list[k].answer == list[i].answer;
             ++k) {
          count += k == i || !list[k].covered.empty() || !list[k - 1].covered.empty();
        }
        draw_answer(*list[i].answer, x + address_width, y,
                    row * static_cast<double>(count));
      }
      double side = x + address_width + answer_width + 4;
      right = std::max(right, side);
      for (std::size_t k = 0; k < list[i].covered.size() && k < 3; ++k) {
        draw_covered(*list[i].covered[k], side, y, row);
        side += covered_width + 4;
        right = std::max(right, side);
      }
    } else if (i + 1 < list.size() || list.size() == 1) {
      canvas_.text({x + address_width, y, answer_width, gap_row},
                   say("nobody: reads give all ones", "无人应答:读出全 1"),
                   {.colour = theme_.muted, .size = 7, .align = Align::middle});
    }
    y += h;
    ++rows;
    i = j;
  }
  return right;
}

void MemoryPicture::legend(double y) {
  double x = 0;
  const auto sample = [&](const Box& look, const char* words) {
    canvas_.box({x, y, 96, 16}, {.fill = look.fill, .border = look.border}, words,
                {.colour = look.text, .size = 9, .align = Align::middle});
    x += 104;
  };
  sample(theme_.green, "RAM");
  sample(theme_.violet, say("read-only", "只读"));
  sample(theme_.amber, say("device", "设备"));
  canvas_.box({x, y, 150, 16}, {.border = theme_.muted, .style = "dashed"},
              say("hidden by what answers", "被应答者遮住"),
              {.colour = theme_.muted, .size = 9, .align = Align::middle});
  canvas_.text(
      {x + 160, y, 400, 16},
      std::to_string(map_.switched_off) + say(" regions are switched off and not drawn",
                                              " 个内存区处于关闭状态,没有画出"),
      {.colour = theme_.muted, .size = 9});
}

// A device's own view of memory repeats what "memory" shows.
bool MemoryPicture::worth_drawing(const Space& space, std::size_t number) const {
  return number < 2 && !space.answers.empty();
}

Graph MemoryPicture::draw() {
  double y = 0;
  if (options_.legend) {
    y = canvas_.title(0, 0, 1000, title(),
                      say("addresses grow downwards; heights are no sizes",
                          "地址自上而下增大;高度不代表大小"));
    legend(y - 6);
    y += 24;
  }
  double x = 0;
  for (std::size_t i = 0; i < map_.spaces.size(); ++i) {
    const Space space = map_.space(i);
    if (worth_drawing(space, i)) {
      x = draw_space(space, x, y) + column_gap;
    }
  }
  if (map_.spaces.size() > 2) {
    std::string names;
    for (std::size_t i = 2; i < map_.spaces.size() && i < 14; ++i) {
      names += (i > 2 ? ", " : "") + visible(map_.spaces[i].first, 24);
    }
    canvas_.text(
        {780, y - 30, 700, 16},
        say("devices with a way to memory of their own: ", "自己有访存通路的设备: ") +
            names,
        {.colour = theme_.muted, .size = 9});
  }
  return canvas_.take();
}

Outline MemoryPicture::outline() const {
  Outline out;
  out.title = title();
  for (std::size_t i = 0; i < map_.spaces.size(); ++i) {
    const Space space = map_.space(i);
    out.row(0, "space " + space.name, {{"root", map_.spaces[i].second}});
    for (const Shown& shown : space.answers) {
      out.row(1, hex_words(shown.begin) + "-" + hex_words(shown.last),
              {{"region", shown.region->name},
               {"kind", shown.region->kind},
               {"through", shown.via ? shown.via->name : ""},
               {"priority", std::to_string(shown.priority)},
               {"read_only", shown.read_only ? "true" : "false"}});
    }
    for (const Shown& shown : space.covered) {
      out.row(1, hex_words(shown.begin) + "-" + hex_words(shown.last),
              {{"hidden", shown.region->name},
               {"kind", shown.region->kind},
               {"priority", std::to_string(shown.priority)}});
    }
  }
  return out;
}

Graph draw_memory(const Run& run, const PictureOptions& options) {
  return MemoryPicture(run, options).draw();
}

Outline outline_memory(const Run& run, const PictureOptions& options) {
  return MemoryPicture(run, options).outline();
}

const Picture memory_picture{
    .name = "memory",
    .help = "the address spaces: who answers where, and what that hides",
    .draw_run = draw_memory,
    .outline = outline_memory,
    .about =
        "Who answers when the guest touches an address or a port? One column an address "
        "space: RAM, ROM (the PAM registers switch between the two), devices. Where "
        "regions overlap the one of higher priority answers; what it hides stands dashed "
        "beside it. --at STEP shows the map before and after the firmware changed it.",
    .about_zh =
        "客户机访问一个地址或端口时由谁应答?每列是一个地址空间:RAM、ROM(由 PAM "
        "寄存器切换)、设备。重叠处优先级高的应答,被它遮住的以虚线画在旁边。--at "
        "STEP 可以看到固件改动前后的映射。",
};

}  // namespace

}  // namespace viz

using viz::memory_picture;
picture_init(memory_picture)
