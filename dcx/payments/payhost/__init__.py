"""PayHost: what DCX asks of the gateway by itself, and what it believes of the answers.

Source: the PayHost WSDL (SOAP 1.1, document/literal, elements qualified, their order enforced).
There is no idempotency key: whoever moves money writes their intent first, sends once, and after a
silence asks with `query` before anything is sent again.
"""

from dcx.payments.payhost.door import PayHost
from dcx.payments.payhost.values import KnownCard, Order, Person, Status

__all__ = ["KnownCard", "Order", "PayHost", "Person", "Status"]
