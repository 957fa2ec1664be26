"""Whose data a key may reach: a customer's own, or the one that the provider's key names."""

from apiflask import Schema
from apiflask.fields import String

from dcx.accounts import service
from dcx.kit.errors import BadRequestError, NotAllowedError
from dcx.repository.session import reading
from dcx.web.doors import viewer


class CustomerQuery(Schema):
    """Whose data: a customer's own key needs to name nobody."""

    customer = String(metadata={"description": "A customer's key, for the provider's keys."})


def own_customer() -> str | None:
    """The customer whose key this is; None for the provider's."""
    own: str | None = viewer().customer  # type: ignore[attr-defined]
    return own


def customer_of(asked: str | None) -> str:
    """The customer that a request is about; `asked` is its ?customer=.

    BadRequestError where the provider's key names none, NotAllowedError where a customer's key
    names another, UnknownCustomerError where there is none of that key.
    """
    own = own_customer()
    if own and asked and asked != own:
        raise NotAllowedError("This key belongs to another customer.")
    customer = own or asked
    if not customer:
        raise BadRequestError("Name the customer: ?customer=KEY.")
    with reading() as session:
        return service.get_customer(session, customer).key
