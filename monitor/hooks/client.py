"""aiomqtt's client with what it lacks for a daemon that must neither lose a delivery nor hang at its end."""

import asyncio
import math
from typing import Any

import aiomqtt
from paho.mqtt.reasoncodes import ReasonCode

from config.model import SECOND


class Client(aiomqtt.Client):
    """Four amends.

    A PUBACK can be a no under MQTT 5 (§3.4.2.1); aiomqtt takes it for a yes. The thread in which it connects cannot be
    stopped: ``dialled`` tells when that thread is through. And it bounds its waits with ``asyncio.wait_for``, which
    before Python 3.12 swallows a cancellation that comes together with the answer, so that a task told to stop
    goes on for ever: the calls here are bounded by ``asyncio.timeout`` instead. ``gone`` is set by whoever ends the
    connection. And it asks the event loop to watch a socket by a number that may have been closed meanwhile, or be that
    of another socket, a probe's, say; here a socket is watched only while it is open.
    """

    refusal: str | None = None

    def __init__(self, *args: Any, **terms: Any) -> None:
        super().__init__(*args, **terms)
        self.dialled = asyncio.Event()
        self.gone = asyncio.Event()

    async def send(self, topic: str, body: bytes, within: int, retain: bool = False) -> None:
        """Publish with QoS 1; return on its PUBACK. MqttError, or TimeoutError after ``within`` ns."""
        async with asyncio.timeout(within / SECOND):
            await self.publish(topic, body, qos=1, retain=retain, timeout=math.inf)

    async def listen(self, topics: str, within: int) -> None:
        """Subscribe; MqttError, or TimeoutError after ``within`` ns."""
        async with asyncio.timeout(within / SECOND):
            await self.subscribe(topics, qos=0, timeout=math.inf)

    async def ignore(self, topics: str, within: int) -> None:
        """Unsubscribe; MqttError, or TimeoutError after ``within`` ns."""
        async with asyncio.timeout(within / SECOND):
            await self.unsubscribe(topics, timeout=math.inf)

    def abandon(self) -> None:
        """Drop the connection at once. aiomqtt leaves the socket behind where the broker refused or never answered."""
        self._client.disconnect()

    def _client_connect(self) -> None:
        try:
            super()._client_connect()
        finally:
            self._loop.call_soon_threadsafe(self.dialled.set)

    def _on_socket_register_write(self, client: Any, userdata: Any, sock: Any) -> None:
        self._loop.call_soon_threadsafe(self._watch, sock)

    def _watch(self, sock: Any) -> None:
        if sock.fileno() >= 0:
            self._loop.add_writer(sock.fileno(), self._write)

    def _write(self) -> None:
        try:
            self._client.loop_write()
        except Exception as error:
            if not self._disconnected.done():
                self._disconnected.set_exception(error)

    def _on_publish(self, client: Any, userdata: Any, mid: int, reason_code: ReasonCode, properties: Any) -> None:
        if reason_code.is_failure:
            self.refusal = str(reason_code)
            return  # the send that waits for this runs into its timeout
        super()._on_publish(client, userdata, mid, reason_code, properties)
