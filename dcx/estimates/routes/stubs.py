"""Stands in for doors that are not there yet; this file goes when they come."""

from flask import Response
from flask.typing import ResponseReturnValue

from dcx.estimates.routes.ground import at_both, estimates_pages
from dcx.estimates.routes.sharing import by_link, opened
from dcx.web.doors import Who, open_to
from dcx.web.files import as_file


@at_both("/new")
def new(customer: str) -> ResponseReturnValue:
    return Response(customer)


@at_both("")
def every(customer: str) -> ResponseReturnValue:
    return Response(f"<p>{customer}</p>")


@at_both("/<estimate>.<form>")
def file(customer: str, estimate: str, form: str) -> ResponseReturnValue:
    return Response(f"{customer} {estimate} {form}")


@estimates_pages.get("/shared/estimates/<token>/estimate.pdf")
@open_to(Who.ANYONE)
@by_link
def shared_pdf(token: str) -> ResponseReturnValue:
    saved, _ = opened(token)
    return as_file("estimate.pdf", "application/pdf", saved.key.encode())
