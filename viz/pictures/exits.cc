// exits: why the guest stopped, and who answered.
//
//   guest      KVM           loop              device          by reason   io ####
//     |--------->|  KVM_EXIT_IO                                by place    out 0x3f8 ##
//     |          |----------->| cpu_out 0x3f8=0x48
//     |          |            |--------------->| isa-serial#1
//     |<------------------------ run again
//
// Left a window of exits, one by one; right all exits of the run, counted.
#include <algorithm>
#include <stdexcept>

#include "viz/canvas.h"
#include "viz/exit_list.h"
#include "viz/picture.h"
#include "viz/run_words.h"
#include "viz/text.h"

namespace viz {

namespace {

constexpr double guest_x = 120, accel_x = 330, loop_x = 560, device_x = 800;
constexpr double row_height = 46, histogram_x = 1000, bar_width = 150;
constexpr std::size_t most_bars = 12;

class ExitsPicture {
 public:
  ExitsPicture(const Run& run, const PictureOptions& options)
      : run_(run),
        options_(options),
        theme_(*options.theme),
        exits_(exits_of(run)),
        canvas_("exits", theme_) {
    if (exits_.empty()) {
      throw std::runtime_error("no vCPU ran in " + visible(run.source) +
                               ": there are no exits to draw");
    }
    choose_window();
  }

  Graph draw();
  Outline outline() const;

 private:
  const char* say(const char* en, const char* zh) const {
    return viz::say(options_, en, zh);
  }

  void choose_window();
  std::string title() const;
  std::string counts() const;
  void heads(double y);
  void arrow(double from, double to, double y, const std::string& words, const Box& look,
             bool back);
  void exit_row(const Exit& exit, std::size_t repeats, double y);
  std::size_t repeats_of(std::size_t first) const;
  double histogram(double y, const std::string& what, const std::vector<ExitCount>& list,
                   const Box& look);

  const Step& step(std::size_t i) const { return run_.steps()[i]; }

  const Run& run_;
  const PictureOptions& options_;
  const Theme& theme_;
  std::vector<Exit> exits_;
  std::size_t begin_ = 0, end_ = 0;
  std::vector<std::pair<std::size_t, std::size_t>>
      rows_;  // an exit, and how many like it
  Canvas canvas_;
};

// From the step asked for; else from the first exit that somebody answered.
void ExitsPicture::choose_window() {
  const auto at = [this](std::size_t i) {
    return options_.from != no_step ? exits_[i].run >= options_.from
                                    : exits_[i].device != no_step;
  };
  while (begin_ < exits_.size() && !at(begin_)) {
    ++begin_;
  }
  if (begin_ == exits_.size()) {
    begin_ = options_.from == no_step
                 ? 0
                 : exits_.size() - std::min(exits_.size(), options_.window);
  }
  end_ = begin_;
  while (end_ < exits_.size() && rows_.size() < options_.window) {
    const std::size_t repeats = options_.unfolded ? 1 : repeats_of(end_);
    rows_.emplace_back(end_, repeats);
    end_ += repeats;
  }
}

// A guest that says a sentence through a port says it letter by letter: exits to the same
// place in a row are one row.
std::size_t ExitsPicture::repeats_of(std::size_t first) const {
  const std::string where = access_words(run_, exits_[first]);
  std::size_t count = 1;
  while (first + count < exits_.size() &&
         exits_[first + count].reason == exits_[first].reason &&
         access_words(run_, exits_[first + count]) == where) {
    ++count;
  }
  return count;
}

std::string ExitsPicture::title() const {
  return say("Why the guest stopped, and who answered", "客户机为什么停下,由谁应答");
}

std::string ExitsPicture::counts() const {
  std::uint64_t inside = 0;
  for (const Exit& exit : exits_) {
    inside += step(exit.run).dur_ns;
  }
  return visible(run_.source) + " · " + std::to_string(exits_.size()) +
         say(" exits", " 次退出") + ", " + time_words(inside) +
         say(" in the guest", " 在客户机内") + " · " + say("drawn: exits ", "画出:第 ") +
         std::to_string(begin_ + 1) + say(" to ", " 到 ") + std::to_string(end_) +
         say("", " 次");
}

void ExitsPicture::heads(double y) {
  const bool kvm = std::any_of(exits_.begin(), exits_.end(),
                               [](const Exit& exit) { return exit.ioctl != no_step; });

  struct Head {
    double x;
    const char* words;
    const Box* look;
  };

  const Head list[] = {
      {guest_x, say("guest", "客户机"), &theme_.red},
      {accel_x, kvm ? "KVM" : say("software CPU", "软件 CPU"), &theme_.green},
      {loop_x, say("vCPU loop", "vCPU 循环"), &theme_.blue},
      {device_x, say("device", "设备"), &theme_.amber},
  };
  const double height = 46 + row_height * static_cast<double>(rows_.size());
  for (const Head& head : list) {
    canvas_.box(
        {head.x - 60, y, 120, 24},
        {.fill = head.look->fill, .border = head.look->border, .style = "rounded"},
        head.words,
        {.colour = head.look->text, .size = 12, .align = Align::middle, .bold = true});
    canvas_.line(head.x, y + 24, head.x, y + height,
                 {.colour = head.look->border, .width = 1, .style = "dotted"});
  }
}

void ExitsPicture::arrow(double from, double to, double y, const std::string& words,
                         const Box& look, bool back) {
  canvas_.line(from, y, to, y,
               {.colour = look.border,
                .width = 1.3,
                .style = back ? "dashed" : "",
                .arrow = "normal"});
  const double left = std::min(from, to);
  canvas_.text({left + 6, y - 14, std::max(from, to) - left - 12, 13}, words,
               {.colour = look.text, .size = 9, .align = Align::middle});
}

void ExitsPicture::exit_row(const Exit& exit, std::size_t repeats, double y) {
  const Step& ran = step(exit.run);
  canvas_.text({-40, y - 9, 100, 12}, "#" + std::to_string(ran.seq),
               {.colour = theme_.muted, .size = 8, .align = Align::right});
  canvas_.text({-40, y + 2, 100, 12}, time_words(ran.dur_ns) + say(" inside", " 运行"),
               {.colour = theme_.muted, .size = 8, .align = Align::right});
  canvas_.box({guest_x - 4, y - 10, 8, 14},
              {.fill = theme_.red.fill, .border = theme_.red.border});
  if (repeats > 1) {
    canvas_.text({device_x + 8, y + 15, 190, 13},
                 say("and ", "以及同样的 ") + std::to_string(repeats - 1) +
                     say(" more like it", " 次"),
                 {.colour = theme_.focus, .size = 9});
  }
  const std::string words = access_words(run_, exit);
  arrow(guest_x, accel_x, y, words.empty() ? exit.reason : words, theme_.red, false);
  arrow(accel_x, loop_x, y,
        exit.ioctl == no_step ? "vcpu_run: " + exit.reason
                              : std::string(run_.arg(step(exit.ioctl), "returned")),
        theme_.green, false);
  if (exit.access == no_step) {
    arrow(loop_x, guest_x, y + 20, say("run again", "继续运行"), theme_.blue, true);
    return;
  }
  const Step& access = step(exit.access);
  const std::string value(run_.arg(access, "value"));
  const bool write = access.name == "cpu_out" || run_.arg(access, "write") == "true";
  const std::string who = answerer(run_, exit);
  arrow(loop_x, device_x, y,
        std::string(access.name) + (write ? " " + value : std::string()), theme_.blue,
        false);
  canvas_.text({device_x + 8, y - 10, 180, 13}, who,
               {.colour = theme_.amber.text, .size = 10, .bold = true});
  if (exit.device != no_step) {
    canvas_.text({device_x + 8, y + 3, 180, 12},
                 std::string(run_.arg(step(exit.device), "region")) + " + " +
                     std::string(run_.arg(step(exit.device), "offset")) + ", " +
                     time_words(access.dur_ns),
                 {.colour = theme_.muted, .size = 8});
  }
  arrow(device_x, guest_x, y + 20,
        write ? say("done, run again", "完成,继续运行")
              : say("answers ", "应答 ") + value + say(", run again", ",继续运行"),
        theme_.amber, true);
}

double ExitsPicture::histogram(double y, const std::string& what,
                               const std::vector<ExitCount>& list, const Box& look) {
  canvas_.text({histogram_x, y, 420, 18}, what, {.size = 12, .bold = true});
  y += 22;
  std::uint64_t most = 1;
  for (const ExitCount& count : list) {
    most = std::max(most, count.count);
  }
  for (std::size_t i = 0; i < list.size() && i < most_bars; ++i, y += 19) {
    const ExitCount& count = list[i];
    const double width = std::max(
        2.0, bar_width * static_cast<double>(count.count) / static_cast<double>(most));
    canvas_.text({histogram_x, y, 126, 16}, count.what, {.size = 10}, count.what);
    canvas_.box({histogram_x + 130, y + 2, width, 12},
                {.fill = look.fill, .border = look.border});
    canvas_.text({histogram_x + 134 + width, y, 220, 16},
                 std::to_string(count.count) +
                     (count.time_ns ? " · " + time_words(count.time_ns) : "") +
                     (count.who.empty() ? "" : " · " + count.who),
                 {.colour = theme_.muted, .size = 9});
  }
  if (list.size() > most_bars) {
    std::uint64_t rest = 0;
    for (std::size_t i = most_bars; i < list.size(); ++i) {
      rest += list[i].count;
    }
    canvas_.text({histogram_x, y, 420, 16},
                 "+ " + std::to_string(list.size() - most_bars) + say(" more, ", " 项,") +
                     std::to_string(rest) + say(" exits", " 次退出"),
                 {.colour = theme_.focus, .size = 9});
    y += 19;
  }
  return y + 18;
}

Graph ExitsPicture::draw() {
  double y = options_.legend ? canvas_.title(-20, 0, 1400, title(), counts()) : 0;
  double right = y;
  heads(y);
  y += 24 + 34;
  for (const auto& [first, repeats] : rows_) {
    exit_row(exits_[first], repeats, y);
    y += row_height;
  }
  right = histogram(right, say("all exits by reason", "全部退出:按原因"),
                    exits_by_reason(run_, exits_), theme_.green);
  const std::vector<ExitCount> places = exits_by_place(run_, exits_);
  if (!places.empty()) {
    histogram(right, say("all answers by port or address", "全部应答:按端口或地址"),
              places, theme_.amber);
  }
  return canvas_.take();
}

Outline ExitsPicture::outline() const {
  Outline out;
  out.title = title() + " · " + counts();
  out.row(0, "by reason");
  for (const ExitCount& count : exits_by_reason(run_, exits_)) {
    out.row(1, count.what,
            {{"exits", std::to_string(count.count)},
             {"handled_in_ns", std::to_string(count.time_ns)}});
  }
  out.row(0, "by port or address");
  for (const ExitCount& count : exits_by_place(run_, exits_)) {
    out.row(1, count.what,
            {{"exits", std::to_string(count.count)},
             {"answered_by", count.who},
             {"handled_in_ns", std::to_string(count.time_ns)}});
  }
  out.row(0, "one by one");
  for (std::size_t i = begin_; i < end_; ++i) {
    const Exit& exit = exits_[i];
    out.row(1, access_words(run_, exit).empty() ? exit.reason : access_words(run_, exit),
            {{"step", std::to_string(step(exit.run).seq)},
             {"reason", exit.reason},
             {"answered_by", answerer(run_, exit)},
             {"value", exit.access == no_step
                           ? ""
                           : std::string(run_.arg(step(exit.access), "value"))}});
  }
  return out;
}

Graph draw_exits(const Run& run, const PictureOptions& options) {
  return ExitsPicture(run, options).draw();
}

Outline outline_exits(const Run& run, const PictureOptions& options) {
  return ExitsPicture(run, options).outline();
}

const Picture exits_picture{
    .name = "exits",
    .help = "why the guest stopped and who answered: a window of exits, and all counted",
    .draw_run = draw_exits,
    .outline = outline_exits,
    .about =
        "Why does the guest stop, and who answers? Left a window of exits, one by one: "
        "the guest asks, KVM (or the software CPU) returns, the vCPU loop looks for the "
        "device, the device answers, the guest runs again. Right all exits of the run, "
        "counted by reason and by port or address. --from STEP moves the window.",
    .about_zh =
        "客户机为什么停下,由谁应答?左边逐个画出一段退出:客户机访问,KVM(或软件 "
        "CPU)返回,vCPU 循环找到设备,设备应答,客户机继续运行。右边是本次运行的全部"
        "退出,按原因、按端口或地址计数。--from STEP 移动窗口。",
};

}  // namespace

}  // namespace viz

using viz::exits_picture;
picture_init(exits_picture)
