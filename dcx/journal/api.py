"""How the API answers a repeated request: the work is done once for an Idempotency-Key."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from apiflask import Schema
from apiflask.fields import String
from apiflask.validators import Length
from flask import Response, make_response, request

from dcx.journal import service
from dcx.kit.ids import fingerprint
from dcx.kit.periods import to_us
from dcx.kit.vault import SealBrokenError, Vault
from dcx.repository.session import transaction
from dcx.web.doors import viewer


class OnceHeader(Schema):
    """What makes a POST safe to repeat."""

    once = String(
        data_key="Idempotency-Key",
        validate=Length(min=1, max=200),
        metadata={"description": "The same key and body get the same answer; another body 409."},
    )


def once(
    key: str | None,
    work: Callable[[], dict[str, Any]],
    *,
    status: int = 200,
    vault: Vault | None = None,
) -> Response:
    """Do the work once for an Idempotency-Key and answer its JSON; without a key, natural keys must
    make it safe to repeat. Work that is refused leaves the key free. An answer that holds a secret
    is kept sealed: give the `vault`.
    """
    if not key:
        return _json(json.dumps(work()), status)
    caller = str(viewer().get_id())  # type: ignore[attr-defined]
    told = fingerprint(f"{request.full_path} {fingerprint(request.get_data())}")
    with transaction() as session:
        known = service.claim_request(session, caller, key, told, now_us=_now_us())
        if known is not None:
            return _json(_opened(known.body or "", vault), known.status or status)
    try:
        body = json.dumps(work())
    except Exception:
        with transaction() as session:
            service.release_request(session, caller, key)
        raise
    with transaction() as session:
        kept = vault.seal(body) if vault else body
        service.keep_answer(session, caller, key, status=status, body=kept)
    return _json(body, status)


def _opened(kept: str, vault: Vault | None) -> str:
    try:
        return vault.open(kept) if vault else kept
    except SealBrokenError as error:
        raise service.KeyReusedError(
            "The answer to this Idempotency-Key can no longer be read. Use another key."
        ) from error


def _json(body: str, status: int) -> Response:
    response = make_response(body, status)
    response.mimetype = "application/json"
    return response


def _now_us() -> int:
    return to_us(datetime.now(UTC))
