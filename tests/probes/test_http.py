"""The http kind against servers that answer: what is Up, what each broken expectation is called, what is measured."""

import asyncio
import base64
import json
import socket

import pytest

from probes.clock import SystemClock
from probes.net.http_plan import plan
from probes.net.resolver import SystemResolver
from probes.net.tls import Contexts
from probes.sample import Outcome
from tests.probes.pages import Names, answer, paths, probe, prober, run, saying, server, target

UP, DOWN, UNKNOWN = Outcome.UP, Outcome.DOWN, Outcome.UNKNOWN
JSON = json.dumps({"status": "ok", "checks": [{"n": 1.50}, {"n": 2}], "up": True, "two words": None}).encode()


async def test_a_good_answer_is_up_with_its_phases_and_address() -> None:
    async with server(saying(answer(body=b"hello"))) as port:
        seen = await probe(f"http://127.0.0.1:{port}/")
    assert (seen.outcome, seen.reason, seen.address) == (UP, None, "127.0.0.1")
    assert [name for name, _ in seen.phases] == ["connect", "first_byte", "transfer"]
    assert seen.took is not None and 0 < seen.took < 1_000_000_000
    assert seen.took >= sum(took for _, took in seen.phases) > 0
    assert seen.rtts == () and seen.sent is None


@pytest.mark.parametrize(
    ("status", "wanted", "outcome"),
    [
        ("200 OK", None, UP),
        ("204 No Content", None, UP),
        ("500 Oh", None, DOWN),
        ("404 Not Found", 404, UP),
        ("200 OK", "404", DOWN),
        ("302 Found", [200, "3xx"], UP),
        ("418 Teapot", ["2xx", 404], DOWN),
    ],
)
async def test_the_status_must_be_one_of_those_wanted(status: str, wanted: object, outcome: Outcome) -> None:
    expect = {} if wanted is None else {"expect": {"status": wanted}}
    async with server(saying(answer(status=status))) as port:
        seen = await probe(f"http://127.0.0.1:{port}/", **expect)
    assert (seen.outcome, seen.reason) == (outcome, None if outcome is UP else "status")


@pytest.mark.parametrize(
    ("body", "outcome", "reason"),
    [
        ({"contains": "all well"}, UP, None),
        ({"contains": ["all", "grüße"]}, UP, None),
        ({"contains": ["all", "ill"]}, DOWN, "body"),
        ({"not contains": "error"}, UP, None),
        ({"not_contains": ["well"]}, DOWN, "body"),
        ({"matches": r"a\w+ well"}, UP, None),
        ({"matches": [r"well", r"^never$"]}, DOWN, "body"),
        ({"json": {"$.status": "ok"}}, DOWN, "json"),
    ],
)
async def test_the_body_must_be_as_expected(body: dict[str, object], outcome: Outcome, reason: str) -> None:
    async with server(saying(answer(body="it is all well, Grüße grüße".encode()))) as port:
        seen = await probe(f"http://127.0.0.1:{port}/", expect={"body": body})
    assert (seen.outcome, seen.reason) == (outcome, reason)


async def test_the_body_is_read_by_the_charset_it_declares() -> None:
    page = answer("Content-Type: text/html; charset=ISO-8859-1", body="Grüße".encode("latin-1"))
    async with server(saying(page)) as port:
        seen = await probe(f"http://127.0.0.1:{port}/", expect={"body": {"contains": "Grüße"}})
    assert seen.outcome is UP


@pytest.mark.parametrize("charset", ["zlib_codec", "punycode", "idna", "no-such", "unicode_escape"])
async def test_a_charset_that_is_none_is_read_as_utf_8(charset: str) -> None:
    page = answer(f"Content-Type: text/plain; charset={charset}", body="grüße".encode() * 1000)
    async with server(saying(page)) as port:
        seen = await probe(f"http://127.0.0.1:{port}/", expect={"body": {"contains": "grüße"}})
    assert seen.outcome is UP


@pytest.mark.parametrize(
    ("values", "outcome"),
    [
        ({"$.status": "ok", "$.up": True, "$['two words']": None}, UP),
        ({"$.checks[0].n": 1.5, "$.checks[-1].n": "2"}, UP),
        ({"$.up": "true"}, UP),
        ({"$.status": "bad"}, DOWN),
        ({"$.checks[2].n": 1}, DOWN),
        ({"$.checks": "1"}, DOWN),
        ({"$.status.deeper": "ok"}, DOWN),
        ({"$.checks[0].n": 1}, DOWN),
    ],
)
async def test_values_in_json_are_compared_exactly(values: dict[str, object], outcome: Outcome) -> None:
    async with server(saying(answer(body=JSON))) as port:
        seen = await probe(f"http://127.0.0.1:{port}/", expect={"body": {"json": values}})
    assert (seen.outcome, seen.reason) == (outcome, None if outcome is UP else "json")


@pytest.mark.parametrize("body", [b"[" * 100_000, b"{", b"NaN", b"9" * 10_000, b"\xff\xfe", b""])
async def test_what_is_no_json_is_down_and_never_a_crash(body: bytes) -> None:
    async with server(saying(answer(body=body))) as port:
        seen = await probe(f"http://127.0.0.1:{port}/", expect={"body": {"json": {"$.a": 1}}})
    assert (seen.outcome, seen.reason) == (DOWN, "json")


@pytest.mark.parametrize(
    ("headers", "outcome"),
    [
        ({"X-Node": "fra 1"}, UP),
        ({"x-node": {"contains": "fra", "matches": r"^\w+ \d$"}}, UP),
        ({"x-node": "fra"}, DOWN),
        ({"x-node": {"matches": r"^ber"}}, DOWN),
        ({"x-node": {"contains": "ber"}}, DOWN),
        ({"x-other": {"contains": "x"}}, DOWN),
    ],
)
async def test_headers_must_be_as_expected(headers: dict[str, object], outcome: Outcome) -> None:
    async with server(saying(answer("X-Node:   fra 1"))) as port:
        seen = await probe(f"http://127.0.0.1:{port}/", expect={"headers": headers})
    assert (seen.outcome, seen.reason) == (outcome, None if outcome is UP else "header")


async def test_the_request_is_what_the_options_say() -> None:
    heads: list[bytes] = []
    aim = {
        "method": "POST",
        "body": "grüße",
        "headers": {"X-Key": "s3cret", "User-Agent": "probe/1"},
        "auth": {"user": "bob", "password": "hunter2"},
    }
    async with (
        server(paths({"/in?a=b%20c": answer()}, heads)) as port,
        prober(names=Names({"localhost": "127.0.0.1"})) as made,
    ):
        seen = await run(made, target(f"http://localhost:{port}/in?a=b%20c", **aim))
    assert seen.outcome is UP
    lines = heads[0].decode().split("\r\n")
    assert lines[0] == "POST /in?a=b%20c HTTP/1.1"
    assert f"Host: localhost:{port}" in lines
    assert "Authorization: Basic " + base64.b64encode(b"bob:hunter2").decode() in lines
    assert {"X-Key: s3cret", "User-Agent: probe/1", "Accept-Encoding: identity", "Connection: close"} <= set(lines)
    assert f"Content-Length: {len('grüße'.encode())}" in lines
    told = "\n".join(seen.steps)
    assert "hunter2" not in told and "s3cret" not in told and "status is 200" in told


async def test_a_name_is_looked_up_by_the_machines_own_resolver() -> None:
    names = SystemResolver(SystemClock())
    async with server(paths({"/": answer()})) as port, prober(names=names) as made:
        seen = await run(made, target(f"http://localhost:{port}/"))
    names.close()
    assert (seen.outcome, seen.reason, seen.address) == (UP, None, "127.0.0.1")


@pytest.mark.parametrize(("chosen", "family"), [(None, socket.AF_INET), (4, socket.AF_INET), (6, socket.AF_INET6)])
def test_names_are_looked_up_as_ipv4_unless_chosen_otherwise(chosen: int | None, family: int) -> None:
    assert plan(target("http://site.example/", family=chosen), Contexts()).family == family


async def test_a_bearer_token_is_sent_and_never_told() -> None:
    heads: list[bytes] = []
    async with server(paths({"/": answer()}, heads)) as port:
        seen = await probe(f"http://127.0.0.1:{port}/", auth={"bearer": "t0ken"})
    assert b"Authorization: Bearer t0ken\r\n" in heads[0]
    assert "t0ken" not in "\n".join(seen.steps)


async def test_the_answer_to_head_has_no_body() -> None:
    async with server(saying(answer("Content-Length: 5000", framed=False), then="silence")) as port:
        seen = await probe(f"http://127.0.0.1:{port}/", method="HEAD")
    assert seen.outcome is UP


async def test_interim_answers_are_passed_over() -> None:
    page = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + answer(body=b"ok")
    async with server(saying(page)) as port:
        seen = await probe(f"http://127.0.0.1:{port}/", expect={"status": 200, "body": {"contains": "ok"}})
    assert seen.outcome is UP


async def test_interim_answers_without_end_are_no_answer() -> None:
    async with server(saying(b"HTTP/1.1 100 Continue\r\n\r\n" * 17, then="silence")) as port:
        seen = await probe(f"http://127.0.0.1:{port}/")
    assert (seen.outcome, seen.reason) == (DOWN, "http_protocol")
    assert any("not HTTP: more than 16 interim answers" in step for step in seen.steps)


@pytest.mark.parametrize(
    "page",
    [
        answer("Transfer-Encoding: chunked", framed=False, body=b"2\r\nfi\r\n2;x=y\r\nne\r\n0\r\nT: x\r\n\r\n"),
        answer(framed=False, body=b"fine"),
        b"HTTP/1.0 200 OK\r\n\r\nfine",
    ],
)
async def test_every_framing_of_a_body_is_read(page: bytes) -> None:
    async with server(saying(page)) as port:
        seen = await probe(f"http://127.0.0.1:{port}/", expect={"body": {"matches": "^fine$"}})
    assert seen.outcome is UP


async def test_a_refused_port_is_down_refused() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        seen = await probe(f"http://127.0.0.1:{port}/")
    assert (seen.outcome, seen.reason) == (DOWN, "refused")
    assert "ECONNREFUSED" in "\n".join(seen.steps)


@pytest.mark.parametrize(("said", "outcome"), [("nxdomain", DOWN), ("no_address", DOWN), ("dns_local", UNKNOWN)])
async def test_a_name_unknown_is_down_and_a_resolver_in_trouble_unknown(said: str, outcome: Outcome) -> None:
    async with prober(names=Names(asked={"a.test": said})) as made:
        seen = await run(made, target("http://a.test/"))
    assert (seen.outcome, seen.reason) == (outcome, said)


async def test_the_time_to_resolve_is_a_phase_of_its_own() -> None:
    async with server(saying(answer())) as port, prober(names=Names(asked={"a.test": "127.0.0.1"})) as made:
        seen = await run(made, target(f"http://a.test:{port}/"))
    phases = dict(seen.phases)
    assert seen.outcome is UP and 9_000_000 < phases["resolve"] < 500_000_000
    assert seen.took is not None and seen.took >= phases["resolve"] + phases["connect"]


async def test_a_new_connection_is_made_each_time_unless_kept_alive() -> None:
    peers: list[str] = []

    async def handle(reader, writer, head):  # type: ignore[no-untyped-def]
        while head:
            peers.append(writer.get_extra_info("peername")[1])
            writer.write(answer(body=b"x"))
            head = await reader.readuntil(b"\r\n\r\n")

    async with server(handle) as port, prober() as made:
        fresh, kept = target(f"http://127.0.0.1:{port}/"), target(f"http://127.0.0.1:{port}/", "k", keep_alive="true")
        for aim in (fresh, fresh, kept, kept, kept):
            assert (await run(made, aim)).outcome is UP
    assert len(set(peers)) == 3 and len(set(peers[2:])) == 1


async def test_a_kept_connection_that_died_is_replaced_and_blames_nobody() -> None:
    async with server(saying(answer(body=b"x"))) as port, prober() as made:
        aim = target(f"http://127.0.0.1:{port}/", keep_alive="true")
        first, second = await run(made, aim), await run(made, aim)
    assert (first.outcome, second.outcome) == (UP, UP)
    assert any("connecting anew" in step for step in second.steps)


@pytest.mark.parametrize("pause", [0.0, 0.2])
async def test_what_a_server_says_to_a_kept_connections_silence_is_no_answer(pause: float) -> None:
    """It gives up waiting: before the next run, or at the very moment at which that asks."""

    async def handle(reader, writer, head):  # type: ignore[no-untyped-def]
        writer.write(answer(body=b"x"))
        if not pause:
            await reader.readuntil(b"\r\n\r\n")
        writer.write(answer(status="408 Request Timeout"))

    async with server(handle) as port, prober() as made:
        aim = target(f"http://127.0.0.1:{port}/", keep_alive="true")
        first = await run(made, aim)
        await asyncio.sleep(pause)
        second = await run(made, aim)
    assert (first.outcome, second.outcome) == (UP, UP)


async def test_the_source_address_is_used_and_one_we_do_not_have_is_our_trouble() -> None:
    peers: list[str] = []

    async def handle(reader, writer, head):  # type: ignore[no-untyped-def]
        peers.append(writer.get_extra_info("peername")[0])
        writer.write(answer())

    async with server(handle) as port:
        assert (await probe(f"http://127.0.0.1:{port}/", source="127.0.0.9")).outcome is UP
        seen = await probe(f"http://127.0.0.1:{port}/", source="192.0.2.1")
    assert peers == ["127.0.0.9"]
    assert (seen.outcome, seen.reason) == (UNKNOWN, "EADDRNOTAVAIL")


async def test_steps_are_told_only_when_asked_for() -> None:
    async with server(saying(answer())) as port, prober() as made:
        seen = await run(made, target(f"http://127.0.0.1:{port}/"), explain=False)
    assert seen.outcome is UP and seen.steps == ()


async def test_closing_ends_what_is_under_way_as_unknown() -> None:
    async with server(saying(then="silence")) as port:
        ended = []
        async with prober() as made:
            made.start(target(f"http://127.0.0.1:{port}/"), ended.append)
            made.start(target("http://127.0.0.1:1/", "b"), ended.append)
    assert [(seen.outcome, seen.reason) for seen in ended] == [(UNKNOWN, "shutdown")] * 2
