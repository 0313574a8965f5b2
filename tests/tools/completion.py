#!/usr/bin/env python3
"""The completion scripts: each shell that is installed reads its own, bash is asked.

usage: completion.py VITRINE
"""

import shutil
import subprocess
import sys

ASKED = [
    (["vitrine", "exp"], {"explain"}),
    (["vitrine", "run", "-enable-k"], {"-enable-kvm"}),
    (["vitrine", "run", "-device", "isa-debug-e"], {"isa-debug-exit"}),
    (["vitrine", "run", "-machine", "isap"], {"isapc"}),
    (["vitrine", "run", "-accel", "t"], {"tcg"}),
]


def script(vitrine, shell):
    return subprocess.run([vitrine, "completion", shell], capture_output=True, text=True,
                          check=True).stdout


def bash_faults(text):
    for words, want in ASKED:
        ask = (text + "\nCOMP_WORDS=(" + " ".join(words) + f")\nCOMP_CWORD={len(words) - 1}\n"
               '_vitrine; printf "%s\\n" "${COMPREPLY[@]}"\n')
        done = subprocess.run(["bash", "-c", ask], capture_output=True, text=True)
        got = set(done.stdout.split())
        if not want <= got or done.stderr:
            yield f"bash: {' '.join(words)} gives {sorted(got)} {done.stderr}"


def main():
    found = []
    for shell in ("bash", "zsh", "fish"):
        text = script(sys.argv[1], shell)
        if "enable-kvm" not in text or "explain" not in text:
            found.append(f"{shell}: options or verbs are missing")
        if shutil.which(shell):
            checked = subprocess.run([shell, "-n"], input=text, capture_output=True, text=True)
            if checked.returncode != 0:
                found.append(f"{shell}: {checked.stderr}")
    found += bash_faults(script(sys.argv[1], "bash"))
    wrong = subprocess.run([sys.argv[1], "completion", "csh"], capture_output=True, text=True)
    if wrong.returncode != 1 or "bash|zsh|fish" not in wrong.stderr:
        found.append("an unknown shell is not told")
    print("\n".join(found) or "completion: bash, zsh, fish")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
