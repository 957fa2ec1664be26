"""Invoices as PDFs: a full tax invoice, made once, mailed once, the same bytes ever after."""

import threading
from dataclasses import asdict, replace
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import text

from dcx.accounts import service as accounts
from dcx.accounts.service import Customer
from dcx.billing import documents, jobs, service
from dcx.billing.service import BillLine, Paper, Supplier
from dcx.billing.service.issue import ADDED_LATER, document_hash
from dcx.kit.actors import Actor
from dcx.kit.periods import HOUR_US
from dcx.notifications.service import Site
from dcx.repository.session import reading, transaction
from tests.billing.test_billing import july
from tests.conftest import Flask, SignIn
from tests.support.mails import START_US

__all__ = ["july"]
SAM = Actor("Sam")
HIGHVELD = Supplier("Highveld Cloud", "1 Jan Smuts Avenue\nJohannesburg", "4999999999")
ALPHA = Customer(
    "alpha", "Alpha (Pty) Ltd", "bills@alpha.example", "4012345678", address="12 Loop St; Cape Town"
)


@pytest.fixture
def site(app: APIFlask, july: None) -> Site:
    """Highveld says where it is; alpha's details are whole."""
    assert july is None
    app.config["DCX"] = replace(
        app.config["DCX"],
        provider_address=HIGHVELD.address,
        provider_vat_number=HIGHVELD.vat_number,
    )
    with transaction() as session:
        accounts.change_customer(session, ALPHA, by=SAM, now_us=1)
    return Site.of(app.config["DCX"])


def issue(app: APIFlask, supplier: Supplier = HIGHVELD) -> service.Document:
    """July's invoice; its PDF is not made yet."""
    desk = replace(service.Desk.of(app.config["DCX"]), supplier=supplier)
    with transaction() as session:
        service.issue(session, "alpha", "2026-07", desk, by=SAM, now_us=START_US)
    return document()


def document() -> service.Document:
    with reading() as session:
        return service.get_document(session, "INV-000001", None)


def pdf(site: Site) -> bytes:
    return jobs.pdf_of("INV-000001", None, site=site, supplier=HIGHVELD, now_us=START_US)


def outbox() -> list[tuple[Any, ...]]:
    """(address, subject, bytes of the file) of every mail."""
    query = (
        "SELECT to_address, subject, length(body) FROM mail"
        " JOIN mail_attachment ON mail_id = mail.id ORDER BY mail.id"
    )
    with reading() as session:
        return [tuple(row) for row in session.execute(text(query))]


def test_a_tax_invoice_says_all_that_the_law_asks_for(app: APIFlask, site: Site) -> None:
    paper = service.paper_of(issue(app), site.looks, Supplier())

    assert asdict(paper) == asdict(Paper(
        title="Tax invoice",
        number="INV-000001",
        supplier=service.Party(
            "Highveld Cloud", ["1 Jan Smuts Avenue", "Johannesburg"], "4999999999"
        ),
        customer=service.Party("Alpha (Pty) Ltd", ["12 Loop St", "Cape Town"], "4012345678"),
        facts=[
            ("Issued", "21 September 2026"), ("Period", "July 2026"), ("Begins", "1 July 2026"),
            ("Ends", "31 July 2026"), ("Customer", "alpha"),
        ],
        columns=["Description", "Quantity", "Unit", "Unit price", "Amount without VAT (ZAR)"],
        groups=[service.Block("web (vm-1)", "252,96", [
            ["vCPU", "1\u00a0488,000000", "vCPU·h", "R0,1450", "215,76"],
            ["Memory", "744,000000", "GiB·h", "R0,0500", "37,20"],
        ])],
        note="",
        sums=[("Total without VAT", "R252,96"), ("VAT 15 % of R252,96", "R37,94")],
        total=("Total with VAT (ZAR)", "R290,90"),
        bank=[],
        foot="Each line is rounded half up to the cent, once; VAT once per rate.",
    ))  # fmt: skip


def test_what_is_missing_is_said_and_without_a_vat_number_it_is_no_tax_invoice(
    app: APIFlask, site: Site
) -> None:
    with transaction() as session:
        accounts.change_customer(session, Customer("alpha", "Alpha"), by=SAM, now_us=1)

    paper = service.paper_of(issue(app, Supplier("Highveld")), site.looks, HIGHVELD)

    assert paper.title == "Invoice"
    assert paper.customer == service.Party("Alpha", ["Address: not given"], "not given")
    assert paper.supplier == service.Party("Highveld", ["Address: not given"], "not given")


def test_a_pdf_is_made_once_and_mailed_once_whoever_asks_first(
    app: APIFlask, flask: Flask, site: Site
) -> None:
    issue(app)
    made: list[bytes] = []

    def ask() -> None:
        with app.app_context():
            made.append(pdf(site))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counts = jobs.make_pdfs(site, HIGHVELD)

    assert made[0].startswith(b"%PDF-1.7")
    assert len(set(made)) == 1
    assert counts == {"made": 0}
    subject = "Invoice INV-000001 for July 2026: R290,90"
    assert outbox() == [("bills@alpha.example", subject, len(made[0]))]
    assert flask("check").status == 0


def test_a_worker_that_dies_with_a_pdf_in_its_hands_loses_and_doubles_nothing(
    app: APIFlask, site: Site
) -> None:
    issue(app)
    with pytest.raises(KeyboardInterrupt):
        _keep_in_vain(site)
    assert outbox() == []

    assert jobs.make_pdfs(site, HIGHVELD) == {"made": 1}
    assert jobs.make_pdfs(site, HIGHVELD) == {"made": 0}
    assert len(outbox()) == 1


def _keep_in_vain(site: Site) -> None:
    with transaction() as session:
        service.keep_pdf(session, "INV-000001", b"%PDF", site=site, now_us=START_US)
        raise KeyboardInterrupt


def test_an_invoice_from_before_there_were_pdfs_gets_one_on_demand_and_no_mail(
    app: APIFlask, site: Site
) -> None:
    early = issue(app, Supplier())

    assert jobs.make_pdfs(site, HIGHVELD) == {"made": 0}
    assert pdf(site).startswith(b"%PDF")
    assert outbox() == []
    paper = service.paper_of(early, site.looks, HIGHVELD)
    assert (paper.title, paper.supplier.name) == ("Tax invoice", "Highveld Cloud")
    banked = replace(HIGHVELD, bank="Demo Bank\nAccount 62000000001")
    named = service.paper_of(early, site.looks, banked).bank
    assert named == ["Demo Bank", "Account 62000000001", "Reference INV-000001"]


def test_the_hash_of_early_invoices_is_what_it_was() -> None:
    head = {"number": "INV-000001", "total_cents": 29090, "customer_vat_number": ""}
    empty = dict.fromkeys(ADDED_LATER, "")

    early = document_hash(head, [], [], [])

    assert document_hash(head | empty, [], [], []) == early
    assert document_hash(head | empty | {"supplier_name": "Highveld"}, [], [], []) != early
    assert document_hash(head | {"customer_vat_number": "4"}, [], [], []) != early


def test_pdf_page_and_csv_say_the_same(
    flask: Flask, people: None, site: Site, sign_in: SignIn
) -> None:
    assert people is None
    flask("billing", "issue", "2026-07")
    alice = sign_in("alice")

    paper = service.paper_of(document(), site.looks, HIGHVELD)
    page = alice.get("/invoices/INV-000001").text
    rows = alice.get("/invoices/INV-000001.csv").text.splitlines()
    fetched = alice.get("/invoices/INV-000001.pdf")

    for words in (paper.total[1], paper.sums[0][1], paper.sums[1][1]):
        assert words.removeprefix("R") in page
    assert [row[4] for row in paper.groups[0].rows] == [
        row.split(",")[7].replace(".", ",") for row in rows[1:]
    ]
    assert (fetched.mimetype, fetched.data) == ("application/pdf", pdf(site))
    assert fetched.headers["Content-Disposition"] == "attachment; filename=INV-000001.pdf"
    assert sign_in("charlie").get("/invoices/INV-000001.pdf").status_code == 404


def test_a_changed_pdf_is_named(flask: Flask, site: Site) -> None:
    flask("billing", "issue", "2026-07")
    assert len(outbox()) == 1
    with transaction() as session:
        if session.get_bind().dialect.name == "sqlite":
            session.execute(text("DROP TRIGGER document_no_update"))
        else:
            session.execute(text("ALTER TABLE document DISABLE TRIGGER ALL"))
        session.execute(text("UPDATE document SET body = :body"), {"body": b"%PDF-forged"})

    assert site.provider == "Highveld Cloud"
    assert "INV-000001: its PDF differs from its hash" in flask("check").err


def line(number: int, name: str = "web") -> BillLine:
    return BillLine(
        "vm", f"vm-{number}", name, "vm.vcpu_hours", 744 * HOUR_US, 14_500_000, 0, "standard", 1, 0,
        0, (), 107_88,
    )  # fmt: skip


def test_a_long_invoice_sums_each_resource_and_says_so(app: APIFlask, site: Site) -> None:
    whole = issue(app)
    many = replace(whole, lines=[line(number // 2) for number in range(301)])

    paper = service.paper_of(many, site.looks, HIGHVELD)

    assert "This invoice has 301 lines." in paper.note
    assert paper.columns == ["Resource", "Quantities", "Amount without VAT (ZAR)"]
    assert paper.groups[0].words == "151 resources"
    assert paper.groups[0].rows[0] == (
        "web (vm-0)", "vCPU 744,000000 vCPU·h; vCPU 744,000000 vCPU·h", "215,76",
    )  # fmt: skip
    assert service.paper_of(replace(many, lines=many.lines[1:]), site.looks, HIGHVELD).note == ""


def test_any_name_can_be_set_and_the_same_paper_gives_the_same_bytes(
    app: APIFlask, site: Site
) -> None:
    whole = issue(app)
    names = ["漢字", "#panic() $x$ *b* \\ @ref", "x" * 200, "كلاود", "e\u0301\u200d\U0001f600"]
    many = replace(whole, lines=[line(number, name) for number, name in enumerate(names)])
    paper = asdict(service.paper_of(many, site.looks, HIGHVELD))

    first, second = (documents.pdf("invoice", paper, now_us=START_US) for _ in range(2))

    assert first == second
    assert first.startswith(b"%PDF-1.7")
