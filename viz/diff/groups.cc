// Edits that say one thing together.
#include <algorithm>
#include <map>
#include <tuple>

#include "viz/diff/report.h"

namespace viz::diff {

namespace {

std::string type_of(std::string_view object) {
  return std::string(object.substr(0, std::min(object.rfind('#'), object.size())));
}

// Objects that a device is made of say little by themselves; the device does.
bool is_part(std::string_view type) {
  return type == "irq" || type == "qemu:memory-region";
}

// The object at the first level below /machine/unattached, /machine/peripheral...: the
// device that a part belongs to. `object` itself if it stands nowhere.
std::string owner_of(const Tree& tree, std::string_view object) {
  const std::string_view path = tree.path_of(object);
  if (!is_part(type_of(object)) || path.empty()) {
    return type_of(object);
  }
  const std::string_view above = path.substr(0, path.rfind('/'));
  const Word word = tree.words().find("\"" + std::string(above) + "\"");
  const std::string_view owner =
      word == Words::none ? std::string_view() : tree.object_at(word);
  if (!owner.empty() && !owner.starts_with("container#")) {
    return type_of(owner);
  }
  const std::string_view part = path.substr(path.rfind('/') + 1);
  return type_of(object) + " " + std::string(part.substr(0, part.find('[')));
}

// What a step is about: the type of the object it names, else a type's name, else its
// own name.
std::string subject_of(const Tree& tree, Index node) {
  const KindOf& kind = tree.kind(node);
  const std::span<const Word> values = tree.values(node);
  if (kind.name == "object_property_add_child") {
    return owner_of(tree, tree.value(node, "child"));
  }
  for (std::size_t i = 0; i < values.size() && kind.fields[i].identity; ++i) {
    const std::string_view text = unquoted(tree.text(values[i]));
    const std::size_t hash = text.rfind('#');
    if (hash != std::string_view::npos && hash + 1 < text.size() &&
        text.find_first_not_of("0123456789", hash + 1) == std::string_view::npos) {
      return owner_of(tree, text);
    }
    if (kind.cat == "qom" &&
        (kind.fields[i].name == "name" || kind.fields[i].name == "type")) {
      return std::string(text);
    }
  }
  if (kind.name == "thread") {
    return "thread " + std::string(tree.value(node, "name"));
  }
  return kind.name;
}

// "kvm-i8259 -> isa-i8259": the subjects if they differ, else the first values that do.
std::string replaced_subject(const Tree& a, const Tree& b, const Edit& edit) {
  std::string of_a = subject_of(a, edit.a);
  const std::string of_b = subject_of(b, edit.b);
  if (of_a != of_b) {
    return of_a + " \u2192 " + of_b;
  }
  if (of_a != a.kind(edit.a).name) {
    return of_a;
  }
  for (const Change& change : changes(a, edit.a, b, edit.b)) {
    return change.a + " \u2192 " + change.b;
  }
  return of_a;
}

}  // namespace

Shown shown(const Tree& a, const Tree& b, const Edit& edit) {
  return edit.b != none ? Shown{&b, edit.b} : Shown{&a, edit.a};
}

std::vector<Group> groups_of(const Tree& a, const Tree& b, const Edits& edits) {
  // Replacements are of the whole start; the rest of a phase.
  std::map<std::tuple<EditKind, std::string, std::string>, std::size_t> open;
  std::vector<Group> groups;
  for (std::uint32_t i = 0; i < edits.list.size(); ++i) {
    const Edit& edit = edits.list[i];
    const Shown at = shown(a, b, edit);
    const bool replaced = edit.kind == EditKind::replaced;
    const std::string phase = phase_of(*at.tree, at.node);
    std::string subject =
        replaced ? replaced_subject(a, b, edit) : subject_of(*at.tree, at.node);
    const auto [found, fresh] =
        open.try_emplace({edit.kind, replaced ? "" : phase, subject}, groups.size());
    if (fresh) {
      groups.push_back({edit.kind, {}, std::move(subject), {}, 0, 0, {}, {}});
    }
    Group& group = groups[found->second];
    if (std::ranges::find(group.phases, phase) == group.phases.end()) {
      group.phases.push_back(phase);
    }
    group.edits.push_back(i);
    group.steps_a += edit.steps_a;
    group.steps_b += edit.steps_b;
  }
  return groups;
}

const Edit* first_divergence(const Report& report) {
  const Edit* first = nullptr;
  std::uint64_t earliest = ~std::uint64_t{0};
  for (const Edit& edit : report.edits.list) {
    const Shown at = shown(*report.a, *report.b, edit);
    // Of those of one thread the first in the list is the first there is.
    if (first == nullptr || (*at.tree)[at.node].ts_ns < earliest) {
      const Shown of_first =
          first == nullptr ? Shown{} : shown(*report.a, *report.b, *first);
      if (first == nullptr ||
          of_first.tree->thread_of(of_first.node) != at.tree->thread_of(at.node)) {
        first = &edit;
        earliest = (*at.tree)[at.node].ts_ns;
      }
    }
  }
  return first;
}

std::string chain_of(const Tree& tree, Index node) {
  constexpr int most = 8;  // the steps that matter are the nearest ones
  std::string chain;
  int count = 0;
  for (Index at = tree[node].parent; at != none && tree[at].seq != 0;
       at = tree[at].parent) {
    if (++count > most) {
      return "... > " + chain;
    }
    chain.insert(0, chain.empty() ? "" : " > ").insert(0, tree.label(at));
  }
  return chain;
}

std::uint64_t signature(const Tree& a, const Tree& b, const Edit& edit) {
  std::uint64_t signature = static_cast<std::uint64_t>(edit.kind);
  if (edit.a != none) {
    signature = mix(signature, a[edit.a].key);
  }
  if (edit.b != none) {
    signature = mix(signature, b[edit.b].key);
  }
  return signature;
}

Report compare(const Tree& a, const Tree& b, const ReportOptions& options) {
  Report report;
  report.a = &a;
  report.b = &b;
  report.alignment = align(a, b, options.align);
  report.edits = edits_of(a, b, report.alignment);
  report.groups = groups_of(a, b, report.edits);
  report.arguments = arguments_of(a, b);
  find_causes(report);
  const auto runs = [&](const Tree& first, const std::vector<const Tree*>& more) {
    std::vector<MoreRun> aligned;
    aligned.reserve(more.size());
    for (const Tree* tree : more) {
      aligned.push_back({tree, align(first, *tree, options.align).to_b});
    }
    return aligned;
  };
  report.timing = compare_times(a, b, report.alignment, runs(a, options.more_a),
                                runs(b, options.more_b), options.timing);
  return report;
}

}  // namespace viz::diff
