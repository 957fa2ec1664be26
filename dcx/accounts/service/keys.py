"""API keys: what programs show instead of a password."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from dcx.accounts.errors import AccountRefusedError, UnknownCustomerError
from dcx.accounts.models import ApiKey
from dcx.accounts.repository import CustomerRepository, KeyRepository
from dcx.accounts.rules import MINUTE_US, PROVIDER_SCOPES, SCOPES
from dcx.journal import service as journal
from dcx.journal.service import Deed
from dcx.kit.actors import Actor
from dcx.kit.errors import NotFoundError
from dcx.kit.ids import fingerprint, new_id, new_secret


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """A program behind a key; `customer` None: the provider's own."""

    row: int
    name: str
    scopes: frozenset[str]
    customer: str | None
    staff_role: None = None
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    def get_id(self) -> str:
        return f"key {self.row}"

    @property
    def said_as(self) -> str:
        """How the audit names whoever holds this key."""
        return f"key {self.name}"

    def role_at(self, customer: str) -> str | None:  # noqa: ARG002
        return None


def add_key(
    session: Session,
    name: str,
    scopes: Sequence[str],
    *,
    customer: str | None,
    now_us: int,
    made_by: str = "",
) -> str:
    """Make a key and answer it: the only time that it can be read."""
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        raise AccountRefusedError(
            f"Scopes are {', '.join(SCOPES)}; not {', '.join(unknown) or 'none'}."
        )
    if not name.strip() or len(name) > 100:  # noqa: PLR2004
        raise AccountRefusedError("A key needs a name of at most 100 characters.")
    owner = CustomerRepository(session).find(customer) if customer else None
    if customer and owner is None:
        raise UnknownCustomerError(f"There is no customer {customer!r}.")
    secret = f"dcx_{new_secret()}"
    KeyRepository(session).add(
        ApiKey(
            key=new_id(),
            name=name,
            made_by=made_by,
            fingerprint=fingerprint(secret),
            scopes=" ".join(sorted(set(scopes))),
            customer_id=owner.id if owner else None,
            created_us=now_us,
            last_used_us=None,
            revoked_us=None,
        )
    )
    return secret


@dataclass(frozen=True, slots=True)
class Listed:
    """A key as its owner sees it; the key itself cannot be read any more."""

    key: str
    name: str
    scopes: tuple[str, ...]
    customer: str | None
    customer_name: str | None
    made_by: str
    created_us: int
    last_used_us: int | None
    revoked_us: int | None


def keys(session: Session, *, customer: str | None = None) -> list[Listed]:
    """Keys, the newest first: of one customer, or everybody's and the provider's own."""
    return [
        Listed(
            row.key,
            row.name,
            tuple(row.scopes.split()),
            owner,
            owner_name,
            row.made_by,
            row.created_us,
            row.last_used_us,
            row.revoked_us,
        )
        for row, owner, owner_name in KeyRepository(session).listed(customer)
    ]


def make_key(
    session: Session,
    name: str,
    scopes: Sequence[str],
    *,
    customer: str | None,
    by: Actor,
    now_us: int,
) -> str:
    """Make a key and put it on record; answers it, the only time that it can be read."""
    if customer and set(scopes) & PROVIDER_SCOPES:
        raise AccountRefusedError("Only the provider's own keys send logs or deploy.")
    secret = add_key(session, name, scopes, customer=customer, now_us=now_us, made_by=by.who)
    deed = Deed("API key made", name, customer or "", None, {"scopes": sorted(set(scopes))})
    journal.record(session, by, deed, now_us=now_us)
    return secret


def revoke_key(session: Session, key: str, *, customer: str | None, by: Actor, now_us: int) -> None:
    """Make a key useless from its next request on; of one customer, or (None: staff) anybody's.

    Repeating it changes nothing. NotFoundError where there is none of theirs.
    """
    found = KeyRepository(session).by_key(key)
    if found is None or (customer is not None and found[1] != customer):
        raise NotFoundError("There is no such key.")
    row, owner = found
    if row.revoked_us is None:
        row.revoked_us = now_us
        deed = Deed("API key revoked", row.name, owner or "", {"scopes": row.scopes.split()})
        journal.record(session, by, deed, now_us=now_us)


def key_of(session: Session, secret: str, *, now_us: int) -> tuple[KeyHolder | None, bool]:
    """Whose key this is, if it lives; and whether its last use is to be written."""
    found = KeyRepository(session).find(fingerprint(secret))
    if found is None:
        return None, False
    row, customer = found
    holder = KeyHolder(row.id, row.name, frozenset(row.scopes.split()), customer)
    return holder, now_us - (row.last_used_us or 0) > MINUTE_US


def touch_key(session: Session, holder: KeyHolder, *, now_us: int) -> None:
    """Write when a key was last used."""
    KeyRepository(session).touch(holder.row, now_us)
