"""The webhook kind against a real receiver on loopback."""

import asyncio
import base64
import json
from collections.abc import Callable
from email.utils import formatdate

import pytest
from aiohttp import web

from config.model import SECOND
from config.options import checked
from monitor.hooks.answer import retry_after
from monitor.hooks.hook import DeliveryError, Sender
from monitor.hooks.kinds import webhook
from monitor.hooks.message import body
from monitor.hooks.outbox import Outbox
from tests.hooks.kit import START, Queue, ToldClock, delivery, event, free_port, hook, pause, until
from tests.hooks.receiver import Receiver, cut, hang, serve, status, verify

SECRET = "whsec_" + base64.b64encode(b"k" * 24).decode()


async def test_an_event_arrives_as_signed_json(receiver: Receiver, opened: Callable[..., Sender]) -> None:
    await opened(url=receiver.url, secret=SECRET, headers={"X-Team": "noc", "user-agent": "us"}).deliver(delivery())
    [(headers, payload)] = receiver.heard
    assert payload == body(delivery())
    assert headers["content-type"] == "application/json"
    assert (headers["x-team"], headers["user-agent"]) == ("noc", "us")
    assert headers["webhook-id"] == json.loads(payload)["id"]
    assert headers["webhook-timestamp"] == str(START // SECOND)
    assert verify(headers, payload, b"k" * 24, START // SECOND)


async def test_a_forged_or_replayed_message_does_not_verify(receiver: Receiver, opened: Callable[..., Sender]) -> None:
    await opened(url=receiver.url, secret=SECRET).deliver(delivery())
    [(headers, payload)] = receiver.heard
    now = START // SECOND
    assert not verify(headers, payload, b"x" * 24, now)
    assert not verify(headers, payload.replace(b"down", b"fine"), b"k" * 24, now)
    assert not verify(headers | {"webhook-id": "other"}, payload, b"k" * 24, now)
    assert not verify(headers | {"webhook-timestamp": str(now + 9)}, payload, b"k" * 24, now)
    assert not verify(headers, payload, b"k" * 24, now + 301)


async def test_old_and_new_secret_both_verify_during_rotation(
    receiver: Receiver, opened: Callable[..., Sender]
) -> None:
    await opened(url=receiver.url, secret=["new", "old"]).deliver(delivery())
    [(headers, payload)] = receiver.heard
    assert verify(headers, payload, b"new", START // SECOND)
    assert verify(headers, payload, b"old", START // SECOND)


async def test_without_a_secret_it_is_not_signed(receiver: Receiver, opened: Callable[..., Sender]) -> None:
    await opened(url=receiver.url).deliver(delivery())
    assert "webhook-signature" not in receiver.heard[0][0]


@pytest.mark.parametrize("code", [200, 201, 202, 204, 299])
async def test_any_2xx_means_taken(code: int, receiver: Receiver, opened: Callable[..., Sender]) -> None:
    receiver.script = [status(code)]
    await opened(url=receiver.url).deliver(delivery())
    assert len(receiver.heard) == 1


@pytest.mark.parametrize(
    ("code", "permanent", "text"),
    [
        (400, False, "HTTP 400 Bad Request"),
        (404, False, "HTTP 404 Not Found"),
        (410, True, "HTTP 410 Gone: nobody listens there any more; remove the hook"),
        (500, False, "HTTP 500 Internal Server Error"),
        (599, False, "HTTP 599"),
    ],
)
async def test_any_other_status_means_not_taken(
    code: int, permanent: bool, text: str, receiver: Receiver, opened: Callable[..., Sender]
) -> None:
    receiver.script = [status(code)]
    with pytest.raises(DeliveryError) as failed:
        await opened(url=receiver.url).deliver(delivery())
    assert (str(failed.value), failed.value.permanent) == (text, permanent)
    assert failed.value.retry_after is None


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(code: int, receiver: Receiver, opened: Callable[..., Sender]) -> None:
    elsewhere = Receiver()
    runner = await serve(elsewhere)
    receiver.script = [status(code, Location=elsewhere.url)]
    with pytest.raises(DeliveryError, match="redirects are not followed") as failed:
        await opened(url=receiver.url).deliver(delivery())
    await runner.cleanup()
    assert failed.value.permanent
    assert not elsewhere.heard


@pytest.mark.parametrize("code", [429, 503])
async def test_retry_after_is_understood_in_seconds_and_as_a_date(
    code: int, receiver: Receiver, opened: Callable[..., Sender]
) -> None:
    date = formatdate(START // SECOND + 120, usegmt=True)
    receiver.script = [status(code, Retry_After="77"), status(code, Retry_After=date), status(code, Retry_After="soon")]
    sender = opened(url=receiver.url)
    waits = []
    for _ in range(3):
        with pytest.raises(DeliveryError) as failed:
            await sender.deliver(delivery())
        waits.append(failed.value.retry_after)
    assert waits == [77 * SECOND, 120 * SECOND, None]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("-5", None),
        ("1e9", None),
        ("9" * 400, 999_999_999),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("²", None),
    ],
)
def test_a_strange_retry_after_does_no_harm(text: str, seconds: int | None) -> None:
    assert retry_after(text, START) == (None if seconds is None else seconds * SECOND)


async def test_a_receiver_that_hangs_is_given_up_after_the_timeout(
    receiver: Receiver, opened: Callable[..., Sender]
) -> None:
    receiver.script = [hang]
    with pytest.raises(DeliveryError, match=r"^no answer within 0\.2 s$"):
        await opened(url=receiver.url, timeout="200ms").deliver(delivery())


async def test_a_body_without_end_is_not_read(receiver: Receiver, opened: Callable[..., Sender]) -> None:
    sent = 0

    async def pour(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        while sent < 1 << 30:
            await response.write(b"x" * 65536)
            sent += 65536
        return response

    receiver.script = [pour]
    await opened(url=receiver.url).deliver(delivery())
    assert sent < 64 << 20


async def test_nobody_there_is_told_in_words(opened: Callable[..., Sender]) -> None:
    with pytest.raises(DeliveryError, match=r"^cannot connect: "):
        await opened(url=f"http://127.0.0.1:{free_port()}/token-abc").deliver(delivery())


async def test_a_name_that_does_not_resolve_is_told_in_words(opened: Callable[..., Sender]) -> None:
    with pytest.raises(DeliveryError, match=r"^the host's name does not resolve$"):
        await opened(url=f"http://{'a' * 64}.example/").deliver(delivery())


async def test_an_answer_that_is_not_http_is_told_in_words(opened: Callable[..., Sender]) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"SSH-2.0-OpenSSH\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        with pytest.raises(DeliveryError, match=r"^the answer is not HTTP$"):
            await opened(url=f"http://127.0.0.1:{port}/").deliver(delivery())


async def test_a_delivery_cut_off_after_it_was_taken_comes_again_with_the_same_id(receiver: Receiver) -> None:
    """500, then taken but cut off, then 200: three tries of one id, each freshly signed over the same body."""
    receiver.script = [status(500), cut]
    clock = ToldClock()
    clock.advance(60)
    queue = Queue(event(1), event(2))
    hooks = {"ops": hook(kind="webhook", options=checked(webhook.Options, {"url": receiver.url, "secret": SECRET}))}
    outbox = Outbox(queue, hooks, clock, draw=lambda: 0.5)
    task = asyncio.create_task(outbox.run())
    for tries in (1, 2):
        await until(lambda tries=tries: queue.later.get(("ops", event(1).key), (0,))[0] == tries)
        await pause()
        clock.advance(400)
        outbox.wake()
    await until(lambda: len(queue.done) == 2)
    task.cancel()
    await asyncio.wait({task})
    ids = [headers["webhook-id"] for headers, _ in receiver.heard]
    assert ids[0] == ids[1] == ids[2] != ids[3]
    assert len({payload for _, payload in receiver.heard[:3]}) == 1
    stamps = [int(headers["webhook-timestamp"]) for headers, _ in receiver.heard]
    assert stamps == [START // SECOND + more for more in (60, 460, 860, 860)]
    assert all(
        verify(headers, payload, b"k" * 24, stamp)
        for (headers, payload), stamp in zip(receiver.heard, stamps, strict=True)
    )
    assert outbox.tally.deliveries == {("ops", "delivered"): 2, ("ops", "failed"): 2, ("ops", "refused"): 0}
