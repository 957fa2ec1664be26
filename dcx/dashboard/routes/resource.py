"""Doors of a resource's page and of its raw logs."""

from collections.abc import Sequence
from datetime import date

from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue

from dcx.billing import service as billing
from dcx.dashboard import service
from dcx.dashboard.routes.ground import dashboard_pages, desk, this_month
from dcx.dashboard.rules import Change, Shape, changes
from dcx.kit.errors import NotFoundError
from dcx.kit.periods import Period, days_of, month_after, month_before
from dcx.metering import service as metering
from dcx.metering.service import Segment
from dcx.pricing.service import METERS
from dcx.repository.session import reading
from dcx.web import timeline
from dcx.web.doors import Who, open_to
from dcx.web.htmx import render

LOGS_SHOWN = 50
PER_PAGE = 50
_NOT_YOURS = "This page does not exist, or it is not yours to see."


@dashboard_pages.get("/c/<customer>/resources/<kind>/<path:resource>")
@open_to(Who.CUSTOMER)
def resource(customer: str, kind: str, resource: str) -> ResponseReturnValue:
    month = request.args.get("month") or this_month()
    with reading() as session, reading("bronze") as bronze:
        thing = metering.find_resource(session, kind, resource)
        period = billing.period_of(month, desk())
        found = metering.segments(session, period, customer=customer, kind=kind, resource=resource)
        draft = billing.draft(session, customer, month, desk())
        until_us = metering.metered_until(session)
        palette = service.colours(session, desk().currency)
        if thing is None or (thing.customer != customer and not found):
            raise NotFoundError(_NOT_YOURS)
        wanted = request.args.get("segment", type=int)
        opened = next((segment for segment in found if segment.starts_us == wanted), None)
        logs: tuple[list[metering.RawLog], int] = ([], 0)
        if opened:
            span = Period(opened.starts_us, opened.ends_us)
            logs = metering.raw_logs(bronze, kind, resource, span, limit=LOGS_SHOWN)
    changed = changes([_shape(segment) for segment in found])
    first = _first_shown(found, opened)
    return render(
        "dashboard/resource.html",
        "dashboard/_segments.html",
        key=customer,
        thing=thing,
        month=month,
        is_running=until_us < period.ends_us,
        segments=found,
        rows=list(zip(found, changed, strict=True))[first : first + PER_PAGE],
        first=first,
        after=first + PER_PAGE if first + PER_PAGE < len(found) else None,
        opened=opened,
        logs=[log for log in logs[0] if log.customer == customer],
        count=logs[1],
        lines=[line for line in draft.lines if (line.kind, line.resource) == (kind, resource)],
        bands=_bands(found, palette),
        drawings=[
            _drawing(found, changed, period, width)
            for width in (timeline.WIDE_PX, timeline.PHONE_PX)
        ],
        before=month_before(month),
        next=month_after(month) if month < this_month() else None,
    )


def _first_shown(found: Sequence[Segment], opened: Segment | None) -> int:
    """The first row of the table's page: the asked one, or that of the opened segment."""
    asked = request.args.get("after", type=int)
    if asked is None and opened:
        return found.index(opened) // PER_PAGE * PER_PAGE
    return max(asked or 0, 0)


def _shape(segment: Segment) -> Shape:
    sizes = (
        (("vCPU", segment.vcpus), ("MiB", segment.memory_mib))
        if segment.kind == "vm"
        else (("GiB", segment.size_gib),)
    )
    starts, ends = segment.starts_us, segment.ends_us
    return Shape(starts, ends, segment.state, segment.is_used, sizes, segment.tier)


def _bands(found: Sequence[Segment], palette: dict[str, int]) -> list[dict[str, object]]:
    """What a timeline shows, one band for each meter: its words, unit, range and colour."""
    used = [segment for segment in found if segment.is_used] or found
    if not used:
        return []
    columns = (
        (("vm.vcpu_hours", "vcpus"), ("vm.memory_gib_hours", "memory_mib"))
        if used[0].kind == "vm"
        else (("disk.gib_hours", "size_gib"),)
    )
    bands: list[dict[str, object]] = []
    for meter, column in columns:
        sizes = [getattr(segment, column) for segment in used]
        tier = service.words_for(meter, used[-1].tier)
        words = tier if tier in palette else METERS[meter].words
        bands.append(
            {
                "words": words,
                "unit": {"vcpus": "vCPU", "size_gib": "GiB"}.get(column, "MiB"),
                "low": min(sizes),
                "high": max(sizes),
                "colour": palette.get(words, 6),
            }
        )
    return bands


def _drawing(
    found: Sequence[Segment], changed: Sequence[Sequence[Change]], period: Period, width: int
) -> timeline.Timeline:
    spans = [
        timeline.Span(
            segment.starts_us,
            segment.ends_us,
            tuple(size if segment.is_used else 0 for _, size in _shape(segment).sizes),
        )
        for segment in found
    ]
    notes = [
        timeline.Note(segment.starts_us, _said(segment, main))
        for segment, each in zip(found, changed, strict=True)
        if (main := [change for change in each if change.is_main])
    ]
    days = days_of(period, desk().zone)
    bounds = (period.starts_us, period.ends_us)
    first: date = days[0][0]
    return timeline.timeline(spans, notes, bounds, (first, len(days)), width)


def _said(segment: Segment, main: Sequence[Change]) -> str:
    """2 → 4 vCPU on 3 Nov 14:02."""
    look = current_app.jinja_env.filters
    words = ", ".join(
        change.words
        or f"{look['number'](change.before)} → {look['number'](change.after)} {change.unit}"
        for change in main
    )
    return f"{words} {look['short_day'](segment.starts_us)} {look['minute'](segment.starts_us)}"


@dashboard_pages.get("/c/<customer>/logs/<kind>/<source>/<path:event_id>")
@open_to(Who.CUSTOMER)
def raw_log(customer: str, kind: str, source: str, event_id: str) -> ResponseReturnValue:
    if kind not in {"vm", "disk"}:
        raise NotFoundError(_NOT_YOURS)
    with reading() as session, reading("bronze") as bronze:
        log = metering.raw_log(bronze, kind, source, event_id)
        if log.customer != customer:
            raise NotFoundError(_NOT_YOURS)
        fed = metering.segments_fed_by(session, log)
        lines = billing.lines_fed_by(session, kind, log.resource, log.at_us, [customer])
    own = [segment for segment in fed if segment.customer == customer]
    return render_template(
        "dashboard/raw_log.html", key=customer, log=log, segments=own, lines=lines, zone=desk().zone
    )
