"""What is written down holds: settings, commands, colours, sizes of templates."""

import re
from collections import Counter
from collections.abc import Iterator
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
    names = set(
        re.findall(
            r"DCX_[A-Z_]+",
            "".join(file.read_text() for file in (ROOT / "dcx/settings").glob("*.py")),
        )
    )
    described = (ROOT / "docs/operations.md").read_text()

    assert {name for name in names if f"`{name}`" not in described} == set()


ITEMS = {
    "1.1": "1-2", "1.2": "1 2 3 4 5 9", "1.3": "2 3 5 6 7 10 11", "1.4": "2", "1.5": "2",
    "2.1": "1-3", "2.2": "1-3", "2.3": "1-4", "2.4": "1", "3.2": "1-2", "3.3": "1-4",
    "3.4": "1-6", "3.5": "1-4", "3.7": "1-2", "4.1": "1-3", "4.2": "1", "5.1": "1", "5.2": "1-3",
    "5.3": "1-2", "5.4": "1-2", "6.1": "1-3", "6.2": "1-12", "6.3": "1-4", "6.4": "1-4",
    "6.5": "1-5", "6.6": "2 3", "6.8": "1 2 4", "7.1": "1-3", "7.2": "1-4", "7.3": "1-2",
    "7.4": "1-5", "7.5": "1-2", "7.6": "1-2", "8.1": "1-2", "8.2": "1-3", "8.3": "1", "8.4": "1",
    "9.1": "1-3", "9.2": "1-4", "10.1": "1-2", "10.2": "1-2", "10.5": "1-5", "11.1": "1-2",
    "11.2": "1-3", "11.3": "1-3", "11.4": "1-4", "11.5": "1", "11.6": "1", "12.1": "1-2",
    "12.2": "1-2", "12.3": "1-4", "13.1": "1", "13.2": "1-5", "13.3": "1-2", "13.4": "1-5",
    "14.1": "1-2", "14.2": "1-4", "14.3": "1-3", "15.1": "1-3", "15.2": "1-3", "15.3": "1-7",
    "16.1": "1", "16.2": "1-5", "16.3": "1-4", "16.4": "1-3", "16.5": "1-3",
}  # fmt: skip
"""What of OWASP ASVS 5.0, levels 1 and 2, concerns DCX: each section and the items in it."""
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
STATES = {"holds", "partly", "not yet", "not applicable"}


def items() -> Iterator[str]:
    for section, numbers in ITEMS.items():
        first, _, last = numbers.partition("-")
        listed = range(1, int(last) + 1) if last else map(int, first.split())
        yield from (f"{section}.{number}" for number in listed)


def test_every_item_of_the_security_standard_has_a_state_and_a_reason() -> None:
    text = (ROOT / "docs/security.md").read_text()
    rows = ROW.findall(text)
    counts = Counter(state for _, _, state, _ in rows)

    assert len(rows) == 205
    assert [row[0] for row in rows] == list(items())
    assert counts.keys() <= STATES
    assert f"{counts['holds']} hold, {counts['partly']} partly, {counts['not yet']} not yet" in text


def test_every_test_that_the_security_page_names_exists() -> None:
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", (ROOT / "docs/security.md").read_text())

    missing = [
        f"{file}::{name}"
        for file, name in set(named)
        if f"def {name}(" not in (ROOT / "tests" / file).read_text()
    ]

    assert len(named) > 100
    assert missing == []


def anchor(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def test_links_between_pages_lead_somewhere() -> None:
    for page in (ROOT / "README.md", ROOT / "SECURITY.md", *(ROOT / "docs").glob("*.md")):
        for target, place in re.findall(r"\]\(([\w./-]*)(?:#([\w-]+))?\)", page.read_text()):
            found = (page.parent / target).resolve() if target else page
            assert found.exists(), (page.name, target)
            if place:
                headings = re.findall(r"^#+ (.+)$", found.read_text(), re.MULTILINE)
                assert place in {anchor(each) for each in headings}, (page.name, place)


def test_files_that_the_security_page_names_exist() -> None:
    named = re.findall(
        r"`((?:dcx|templates|static|tests)/[\w./-]+\.\w+)`", (ROOT / "docs/security.md").read_text()
    )

    assert [name for name in named if not (ROOT / name).exists()] == []


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


SCENARIO = re.compile(r"^\| (\d+) \| [^|]+ \| ([^|]*) \|$", re.MULTILINE)


def test_every_scenario_of_payments_is_listed_and_every_test_that_is_named_exists() -> None:
    rows = SCENARIO.findall((ROOT / "docs/payments.md").read_text())
    named = [each for _, tests in rows for each in re.findall(r"`([\w.]+)::(\w+)`", tests)]

    assert [int(number) for number, _ in rows] == list(range(1, 57))
    assert [
        name
        for file, name in named
        if f"def {name}(" not in (ROOT / "tests/payments" / file).read_text()
    ] == []
