"""The calculators' pages: what is typed is worked out at once, shown step by step, and goes into
an estimate.
"""

import re
from html import unescape

from dcx.estimates.rules.disks.calculators import CALCULATORS
from tests.conftest import Flask, SignIn
from tests.estimates.conftest import DATA

FRAGMENT = {"HX-Request": "true"}
TYPED = {"data_gib": "1 024", "growth": "1,25 %", "months": "24", "fill": "80", "loss": "5"}


def text_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).replace("\xa0", " ").split())


def test_every_calculator_stands_at_both_places_and_answers_as_it_is_opened(
    sign_in: SignIn,
) -> None:
    for who, root in (("sue", "/estimates/disk"), ("victor", "/c/alpha/estimates/disk")):
        client = sign_in(who)
        listed = client.get(root).get_data(as_text=True)
        for kind, tool in CALCULATORS.items():
            assert f'href="{root}/{kind}"' in listed
            assert tool.words in text_of(listed)
            page = text_of(client.get(f"{root}/{kind}").get_data(as_text=True))
            assert tool.formula in page
            assert "Arithmetic" in page, kind
        assert client.get(f"{root}/boat").status_code == 404
    assert sign_in("charlie").get("/c/alpha/estimates/disk/guest").status_code == 404


def test_what_is_typed_is_worked_out_in_the_manner_of_the_country(sign_in: SignIn) -> None:
    client = sign_in("alice")
    address = "/c/alpha/estimates/disk/guest"
    page = text_of(client.get(address, query_string=TYPED).get_data(as_text=True))
    swapped = client.get(address, query_string=TYPED, headers=FRAGMENT).get_data(as_text=True)
    step = "In 24 months: 1 024 × (1 + 1,25 %)^24 = 1 379,687 GiB"
    assert step in page
    assert step in text_of(swapped)
    assert "1 820 GiB" in page
    assert "<h1" not in swapped
    assert (
        '<p class="spoken" id="said" role="status" hx-swap-oob="true">1\xa0820 GiB</p>' in swapped
    )
    emptied = client.get(address, query_string=TYPED | {"months": "", "fill": ""})
    assert "In 12 months" in text_of(emptied.get_data(as_text=True)), "its default holds"


FAULTS = [
    ({"data_gib": ""}, "data_gib", "This is missing."),
    ({"data_gib": "-4"}, "data_gib", "not negative"),
    ({"data_gib": "0"}, "data_gib", "above 0"),
    ({"data_gib": "1,234"}, "data_gib", "two numbers"),
    ({"data_gib": "<script>"}, "data_gib", "Write a number"),
    ({"data_gib": "9" * 12}, "data_gib", "up to"),
    ({"growth_gib": "5"}, "growth_gib", "not both"),
    ({"fill": "120"}, "fill", "Above 0 and up to 100 %."),
    ({"months": "1,5"}, "months", "whole number"),
    ({"filesystem": "fat"}, "filesystem", "One of"),
]


def test_a_fault_stands_at_its_field_and_nothing_is_answered(sign_in: SignIn) -> None:
    client = sign_in("sam")
    for typed, field, words in FAULTS:
        sent = TYPED | {"filesystem": "ext4"} | typed
        for headers in ({}, FRAGMENT):
            answer = client.get("/estimates/disk/guest", query_string=sent, headers=headers)
            html = answer.get_data(as_text=True)
            at_fields = dict(re.findall(r'id="(\w+)-fault"[^>]*>([^<]*)<', html))
            assert [name for name, fault in at_fields.items() if fault] == [field], typed
            assert words in unescape(at_fields[field])
            assert "Correct what is marked" in text_of(html)
    both = client.get("/estimates/disk/guest?data_gib=x&fill=y").get_data(as_text=True)
    assert "Nothing is worked out yet: 2 fields need a correction." in text_of(both)
    endless = {"data_gib": "1", "growth": "100", "months": "600"}
    page = client.get("/estimates/disk/guest", query_string=endless).get_data(as_text=True)
    assert "more than can be estimated" in text_of(page)


def test_what_is_worked_out_goes_into_an_estimate(sign_in: SignIn, flask: Flask) -> None:
    assert flask("pricing", "publish", DATA / "e1_book.toml").status == 0
    staff, owner = sign_in("sam"), sign_in("alice")
    page = staff.get("/estimates/disk/guest").get_data(as_text=True)
    found = re.search(r'href="(/estimates/disk/guest/estimate[^"]+)"', page)
    assert found
    assert "Volume of a machine" in staff.get(unescape(found[1])).get_data(as_text=True)
    own = owner.get("/c/alpha/estimates/disk/backup/estimate").get_data(as_text=True)
    assert "Backup repository" in own
    machine = owner.get("/c/alpha/estimates/disk/rightsize/estimate").get_data(as_text=True)
    assert "Right size of a machine" in machine
    faulty = staff.get("/estimates/disk/guest/estimate?data_gib=lots")
    assert faulty.status_code == 303
    assert "data_gib=lots" in faulty.headers["Location"]
    for kind in ("full", "redundancy"):
        assert "Add to an estimate" not in staff.get(f"/estimates/disk/{kind}").text
