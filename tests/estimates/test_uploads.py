"""Uploads: good rows become lines, wrong ones are named with what to do, and nothing is guessed."""

import io
import zipfile
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter

from dcx.estimates import service
from dcx.estimates.errors import UploadRefusedError
from dcx.estimates.export import template_of
from dcx.estimates.rules.months import month_of
from dcx.estimates.service import AskedDisk, AskedLine, Uploaded
from dcx.kit.csv import csv_lines

NOVEMBER = month_of("2026-11", ZoneInfo("Africa/Johannesburg"))
HEAD = "kind;name;count;vcpus;memory_gib;disks;tier;size_gib;hours;os;region\n"
WEB = "vm;web;3;2;4;50 ssd;;;;;\n"


def upload(body: str | bytes, name: str = "lines.csv") -> Uploaded:
    sent = body.encode() if isinstance(body, str) else body
    return service.read_upload(sent, name, book="standard", month=NOVEMBER)


def lines(body: str | bytes) -> list[AskedLine]:
    """The lines of a file in which nothing is wrong."""
    found = upload(body)
    assert found.wrong == []
    assert found.ask
    return list(found.ask.lines)


def refusal(body: str | bytes) -> str:
    with pytest.raises(UploadRefusedError) as refused:
        upload(body)
    return refused.value.fields["file"]


def wrong(body: str | bytes) -> list[tuple[int, str, str]]:
    return [(cell.row, cell.column, cell.text) for cell in upload(body).wrong]


def workbook(fill: Callable[[Any], None]) -> bytes:
    body = io.BytesIO()
    with xlsxwriter.Workbook(body, {"in_memory": True}) as book:
        fill(book)
    return body.getvalue()


def sheet(*rows: list[Any]) -> bytes:
    def fill(book: Any) -> None:
        page = book.add_worksheet("Lines")
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)

    return workbook(fill)


def repacked(body: bytes, **changed: bytes) -> bytes:
    """A workbook with some of its parts replaced: sheet1 is xl/worksheets/sheet1.xml."""
    after = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(after, "w", 8) as new:
        for name in old.namelist():
            part = name.rpartition("/")[2].partition(".")[0]
            new.writestr(name, changed.get(part, old.read(name)))
    return after.getvalue()


def test_each_kind_is_read_from_the_templates_and_from_any_spelling_of_them() -> None:
    expected = [
        AskedLine("vm", "web", 3, 2, 4096, (AskedDisk("ssd", 50),)),
        AskedLine(
            "vm", "db", 1, 8, 32_768, (AskedDisk("ssd", 100), AskedDisk("hdd", 1000)),
            hours_e8=210 * 10**8,
        ),
        AskedLine("disk", "archive", tier="hdd", size_e8=500 * 10**8),
        AskedLine("ip", "addresses", 2),
        AskedLine("backup", "backups", size_e8=595 * 10**8),
    ]  # fmt: skip
    assert lines(template_of("csv")) == expected
    assert lines(template_of("xlsx")) == expected
    found = lines(
        "RAM (GB),CPU,Type,Hostname,Qty,Volumes,Storage Class,Disk size (GB),Hours per month\r\n"
        "4,2,Virtual machine,web,3,ssd: 50,-,,\r\n"
        '"32,0",8,SERVER,db,,100 ssd + 1000GB hdd,,,210\r\n'
        ",,Volumes,archive,1,n/a,hdd,500,\r\n,0,public ip,addresses,2,,,,\r\n\r\n"
        ",,Backup,backups,1,,,595 GiB,\r\n"
    )
    assert found == expected


@pytest.mark.parametrize(
    ("cells", "memory_mib", "disks"),
    [
        ("4;50 ssd", 4096, ["ssd 50"]), ("0,5;50", 512, ["standard 50"]),
        ("512 MB;1 024 GB ssd", 512, ["ssd 1024"]), ("1 024;1,5 TB", 2**20, ["standard 1536"]),
        ("16GiB;2 x 50 ssd;", 16_384, ["ssd 50", "ssd 50"]),
        ('4;"50 ssd; 100 hdd|7"', 4096, ["ssd 50", "hdd 100", "standard 7"]),
        ("4;50 gold", 4096, ["gold 50"]), ("4;ssd 50", 4096, ["ssd 50"]),
        ("4;50GB tier 1", 4096, ["tier 1 50"]), ("4;", 4096, []),
    ],
)  # fmt: skip
def test_every_way_of_writing_a_size(cells: str, memory_mib: int, disks: list[str]) -> None:
    line = lines(f"vcpus;memory;disks\n2;{cells}\n")[0]

    assert line.memory_mib == memory_mib
    assert [f"{disk.tier} {disk.size_gib}" for disk in line.disks] == disks


def test_a_number_is_in_the_unit_that_its_column_names() -> None:
    line = lines("cpu,memory (MB),disk (TB)\n2,1536,1\n")[0]
    assert (line.memory_mib, line.disks) == (1536, (AskedDisk("standard", 1024),))
    assert lines("cpu,memory (MB)\n2,4 GB\n")[0].memory_mib == 4096


def test_a_few_wrong_rows_among_thousands_are_named_and_the_others_kept() -> None:
    rows = [WEB] * 4_000
    rows[10] = "vm;web;3;two;4;50 ssd;;;;;\n"
    rows[2_000] = "boat;web;3;2;4;;;;;;\n"
    rows[3_000] = "vm;web;3;2;-4;0 ssd;;;;;\n"
    rows[3_998] = "vm;;3;2;;1,234 ssd;;;731;;\n"
    rows[3_999] = "ip;web;0,5;2;;;;;;;\n"
    found = upload(HEAD + "".join(rows))

    assert found.good == 3_995
    assert [(cell.row, cell.column, cell.text) for cell in found.wrong] == [
        (12, "vcpus", "two"), (2_002, "kind", "boat"), (3_002, "memory_gib", "-4"),
        (4_000, "disks", "1,234 ssd"), (4_001, "vcpus", "2"),
    ]  # fmt: skip
    says = " ".join(cell.words for cell in found.wrong)
    for words in ("not negative", "vm, disk, ip or backup", "1 234 or 1.234", "Leave this empty"):
        assert words in says
    assert [row[0] for row in found.mend] == ["12", "2002", "3002", "4000", "4001"]
    assert found.mend_head[:4] == ["row", "what to do", "kind", "name"]
    assert found.mend[1][2:6] == ["boat", "web", "3", "2"]


def test_what_the_contract_refuses_is_said_at_its_row_and_column() -> None:
    head = "kind,name,count,vcpus,RAM,disk,hours\n"
    rows = (
        "vm,a,0,2,4,,\n" "vm,b,1,2.5,4,,\n" "vm,c,1,2,1.7,,\n" "vm,d,1,2,4,0.5,\n"
        "vm,e,1,2,4,,721\n" f"vm,{'x' * 101},1,2,4,,\n" "vm,g,1,,4,,\n" "disk,h,1,,,,\n"
        "disk,i,1,,,9 PB,\n" f"vm,j,1,2,{'9' * 600},,\n" "vm,k,10001,2,4,,\n"
    )  # fmt: skip
    found = upload(head + rows)

    assert found.ask is None
    assert [(cell.row, cell.column) for cell in found.wrong] == [
        (2, "count"), (3, "vcpus"), (4, "RAM"), (5, "disk"), (6, "hours"), (7, "name"),
        (8, "vcpus"), (9, "disk"), (10, "disk"), (11, "RAM"), (12, "count"),
    ]  # fmt: skip
    assert "2026-11 has only 720 hours" in found.wrong[4].words
    assert "missing" in found.wrong[6].words


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("", "empty"),
        ("\n\n ; ;\n", "empty"),
        (HEAD, "no line below"),
        (HEAD + WEB * 5_001, "At most 5000 lines at once; this file has 5001"),
        ("colour,smell\nred,rose\n", "The first row must name the columns"),
        ("cpu,cores,ram\n1,1,1\n", "Two columns are the same: cpu and cores"),
        ("Memory (MB),RAM,cpu\n1,1,1\n", "Two columns are the same"),
        (b"\x00\x01\x02\x03" * 50, "neither a CSV nor an XLSX"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "neither a CSV nor an XLSX"),
        ('vcpus,ram,name\n1,1,"open\n2,2,b\n', "Row 2 cannot be read"),
        (b"PK\x03\x04 but not a zip", "cannot be read"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"EncryptedPackage", "password"),
    ],
)
def test_a_file_without_lines_is_sent_back_with_what_to_do(body: str | bytes, words: str) -> None:
    assert words in refusal(body)


def test_text_is_read_in_the_encoding_that_it_is_in() -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        assert lines("name\tvcpus\tram\nCafé 東\t1\t1,5\n".encode(encoding))[0].name == "Café 東"
    old = upload("name;vcpus;ram\nCafé;1;1\n".encode("cp1252"))
    assert old.ask
    assert old.ask.lines[0].name == "Café"
    assert "Windows-1252" in old.notes[0], "it is said, as names may be wrong"
    assert lines("sep=,\nvcpus,ram;\n1,1\n")[0].vcpus == 1
    assert wrong("sep=,\nvcpus,ram\n1,x\n") == [(3, "ram", "x")]


def test_what_is_not_read_is_said_and_cells_too_many_are_not_guessed_at() -> None:
    found = upload("cpu,ram,Owner,Cost centre\n1,1,Sam,12\n")
    assert found.notes == ("Columns that were not read: Owner, Cost centre.",)
    spilt = upload("cpu,ram\n1,1,5\n")
    assert "needs quotation marks" in spilt.wrong[0].words, "a comma that parts decimals"
    both = wrong('kind,cpu,ram,disks,size,tier\nvm,1,1,"50",60,\nvm,1,1,,,ssd\n')
    assert both == [(2, "size", "60"), (3, "tier", "ssd")]


def test_rows_that_were_mended_are_read_like_any_others() -> None:
    found = upload("cpu,ram,name\nx,1,'=cmd\n")
    number, advice, _, *others = found.mend[0]
    again = upload("".join(csv_lines(found.mend_head, [[number, advice, "1", *others]])))
    assert again.notes == ()
    assert again.ask
    assert again.ask.lines[0].name == "=cmd"


def test_a_workbook_is_read_as_it_looks() -> None:
    def fill(book: Any) -> None:
        book.add_worksheet("Old").hide()
        page, day = book.add_worksheet("VMs"), book.add_format({"num_format": "yyyy-mm-dd"})
        book.add_worksheet("Notes").write(0, 0, "Ask Sam")
        book.get_worksheet_by_name("Old").write_row(0, 0, ["vcpus", "ram"])
        book.get_worksheet_by_name("VMs").activate()
        book.get_worksheet_by_name("VMs").set_first_sheet()
        page.write_row(0, 0, ["name", "vcpus", "ram"])
        page.write_row(1, 0, ["plain", 2, 1.5])
        page.write_row(3, 0, ["formula"])
        page.write_formula(3, 1, "=1+1", value=2)
        page.write(3, 2, 0.1 + 0.4)
        page.write_datetime(4, 1, datetime(2026, 5, 1), day)  # noqa: DTZ001 - as sheets have it
        page.write(4, 2, "4 GB")
        page.merge_range("A6:A7", "merged")
        page.write_row(5, 1, [1, 1])
        page.write_row(6, 1, [1, 1])
        page.write_row(7, 0, ["yes", True, 1])

    found = upload(workbook(fill))

    assert found.ask
    read = [(line.name, line.vcpus, line.memory_mib) for line in found.ask.lines]
    assert read == [
        ("plain", 2, 1536), ("formula", 2, 512), ("merged", 1, 1024), ("VM 4", 1, 1024),
    ]  # fmt: skip
    assert [(cell.row, cell.column, cell.text) for cell in found.wrong] == [
        (5, "vcpus", "2026-05-01"), (8, "vcpus", "True"),
    ]  # fmt: skip
    assert "made a date of this" in found.wrong[0].words
    assert found.notes == ("Only the sheet VMs was read, not Notes, Old.",)


def test_a_workbook_that_is_broken_or_unpacks_to_too_much_is_refused_unread() -> None:
    body = sheet(["vcpus", "ram"], [1, 1])
    assert lines(body)[0].vcpus == 1
    far = b'<worksheet><sheetData><row r="1"><c r="XFD1"/></row></sheetData></worksheet>'
    low = b'<worksheet><sheetData><row r="1048576"><c/></row></sheetData></worksheet>'
    wide = b"<worksheet><sheetData><row>" + b"<c/>" * 101 + b"</row></sheetData></worksheet>"
    bomb = b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet><sheetData>&b;</sheetData></worksheet>'
    for sheet1, words in (
        (far, "The sheet goes on to XFD1"), (low, "The sheet goes on to A1048576"),
        (far.replace(b"XFD1", b"A199999999999"), "cannot be read"),
        (far.replace(b"XFD1", b"xfd1"), "cannot be read"),
        (far.decode().replace("XFD", "A").encode("utf-16"), "cannot be read"),
        (wide, "The sheet goes on"), (bomb, "cannot be read"), (b"<worksheet", "cannot be read"),
        (b" " * (65 * 1024 * 1024), "too large"),
    ):  # fmt: skip
        assert words in refusal(repacked(body, sheet1=sheet1)), words
    assert "cannot be read" in refusal(body[: len(body) // 2])
    assert "cannot be read" in refusal(repacked(body, workbook=b"<workbook/>"))
    assert "empty" in refusal(sheet([]))
