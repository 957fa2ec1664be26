"""Real processes that die by kill -9 between two steps of their work."""

import os
import signal
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, event

from tests.support.shop import Shop


def killed_at(shop: Shop, step: int, work: Callable[[], object]) -> bool:
    """Do the work in a process of its own, which is killed before its `step`th statement or commit;
    False where the work has fewer and was done.
    """
    shop.let_go()
    child = os.fork()
    if child == 0:
        _work_and_die(shop, step, work)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "The work failed by itself."
    return os.WIFSIGNALED(status)


def _work_and_die(shop: Shop, step: int, work: Callable[[], object]) -> None:
    steps = 0

    def count(*_: Any) -> None:
        nonlocal steps
        steps += 1
        if steps == step:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", count)
    event.listen(Engine, "commit", count)
    failed = 1
    try:
        with shop.app.app_context():
            work()
        failed = 0
    finally:
        os._exit(failed)


def side_by_side(shop: Shop, count: int, work: Callable[[], object]) -> None:
    """Do the work in several processes at once, and wait for them."""
    shop.let_go()
    gate, opening = os.pipe()
    children = []
    for _ in range(count):
        child = os.fork()
        if child == 0:
            os.close(opening)
            os.read(gate, 1)
            _work_and_die(shop, -1, work)
        children.append(child)
    os.close(gate)
    os.close(opening)
    for child in children:
        _, status = os.waitpid(child, 0)
        assert os.WIFEXITED(status), "A process was killed."
        assert os.WEXITSTATUS(status) == 0, "The work failed by itself."
