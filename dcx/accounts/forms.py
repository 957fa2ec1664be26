"""What comes in from the forms of accounts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from dcx.accounts.service import BILLINGS, Customer, is_own_path
from dcx.kit.errors import FormError


@dataclass(frozen=True, slots=True)
class SigninForm:
    """E-mail and password, and where the person wanted to go."""

    email: str
    password: str
    wanted: str

    @classmethod
    def read(cls, sent: Mapping[str, str]) -> Self:
        """Raises FormError naming what is missing."""
        email, password = sent.get("email", "").strip(), sent.get("password", "")
        faults = {}
        if not email:
            faults["email"] = "Enter your e-mail address."
        if not password:
            faults["password"] = "Enter your password."  # noqa: S105
        if faults:
            raise FormError(faults)
        return cls(email, password, own_path(sent.get("next", "/")))


def own_path(address: str) -> str:
    """The address if it is a path of ours, else the home page."""
    return address if is_own_path(address) else "/"


def read_customer(sent: Mapping[str, str], *, known: str = "") -> Customer:
    """A customer from its form, or the new facts of the one `known` by its key; FormError where the
    key or name is missing.
    """
    faults = {}
    key, name = known or sent.get("key", "").strip(), sent.get("name", "").strip()
    if not key:
        faults["key"] = "Give the key that collectors send as customer, for example karoo."
    if not name:
        faults["name"] = "Give the name that stands on invoices."
    if faults:
        raise FormError(faults)
    billing = sent.get("billing", BILLINGS[0])
    book = sent.get("price_book", "").strip() or "standard"
    email, vat_number = sent.get("email", "").strip(), sent.get("vat_number", "").strip()
    return Customer(key, name, email, vat_number, billing, book, sent.get("address", ""))
