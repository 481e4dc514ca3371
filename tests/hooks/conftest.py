"""A running receiver, and senders that are closed after the test."""

from collections.abc import AsyncIterator, Callable

import pytest

from config.options import checked
from monitor.hooks.hook import Sender
from monitor.hooks.kinds import webhook
from tests.hooks.kit import ToldClock, hook
from tests.hooks.receiver import Receiver, serve


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    runner = await serve(receiver)
    yield receiver
    await runner.cleanup()


@pytest.fixture
async def opened() -> AsyncIterator[Callable[..., Sender]]:
    """Opens senders and closes them after the test."""
    senders = []

    def make(clock: ToldClock | None = None, **options: object) -> Sender:
        made = webhook.open(hook(options=checked(webhook.Options, options)), clock or ToldClock())
        senders.append(made)
        return made

    yield make
    for sender in senders:
        await sender.close()
