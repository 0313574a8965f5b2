// timeline: what happened when, and how long it took.
//
//   start-up   0        0.5 ms      1 ms
//   modules    ####
//   options        #                        one lane a phase
//   ...             checkpoints are thin lines through all lanes
//   whole run
//   main       phases of the start, then main_loop
//   vcpu 0     how much of each moment the guest ran, how much was answered
//
// The start-up is drawn alone where the run is much longer: it would be a hair otherwise.
#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>

#include "viz/canvas.h"
#include "viz/picture.h"
#include "viz/run_words.h"
#include "viz/text.h"

namespace viz {

namespace {

constexpr double left = 150, width = 900, lane = 26;
constexpr std::size_t buckets = 300;

struct Span {
  std::uint64_t begin = 0, end = 0;
};

struct Panel {
  Span span;
  double y = 0;
};

class TimelinePicture {
 public:
  TimelinePicture(const Run& run, const PictureOptions& options)
      : run_(run),
        options_(options),
        theme_(*options.theme),
        canvas_("timeline", theme_) {
    measure();
  }

  Graph draw();
  Outline outline() const;

 private:
  const char* say(const char* en, const char* zh) const {
    return viz::say(options_, en, zh);
  }

  void measure();
  std::uint64_t end_of(const Step& step) const;
  double x_of(const Span& span, std::uint64_t ts) const;
  double axis(const Span& span, double y, const std::string& what);
  double checkpoint_names(const Span& span, double y);
  void checkpoint_lines(const Span& span, double top, double bottom);
  double phase_lanes(const Span& span, double y);
  double thread_lane(const Span& span, int tid, const std::string& name, double y);
  double guest_lane(const Span& span, double y);
  std::string thread_name(int tid) const;
  std::string title() const;

  const Run& run_;
  const PictureOptions& options_;
  const Theme& theme_;
  Canvas canvas_;
  std::vector<const Step*> phases_, checkpoints_, console_;
  std::map<int, std::vector<const Step*>> outer_;  // thread: its outermost spans
  std::uint64_t end_ = 1, ready_ = 1;
};

std::uint64_t TimelinePicture::end_of(const Step& step) const {
  return step.shape == Step::Shape::open ? end_ : step.ts_ns + step.dur_ns;
}

void TimelinePicture::measure() {
  for (const Step& step : run_.steps()) {
    end_ = std::max(end_, step.ts_ns + step.dur_ns);
  }
  for (const Step& step : run_.steps()) {
    if (step.name == "phase") {
      phases_.push_back(&step);
    } else if (is_checkpoint(step)) {
      checkpoints_.push_back(&step);
    } else if (step.name == "guest_console") {
      console_.push_back(&step);
    }
    if (step.cause == no_step && step.shape != Step::Shape::instant) {
      outer_[step.tid].push_back(&step);
    }
  }
  ready_ = end_;
  for (const Step* step : checkpoints_) {
    if (step->name == "vcpu.first_run" || step->name == "machine.ready") {
      ready_ = step->ts_ns + 1;  // the later of the two
    }
  }
}

double TimelinePicture::x_of(const Span& span, std::uint64_t ts) const {
  const std::uint64_t inside = std::clamp(ts, span.begin, span.end) - span.begin;
  return left +
         width * static_cast<double>(inside) /
             static_cast<double>(std::max<std::uint64_t>(1, span.end - span.begin));
}

std::string TimelinePicture::thread_name(int tid) const {
  for (const auto& [number, name] : run_.threads) {
    if (number == tid) {
      return visible(name, 30);
    }
  }
  return "thread " + std::to_string(tid);
}

std::string TimelinePicture::title() const {
  return say("What happened when: ", "什么时候发生了什么: ") + visible(run_.source);
}

// Ticks at 1, 2 or 5 times a power of ten, about eight of them.
double TimelinePicture::axis(const Span& span, double y, const std::string& what) {
  canvas_.text({0, y, left - 10, 18}, what, {.size = 12, .bold = true});
  const double total = static_cast<double>(span.end - span.begin);
  double tick = std::pow(10, std::floor(std::log10(std::max(1.0, total / 8))));
  tick *= total / tick > 40 ? 5 : total / tick > 16 ? 2 : 1;
  for (double at = 0; at <= total && tick > 0; at += tick) {
    const double x = left + width * at / total;
    canvas_.line(x, y + 16, x, y + 22, {.colour = theme_.muted});
    canvas_.text({x - 40, y, 80, 14}, time_words(static_cast<std::uint64_t>(at)),
                 {.colour = theme_.muted, .size = 9, .align = Align::middle});
  }
  canvas_.line(left, y + 22, left + width, y + 22, {.colour = theme_.muted});
  return y + 28;
}

// Names of checkpoints on as many rows as they need not to overlap.
double TimelinePicture::checkpoint_names(const Span& span, double y) {
  std::vector<double> used;  // per row: where its last name ends
  for (const Step* step : checkpoints_) {
    if (step->ts_ns < span.begin || step->ts_ns > span.end) {
      continue;
    }
    const std::string name = visible(step->name, 24);
    const double x = x_of(span, step->ts_ns);
    const double wide = text_width(name, 9) + 14;
    const double begin = std::min(x, left + width - wide + 60);
    std::size_t row = 0;
    while (row < used.size() && used[row] > begin) {
      ++row;
    }
    if (row == 8) {
      continue;  // the line stays, the name is in the outline
    }
    if (row == used.size()) {
      used.push_back(0);
    }
    used[row] = begin + wide;
    canvas_.text({begin, y + 13 * static_cast<double>(row), wide, 12}, "\u25be" + name,
                 {.colour = theme_.focus, .size = 9},
                 name + " " + time_words(step->ts_ns));
  }
  return y + 13 * static_cast<double>(used.size()) + 4;
}

void TimelinePicture::checkpoint_lines(const Span& span, double top, double bottom) {
  for (const Step* step : checkpoints_) {
    if (step->ts_ns >= span.begin && step->ts_ns <= span.end) {
      const double x = x_of(span, step->ts_ns);
      canvas_.line(x, top, x, bottom,
                   {.colour = theme_.focus, .width = 0.6, .style = "dotted"});
    }
  }
}

double TimelinePicture::phase_lanes(const Span& span, double y) {
  for (const Step* phase : phases_) {
    if (phase->ts_ns >= span.end) {
      continue;
    }
    const std::string name = visible(run_.arg(*phase, "name"), 24);
    canvas_.text({0, y, left - 10, lane - 4}, name, {.size = 11, .align = Align::right});
    const double x = x_of(span, phase->ts_ns);
    const double end = x_of(span, end_of(*phase));
    canvas_.box({x, y + 2, std::max(1.5, end - x), lane - 8},
                {.fill = theme_.blue.fill, .border = theme_.blue.border}, "", {},
                name + " " + time_words(phase->dur_ns));
    // The biggest steps of it, where there is room to see them.
    std::string biggest;
    std::uint64_t most = 0;
    const std::size_t index = static_cast<std::size_t>(phase - run_.steps().data());
    for (const std::size_t child : run_.children(index)) {
      const Step& step = run_.steps()[child];
      const double from = x_of(span, step.ts_ns), to = x_of(span, end_of(step));
      if (step.dur_ns > most) {
        most = step.dur_ns;
        biggest = run_.brief(step, 40);
      }
      if (to - from >= 3) {
        const Box& look = box_of_category(theme_, step.cat);
        canvas_.box({from, y + 6, to - from, lane - 16},
                    {.fill = &look == &theme_.blue ? theme_.background : look.fill,
                     .border = look.border},
                    "", {}, run_.brief(step) + " " + time_words(step.dur_ns));
      }
    }
    std::string words = time_words(end_of(*phase) - phase->ts_ns);
    if (most * 4 > phase->dur_ns && phase->dur_ns * 30 > span.end - span.begin) {
      words += say(", most of it ", ",大部分是 ") + biggest;
    }
    const double room = text_width(words, 9) + 10;
    const bool before = end + room > left + width + 260;
    canvas_.text({before ? x - room - 4 : end + 4, y + 2, room, lane - 8}, words,
                 {.colour = theme_.muted,
                  .size = 9,
                  .align = before ? Align::right : Align::left});
    y += lane;
  }
  return y;
}

// What filled most of each moment: a kind of work, or nothing that was traced.
double TimelinePicture::thread_lane(const Span& span, int tid, const std::string& name,
                                    double y) {
  canvas_.text({0, y, left - 10, lane - 4}, name, {.size = 11, .align = Align::right});

  struct Share {
    double guest = 0, work = 0, count = 0;
  };

  std::vector<Share> shares(buckets);
  const double each = static_cast<double>(span.end - span.begin) / buckets;
  for (const Step* step : outer_[tid]) {
    const double begin =
        static_cast<double>(step->ts_ns - std::min(step->ts_ns, span.begin));
    const double end = static_cast<double>(std::min(end_of(*step), span.end) -
                                           std::min(step->ts_ns, span.begin));
    const bool guest = step->name == "vcpu_run";
    for (auto i = static_cast<std::size_t>(begin / each);
         i < buckets && static_cast<double>(i) * each <= end; ++i) {
      const double from = std::max(begin, static_cast<double>(i) * each);
      const double to = std::min(end, static_cast<double>(i + 1) * each);
      (guest ? shares[i].guest : shares[i].work) += std::max(0.0, to - from) / each;
      shares[i].count += 1;
    }
  }
  // Four heights are enough to see; equal neighbours become one box.
  const auto step_of = [](double share) {
    return std::ceil(std::min(1.0, share) * 4) / 4;
  };
  const auto draw = [&](bool guest, double base, double height, const Box& look) {
    const auto of = [&](std::size_t i) {
      return step_of(guest ? shares[i].guest : shares[i].work);
    };
    for (std::size_t i = 0; i < buckets;) {
      std::size_t j = i;
      while (j < buckets && of(j) == of(i)) {
        ++j;
      }
      if (of(i) > 0) {
        const double h = height * of(i);
        canvas_.box({left + width * static_cast<double>(i) / buckets, base + height - h,
                     width * static_cast<double>(j - i) / buckets, h},
                    {.fill = look.border}, "", {},
                    std::string(guest ? "guest runs" : "answers and other work") + ", " +
                        std::to_string(static_cast<int>(of(i) * 100)) + " %");
      }
      i = j;
    }
  };
  const bool vcpu =
      std::any_of(outer_[tid].begin(), outer_[tid].end(),
                  [](const Step* step) { return step->name == "vcpu_run"; });
  if (vcpu) {
    draw(true, y, 10, theme_.red);
    draw(false, y + 12, 10, theme_.amber);
    canvas_.text({left + width + 6, y - 2, 200, 12}, say("guest runs", "客户机在运行"),
                 {.colour = theme_.red.text, .size = 9});
    canvas_.text({left + width + 6, y + 10, 200, 12}, say("somebody answers", "在应答"),
                 {.colour = theme_.amber.text, .size = 9});
  } else {
    draw(false, y + 2, 18, theme_.blue);
    for (const Step* step : outer_[tid]) {
      const double from = x_of(span, step->ts_ns), to = x_of(span, end_of(*step));
      const std::string words = run_.brief(*step, 40);
      if (text_width(words, 9) + 12 < to - from) {
        canvas_.box({from, y + 2, to - from, 18},
                    {.fill = theme_.blue.fill, .border = theme_.blue.border}, words,
                    {.colour = theme_.blue.text, .size = 9, .align = Align::middle});
      }
    }
  }
  return y + lane + 4;
}

double TimelinePicture::guest_lane(const Span& span, double y) {
  if (console_.empty()) {
    return y;
  }
  canvas_.text({0, y, left - 10, lane - 4}, say("console", "控制台"),
               {.size = 11, .align = Align::right});
  double used = 0, row = 0;
  for (const Step* line : console_) {
    const double x = x_of(span, line->ts_ns);
    canvas_.line(x, y + 2, x, y + 8, {.colour = theme_.red.border});
    const std::string words = visible(run_.arg(*line, "text"), 60);
    const double wide = std::min(text_width(words, 9) + 8, left + width + 180 - x);
    if (x >= used && wide > 40 && row < 4) {
      canvas_.text({x, y + 8, wide, 12}, words, {.colour = theme_.red.text, .size = 9});
      used = x + wide;
    }
  }
  return y + lane + 4;
}

Graph TimelinePicture::draw() {
  double y = 0;
  if (options_.legend) {
    y = canvas_.title(0, 0, left + width, title(),
                      run_.machine + "  ·  " + run_.accel + "  ·  " +
                          std::to_string(run_.steps().size()) +
                          say(" steps in ", " 步,") + time_words(end_));
  }
  const Span start{0, std::min(end_, ready_ + ready_ / 50)};
  if (!phases_.empty() || !checkpoints_.empty()) {
    y = axis(start, y, say("start-up", "启动"));
    const double top = y;
    y = checkpoint_names(start, y);
    y = phase_lanes(start, y);
    checkpoint_lines(start, top + 6, y);
    y += 26;
  }
  const bool longer = end_ > start.end + start.end / 4;
  if (longer || phases_.empty()) {
    const Span whole{0, end_};
    y = axis(whole, y, say("whole run", "整个运行"));
    const double top = y;
    y = checkpoint_names(whole, y);
    for (const auto& [tid, spans] : outer_) {
      y = thread_lane(whole, tid, thread_name(tid), y);
    }
    y = guest_lane(whole, y);
    checkpoint_lines(whole, top + 6, y);
  }
  return canvas_.take();
}

Outline TimelinePicture::outline() const {
  Outline out;
  out.title = title();
  for (const Step& step : run_.steps()) {
    if (is_checkpoint(step)) {
      out.row(0, "checkpoint " + std::string(step.name),
              {{"step", std::to_string(step.seq)}, {"at", time_words(step.ts_ns)}});
    } else if (step.name == "phase") {
      out.row(0, "phase " + std::string(run_.arg(step, "name")),
              {{"step", std::to_string(step.seq)},
               {"at", time_words(step.ts_ns)},
               {"took", time_words(end_of(step) - step.ts_ns)}});
    }
  }
  for (const auto& [tid, spans] : outer_) {
    std::uint64_t guest = 0, work = 0;
    for (const Step* step : spans) {
      (step->name == "vcpu_run" ? guest : work) += step->dur_ns;
    }
    out.row(0, "thread " + thread_name(tid),
            {{"outermost_steps", std::to_string(spans.size())},
             {"in_guest", time_words(guest)},
             {"other", time_words(work)}});
  }
  return out;
}

Graph draw_timeline(const Run& run, const PictureOptions& options) {
  return TimelinePicture(run, options).draw();
}

Outline outline_timeline(const Run& run, const PictureOptions& options) {
  return TimelinePicture(run, options).outline();
}

const Picture timeline_picture{
    .name = "timeline",
    .help = "phases, threads and checkpoints on one axis of time",
    .draw_run = draw_timeline,
    .outline = outline_timeline,
    .about =
        "What happened when, and what took the time? On top the start-up: one lane a "
        "phase, inside it its biggest steps; dotted lines are checkpoints. Below, where "
        "the run is longer, the whole of it: one lane a thread; of a vCPU, how much of "
        "each moment the guest ran and how much somebody answered it.",
    .about_zh =
        "什么时候发生了什么,时间花在哪里?上面是启动:每个阶段一条泳道,里面是最大的"
        "步骤;点线是检查点。运行较长时,下面是整个运行:每个线程一条泳道;vCPU 的泳道"
        "显示每一时刻客户机运行的比例和被应答的比例。",
};

}  // namespace

}  // namespace viz

using viz::timeline_picture;
picture_init(timeline_picture)
