"""Turns the woven Markdown into a site with mkdocs.

The pages are copied below the build folder first, because mkdocs wants them apart from
its configuration, and because some things are nicer there than in the Markdown: a code
block's fence is cut to its language, and the file it was taken from stands above it.
The pages say which language they are in, because that decides the fonts.
"""

import re
import shutil
import subprocess

FENCE = re.compile(r"^```(\w+) ([^\n]*)$", re.M)
ANCHOR = re.compile(r"anchor=([^#\s]+)")
CODE = re.compile(r"`[^`\n]+`")


def plain_fences(text):
    def fence(match):
        source = ANCHOR.search(match[2])
        caption = f'<p class="source">{source[1]}</p>\n\n' if source else ""
        return f"{caption}```{match[1]}"

    return FENCE.sub(fence, text)


def plain_bars(text):
    """A bar inside code needs a backslash in a table, and mkdocs would show it."""
    return CODE.sub(lambda match: match[0].replace("\\|", "|"), text)


def site(book, stage):
    """Builds book/site by way of `stage`; the exit status of mkdocs."""
    shutil.rmtree(stage, ignore_errors=True)
    skipped = shutil.ignore_patterns("site", "*.py", "*.yml", "__pycache__")
    shutil.copytree(book, stage / "docs", ignore=skipped)
    for path in (stage / "docs").rglob("*.md"):
        text = plain_bars(plain_fences(path.read_text(encoding="utf-8")))
        path.write_text(text, encoding="utf-8")
    shutil.copyfile(book / "mkdocs.yml", stage / "mkdocs.yml")
    status = subprocess.run(["mkdocs", "build", "-q", "-f", stage / "mkdocs.yml",
                             "-d", book / "site"]).returncode
    for page in (book / "site").rglob("zh.html"):
        text = page.read_text(encoding="utf-8")
        page.write_text(text.replace('lang="en"', 'lang="zh-CN"', 1), encoding="utf-8")
    return status
