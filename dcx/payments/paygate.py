"""PayGate's PayWeb3: begin a payment, ask about one, and read what comes to our doors.

Every message is signed with an MD5 over its values, which proves little (see the rules of fields):
nothing that comes in by itself is believed before the gateway was asked over TLS.
"""

import hashlib
import hmac
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

import httpx

from dcx.kit.periods import from_us
from dcx.kit.tls import trust
from dcx.payments.errors import GatewayRefusedError, GatewaySilentError, NotGenuineError
from dcx.payments.rules import Answer, Token
from dcx.payments.rules.fields import CHECKSUM, ERROR, LONGEST_BODY, MOST_FIELDS, fault_of
from dcx.settings import Gateway

CONNECT_S, READ_S = 5.0, 20.0
FORM = "application/x-www-form-urlencoded"
CARD = "CC"
_SENT = ("PAYGATE_ID", "PAY_REQUEST_ID", "REFERENCE")
_TOLD = ("PAYGATE_ID", "PAY_REQUEST_ID", "REFERENCE", "TRANSACTION_STATUS")


@dataclass(frozen=True, slots=True)
class Initiation:
    """What a payment is begun with. `vault_id` pays with a card that the gateway keeps;
    `keeps_card` has it keep the one that the customer will enter.
    """

    reference: str
    amount_cents: int
    currency: str
    email: str
    return_url: str
    notify_url: str
    begun_us: int
    vault_id: str = ""
    keeps_card: bool = False


@dataclass(frozen=True, slots=True)
class Initiated:
    """The gateway knows the payment under this id, for 30 minutes."""

    pay_request_id: str


@dataclass(frozen=True, slots=True)
class Returned:
    """What a browser brings back: a hint, and no more."""

    pay_request_id: str
    status: str
    checksum: str


def checksum(values: Iterable[str], key: str) -> str:
    """The gateway's signature: MD5 of the values in their order and the key, nothing between."""
    text = "".join(values) + key
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


class PayGate:
    """Speaks PayWeb3 with the id and key of the settings."""

    def __init__(
        self, gateway: Gateway, *, connect_s: float = CONNECT_S, read_s: float = READ_S
    ) -> None:
        self._gateway = gateway
        self._timeout = httpx.Timeout(read_s, connect=connect_s)
        self._most_s = connect_s + read_s

    @property
    def is_on(self) -> bool:
        return self._gateway.is_on

    def initiate(self, wanted: Initiation) -> Initiated:
        """Tell the gateway of a payment.

        GatewayRefusedError with its code; NotGenuineError where the answer cannot be read;
        GatewaySilentError where none came: it may know the payment, but nobody can pay it.
        """
        values = self._signed(_fields_of(wanted, self._gateway))
        told = self._post("initiate.trans", values)
        ours = {"PAYGATE_ID": self._gateway.paygate_id, "REFERENCE": wanted.reference}
        _require(told, ours)
        if "PAY_REQUEST_ID" not in told:
            raise NotGenuineError("The answer lacks PAY_REQUEST_ID.")
        return Initiated(told["PAY_REQUEST_ID"])

    def query(self, pay_request_id: str, reference: str) -> Answer:
        """Ask how a payment stands; asking again is safe. Raises as `initiate` does."""
        values = self._signed(self._about(pay_request_id, reference))
        answer = _answer(self._post("query.trans", values))
        if answer.pay_request_id != pay_request_id:
            raise NotGenuineError("The answer is about another payment.")
        return answer

    @property
    def page(self) -> str:
        """Where a browser is sent to pay."""
        return f"{self._gateway.paygate_url}/process.trans"

    def redirect(self, pay_request_id: str, reference: str) -> dict[str, str]:
        """The fields of the form that sends a browser to the gateway's page."""
        values = self._about(pay_request_id, reference)
        signed = checksum(values.values(), self._gateway.paygate_key)
        return {"PAY_REQUEST_ID": pay_request_id, "CHECKSUM": signed}

    def read_notice(self, raw: bytes, content_type: str) -> Answer:
        """What the gateway sent to our door; NotGenuineError where it is not its word."""
        if not self.is_on:
            raise NotGenuineError("No gateway is set up here.")
        if content_type.partition(";")[0].strip().lower() != FORM:
            raise NotGenuineError("It is not a form.")
        return _answer(self._verified(raw))

    def read_return(self, sent: Iterable[tuple[str, str]]) -> Returned:
        """What a browser brought from the gateway's page, not yet checked; NotGenuineError where it
        cannot be that.
        """
        pairs = list(sent)
        values = dict(pairs)
        if len(values) != len(pairs) or not self.is_on:
            raise NotGenuineError("A name stands twice.")
        names = ("PAY_REQUEST_ID", "TRANSACTION_STATUS", "CHECKSUM")
        told = {name: values.get(name, "") for name in names}
        if fault := fault_of(told):
            raise NotGenuineError(f"{fault} has not the shape that it must have.")
        return Returned(*told.values())

    def is_genuine(self, returned: Returned, reference: str) -> bool:
        """Is what a browser brought signed for the payment with this reference?"""
        values = (
            self._gateway.paygate_id, returned.pay_request_id, returned.status, reference,
        )  # fmt: skip
        return _same(checksum(values, self._gateway.paygate_key), returned.checksum)

    def _about(self, pay_request_id: str, reference: str) -> dict[str, str]:
        return dict(zip(_SENT, (self._gateway.paygate_id, pay_request_id, reference), strict=True))

    def _signed(self, values: dict[str, str]) -> dict[str, str]:
        return values | {"CHECKSUM": checksum(values.values(), self._gateway.paygate_key)}

    def _post(self, path: str, values: Mapping[str, str]) -> dict[str, str]:
        """The values of a signed answer. What it answers with counts, not its HTTP status."""
        address, began = f"{self._gateway.paygate_url}/{path}", time.monotonic()
        try:
            with (
                httpx.Client(timeout=self._timeout, verify=trust(), trust_env=False) as web,
                web.stream("POST", address, data=dict(values)) as response,
            ):
                body = b""
                for piece in response.iter_bytes():
                    body += piece
                    if len(body) > LONGEST_BODY:
                        raise NotGenuineError("The answer is too long.")
                    if time.monotonic() - began > self._most_s:
                        raise GatewaySilentError("The gateway's answer takes too long.")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise GatewaySilentError(
                f"The gateway gave no answer ({type(error).__name__})."
            ) from error
        if refused := ERROR.fullmatch(body.decode("ascii", "replace")):
            raise GatewayRefusedError(refused[1])
        return self._verified(body)

    def _verified(self, raw: bytes) -> dict[str, str]:
        """The values of a signed body without its signature; NotGenuineError says what is wrong,
        and never what it should be.
        """
        values = _parsed(raw)
        signature = values.pop("CHECKSUM", "")
        if not CHECKSUM.fullmatch(signature):
            raise NotGenuineError("It is not signed.")
        if fault := fault_of(values):
            raise NotGenuineError(f"{fault} has not the shape that it must have.")
        if not self._fits(values, signature):
            raise NotGenuineError("Its signature is wrong.")
        if values.get("PAYGATE_ID") != self._gateway.paygate_id:
            raise NotGenuineError("It is for another merchant.")
        return values

    def _fits(self, values: dict[str, str], signature: str) -> bool:
        """The gateway signs an AUTH_CODE that it writes as null sometimes as if it were empty."""
        key = self._gateway.paygate_key
        if _same(checksum(values.values(), key), signature):
            return True
        if values.get("AUTH_CODE") != "null":
            return False
        return _same(checksum((values | {"AUTH_CODE": ""}).values(), key), signature)


def _fields_of(wanted: Initiation, gateway: Gateway) -> dict[str, str]:
    """In the one order that the gateway signs, what is empty left out."""
    date = from_us(wanted.begun_us).strftime("%Y-%m-%d %H:%M:%S")
    values = {
        "PAYGATE_ID": gateway.paygate_id,
        "REFERENCE": wanted.reference,
        "AMOUNT": str(wanted.amount_cents),
        "CURRENCY": wanted.currency,
        "RETURN_URL": wanted.return_url,
        "TRANSACTION_DATE": date,
        "LOCALE": gateway.language,
        "COUNTRY": gateway.country,
        "EMAIL": wanted.email,
        "PAY_METHOD": CARD if wanted.vault_id else "",
        "NOTIFY_URL": wanted.notify_url,
        "VAULT": "1" if wanted.keeps_card and not wanted.vault_id else "",
        "VAULT_ID": wanted.vault_id,
    }
    return {name: value for name, value in values.items() if value}


def _parsed(raw: bytes) -> dict[str, str]:
    """Names and values as they were sent; no name may stand twice."""
    if len(raw) > LONGEST_BODY:
        raise NotGenuineError("It is too long.")
    try:
        pairs = parse_qsl(
            raw.decode("ascii").strip("\r\n"), keep_blank_values=True, strict_parsing=True,
            errors="strict", max_num_fields=MOST_FIELDS,
        )  # fmt: skip
    except ValueError as error:
        raise NotGenuineError("It is no form that can be read.") from error
    values = dict(pairs)
    if len(values) != len(pairs):
        raise NotGenuineError("A name stands twice.")
    return values


def _require(told: Mapping[str, str], ours: Mapping[str, str]) -> None:
    for name, value in ours.items():
        if told.get(name) != value:
            raise NotGenuineError(f"The answer has another {name}.")


def _answer(values: Mapping[str, str]) -> Answer:
    for name in _TOLD:
        if name not in values:
            raise NotGenuineError(f"It lacks {name}.")
    amount = values.get("AMOUNT", "")
    method = (values.get("PAY_METHOD", ""), values.get("PAY_METHOD_DETAIL", ""))
    return Answer(
        pay_request_id=values["PAY_REQUEST_ID"],
        reference=values["REFERENCE"],
        status=values["TRANSACTION_STATUS"],
        result_code=values.get("RESULT_CODE", ""),
        result_words=values.get("RESULT_DESC", ""),
        amount_cents=int(amount) if amount else None,
        currency=values.get("CURRENCY", ""),
        transaction_id=values.get("TRANSACTION_ID", ""),
        risk=values.get("RISK_INDICATOR", ""),
        method=" ".join(part for part in method if part),
        token=_token(values),
    )


def _token(values: Mapping[str, str]) -> Token | None:
    """The card that the gateway keeps now; None where it keeps none."""
    token, masked = values.get("VAULT_ID", ""), values.get("PAYVAULT_DATA_1", "")
    expires = values.get("PAYVAULT_DATA_2", "")
    if not (token and masked and expires):
        return None
    brand = values.get("PAY_METHOD_DETAIL", "") or "Card"
    return Token(token, masked[-4:], f"{expires[2:]}-{expires[:2]}", brand)


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.lower().encode())
