"""The reference pages of the book, generated whole from what the program says.

`pages(run)` yields (file name, text); `run(command)` gives a command's output. The
program is the only source: a new event, option or type is in the book after the next
`./dev book`.
"""

import json
import re

HEADER = "# {title}\n\nMade by `{command}`; nothing here is written by hand.\n"


def cell(text):
    """Text for a table's cell: a bar would end it."""
    return text.replace("|", "\\|")


def events(text):
    """Already Markdown; headings are one level too high for a page of their own."""
    return text.lstrip("\n")


def option_items(lines):
    """(option, help) of each option below a heading; the help may follow on a line."""
    option = None
    for line in lines:
        if line.startswith("-"):
            if option:
                yield option, ""
            option, _, text = line.partition("  ")
            if text.strip():
                yield option, text.strip()
                option = None
        elif option and line.strip():
            yield option, line.strip()
            option = None
    if option:
        yield option, ""


def run_options(text):
    """The help of `vitrine run`: headings end in a colon, options begin with a dash."""
    parts = re.split(r"^([A-Z][^\n]*):$", text, flags=re.M)
    for heading, body in zip(parts[1::2], parts[2::2]):
        if heading == "Exit codes":
            yield "\n## Exit codes\n\n| code | meaning |\n|---|---|"
            for line in body.strip().split("\n\n")[0].splitlines():
                code, meaning = line.split(None, 1)
                yield f"| {code} | {cell(meaning)} |"
            continue
        yield f"\n## {heading}\n\n| option | meaning |\n|---|---|"
        for option, meaning in option_items(body.splitlines()):
            yield f"| `{cell(option)}` | {cell(meaning)} |"


def spellings(text):
    """One row a spelling; the reason in both languages."""
    yield "\n| older | newer | since | why | 说明 |\n|---|---|---|---|---|"
    for row in json.loads(text):
        yield (f"| `{cell(row['older'])}` | `{cell(row['newer'])}` | {row['since']} | "
               f"{row['why']['en']} | {row['why']['zh']} |")


def type_item(entry):
    """One type as an item of a list: its name and what is special about it."""
    notes = ["abstract"] if entry["abstract"] else []
    if entry["interfaces"]:
        notes.append("implements " + ", ".join(f"`{name}`" for name in entry["interfaces"]))
    return f"`{entry['name']}`" + (f" ({'; '.join(notes)})" if notes else "")


def branch(parent, children, depth):
    """The types below `parent`, as nested lists; plain leaves share one item."""
    margin, leaves = "    " * depth, []
    for entry in children.get(parent, []):
        if entry["name"] in children or entry["abstract"] or entry["interfaces"]:
            yield f"{margin}* {type_item(entry)}"
            yield from branch(entry["name"], children, depth + 1)
        else:
            leaves.append(f"`{entry['name']}`")
    if leaves:
        yield f"{margin}* " + " ".join(leaves)


def types(text):
    """Every type below its parent; the two roots and their children are headings."""
    entries = sorted(json.loads(text)["types"], key=lambda entry: entry["name"])
    children = {}
    for entry in entries:
        children.setdefault(entry["parent"] or "", []).append(entry)
    yield f"\n{len(entries)} types; each stands below its parent. An abstract type has no"
    yield "objects of its own."
    for root in children[""]:
        yield f"\n## {root['name']}\n"
        yield from branch(root["name"], children, 0)


def pages(run):
    made = {
        "events.md": ("Trace events", "vitrine events --markdown", events),
        "options.md": ("Options of `vitrine run`", "vitrine run -help",
                       lambda text: "\n".join(run_options(text))),
        "spellings.md": ("Older and newer spellings", "vitrine explain --spellings --json",
                         lambda text: "\n".join(spellings(text))),
        "types.md": ("Types", "vitrine types --format json",
                     lambda text: "\n".join(types(text))),
    }
    for name, (title, command, shape) in made.items():
        body = shape(run(command)).strip("\n")
        yield name, HEADER.format(title=title, command=command) + f"\n{body}\n"
