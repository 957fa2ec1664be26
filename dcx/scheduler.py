"""The clock: one worker leads, and only its scheduler runs the jobs."""

import fcntl
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Any

from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask, current_app
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from dcx import demo
from dcx.billing import jobs as billing
from dcx.billing.service import Desk
from dcx.journal import service as journal
from dcx.kit.periods import SECOND_US, to_us
from dcx.metering import jobs as metering
from dcx.notifications import jobs as notifications
from dcx.notifications.service import Site
from dcx.payments.jobs import cards, charges, poll, reconcile, refunds
from dcx.payments.service import Desk as Till
from dcx.prepaid import jobs as prepaid
from dcx.repository.session import engine_of, transaction
from dcx.wallet import jobs as wallet

log = logging.getLogger(__name__)
LOCK_NUMBER = 20_260_717


@dataclass(frozen=True, slots=True)
class Job:
    """A job of the clock: what it does, how often, and whether it belongs to the demo only."""

    name: str
    words: str
    every_s: int
    work: Callable[[], dict[str, Any]]
    is_demo: bool = False


def _meter() -> dict[str, Any]:
    done = metering.meter()
    done.require_whole()
    return {"logs": done.logs, "segments": done.segments}


def _send_mail() -> dict[str, Any]:
    settings = current_app.config["DCX"]
    return notifications.send_waiting(settings.smtp_url, settings.mail_from, name=settings.provider)


def _reconcile() -> dict[str, Any]:
    settings = current_app.config["DCX"]
    till = Till.of(settings, current_app.config["VAULT"])
    return reconcile.reconcile(till, settings.zone, gateway=settings.gateway)


def _look_after_wallets() -> dict[str, Any]:
    settings = current_app.config["DCX"]
    charge = prepaid.charging(settings.gateway, Till.of(settings, current_app.config["VAULT"]))
    return prepaid.look_after(Desk.of(settings), Site.of(settings), charge=charge)


def _make_pdfs() -> dict[str, Any]:
    settings = current_app.config["DCX"]
    return billing.make_pdfs(Site.of(settings), Desk.of(settings).supplier)


def _prune() -> dict[str, Any]:
    now_us = to_us(datetime.now(UTC))
    with transaction() as session:
        runs = journal.forget_runs(session, now_us=now_us)
    return {**notifications.forget_old(now_us=now_us), "runs": runs}


def _delete_cards() -> dict[str, Any]:
    return cards.delete_cards(current_app.config["DCX"].gateway, current_app.config["VAULT"])


def _remind_of_cards() -> dict[str, Any]:
    settings, vault = current_app.config["DCX"], current_app.config["VAULT"]
    return cards.remind_of_expiry(settings.gateway, vault, Site.of(settings), settings.zone)


def _send_refunds() -> dict[str, Any]:
    settings = current_app.config["DCX"]
    return refunds.send_refunds(settings.gateway, Site.of(settings))


def _ask_about_charges() -> dict[str, Any]:
    settings, vault = current_app.config["DCX"], current_app.config["VAULT"]
    return charges.ask_about_charges(settings.gateway, Till.of(settings, vault))


def _ask_gateway() -> dict[str, Any]:
    return poll.poll(Till.of(current_app.config["DCX"], current_app.config["VAULT"]))


JOBS = (
    Job("meter", "Turn logs into usage", 300, _meter),
    Job("invoices", "Make the PDFs of invoices and mail them", 60, _make_pdfs),
    Job("mail", "Send mail", 30, _send_mail),
    Job("reconcile", "Compare payments with ledger and gateway", 3_600, _reconcile),
    Job("wallets", "Look after wallets", 300, _look_after_wallets),
    Job("prune", "Delete old mails and old runs of jobs", 86_400, _prune),
    Job("cards", "Delete cards at the gateway", 300, _delete_cards),
    Job("card-reminders", "Tell of cards that expire", 3_600, _remind_of_cards),
    Job("refunds", "Send refunds", 60, _send_refunds),
    Job("charges", "Ask how charges of saved cards ended", 60, _ask_about_charges),
    Job("payments", "Ask the gateway about open payments", 60, _ask_gateway),
    Job("credits", "Take back credits that have expired", 3_600, wallet.expire_credits),
    Job("collect", "Send the demo's new logs", 60, demo.collect, is_demo=True),
)


def schedule_of(app: Flask) -> list[Job]:
    """The jobs that run under these settings."""
    is_demo = app.config["DCX"].demo
    every = [job for job in JOBS if is_demo or not job.is_demo]
    return [Job(job.name, job.words, 60, job.work) if is_demo else job for job in every]


class Leader:
    """Tries to lead, every second; while it leads, its scheduler runs. Start it after a fork,
    never before.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="leader", daemon=True)
        self._scheduler: BackgroundScheduler | None = None

    @property
    def leads(self) -> bool:
        return self._scheduler is not None

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        with self._app.app_context():
            lock = _lock()
            while not self._stop.wait(1.0):
                try:
                    self._lead(leads=lock.holds())
                except SQLAlchemyError as error:
                    log.warning("The scheduler lost its database: %s", error)
                    self._lead(leads=False)
            self._lead(leads=False)
            lock.release()

    def _lead(self, *, leads: bool) -> None:
        if leads and self._scheduler is None:
            self._scheduler = _started(self._app)
        elif not leads and self._scheduler is not None:
            self._scheduler.shutdown(wait=False)
            self._scheduler = None


def _started(app: Flask) -> BackgroundScheduler:
    defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": 300}
    scheduler = BackgroundScheduler(timezone="UTC", job_defaults=defaults)
    for job in schedule_of(app):
        scheduler.add_job(
            run_job,
            "interval",
            seconds=job.every_s,
            args=[app, job],
            id=job.name,
            next_run_time=datetime.now(UTC),
        )
    scheduler.add_job(
        _beat, "interval", seconds=10, args=[app], id="beat", next_run_time=datetime.now(UTC)
    )
    scheduler.start()
    return scheduler


def run_job(app: Flask, job: Job) -> None:
    """Run a job in its slot of time, once whoever tries, and record how it went."""
    with app.app_context():
        now_us = to_us(datetime.now(UTC))
        with transaction() as session:
            run = journal.claim_slot(
                session, job.name, now_us // (job.every_s * SECOND_US), now_us=now_us
            )
        if run is None:
            return
        error, counts = None, {}
        try:
            counts = job.work()
        except Exception as failure:
            log.exception("The job %s failed", job.name)
            error = next(iter(str(failure).splitlines()), type(failure).__name__)
        with transaction() as session:
            journal.end_job(
                session, run, now_us=to_us(datetime.now(UTC)), counts=counts, error=error
            )


def _beat(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        journal.beat(session, now_us=to_us(datetime.now(UTC)))


def _lock() -> "FileLock | AdvisoryLock":
    engine = engine_of("main")
    return FileLock(f"{engine.url.database}.leader") if engine.name == "sqlite" else AdvisoryLock()


class FileLock:
    """One leader on one machine: the kernel frees the lock when its process dies."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def holds(self) -> bool:
        if self._file is not None:
            return True
        file = open(self._path, "a", encoding="utf-8")  # noqa: SIM115, PTH123 - held open as long as it leads
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return False
        self._file = file
        return True

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


class AdvisoryLock:
    """One leader on PostgreSQL: the lock lives and dies with its own connection."""

    def __init__(self) -> None:
        self._connection: Connection | None = None

    def holds(self) -> bool:
        try:
            return self._try()
        except SQLAlchemyError:
            self.release()
            raise

    def _try(self) -> bool:
        if self._connection is not None:
            self._connection.execute(text("SELECT 1"))
            return True
        connection = engine_of("main").connect().execution_options(isolation_level="AUTOCOMMIT")
        query = text("SELECT pg_try_advisory_lock(:number)")
        if connection.execute(query, {"number": LOCK_NUMBER}).scalar():
            self._connection = connection
            return True
        connection.close()
        return False

    def release(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None
