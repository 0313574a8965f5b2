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
        yield f"\n## {heading}\n\n| option | meaning |\n|---|---|"
        for option, meaning in option_items(body.splitlines()):
            yield f"| `{cell(option)}` | {cell(meaning)} |"


def types(text):
    """One table: every type, its parent, its interfaces."""
    model = json.loads(text)
    entries = sorted(model["types"], key=lambda t: t["name"])
    children = {}
    for entry in entries:
        children[entry["parent"]] = children.get(entry["parent"], 0) + 1
    yield f"\n{len(entries)} types. An abstract type has no objects of its own, only its descendants do."
    yield "\n| type | parent | children | interfaces |\n|---|---|---:|---|"
    for entry in entries:
        name = f"`{entry['name']}`" + (" abstract" if entry["abstract"] else "")
        parent = f"`{entry['parent']}`" if entry["parent"] else ""
        interfaces = " ".join(f"`{i}`" for i in entry["interfaces"])
        yield f"| {name} | {parent} | {children.get(entry['name'], '')} | {interfaces} |"


def pages(run):
    made = {
        "events.md": ("Trace events", "vitrine events --markdown", events),
        "options.md": ("Options of `vitrine run`", "vitrine run -help",
                       lambda text: "\n".join(run_options(text))),
        "types.md": ("Types", "vitrine types --format json",
                     lambda text: "\n".join(types(text))),
    }
    for name, (title, command, shape) in made.items():
        body = shape(run(command)).strip("\n")
        yield name, HEADER.format(title=title, command=command) + f"\n{body}\n"
