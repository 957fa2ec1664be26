"""What redundancy takes on the provider's side, and sizes from one unit to another (D7, D8)."""

from fractions import Fraction

from dcx.estimates.errors import AskRefusedError
from dcx.estimates.rules.disks.answers import Worked, step
from dcx.estimates.rules.disks.inputs import CHOICE, SIZE, Given, Input, share, size

SCHEMES = {
    "raid1-ftt1": Fraction(2), "raid1-ftt2": Fraction(3), "raid1-ftt3": Fraction(4),
    "raid5": Fraction(4, 3), "raid6": Fraction(3, 2), "ceph3": Fraction(3),
}  # fmt: skip
"""How many times what is stored it takes."""
SCHEME_WORDS = (
    ("raid1-ftt1", "RAID-1, one failure"), ("raid1-ftt2", "RAID-1, two failures"),
    ("raid1-ftt3", "RAID-1, three failures"), ("raid5", "RAID-5"),
    ("raid6", "RAID-6"), ("ceph3", "Ceph, three copies"),
)  # fmt: skip
REDUNDANCY_FORMULA = "gib = size_gib x the scheme's copies / (1 - slack)"
REDUNDANCY_SOURCE = (
    "VMware vSAN 6.5 documentation: 50, 33, 25, 75 and 67 % of the raw capacity can be used. Ceph"
    " keeps three copies by default."
)
BYTES = {
    "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "PB": 10**15,
    "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40, "PiB": 2**50,
}  # fmt: skip
UNITS_FORMULA = "gib = size x the bytes of its unit / 1073741824"
UNITS_SOURCE = (
    "IEC 80000-13: k, M, G, T are powers of 1000, Ki, Mi, Gi, Ti of 1024. What OpenStack and"
    " vCloud Director call GB and MB of disks are GiB and MiB."
)


def redundancy_inputs() -> tuple[Input, ...]:
    return (
        size("size_gib", "What is stored", example="600"),
        Input("scheme", "Kept as", "", CHOICE, "raid1-ftt1", choices=SCHEME_WORDS),
        share("slack", "Kept free", "0", most=Fraction(9, 10),
              hint="30 % lets a broken node's data be made anew elsewhere."),
    )  # fmt: skip


def redundancy(given: Given) -> Worked:
    """D7: raw capacity for what is stored."""
    stored, slack = given.number("size_gib"), given.number("slack")
    copies = SCHEMES[given.choice("scheme")]
    raw = stored * copies
    found = raw / (1 - slack)
    steps = [
        step("Copies: {} x {} = {} GiB", stored, copies, raw),
        step("{} % kept free: {} / {} = {} GiB", slack * 100, raw, 1 - slack, found),
        step("{} % of the raw capacity can be used", 100 * stored / found),
    ]
    return Worked(found, steps, {"usable": stored / found})


def units_inputs() -> tuple[Input, ...]:
    names = tuple((name, name) for name in BYTES)
    most = Fraction(10**12)
    return (
        Input("size", "Size", "", least=SIZE, most=most, example="1"),
        Input("unit", "Unit", "", CHOICE, example="TB", choices=names),
    )


def units(given: Given) -> Worked:
    """D8: the same size in GiB, and in the units that people mix up with it."""
    value, unit = given.number("size"), given.choice("unit")
    size_bytes = value * BYTES[unit]
    if size_bytes > BYTES["PiB"] * 2**20:
        raise AskRefusedError({"given.size": "This is more than a million PiB."})
    gib = size_bytes / BYTES["GiB"]
    steps = [
        step(f"{{}} {unit} = {{}} x {{}} bytes", value, value, BYTES[unit]),
        step("{} / {} bytes = {} GiB", size_bytes, BYTES["GiB"], gib),
    ]
    others = {name: size_bytes / BYTES[name] for name in ("GB", "TB", "MiB", "TiB")}
    return Worked(gib, steps, {"bytes": -(-size_bytes // 1), **_named(others)})


def _named(others: dict[str, Fraction]) -> dict[str, Fraction]:
    return {name.lower(): value for name, value in others.items()}
