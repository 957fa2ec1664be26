"""What is written down holds: settings, commands, colours, sizes of templates."""

import re
from pathlib import Path

from dcx.metering.remote import read_mapping
from dcx.settings import ROOT

CONTRASTS = {
    ("ink", "surface"): 4.5, ("ink-2", "surface"): 4.5, ("ink-2", "sunken"): 4.5,
    ("accent-ink", "surface"): 4.5, ("accent-ink", "accent-soft"): 4.5, ("ok", "ok-soft"): 4.5,
    ("warn", "warn-soft"): 4.5, ("bad", "bad-soft"): 4.5, ("line-strong", "surface"): 3.0,
    ("s1", "surface"): 3.0, ("s2", "surface"): 3.0, ("s3", "surface"): 3.0,
    ("s4", "surface"): 3.0, ("s5", "surface"): 3.0,
}  # fmt: skip


def test_every_setting_is_described_for_operators() -> None:
    names = set(re.findall(r"DCX_[A-Z_]+", (ROOT / "dcx/settings.py").read_text()))
    described = (ROOT / "docs/operations.md").read_text()

    assert {name for name in names if f"`{name}`" not in described} == set()


def test_every_make_target_of_the_readme_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z-]+)", (ROOT / "README.md").read_text()))

    assert named
    assert named <= targets


def test_templates_are_short() -> None:
    long = {
        str(file)
        for file in (ROOT / "templates").rglob("*.html")
        if len(file.read_text().splitlines()) > 120
    }

    assert long == set()


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_colours_can_be_told_apart_in_light_and_dark() -> None:
    css = Path(ROOT / "static/css/dcx.css").read_text()
    tokens = dict(re.findall(r"--([a-z0-9-]+):light-dark\(([^)]*)\)", css))

    for (one, other), least in CONTRASTS.items():
        for scheme in (0, 1):
            pair = [tokens[name].split(",")[scheme].strip() for name in (one, other)]
            assert contrast(pair[0], pair[1]) >= least, (one, other, scheme)


def test_the_example_of_a_mapping_is_one() -> None:
    text = (ROOT / "docs/metering.md").read_text()
    example = text.partition("```toml\n")[2].partition("```")[0]

    mapped = read_mapping(example)

    assert (mapped.table, mapped.growing, mapped.overlap) == ("audit.instance_events", "id", 500)
    assert mapped.constants == {"region": "jnb-1"}
