"""API keys: what programs show instead of a password."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from dcx.accounts.errors import AccountRefusedError, UnknownCustomerError
from dcx.accounts.models import ApiKey
from dcx.accounts.repository import CustomerRepository, KeyRepository
from dcx.accounts.rules import SCOPES
from dcx.kit.ids import fingerprint, new_id, new_secret

MINUTE_US = 60_000_000


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
    if not name.strip():
        raise AccountRefusedError("A key needs a name that tells what uses it.")
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
