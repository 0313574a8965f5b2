"""The weaver finds every way in which a book can stop telling the truth.

Each test makes a small project in a scratch folder (a source file with an anchor, a
chapter, a program named `vitrine` that prints what it is told), weaves it, checks that
all is well, breaks one thing, and expects the fault to be named.
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]

CODE = """\
// [answer]
int answer() {
  return 42;
}

// [answer]
"""

CHAPTER = """\
# 1 A chapter

```cpp anchor=qom/answer.cc#answer
```

```console run="vitrine say hello"
```

<!-- figure dot.svg: vitrine draw dot.svg -->
![a dot](figures/dot.svg)

The [second page](zh.md) says the same.
"""

PROGRAM = """\
#!/bin/sh
case "$1" in
  say) echo "$2, after 1.5 ms" ;;
  draw) echo '<svg/>' > "$2" ;;
  events) printf '## module\\n\\n### `module_init`\\n' ;;
  run) printf 'usage\\n\\nStandard options:\\n-m SIZE|help   guest memory\\n' ;;
  explain) echo '[{"older":"-enable-kvm","newer":"-accel kvm","since":"2.9",
    "why":{"en":"one name","zh":"一个名字"}}]' ;;
  types) echo '{"types":[{"name":"object","parent":"","abstract":true,"interfaces":[]},
    {"name":"dice","parent":"object","abstract":true,"interfaces":["nmi"]}]}' ;;
  fail) exit 3 ;;
esac
"""


class Weave(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name)
        for name in ("weave.py", "reference.py", "publish.py", "mkdocs.yml"):
            self.write(f"book/{name}", (SOURCE / "book" / name).read_text(encoding="utf-8"))
        self.write("qom/answer.cc", CODE)
        self.write("book/01-first/en.md", CHAPTER)
        self.write("book/01-first/zh.md", "# 1\n")
        self.write("bin/vitrine", PROGRAM)
        (self.root / "bin/vitrine").chmod(0o755)
        # The site is mkdocs' business: only what belongs to the weaver is tested here.
        (self.root / "bin/mkdocs").symlink_to(shutil.which("true"))
        self.assertEqual(self.weave(), (0, ""))
        self.assertEqual(self.weave("--check"), (0, ""))

    def tearDown(self):
        self.folder.cleanup()

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def edit(self, name, old, new):
        text = (self.root / name).read_text(encoding="utf-8")
        self.assertIn(old, text)
        self.write(name, text.replace(old, new))

    def read(self, name):
        return (self.root / name).read_text(encoding="utf-8")

    def weave(self, *arguments):
        """(exit status, what was complained about)"""
        path = f"{self.root / 'bin'}:/usr/local/bin:/usr/bin:/bin"
        done = subprocess.run(
            [sys.executable, "-B", self.root / "book/weave.py", "--bin", self.root / "bin",
             *arguments],
            env={"PATH": path}, text=True, capture_output=True, timeout=60)
        return done.returncode, done.stderr

    def assert_fault(self, *words):
        before = {p: p.read_bytes() for p in self.root.rglob("*") if p.is_file()}
        status, faults = self.weave("--check")
        self.assertEqual(status, 1, faults)
        for word in words:
            self.assertIn(word, faults)
        after = {p: p.read_bytes() for p in self.root.rglob("*") if p.is_file()}
        self.assertEqual(before, after, "--check changed a file")

    def test_code_and_output_stand_in_the_chapter(self):
        text = self.read("book/01-first/en.md")
        self.assertIn("#answer\nint answer() {\n  return 42;\n}\n```", text)
        self.assertIn("$ vitrine say hello\nhello, after N ms\n```", text)

    def test_a_figure_is_made(self):
        self.assertEqual(self.read("book/01-first/figures/dot.svg"), "<svg/>\n")

    def test_the_reference_is_made_from_the_program(self):
        self.assertIn("| `-m SIZE\\|help` | guest memory |", self.read("book/reference/options.md"))
        self.assertIn("## object\n\n* `dice` (abstract; implements `nmi`)",
                      self.read("book/reference/types.md"))
        self.assertIn("### `module_init`", self.read("book/reference/events.md"))

    def test_a_lost_anchor_is_a_fault(self):
        self.write("qom/answer.cc", "int answer();\n")
        self.assert_fault("book/01-first/en.md", "qom/answer.cc#answer", "0 marks")

    def test_half_an_anchor_is_a_fault(self):
        self.write("qom/answer.cc", CODE[:-len("// [answer]\n")])
        self.assert_fault("qom/answer.cc#answer", "1 marks")

    def test_a_lost_file_is_a_fault(self):
        (self.root / "qom/answer.cc").unlink()
        self.assert_fault("there is no qom/answer.cc")

    def test_changed_code_is_a_fault(self):
        self.edit("qom/answer.cc", "42", "43")
        self.assert_fault("book/01-first/en.md", "return 42;", "return 43;")

    def test_an_unused_anchor_is_a_fault(self):
        self.write("src/other.cc", "// [nobody]\nint x;\n// [nobody]\n")
        self.assert_fault("src/other.cc", "[nobody] is used by no chapter")

    def test_a_changed_output_is_a_fault(self):
        self.edit("bin/vitrine", "$2, after", "$2! after")
        self.assert_fault("book/01-first/en.md", "hello, after N ms", "hello! after N ms")

    def test_another_time_is_no_fault(self):
        self.edit("bin/vitrine", "1.5 ms", "27 ms")
        self.assertEqual(self.weave("--check"), (0, ""))

    def test_a_failed_command_is_a_fault(self):
        self.edit("book/01-first/en.md", "vitrine say hello", "vitrine fail")
        self.assert_fault("`vitrine fail` ended with status 3, not 0")

    def test_a_figure_that_is_not_made_is_a_fault(self):
        self.edit("book/01-first/en.md", "vitrine draw dot.svg", "vitrine say dot.svg")
        self.assert_fault("made no dot.svg")

    def test_a_dead_link_is_a_fault(self):
        self.edit("book/01-first/en.md", "(zh.md)", "(fr.md)")
        self.assert_fault("book/01-first/en.md: link to fr.md, which is not there")

    def test_a_dead_link_on_a_plain_page_is_a_fault(self):
        self.write("book/index.md", "[lost](02-second/en.md)\n")
        self.assert_fault("book/index.md: link to 02-second/en.md")

    def test_a_changed_reference_page_is_a_fault(self):
        self.edit("bin/vitrine", "module_init", "module_exit")
        self.assert_fault("book/reference/events.md", "module_exit")

    def test_a_page_edited_by_hand_is_woven_again(self):
        self.edit("book/01-first/en.md", "return 42", "return 41")
        self.assertEqual(self.weave(), (0, ""))
        self.assertIn("return 42", self.read("book/01-first/en.md"))


if __name__ == "__main__":
    unittest.main()
