"""What can be done with payments and cards."""

from dcx.payments.paygate import PayGate
from dcx.payments.repository import SORTED_BY, Wanted
from dcx.payments.rules import STATES, Answer, Token
from dcx.payments.service.asking import Heard, ask, due, note_question
from dcx.payments.service.begin import Begun, Wish, begin
from dcx.payments.service.check import breaches
from dcx.payments.service.close import close
from dcx.payments.service.desk import BROWSER, GATEWAY, Desk
from dcx.payments.service.from_wallet import pay_from_wallet
from dcx.payments.service.keeping import keep_card, token_print
from dcx.payments.service.looks import (
    PaymentLine,
    PaymentView,
    Redirect,
    WholePayment,
    every_payment,
    get_payment,
    get_whole,
    list_payments,
    paid_cents,
    redirect_of,
    waiting_count,
)
from dcx.payments.service.notices import (
    NOTICE,
    RETURN,
    About,
    Came,
    find_about,
    take_forged,
    take_notice,
    take_return,
)
from dcx.payments.service.refunds import waiting_refunds_count
from dcx.payments.service.settle import give_up, settle
from dcx.payments.service.sources import source_of
from dcx.payments.service.start import pay, start

PAYMENT_COLUMNS = tuple(SORTED_BY)

__all__ = [
    "BROWSER", "GATEWAY", "NOTICE", "PAYMENT_COLUMNS", "RETURN", "STATES", "About", "Answer",
    "Begun", "Came", "Desk", "Heard", "PayGate", "PaymentLine", "PaymentView", "Redirect", "Token",
    "Wanted", "WholePayment", "Wish", "ask", "begin", "breaches", "close", "due", "every_payment",
    "find_about", "get_payment", "get_whole", "give_up", "keep_card", "list_payments",
    "note_question", "paid_cents", "pay", "pay_from_wallet", "redirect_of", "settle", "source_of",
    "start", "take_forged", "take_notice", "take_return", "token_print", "waiting_count",
    "waiting_refunds_count",
]  # fmt: skip
