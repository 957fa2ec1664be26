"""A newcomer finds out what three machines will cost, with scripts and without."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import visit

CUSTOMER = "naledi@karoo.example"
BEGIN = "/c/cust-00/estimates/new"
WITHOUT_VAT = ".sums .figures td >> nth=0"


def field(name: str) -> str:
    """The selector of a field by its name."""
    return f'[name="{name}"]'


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.name"))


def tab_to(page: Page, name: str) -> None:
    """Go on by keyboard until a field or a button of that name has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        told = page.evaluate(
            "[document.activeElement.name, document.activeElement.ariaLabel,"
            " document.activeElement.textContent.trim()]"
        )
        if name in told:
            return
    pytest.fail(f"{name} is not reached by the keyboard")


def type_over(page: Page, name: str, text: str) -> None:
    tab_to(page, name)
    page.keyboard.press("Control+A")
    page.keyboard.type(text)


def mistype(page: Page, wrong: str, right: str, price: str) -> None:
    """Type what is no number into the field of vCPUs, and put it right: the price stays."""
    fault = page.locator('[id="lines.0.vcpus-fault"]')
    page.keyboard.press("Control+A")
    page.keyboard.type(wrong)
    expect(page.locator("#price-note")).to_contain_text("the last price that could be worked out")
    expect(fault).to_contain_text("not negative")
    assert page.locator(WITHOUT_VAT).inner_text() == price
    page.keyboard.press("Control+A")
    page.keyboard.type(right)
    expect(page.locator("#price-note")).to_be_empty()
    expect(fault).to_be_empty()


def add_by_enter(page: Page, name: str) -> None:
    """Press the button that has the focus: the field of the new line has it then."""
    page.keyboard.press("Enter")
    page.wait_for_selector(field(name))
    page.wait_for_function("name => document.activeElement.name == name", arg=name)


def add_disk(page: Page, size: str) -> None:
    """To the third line: the size that stands there is typed over."""
    tab_to(page, "Add a disk to line 3")
    add_by_enter(page, "lines.2.disks.1.size_gib")
    expect(page.locator("#amounts")).to_contain_text("Disk 2")
    smaller = page.locator(WITHOUT_VAT).inner_text()
    page.keyboard.type(size)
    assert page.input_value(field("lines.2.disks.1.size_gib")) == size
    expect(page.locator(WITHOUT_VAT)).not_to_have_text(smaller)


def leave_out(page: Page, name: str) -> None:
    """Take a tick away, which changes the price."""
    before = page.locator(WITHOUT_VAT).inner_text()
    tab_to(page, name)
    page.keyboard.press("Space")
    expect(page.locator(WITHOUT_VAT)).not_to_have_text(before)


def save_at_once(page: Page) -> None:
    """Save while the price of a keystroke is still asked for."""
    page.keyboard.press("Space")
    page.keyboard.press("Space")
    tab_to(page, "Save the estimate")
    page.keyboard.press("Enter")


@pytest.mark.browser
def test_a_newcomer_builds_an_estimate_of_three_machines_by_keyboard(
    chromium: Browser, site: str
) -> None:
    window = visit(chromium, site, CUSTOMER)
    page = window.page
    window.go(BEGIN)
    tab_to(page, "From scratch")
    page.keyboard.press("Enter")
    price = page.locator(WITHOUT_VAT)
    first = price.inner_text()

    type_over(page, "name", "Three machines")
    type_over(page, "lines.0.name", "web")
    type_over(page, "lines.0.vcpus", "4")

    expect(price).not_to_have_text(first)
    assert focused(page) == "lines.0.vcpus", "only the price is swapped"
    dearer = price.inner_text()

    mistype(page, "-1", "4", dearer)
    tab_to(page, "Copy line 1")
    add_by_enter(page, "lines.1.name")
    tab_to(page, "Add a machine")
    add_by_enter(page, "lines.2.name")
    page.keyboard.type("db")
    expect(page.locator("#amounts")).to_contain_text("db")
    add_disk(page, "200")
    leave_out(page, "lines.2.backed_up")
    last = price.inner_text()
    save_at_once(page)

    page.wait_for_selector("h1:has-text('Three machines')")
    assert page.locator(WITHOUT_VAT).inner_text() == last
    assert page.locator("[role=status]").all_inner_texts() == ["The estimate is saved."]
    assert window.complaints == []


@pytest.mark.browser
def test_the_same_is_built_by_buttons_where_scripts_are_off(chromium: Browser, site: str) -> None:
    window = visit(chromium, site, CUSTOMER, scripts=False)
    page = window.page
    window.go(BEGIN)
    page.click("text=From scratch")
    first = page.inner_text(WITHOUT_VAT)

    page.fill(field("name"), "By buttons")
    page.fill(field("lines.0.vcpus"), "4")
    page.press(field("lines.0.vcpus"), "Enter")
    dearer = page.inner_text(WITHOUT_VAT)
    assert dearer != first
    page.click("[aria-label='Add a disk to line 1']")
    page.fill(field("lines.0.disks.1.size_gib"), "1,5 TB")
    page.click("[aria-label='Copy line 1']")
    page.click("[aria-label='Add a machine']")
    page.click("[aria-label='Remove disk 1 of line 3']")
    page.fill(field("lines.2.count"), "none")
    page.click("text=Show the price")

    assert "Write a number" in page.inner_text('[id="lines.2.count-fault"]')
    assert page.input_value(field("lines.1.disks.1.size_gib")) == "1,5 TB"
    page.fill(field("lines.2.count"), "2")
    page.click("text=Save the estimate")

    assert "By buttons" in page.inner_text("h1")
    assert [words for words in window.complaints if "422" not in words] == []
