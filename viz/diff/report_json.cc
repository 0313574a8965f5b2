#include "viz/diff/report_json.h"

#include <nlohmann/json.hpp>

#include "viz/diff/report_text.h"

namespace viz::diff {

namespace {

using nlohmann::ordered_json;

std::string dump(const ordered_json& json) {
  return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

ordered_json side(const Tree& tree) {
  return {{"file", tree.file()},
          {"steps", tree.steps()},
          {"argv", std::string(tree.metadata("argv"))},
          {"lost", tree.lost()}};
}

ordered_json totals(const Totals& totals) {
  return {{"agree", totals.agree},     {"removed", totals.removed},
          {"added", totals.added},     {"replaced", totals.replaced},
          {"changed", totals.changed}, {"moved", totals.moved},
          {"repeated", totals.loops}};
}

ordered_json took(const Took& took) {
  return {{"median_us", took.median_ns / 1e3}, {"spread_us", took.spread_ns / 1e3}};
}

ordered_json chain(const Tree& tree, Index node) {
  ordered_json chain = ordered_json::array();
  for (Index at = tree[node].parent; at != none && tree[at].seq != 0;
       at = tree[at].parent) {
    chain.insert(chain.begin(), tree.label(at));
    if (chain.size() == 64) {
      break;
    }
  }
  return chain;
}

ordered_json place(const Tree& tree, Index node) {
  if (node == none) {
    return nullptr;
  }
  return {{"seq", tree[node].seq},
          {"step", tree.label(node)},
          {"loc", std::string(tree.loc(node))},
          {"chain", chain(tree, node)}};
}

ordered_json loop(const Tree& tree, const Loop& loop) {
  ordered_json body = ordered_json::array();
  Index at = loop.b;
  for (std::uint32_t i = 0; i < loop.body && at < tree.size(); ++i, at = tree.last(at)) {
    body.push_back(tree.label(at));
  }
  return {{"body", body}, {"rounds_a", loop.rounds_a}, {"rounds_b", loop.rounds_b}};
}

ordered_json edit_json(const Report& report, const Edit& edit) {
  const Tree &a = *report.a, &b = *report.b;
  const Shown at = shown(a, b, edit);
  ordered_json json{
      {"kind", to_string(edit.kind)},    {"phase", phase_of(*at.tree, at.node)},
      {"a", place(a, edit.a)},           {"b", place(b, edit.b)},
      {"steps_a", edit.steps_a},         {"steps_b", edit.steps_b},
      {"changes", ordered_json::array()}};
  if (edit.kind == EditKind::changed || edit.kind == EditKind::replaced) {
    for (const Change& change : changes(a, edit.a, b, edit.b)) {
      json["changes"].push_back(
          {{"field", change.field}, {"a", change.a}, {"b", change.b}});
    }
  }
  if (edit.loop != nullptr) {
    json["loop"] = loop(b, *edit.loop);
  }
  return json;
}

ordered_json group_json(const Report& report, const Group& group) {
  return {{"kind", to_string(group.kind)},
          {"subject", group.subject},
          {"headline", headline(report, group)},
          {"phases", group.phases},
          {"edits", group.edits},
          {"steps_a", group.steps_a},
          {"steps_b", group.steps_b},
          {"causes", group.causes},
          {"evidence", to_string(group.evidence)}};
}

ordered_json argument_json(const Argument& argument) {
  ordered_json json{{"option", argument.option}, {"key", argument.key}};
  json["a"] = argument.in_a ? ordered_json(argument.a) : ordered_json(nullptr);
  json["b"] = argument.in_b ? ordered_json(argument.b) : ordered_json(nullptr);
  json["used_in"] = argument.used_in;
  return json;
}

ordered_json timing_json(const Report& report) {
  const Timing& timing = report.timing;
  ordered_json phases = ordered_json::array(), changes = ordered_json::array();
  for (const PhaseTime& phase : timing.phases) {
    phases.push_back({{"name", phase.name}, {"a", took(phase.a)}, {"b", took(phase.b)}});
  }
  for (const TimeChange& change : timing.slower_or_faster) {
    changes.push_back({{"a", place(*report.a, change.a)},
                       {"b", place(*report.b, change.b)},
                       {"self_a", took(change.self_a)},
                       {"self_b", took(change.self_b)},
                       {"total_a", took(change.total_a)},
                       {"total_b", took(change.total_b)}});
  }
  return {{"runs_a", timing.runs_a},
          {"runs_b", timing.runs_b},
          {"judged", timing.judged},
          {"phases", phases},
          {"slower_or_faster", changes}};
}

}  // namespace

void report_json(const Report& report,
                 const std::function<void(std::string_view)>& write) {
  constexpr const char* verdicts[] = {"same", "structure", "timing"};
  const Edit* first = first_divergence(report);
  ordered_json head{{"schema", 1},
                    {"verdict", verdicts[report.verdict()]},
                    {"a", side(*report.a)},
                    {"b", side(*report.b)},
                    {"totals", totals(report.edits.totals)},
                    {"visits", report.alignment.work.visits}};
  head["first"] = first == nullptr ? ordered_json(nullptr)
                                   : ordered_json(first - report.edits.list.data());
  std::string text = dump(head);
  text.pop_back();  // its closing brace
  write(text);
  // Everything that may be long is written an element a line.
  const auto list = [&](const char* name, const auto& elements, const auto& to_json) {
    write(std::string(",\n\"") + name + "\":[");
    const char* before = "\n";
    for (const auto& element : elements) {
      write(before + dump(to_json(element)));
      before = ",\n";
    }
    write("]");
  };
  list("arguments", report.arguments, argument_json);
  list("groups", report.groups,
       [&](const Group& group) { return group_json(report, group); });
  list("edits", report.edits.list,
       [&](const Edit& edit) { return edit_json(report, edit); });
  write(",\n\"timing\":" + dump(timing_json(report)) + "}\n");
}

std::string report_json(const Report& report) {
  std::string text;
  report_json(report, [&](std::string_view piece) { text += piece; });
  return text;
}

}  // namespace viz::diff
