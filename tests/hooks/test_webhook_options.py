"""Options of the webhook kind: what is refused, whom it trusts, and that nothing secret ever shows."""

import asyncio
import json
import logging
import ssl
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest

from config.options import checked
from monitor.hooks.hook import DeliveryError, Sender
from monitor.hooks.kinds import webhook
from monitor.hooks.outbox import Outbox
from tests.hooks import certs
from tests.hooks.kit import Queue, ToldClock, delivery, event, free_port, hook, until
from tests.hooks.receiver import Receiver, serve


async def test_tls_is_verified_unless_it_is_said_by_name(tmp_path: Path, opened: Callable[..., Sender]) -> None:
    cert_file, key_file = certs.make(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert_file, key_file)
    receiver = Receiver()
    runner = await serve(receiver, context)
    with pytest.raises(DeliveryError, match=r"^the certificate is not trusted: self-signed certificate$"):
        await opened(url=receiver.url).deliver(delivery())
    assert not receiver.heard
    await opened(url=receiver.url, ca_file=cert_file).deliver(delivery())
    await opened(url=receiver.url, insecure_skip_verify=True).deliver(delivery())
    assert len(receiver.heard) == 2
    with pytest.raises(DeliveryError, match="No such file or directory"):
        await opened(url=receiver.url, ca_file=str(tmp_path / "none.pem")).deliver(delivery())
    await runner.cleanup()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"url": "ftp://h/"}, "must begin with 'https://'"),
        ({"url": "https:///x"}, "name a host"),
        ({"url": "http://h/a b"}, "spaces or control characters"),
        ({"url": "http://h/\r\nX: 1"}, "spaces or control characters"),
        ({"url": "http://h:99999/"}, "not a URL"),
        ({"url": "http://me:canary@h/"}, "must not hold a password"),
        ({"url": "http://h/", "secret": "whsec_canary!"}, "base64"),
        ({"url": "http://h/", "secret": ["fine", ""]}, "must not be empty"),
        ({"url": "http://h/", "headers": {"X-A": "canary\r\nX-B: 2"}}, "no line breaks"),
        ({"url": "http://h/", "headers": {"X A": "1"}}, "cannot be a header's name"),
        ({"url": "http://h/", "headers": {"Webhook-Id": "1"}}, "set by the webhook itself"),
        ({"url": "http://h/", "headers": {"HOST": "1"}}, "set by the webhook itself"),
        ({"url": "http://h/", "timeout": "0s"}, "from 100ms to 1m"),
        ({"url": "http://h/", "retries": "3"}, "Unexpected keyword argument"),
    ],
)
def test_options_that_cannot_be_right_are_refused_without_showing_secrets(
    options: dict[str, object], told: str
) -> None:
    with pytest.raises(ValueError, match=told) as refused:
        checked(webhook.Options, options)
    assert "canary" not in str([error["msg"] for error in refused.value.errors()])


async def test_no_secret_shows_in_any_text(caplog: pytest.LogCaptureFixture) -> None:
    """The url's path, the signing secret and a header's value are planted and looked for everywhere."""
    caplog.set_level(logging.DEBUG)
    url = f"http://127.0.0.1:{free_port()}/canary"
    options = checked(webhook.Options, {"url": url, "secret": "canary", "headers": {"Authorization": "canary"}})
    queue = Queue(event())
    clock = ToldClock()
    clock.advance(60)
    configured = hook(kind="webhook", options=options)
    outbox = Outbox(queue, {"ops": configured}, clock)
    task = asyncio.create_task(outbox.run())
    await until(lambda: ("ops", event().key) in queue.later)
    task.cancel()
    await asyncio.wait({task})
    texts = [
        repr(configured),
        str(options),
        json.dumps(asdict(options), default=str),
        caplog.text,
        repr(queue.later),
        repr(outbox.tally),
    ]
    assert "is owed and tried again" in caplog.text
    assert not [text for text in texts if "canary" in text]
