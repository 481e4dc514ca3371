"""Options of the mqtt kind: what is refused, whom it trusts, what a broker may forbid."""

import asyncio
import logging
from pathlib import Path

import pytest

from config.options import checked
from monitor.hooks.hook import DeliveryError
from monitor.hooks.kinds import mqtt
from tests.hooks import certs
from tests.hooks.kit import delivery, until
from tests.hooks.mosquitto import Mosquitto, opened


@pytest.mark.needs("mosquitto")
async def test_a_password_is_asked_for_and_never_shown(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    users = str(tmp_path / "users")
    made = await asyncio.create_subprocess_exec("mosquitto_passwd", "-b", "-c", users, "me", "canary")
    assert await made.wait() == 0
    broker = Mosquitto(tmp_path, ("allow_anonymous false", f"password_file {users}"))
    await broker.start()
    try:
        async with opened(broker.port, username="me", password="wrong-canary"):
            await until(lambda: "no connection to" in caplog.text)
        async with opened(broker.port, username="me", password="canary") as sender:
            await asyncio.wait_for(sender.ready(), 5)
            await sender.deliver(delivery())
            assert "canary" not in repr(sender._options)
        assert "canary" not in caplog.text
    finally:
        await broker.kill()


@pytest.mark.needs("mosquitto")
async def test_what_the_broker_forbids_does_not_count_as_delivered(tmp_path: Path) -> None:
    """MQTT 5: the PUBACK says "not authorized"."""
    (tmp_path / "acl").write_text("topic readwrite upheld/status\ntopic readwrite upheld/state/#\n")
    broker = Mosquitto(tmp_path, ("allow_anonymous true", f"acl_file {tmp_path / 'acl'}"))
    await broker.start()
    try:
        async with opened(broker.port, timeout="300ms") as sender:
            await sender.ready()
            with pytest.raises(DeliveryError, match="the broker did not take it: Not authorized"):
                await sender.deliver(delivery())
    finally:
        await broker.kill()


@pytest.mark.needs("mosquitto")
async def test_tls_is_verified_unless_it_is_said_by_name(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    cert_file, key_file = certs.make(tmp_path)
    broker = Mosquitto(tmp_path, ("allow_anonymous true", f"certfile {cert_file}", f"keyfile {key_file}"))
    await broker.start()
    try:
        async with opened(broker.port, tls=True):
            await until(lambda: "no connection to" in caplog.text)
            assert "certificate verify failed" in caplog.text
        for trusting in ({"ca_file": cert_file}, {"insecure_skip_verify": True}):
            async with opened(broker.port, tls=True, **trusting) as sender:
                await asyncio.wait_for(sender.ready(), 5)
                await sender.deliver(delivery())
    finally:
        await broker.kill()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, "Missing required|Field required"),
        ({"host": "h", "prefix": "a/#"}, "no '#'"),
        ({"host": "h", "prefix": "a/"}, "nor end with '/'"),
        ({"host": "h", "prefix": "$SYS"}, "must not begin with"),
        ({"host": "h\r\n"}, "line break"),
        ({"host": "h", "version": "4"}, "'5' or '3.1.1'"),
        ({"host": "h", "port": 0}, "greater than or equal to 1"),
        ({"host": "h", "username": "a\0b"}, "control character"),
        ({"host": "h", "timeout": "2m"}, "from 100ms to 1m"),
    ],
)
def test_options_that_cannot_be_right_are_refused(options: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        checked(mqtt.Options, options)


def test_a_version_may_be_typed_as_a_number() -> None:
    assert checked(mqtt.Options, {"host": "h", "version": 5}).version == "5"
