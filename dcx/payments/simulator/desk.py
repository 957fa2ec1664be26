"""The simulator as its parts see it: merchant, book, faults, and how notices leave."""

from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from dcx.kit.tls import trust
from dcx.payments.simulator.book import Book, PayRequest
from dcx.payments.simulator.faults import Faults
from dcx.payments.simulator.merchant import Merchant

Deliver = Callable[[str, bytes], tuple[int, str]]
"""Posts a notice to an address; gives status and body of the answer. OSError: nobody is there."""
WAIT_S = 10
FORM = "application/x-www-form-urlencoded"


def post(url: str, body: bytes) -> tuple[int, str]:
    """By HTTP, as PayGate does."""
    try:
        head = {"Content-Type": FORM}
        answer = httpx.post(url, content=body, headers=head, timeout=WAIT_S, verify=trust())
    except httpx.HTTPError as error:
        raise OSError(str(error)) from error
    return answer.status_code, answer.text


@dataclass
class Simulator:
    """One PayGate. Its functions stand in the files beside this one and take it first.

    `page` is where PayHost sends browsers.
    """

    book: Book
    merchant: Merchant = field(default_factory=Merchant)
    faults: Faults = field(default_factory=Faults)
    deliver: Deliver = post
    page: str = "/PayHost/process.trans"

    def key_of(self, request: PayRequest) -> str:
        """What signs this request's notices and return: PayHost has a secret of its own."""
        return self.merchant.password if request.is_payhost else self.merchant.key

    def reset(self) -> None:
        """As it was at its start: nothing remembered, no faults, no options."""
        self.book.clear()
        self.faults.clear()
        self.merchant = Merchant()
