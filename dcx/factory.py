"""Build the application: settings, databases, doors, rooms, in this order."""

from apiflask import APIFlask
from flask_migrate import Migrate
from flask_wtf.csrf import CSRFProtect
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from dcx import tables
from dcx.accounts import service as accounts
from dcx.accounts import signin
from dcx.accounts.oidc import Provider
from dcx.accounts.routes import accounts_pages, backchannel_logout
from dcx.billing import service as billing
from dcx.billing.api import billing_api
from dcx.billing.routes import billing_pages
from dcx.commands import add_commands
from dcx.dashboard.routes import dashboard_pages
from dcx.dashboard.shell import add_shell
from dcx.estimates.api import estimates_api
from dcx.estimates.routes import estimates_pages
from dcx.journal.routes import journal_pages
from dcx.kit.vault import Vault
from dcx.metering.api import metering_api
from dcx.metering.routes import metering_pages
from dcx.notifications.routes import notifications_pages
from dcx.payments.api import cards_api, payments_api
from dcx.payments.routes import notify, payments_pages, returned
from dcx.prepaid.api import wallet_api
from dcx.prepaid.routes import prepaid_pages
from dcx.pricing.routes import pricing_pages
from dcx.repository.session import db
from dcx.scheduler import schedule_of
from dcx.settings import ROOT, Settings
from dcx.web.api import start_api
from dcx.web.doors import stand_guard
from dcx.web.errors import handle_errors
from dcx.web.filters import register_filters
from dcx.web.headers import harden
from dcx.web.htmx import start_htmx
from dcx.web.limits import limit_requests
from dcx.web.logs import write_plainly
from dcx.web.sizes import limit_size

PAGES = (
    accounts_pages,
    billing_pages,
    dashboard_pages,
    estimates_pages,
    journal_pages,
    metering_pages,
    notifications_pages,
    payments_pages,
    prepaid_pages,
    pricing_pages,
)


def create_app(settings: Settings | None = None) -> APIFlask:
    """An application of its own: tests make many."""
    app = APIFlask("dcx", root_path=str(ROOT), docs_path=None, spec_path="/api/v1/openapi.json")
    settings = settings or Settings.from_environment()
    _configure(app, settings)
    if settings.proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies, x_host=settings.proxies
        )
    write_plainly(app)
    db.init_app(app)
    Migrate(app, db, render_as_batch=True, directory=str(ROOT / "migrations"))
    app.before_request(limit_size)
    csrf = CSRFProtect(app)
    start_htmx(app)
    register_filters(app)
    start_api(app)
    signin.register_people(app)
    limit_requests(app)
    stand_guard(app)
    signin.watch_staff(app)
    handle_errors(app)
    harden(app)
    add_shell(app)
    for pages in PAGES:
        app.register_blueprint(pages)
    for api in (billing_api, metering_api, cards_api, payments_api, wallet_api, estimates_api):
        app.register_blueprint(api)
        csrf.exempt(api)
    for view in (backchannel_logout, notify, returned):
        csrf.exempt(view)
    add_commands(app)
    app.config["ISSUED_UNTIL"] = billing.issued_until
    app.config["CUSTOMERS"] = accounts.customers
    app.config["SCHEDULE"] = schedule_of(app)
    return app


def _configure(app: APIFlask, settings: Settings) -> None:
    is_secure = settings.public_url.startswith("https://")
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.add_extension("jinja2.ext.do")
    app.jinja_env.policies["json.dumps_kwargs"] = {"sort_keys": False}
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.config.update(
        DCX=settings,
        TABLES=tables.__all__,
        TRUSTED_HOSTS=settings.known_hosts,
        VAULT=Vault(settings.encryption_keys),
        PROVIDERS={one.slug: Provider(one) for one in settings.single_sign_on},
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_BINDS={"bronze": settings.bronze_url},
        SESSION_COOKIE_NAME="__Host-dcx" if is_secure else "dcx",
        THEME_COOKIE="__Host-theme" if is_secure else "theme",
        SESSION_COOKIE_SECURE=is_secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=64 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        WTF_CSRF_TIME_LIMIT=None,
        SEND_FILE_MAX_AGE_DEFAULT=31_536_000,
    )
