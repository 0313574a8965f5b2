#include "viz/diff/report_text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

#include "viz/text.h"

namespace viz::diff {

namespace {

struct Sign {
  const char* sign;
  const char* colour;
};

Sign sign_of(EditKind kind) {
  switch (kind) {
    case EditKind::removed:
      return {"-", "\033[31m"};
    case EditKind::added:
      return {"+", "\033[32m"};
    case EditKind::moved:
      return {">", "\033[36m"};
    case EditKind::changed:
      return {"~", "\033[33m"};
    case EditKind::replaced:
      return {"/", "\033[35m"};
    case EditKind::repeated:
      return {"*", "\033[34m"};
  }
  return {"?", ""};
}

class TextReport {
 public:
  TextReport(const Report& report, const TextOptions& options)
      : report_(report), a_(*report.a), b_(*report.b), options_(options) {}

  std::string write() {
    head();
    verdict();
    if (!report_.edits.totals.same()) {
      if (options_.explain) {
        effects();
      }
      first();
      if (!options_.explain || options_.all) {
        by_phase();
      }
    }
    times();
    foot();
    return std::move(out_);
  }

 private:
  void head();
  void verdict();
  void effects();
  void first();
  void by_phase();
  void times();
  void foot();
  void side(const char* name, const Tree& tree);
  void group(const Group& group, const std::string& indent, bool with_cause);
  void edit(const Edit& edit, const std::string& indent);
  void effects_of(const std::string& title, const std::vector<const Group*>& groups);

  std::string paint(const char* colour, const std::string& text) const {
    return options_.colour ? colour + text + "\033[0m" : text;
  }

  std::string dim(const std::string& text) const { return paint("\033[2m", text); }

  std::string bold(const std::string& text) const { return paint("\033[1m", text); }

  void title(const std::string& text) { out_ += "\n" + bold(text) + "\n"; }

  std::string cause_text(const Group& group) const;
  std::string places(const Edit& edit) const;

  std::size_t limit() const {
    return options_.limit == 0 ? ~std::size_t{0} : options_.limit;
  }

  const Report& report_;
  const Tree& a_;
  const Tree& b_;
  const TextOptions& options_;
  std::string out_;
};

void TextReport::side(const char* name, const Tree& tree) {
  out_ += bold(name) + "  " + visible(tree.file(), 200) + "  " +
          std::to_string(tree.steps()) + " steps";
  if (const std::string_view argv = tree.metadata("argv"); !argv.empty()) {
    out_ += "\n   " + dim(visible(argv, 300));
  }
  if (tree.lost() != 0) {
    out_ += "\n   " + std::to_string(tree.lost()) +
            " records of this trace were lost: steps may be missing";
  }
  out_ += "\n";
}

void TextReport::head() {
  side("A", a_);
  side("B", b_);
}

void TextReport::verdict() {
  const Totals& totals = report_.edits.totals;
  out_ += "\n";
  if (totals.same()) {
    out_ += bold(report_.verdict() == 0 ? "The same steps."
                                        : "The same steps, in other times.") +
            " " + std::to_string(totals.agree) + " agree.\n";
    return;
  }
  out_ += bold("The structure differs.") + " " + std::to_string(totals.agree) +
          " steps agree;";
  const auto count = [&](EditKind kind, std::uint64_t number, const char* what) {
    if (number != 0) {
      const Sign sign = sign_of(kind);
      out_ += " " + paint(sign.colour, std::string(sign.sign) + " " +
                                           std::to_string(number) + " " + what);
    }
  };
  count(EditKind::removed, totals.removed, "only in A");
  count(EditKind::added, totals.added, "only in B");
  count(EditKind::replaced, totals.replaced, "replaced");
  count(EditKind::changed, totals.changed, "changed");
  count(EditKind::moved, totals.moved, "moved");
  count(EditKind::repeated, totals.loops, totals.loops == 1 ? "loop" : "loops");
  out_ += "\n";
}

std::string TextReport::places(const Edit& edit) const {
  const std::string in_a(edit.a != none ? a_.loc(edit.a) : std::string_view());
  const std::string in_b(edit.b != none ? b_.loc(edit.b) : std::string_view());
  if (in_a.empty() || in_b.empty() || in_a == in_b) {
    return visible(in_b.empty() ? in_a : in_b);
  }
  return visible(in_a) + " | " + visible(in_b);
}

std::string TextReport::cause_text(const Group& group) const {
  std::string text;
  for (const std::uint32_t cause : group.causes) {
    const Argument& argument = report_.arguments[cause];
    text += (text.empty() ? "" : " or ") + visible(text_of(argument, false), 80);
  }
  return text;
}

void TextReport::edit(const Edit& edit, const std::string& indent) {
  const Sign sign = sign_of(edit.kind);
  const Shown at = shown(a_, b_, edit);
  std::string line =
      indent + paint(sign.colour, std::string(sign.sign) + " " +
                                      visible(at.tree->label(at.node), 100));
  if (edit.steps_a + edit.steps_b > 1 && edit.kind != EditKind::changed &&
      edit.kind != EditKind::replaced) {
    line += " (" + std::to_string(std::max(edit.steps_a, edit.steps_b)) + " steps)";
  }
  out_ += line + "  " + dim(places(edit)) + "\n";
  if (edit.kind == EditKind::changed || edit.kind == EditKind::replaced) {
    for (const Change& change : changes(a_, edit.a, b_, edit.b)) {
      out_ += indent + "    " + visible(change.field) + ": " + visible(change.a, 120) +
              " \u2192 " + visible(change.b, 120) + "\n";
    }
  }
  if (edit.kind == EditKind::moved) {
    out_ += indent + "    " + dim("was in " + visible(chain_of(a_, edit.a), 200)) + "\n";
  }
  if (edit.loop != nullptr) {
    out_ += indent + "    " + std::to_string(edit.loop->body) + " steps a round, " +
            std::to_string(edit.loop->rounds_a) + " \u2192 " +
            std::to_string(edit.loop->rounds_b) + " rounds\n";
  }
  if (const std::string chain = chain_of(*at.tree, at.node); !chain.empty()) {
    out_ += indent + "    " + dim("in " + visible(chain, 200)) + "\n";
  }
}

void TextReport::first() {
  const Edit* found = first_divergence(report_);
  if (found != nullptr) {
    const Shown at = shown(a_, b_, *found);
    title("First divergence, phase " + visible(phase_of(*at.tree, at.node)));
    edit(*found, "  ");
  }
}

void TextReport::group(const Group& group, const std::string& indent, bool with_cause) {
  const Sign sign = sign_of(group.kind);
  out_ += indent +
          paint(sign.colour, std::string(sign.sign) + " " + headline(report_, group));
  if (with_cause && !group.causes.empty()) {
    out_ += "  " + dim("\u2190 " + cause_text(group));
  }
  out_ += "\n";
  if (!options_.all) {
    return;
  }
  for (std::size_t i = 0; i < std::min(group.edits.size(), limit()); ++i) {
    edit(report_.edits.list[group.edits[i]], indent + "    ");
  }
  if (group.edits.size() > limit()) {
    out_ += indent + "    ... " + std::to_string(group.edits.size() - limit()) +
            " more (--limit 0)\n";
  }
}

void TextReport::by_phase() {
  std::vector<std::string> order;
  std::map<std::string, std::vector<const Group*>> phases;
  for (const Group& of : report_.groups) {
    std::vector<const Group*>& groups = phases[of.phases.front()];
    if (groups.empty()) {
      order.push_back(of.phases.front());
    }
    groups.push_back(&of);
  }
  for (const std::string& phase : order) {
    const std::vector<const Group*>& groups = phases[phase];
    title("Phase " + visible(phase));
    for (std::size_t i = 0; i < std::min(groups.size(), limit()); ++i) {
      group(*groups[i], "  ", true);
    }
    if (groups.size() > limit()) {
      out_ += "  ... " + std::to_string(groups.size() - limit()) +
              " more groups (--limit 0)\n";
    }
  }
}

void TextReport::effects_of(const std::string& head,
                            const std::vector<const Group*>& groups) {
  std::uint64_t steps = 0;
  for (const Group* of : groups) {
    steps += of->steps_a + of->steps_b;
  }
  out_ += "\n" + head +
          dim("   " + std::to_string(groups.size()) +
              (groups.size() == 1 ? " effect, " : " effects, ") + std::to_string(steps) +
              " steps") +
          "\n";
  std::string phase;
  std::size_t count = 0;
  for (const Group* of : groups) {
    if (++count > limit() * 2 && options_.limit != 0) {
      out_ += "    ... " + std::to_string(groups.size() - count + 1) +
              " more effects (--limit 0)\n";
      return;
    }
    std::string phases;
    for (const std::string& name : of->phases) {
      phases += (phases.empty() ? "" : ", ") + visible(name);
    }
    if (phases != phase) {
      phase = phases;
      out_ += "  " + dim(phase) + "\n";
    }
    group(*of, "    ", false);
  }
}

// For each argument what it did; then what is not known to belong to one argument.
void TextReport::effects() {
  title("Arguments and their effects");
  // Effects of one argument first.
  const auto fewer = [](const auto& x, const auto& y) {
    return x.size() != y.size() ? x.size() < y.size() : x < y;
  };
  std::map<std::vector<std::uint32_t>, std::vector<const Group*>, decltype(fewer)>
      by_cause(fewer);
  for (const Group& of : report_.groups) {
    by_cause[of.causes].push_back(&of);
  }
  if (report_.arguments.empty()) {
    out_ += "\nThe command lines are the same as far as the traces tell.\n";
  }
  for (const auto& [causes, groups] : by_cause) {
    if (causes.empty()) {
      continue;
    }
    std::string head;
    for (const std::uint32_t cause : causes) {
      const Argument& argument = report_.arguments[cause];
      const bool both = groups.front()->evidence >= Evidence::together;
      head +=
          (head.empty() ? ""
           : both       ? "\n  and "
                        : "\n  or  ") +
          bold(paint("\033[31m", visible(text_of(argument, true), 120)) + "  \u2192  " +
               paint("\033[32m", visible(text_of(argument, false), 120)));
    }
    const Evidence evidence = groups.front()->evidence;
    effects_of(head + (evidence == Evidence::confirmed  ? "   (confirmed: changed alone)"
                       : evidence == Evidence::together ? "   (only together)"
                                                        : ""),
               groups);
  }
  if (const auto rest = by_cause.find({}); rest != by_cause.end()) {
    effects_of(bold("not traced to an argument"), rest->second);
  }
}

void TextReport::times() {
  const Timing& timing = report_.timing;
  if (timing.phases.empty() && timing.slower_or_faster.empty()) {
    return;
  }
  const auto line = [&](const std::string& name, const Took& a, const Took& b) {
    char ratio[32];
    std::snprintf(ratio, sizeof ratio, "\u00d7 %.2f",
                  a.median_ns > 0 ? b.median_ns / a.median_ns : 0);
    std::string text = "  " + name;
    text.resize(std::max<std::size_t>(text.size(), 36), ' ');
    std::string times = time_text(a.median_ns);
    if (a.spread_ns > 0 || b.spread_ns > 0) {
      times += " \u00b1 " + time_text(a.spread_ns) + "  \u2192  " +
               time_text(b.median_ns) + " \u00b1 " + time_text(b.spread_ns);
    } else {
      times += "  \u2192  " + time_text(b.median_ns);
    }
    out_ += text + " " + times + "   " + (a.median_ns > 0 ? ratio : "") + "\n";
  };
  title("Time" + (timing.runs_a + timing.runs_b > 2
                      ? " (median of " + std::to_string(timing.runs_a) + " and " +
                            std::to_string(timing.runs_b) + " runs \u00b1 spread)"
                      : std::string()));
  for (const PhaseTime& phase : timing.phases) {
    line("phase " + visible(phase.name), phase.a, phase.b);
  }
  if (!timing.slower_or_faster.empty()) {
    title(std::string("Slower or faster (own time, without the steps inside)") +
          (timing.judged ? "" : ": one run a side, shown but not judged (--runs)"));
  }
  for (std::size_t i = 0; i < std::min(timing.slower_or_faster.size(), limit()); ++i) {
    const TimeChange& change = timing.slower_or_faster[i];
    line(visible(b_.label(change.b), 60), change.self_a, change.self_b);
    out_ += "    " +
            dim("in " + visible(chain_of(b_, change.b), 120) + "  " +
                visible(b_.loc(change.b))) +
            "\n";
  }
}

void TextReport::foot() {
  out_ += "\n" +
          dim("Not compared: volatile fields, sequence numbers, source lines; objects "
              "count as the same by their place and type.") +
          "\n";
  if (!report_.edits.totals.same() && !options_.all) {
    out_ += dim("--all shows every step with where it happened") + "\n";
  }
}

}  // namespace

std::string report_text(const Report& report, const TextOptions& options) {
  return TextReport(report, options).write();
}

}  // namespace viz::diff
