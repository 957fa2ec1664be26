"""What can be done with prices: publish, look up, check; and the pricing function itself."""

from dcx.pricing.models import PriceBookVersion
from dcx.pricing.repository import VERSION_COLUMNS
from dcx.pricing.rules.books import Book, Price
from dcx.pricing.rules.meters import METERS, Usage, quantity_micros, quantity_text
from dcx.pricing.rules.rating import Line, Priced, Stretch, Unpriced, exact_amount_e8, price
from dcx.pricing.rules.versions import VersionRow
from dcx.pricing.service.books import (
    as_book,
    books,
    every_version,
    examples_of,
    get_version,
    has_book,
    prices_of,
    version_page,
    versions_in,
)
from dcx.pricing.service.publishing import month_hours, note_published, publish, try_book
from dcx.pricing.service.vat import (
    add_vat_rate,
    rate_text,
    vat_rate_at,
    vat_rates,
    withdraw_vat_rate,
)

__all__ = [
    "METERS", "VERSION_COLUMNS", "Book", "Line", "Price", "PriceBookVersion", "Priced", "Stretch",
    "Unpriced", "Usage", "VersionRow", "add_vat_rate", "as_book", "books", "every_version",
    "exact_amount_e8", "examples_of", "get_version", "has_book", "month_hours", "note_published",
    "price", "prices_of", "publish", "quantity_micros", "quantity_text", "rate_text", "try_book",
    "vat_rate_at", "vat_rates", "version_page", "versions_in", "withdraw_vat_rate",
]  # fmt: skip
