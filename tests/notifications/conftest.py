"""A server to send mails to."""

from collections.abc import Iterator

import pytest

from tests.support.mailbox import Mailbox, smtp_server


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with smtp_server() as mailbox:
        yield mailbox
