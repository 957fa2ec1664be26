"""The API of disk space: nothing is stored, so nothing needs a key to be asked once only."""

from flask import request
from flask.typing import ResponseReturnValue

from dcx.estimates.api.disk_bodies import DISK_ASK, DiskEstimateAnswer
from dcx.estimates.api.ground import SCOPE, estimates_api
from dcx.estimates.errors import AskRefusedError
from dcx.estimates.service.disks import disk_answer
from dcx.web.api import BODY, answers
from dcx.web.doors import open_to_scope
from dcx.web.sizes import takes

MOST_BYTES = 64 * 1024


@estimates_api.post("/disk-estimates")
@estimates_api.doc(
    summary="Work out disk space",
    responses=answers(DiskEstimateAnswer, "The size, and the arithmetic behind it"),
    security="key",
    extensions={BODY: DISK_ASK},
)
@open_to_scope(SCOPE)
@takes(MOST_BYTES)
def disk_estimate() -> ResponseReturnValue:
    sent = request.get_json(silent=True)
    if sent is None:
        raise AskRefusedError({"": "Send a JSON object with kind and given, as application/json."})
    return disk_answer(sent)
