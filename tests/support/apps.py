"""Applications for tests: each is one of its own, but what it compiles is compiled once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType
from typing import ClassVar

from apiflask import APIFlask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule

from dcx.factory import create_app
from dcx.settings import Settings
from tests.support.html import Checked


class Compiled(BytecodeCache):
    """What templates were compiled to, by their names and contents."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code is not None
        self._kept[bucket.key, bucket.checksum] = bucket.code


class KnownRule(Rule):
    """A rule of addresses. The code that builds them follows from its words alone, and is most of
    what it takes to make an application.
    """

    _builders: ClassVar[dict[object, Callable[..., tuple[str, str]]]] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:  # noqa: FBT001, FBT002 - werkzeug's
        words = (self.rule, repr(self.defaults), append_unknown)
        if words not in self._builders:
            self._builders[words] = super()._compile_builder(append_unknown)
        return self._builders[words]


COMPILED = Compiled()
APIFlask.url_rule_class = KnownRule


def make_app(settings: Settings) -> APIFlask:
    """An application whose HTML answers are checked. Let go of it when it has served."""
    app = create_app(settings)
    app.test_client_class = Checked
    app.jinja_env.bytecode_cache = COMPILED
    return app


def let_go(app: APIFlask) -> None:
    """Close its connections."""
    with app.app_context():
        for engine in app.extensions["sqlalchemy"].engines.values():
            engine.dispose()


@contextmanager
def serving(settings: Settings) -> Iterator[APIFlask]:
    """An application within its context."""
    app = make_app(settings)
    with app.app_context():
        yield app
    let_go(app)
