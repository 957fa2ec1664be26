"""SOAP 1.1 by hand: a message out of named parts, one exchange, and the body of the answer."""

import time
from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

import httpx
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from dcx.kit.tls import trust
from dcx.payments.errors import GatewayRefusedError, GatewaySilentError

NAMESPACE = "http://www.paygate.co.za/PayHOST"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
Parts = Sequence[tuple[str, "str | Parts"]]
"""(name, text or further parts), in the order that the schema wants."""
_MOST_BYTES = 1024 * 1024
_LONGEST_S = 30
_LONGEST_WORDS = 255
CONNECT_S, READ_S = 5.0, 20.0
_ANSWERED = {200, 500}
_HEADERS = {
    "Content-Type": "text/xml; charset=utf-8",
    "SOAPAction": '""',
    "Accept-Encoding": "identity",
}


def message(operation: str, kind: str, asked: Parts) -> bytes:
    """An envelope that asks for one thing, for example SingleVaultRequest/DeleteVaultRequest."""
    envelope = Element(f"{{{SOAP}}}Envelope")
    body = SubElement(envelope, f"{{{SOAP}}}Body")
    _fill(SubElement(SubElement(body, name(operation)), name(kind)), asked)
    told: bytes = tostring(envelope, encoding="utf-8", xml_declaration=True)
    return told


def _fill(parent: Element, parts: Parts) -> None:
    for local, content in parts:
        element = SubElement(parent, name(local))
        if isinstance(content, str):
            element.text = content
        else:
            _fill(element, content)


def exchange(url: str, asked: bytes, *, read_s: float = READ_S) -> Element:
    """Send one message to an address and read the SOAP body of the answer.

    GatewaySilentError where no readable answer came in time, GatewayRefusedError where the message
    itself was blamed.
    """
    timeout = httpx.Timeout(read_s, connect=CONNECT_S)
    try:
        with (
            httpx.Client(
                timeout=timeout, verify=trust(), trust_env=False, follow_redirects=False
            ) as client,
            client.stream("POST", url, content=asked, headers=_HEADERS) as answer,
        ):
            if answer.status_code not in _ANSWERED:
                raise GatewaySilentError(f"The gateway answered HTTP {answer.status_code}.")
            told = b"".join(_pieces(answer))
    except httpx.HTTPError as error:
        reason = type(error).__name__
        raise GatewaySilentError(f"The gateway did not answer ({reason}).") from error
    return _body(_read(told))


def _pieces(answer: httpx.Response) -> Iterator[bytes]:
    """The answer's bytes; GatewaySilentError where they are too many or trickle too slowly."""
    begun, size = time.monotonic(), 0
    for piece in answer.iter_bytes():
        size += len(piece)
        if size > _MOST_BYTES:
            raise GatewaySilentError("The gateway's answer is larger than any answer is.")
        if time.monotonic() - begun > _LONGEST_S:
            raise GatewaySilentError("The gateway's answer took too long.")
        yield piece


def _read(told: bytes) -> Element:
    """The answer as XML without a DTD, entities or anything from outside."""
    try:
        root: Element = fromstring(told, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise GatewaySilentError("The gateway's answer cannot be read.") from error
    return root


def _body(root: Element) -> Element:
    """The SOAP body. A fault that blames the message says that nothing was done; any other fault
    leaves open what was.
    """
    body = root.find(f"{{{SOAP}}}Body") if root.tag == f"{{{SOAP}}}Envelope" else None
    if body is None:
        raise GatewaySilentError("The gateway's answer is not SOAP.")
    fault = body.find(f"{{{SOAP}}}Fault")
    if fault is None:
        return body
    code = (fault.findtext("faultcode") or "").rpartition(":")[2].strip()
    if code == "Client":
        raise GatewayRefusedError("Client", "it does not understand the message")
    raise GatewaySilentError(f"The gateway met a fault of its own ({code or 'unnamed'}).")


def said(element: Element, local: str) -> str:
    """What a direct child says, shortened; "" where there is none. Others are passed over."""
    return (element.findtext(name(local)) or "").strip()[:_LONGEST_WORDS]


def name(local: str) -> str:
    """A name in PayHost's namespace, whatever prefix it has in the answer."""
    return f"{{{NAMESPACE}}}{local}"
