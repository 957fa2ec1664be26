"""The gateway's door for servers."""

from xml.etree.ElementTree import Element

from dcx.payments.errors import DeadTokenError, GatewayRefusedError, GatewaySilentError
from dcx.payments.payhost.answers import card_of, require_taken, status_of
from dcx.payments.payhost.soap import READ_S, Parts, exchange, message, name, said
from dcx.payments.payhost.values import KnownCard, Order, Person, Status
from dcx.settings import Gateway

NOT_THERE = "401"


class PayHost:
    """The gateway's door for servers.

    Every method raises GatewaySilentError where no readable answer came in time, and
    GatewayRefusedError where the gateway turned the message away and did nothing.
    """

    def __init__(self, gateway: Gateway, *, read_s: float = READ_S) -> None:
        self._gateway, self._read_s = gateway, read_s

    def look_up(self, token: str) -> KnownCard | None:
        """The card behind a token; None where the gateway no longer has it."""
        asked: Parts = [("Account", self._account()), ("VaultId", token)]
        try:
            found = self._one("SingleVault", "LookUpVault", asked)
        except DeadTokenError:
            return None
        return card_of(found)

    def delete(self, token: str) -> None:
        """Have the gateway forget a card, for good. One that is gone already counts as deleted."""
        asked: Parts = [("Account", self._account()), ("VaultId", token)]
        try:
            status = self._one("SingleVault", "DeleteVault", asked)
        except DeadTokenError:
            return
        if said(status, "StatusName") != "Completed":
            raise GatewaySilentError("The gateway did not say that it deleted the card.")

    def refund(self, transaction_id: str, cents: int, order_id: str) -> Status:
        """Send money back for a settled transaction. Not safe to repeat: query `order_id` first."""
        asked: Parts = [
            ("Account", self._account()),
            ("TransactionId", transaction_id),
            ("Amount", str(cents)),
            ("Reference", order_id),
        ]
        return status_of(self._one("SingleFollowUp", "Refund", asked))

    def void(self, transaction_id: str, kind: str = "Authorisation") -> Status:
        """Take back a transaction that is not settled yet. Not safe to repeat: query first."""
        asked: Parts = [
            ("Account", self._account()),
            ("TransactionId", transaction_id),
            ("TransactionType", kind),
        ]
        return status_of(self._one("SingleFollowUp", "Void", asked))

    def query(
        self, *, order_id: str = "", transaction_id: str = "", pay_request_id: str = ""
    ) -> list[Status]:
        """Everything that the gateway knows under one of these; nothing where it knows none."""
        named: Parts = [("MerchantOrderId", order_id), ("TransactionType", "All")]
        if transaction_id:
            named = [("TransactionId", transaction_id)]
        elif pay_request_id:
            named = [("PayRequestId", pay_request_id)]
        asked: Parts = [("Account", self._account()), *named]
        try:
            return [status_of(each) for each in self._answers("SingleFollowUp", "Query", asked)]
        except GatewayRefusedError as error:
            if error.code == NOT_THERE:
                return []
            raise

    def charge(self, token: str, order: Order, person: Person) -> Status:
        """Charge a card without its owner at the page: a transaction that the merchant initiates
        on a card on file, for which PayGate must have opened the id. Not safe to repeat.
        """
        asked: Parts = [
            ("Account", self._account()),
            ("Customer", _customer(person)),
            ("VaultId", token),
            ("Order", _order(order)),
            ("Recurring", _ON_FILE),
        ]
        return status_of(self._one("SinglePayment", "CardPayment", asked))

    def _account(self) -> Parts:
        gateway = self._gateway
        return [("PayGateId", gateway.paygate_id), ("Password", gateway.payhost_password)]

    def _one(self, operation: str, kind: str, asked: Parts) -> Element:
        return self._answers(operation, kind, asked)[0]

    def _answers(self, operation: str, kind: str, asked: Parts) -> list[Element]:
        """The Status elements of the answer, at least one; refusals are raised."""
        told = message(f"{operation}Request", f"{kind}Request", asked)
        answer = exchange(self._gateway.payhost_url, told, read_s=self._read_s)
        responses = [
            status
            for response in answer.iterfind(name(f"{operation}Response"))
            for one in response.iterfind(name(f"{kind}Response"))
            for status in one.iterfind(name("Status"))
        ]
        if not responses:
            raise GatewaySilentError("The gateway answered something else than was asked.")
        for status in responses:
            require_taken(status)
        return responses


_ON_FILE: Parts = [
    ("InitialAuth", "false"),
    ("RecurringTransactionType", "CARD_ON_FILE"),
    ("InitiatedType", "MERCHANT"),
]


def _customer(person: Person) -> Parts:
    """A first and a last name, both of which the gateway insists on."""
    first, _, last = person.name.strip().rpartition(" ")
    return [("FirstName", first or last), ("LastName", last), ("Email", person.email)]


def _order(order: Order) -> Parts:
    return [
        ("MerchantOrderId", order.reference),
        ("Currency", order.currency),
        ("Amount", str(order.cents)),
    ]
