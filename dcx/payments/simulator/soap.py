"""The XML of PayHost: reading a request as its schema orders it, writing an answer as its does."""

import re
from collections.abc import Iterable, Mapping
from xml.etree.ElementTree import Element, ParseError, SubElement, register_namespace, tostring

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
PAYHOST = "http://www.paygate.co.za/PayHOST"
SEQUENCES = {
    "CardPaymentRequest": "Account Customer (CardNumber CardExpiryDate|VaultId) CardIssueDate?"
    " CardIssueNumber? (CVV Vault? BudgetPeriod? Redirect? Order Recurring?"
    "|Vault? BudgetPeriod? Redirect? Order Recurring) ThreeDSecure? Risk? UserDefinedFields*"
    " BillingDescriptor?",
    "WebPaymentRequest": "Account Customer (Vault|VaultId)? PaymentType* Redirect Order Recurring?"
    " ThreeDSecure? Risk? UserDefinedFields* BillingDescriptor?",
    "QueryRequest": "Account (TransactionId|PayRequestId|MerchantOrderId TransactionType?)"
    " UserDefinedFields*",
    "SettlementRequest": "Account (TransactionId|MerchantOrderId) UserDefinedFields*",
    "RefundRequest": "Account (TransactionId|MerchantOrderId) Amount Reference? UserDefinedFields*",
    "VoidRequest": "Account (TransactionId|MerchantOrderId) PaymentType? TransactionType"
    " UserDefinedFields*",
    "LookUpVaultRequest": "Account VaultId UserDefinedFields*",
    "DeleteVaultRequest": "Account VaultId UserDefinedFields*",
    "PingRequest": "Account Identifier UserDefinedFields*",
    "Account": "PayGateId Password",
    "Customer": "Title? FirstName MiddleName? LastName Telephone* Mobile* Fax* Email+ DateOfBirth?"
    " Nationality? IdNumber? IdType? SocialSecurityNumber? Address?",
    "Address": "AddressLine* City? Country? State? Zip?",
    "BillingDetails": "Customer Address",
    "Redirect": "NotifyUrl ReturnUrl Target?",
    "Order": "MerchantOrderId Currency Amount Discount? TransactionDate? BillingDetails?"
    " ShippingDetails? AirlineBookingDetails? OrderItems* Locale?",
    "PaymentType": "Method Detail?",
}
"""Which elements stand in which order. A card is charged without CVV only as a recurring one."""
STATUS = (
    "TransactionId", "Reference", "AcquirerCode", "StatusName", "StatusDetail", "AuthCode",
    "PayRequestId", "VaultId", "PayVaultData", "TransactionStatusCode",
    "TransactionStatusDescription", "ResultCode", "ResultDescription", "Currency", "Amount",
    "RiskIndicator", "PaymentType", "DateTime", "TransactionType",
)  # fmt: skip
_PATTERNS = {
    name: re.compile(re.sub(r"\w+", r"(?:\g<0>,)", sequence), re.VERBOSE)
    for name, sequence in SEQUENCES.items()
}
Values = Mapping[str, "str | Mapping[str, str]"]
register_namespace("SOAP-ENV", SOAP)
register_namespace("pay", PAYHOST)


class FaultError(Exception):
    """It is no request of PayHost at all."""


def request_in(body: bytes) -> Element:
    """The request inside an envelope; FaultError for anything else, entities and DTDs included."""
    try:
        envelope: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise FaultError("The message is not XML that is read here.") from error
    wanted = envelope.find(f"{{{SOAP}}}Body/*")
    if envelope.tag != f"{{{SOAP}}}Envelope" or wanted is None:
        raise FaultError("The message is no SOAP 1.1 envelope.")
    if not wanted.tag.startswith(f"{{{PAYHOST}}}"):
        raise FaultError(f"No endpoint for {wanted.tag}.")
    return wanted


def name_of(element: Element) -> str:
    """Without its namespace; "" for a foreign one."""
    return element.tag.removeprefix(f"{{{PAYHOST}}}") if PAYHOST in element.tag else ""


def part(element: Element, *path: str) -> Element | None:
    return element.find("/".join(f"{{{PAYHOST}}}{name}" for name in path))


def text(element: Element, *path: str) -> str:
    """The text below, without spaces around; "" where there is none."""
    found = part(element, *path)
    return (found.text or "").strip() if found is not None else ""


def misplaced(element: Element) -> str:
    """The first element whose parts do not stand as the schema says; "" if all do."""
    pattern = _PATTERNS.get(name_of(element))
    parts = "".join(f"{name_of(child)}," for child in element)
    if pattern and not pattern.fullmatch(parts):
        return name_of(element)
    return next((found for child in element if (found := misplaced(child))), "")


def answer_of(kind: str, answers: Iterable[Element]) -> str:
    """An envelope with `kind`Response and what is inside it."""
    envelope = Element(f"{{{SOAP}}}Envelope")
    SubElement(envelope, f"{{{SOAP}}}Header")
    body = SubElement(envelope, f"{{{SOAP}}}Body")
    body.append(element_of(f"{kind}Response", answers))
    return _written(envelope)


def fault_of(words: str) -> str:
    """A SOAP Fault that blames the client."""
    envelope = Element(f"{{{SOAP}}}Envelope")
    fault = SubElement(SubElement(envelope, f"{{{SOAP}}}Body"), f"{{{SOAP}}}Fault")
    SubElement(fault, "faultcode").text = "SOAP-ENV:Client"
    SubElement(fault, "faultstring").text = words
    return _written(envelope)


def element_of(name: str, parts: Iterable[Element]) -> Element:
    element = Element(f"{{{PAYHOST}}}{name}")
    element.extend(parts)
    return element


def leaf(name: str, words: str) -> Element:
    element = Element(f"{{{PAYHOST}}}{name}")
    element.text = words
    return element


def status_of(values: Values) -> Element:
    """A Status with what is known, in the order of the schema."""
    parts: list[Element] = []
    for name in STATUS:
        value = values.get(name, "")
        if isinstance(value, str):
            parts += [leaf(name, value)] if value else []
        elif name == "PayVaultData":
            parts += [_pair(name, each) for each in value.items()]
        else:
            parts.append(element_of(name, [leaf(key, words) for key, words in value.items()]))
    return element_of("Status", parts)


def _pair(name: str, pair: tuple[str, str]) -> Element:
    return element_of(name, [leaf("name", pair[0]), leaf("value", pair[1])])


def _written(envelope: Element) -> str:
    return tostring(envelope, encoding="unicode", xml_declaration=True)
