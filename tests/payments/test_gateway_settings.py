"""Where DCX may be told to pay: production knows only PayGate itself, and says each fault."""

import pytest
from flask import render_template_string

from dcx.factory import create_app
from dcx.settings import Settings, SettingsError
from tests.support.databases import SqliteDatabases, settings_of
from tests.support.gateway import SimulatedGateway

PRODUCTION = {
    "DCX_ENV": "production",
    "DCX_PUBLIC_URL": "https://billing.example",
    "DCX_SECRET_KEY": "a long key that only these tests have",  # pragma: allowlist secret
    "DCX_ENCRYPTION_KEYS": "another long key that only these tests have",
    "DCX_PAYGATE_ID": "10011013800",
    "DCX_PAYGATE_KEY": "a key of their own",  # pragma: allowlist secret
    "DCX_PAYHOST_PASSWORD": "a password of their own",  # pragma: allowlist secret
}
BANNER = '{% from "ui/payments.html" import simulated_banner %}{{ simulated_banner() }}'


def faults(**changes: str) -> list[str]:
    try:
        Settings.from_environment(PRODUCTION | changes)
    except SettingsError as error:
        return str(error).splitlines()
    return []


def test_production_takes_a_merchant_of_its_own() -> None:
    assert faults() == []


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("DCX_PAYGATE_ID", "10011072130", "is the public test merchant"),
        ("DCX_PAYGATE_ID", "1001 1013", "must be digits"),
        ("DCX_PAYGATE_KEY", "secret", "is the public test key"),
        ("DCX_PAYGATE_KEY", "test", "is the public test key"),
        ("DCX_PAYGATE_KEY", "", "must be set beside DCX_PAYGATE_ID"),
        ("DCX_PAYHOST_PASSWORD", "test", "is the public test password"),
        ("DCX_PAYGATE_URL", "http://127.0.0.1:5001/payweb3", "must lead to https://secure.pay"),
        ("DCX_PAYGATE_URL", "http://secure.paygate.co.za/payweb3", "must lead to https://secure"),
        ("DCX_PAYGATE_URL", "https://secure.paygate.co.za.evil.example/", "must lead to https://"),
        ("DCX_PAYGATE_URL", "https://secure.paygate.co.za@evil.example/", "must lead to https://"),
        ("DCX_PAYHOST_URL", "https://localhost/payhost/process.trans", "must lead to https://"),
        ("DCX_PUBLIC_URL", "http://billing.example", "must begin with https://"),
    ],
)
def test_production_refuses_what_is_for_tests(name: str, value: str, words: str) -> None:
    found = faults(**{name: value})

    assert len(found) == 1, found
    assert found[0].startswith(name)
    assert words in found[0]


def test_production_says_every_fault_at_once(gateway: SimulatedGateway) -> None:
    found = faults(**gateway.settings, DCX_PUBLIC_URL="http://127.0.0.1:5000")

    assert [fault.split()[0] for fault in found] == [
        "DCX_PUBLIC_URL", "DCX_PAYGATE_ID", "DCX_PAYGATE_KEY", "DCX_PAYHOST_PASSWORD",
        "DCX_PAYGATE_URL", "DCX_PAYHOST_URL",
    ]  # fmt: skip


def test_an_address_that_is_none_is_a_fault_and_no_crash() -> None:
    for name in ("DCX_PAYGATE_URL", "DCX_PAYHOST_URL"):
        assert f"{name} must be an address." in faults(**{name: "https://[::1"})


def test_pages_say_that_payments_are_simulated_where_they_are(
    sqlite: SqliteDatabases, gateway: SimulatedGateway
) -> None:
    shown = []
    for changes in (gateway.settings, {}, {**PRODUCTION, "DCX_SCHEDULER": "off"}):
        app = create_app(settings_of(sqlite.fresh(), **changes))
        with app.test_request_context():
            shown.append("no money moves" in render_template_string(BANNER))

    assert shown == [True, False, False]
