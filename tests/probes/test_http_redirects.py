"""Redirects are followed within rules, because whoever answers for a page decides where we go next."""

import pytest

from probes.net import http_url
from probes.sample import Outcome
from tests.probes.pages import answer, paths, probe, prober, run, server, target

UP, DOWN = Outcome.UP, Outcome.DOWN


def to(location: str, status: str = "302 Found") -> bytes:
    """A redirect."""
    return answer(f"Location: {location}", status=status)


async def test_a_redirect_is_followed_and_its_end_judged() -> None:
    pages = {"/a": to("/b/c?d=e"), "/b/c?d=e": to("x#part"), "/b/x": answer(body=b"here")}
    async with server(paths(pages)) as port:
        seen = await probe(f"http://127.0.0.1:{port}/a", expect={"status": 200, "body": {"contains": "here"}})
    assert (seen.outcome, seen.reason) == (UP, None)


async def test_without_following_the_redirect_itself_is_judged() -> None:
    async with server(paths({"/": to("/b")})) as port:
        off = {"redirects": {"follow": 0}}
        assert (await probe(f"http://127.0.0.1:{port}/", **off)).reason == "status"
        assert (await probe(f"http://127.0.0.1:{port}/", expect={"status": 302}, **off)).outcome is UP


async def test_a_loop_is_told_from_a_long_way() -> None:
    long = {f"/{n}": to(f"/{n + 1}") for n in range(30)}
    async with server(paths({"/a": to("/b"), "/b": to("/a"), "/self": to("/self")} | long)) as port:
        for path, reason in (("/a", "redirect_loop"), ("/self", "redirect_loop"), ("/0", "redirect_limit")):
            seen = await probe(f"http://127.0.0.1:{port}{path}")
            assert (seen.outcome, seen.reason) == (DOWN, reason)
        assert (await probe(f"http://127.0.0.1:{port}/25", redirects={"follow": 4})).reason == "redirect_limit"
        assert (await probe(f"http://127.0.0.1:{port}/25", redirects={"follow": 5})).reason == "status"


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "//user:word@127.0.0.1/",
        "http://127.0.0.1:99999/",
        "http://[::1/",
        "http://169.254.169.254/latest/meta-data",
        "http://[fe80::1]/",
        "http://10.0.0.1/",
        "http://0.0.0.0/",
        "http://[::ffff:169.254.169.254]/",
        "http://a b/",
        "/x y",
    ],
)
async def test_where_no_redirect_may_lead_none_is_followed(location: str) -> None:
    async with server(paths({"/": to(location)})) as port:
        seen = await probe(f"http://127.0.0.1:{port}/")
    assert (seen.outcome, seen.reason) == (DOWN, "redirect_refused")


@pytest.mark.parametrize(
    ("address", "reach"),
    [
        ("93.184.215.14", "global"),
        ("10.1.2.3", "private"),
        ("100.64.0.1", "private"),
        ("fd00::1", "private"),
        ("169.254.169.254", "link"),
        ("fe80::1", "link"),
        ("127.9.9.9", "loopback"),
        ("::ffff:127.0.0.1", "loopback"),
        ("0.0.0.0", "special"),
        ("224.0.0.1", "special"),
        ("64:ff9b::7f00:1", "loopback"),
        ("64:ff9b::808:808", "global"),
        ("2002:7f00:1::", "loopback"),
    ],
)
def test_how_far_an_address_reaches(address: str, reach: str) -> None:
    assert http_url.reach(address) == reach


async def test_what_is_secret_stays_with_the_first_origin() -> None:
    first: list[bytes] = []
    other: list[bytes] = []
    async with server(paths({"/": answer()}, other)) as elsewhere:
        pages = {"/": to("/in"), "/in": to(f"http://127.0.0.1:{elsewhere}/", "307 Temporary Redirect")}
        async with server(paths(pages, first)) as port:
            seen = await probe(
                f"http://127.0.0.1:{port}/",
                auth={"user": "bob", "password": "hunter2"},
                headers={"Cookie": "id=1"},
            )
    assert seen.outcome is UP and len(first) == 2
    assert all(b"Authorization: Basic" in head and b"Cookie: id=1" in head for head in first)
    assert b"Authorization" not in other[0] and b"Cookie" not in other[0]


@pytest.mark.parametrize(
    ("status", "method"), [("303 See Other", b"GET"), ("302 Found", b"GET"), ("308 Permanent Redirect", b"POST")]
)
async def test_the_method_after_a_redirect(status: str, method: bytes) -> None:
    heads: list[bytes] = []
    async with server(paths({"/": to("/in", status), "/in": answer()}, heads)) as port:
        seen = await probe(f"http://127.0.0.1:{port}/", method="POST", body="x")
    assert seen.outcome is UP
    assert [head.split()[0] for head in heads] == [b"POST", method]
    assert (b"Content-Length: 1" in heads[1]) == (method == b"POST")


async def test_a_redirect_without_a_place_is_judged_as_it_is() -> None:
    async with server(paths({"/": answer(status="301 Moved")})) as port:
        assert (await probe(f"http://127.0.0.1:{port}/")).reason == "status"
        assert (await probe(f"http://127.0.0.1:{port}/", expect={"status": 301})).outcome is UP


async def test_one_deadline_holds_over_all_redirects() -> None:
    async def slow(reader, writer, head):  # type: ignore[no-untyped-def]
        import asyncio

        await asyncio.sleep(0.15)
        writer.write(to(f"/{int(head.split()[1][1:]) + 1}"))

    async with server(slow) as port, prober() as made:
        aim = target(f"http://127.0.0.1:{port}/0", timeout=0.4, redirects={"follow": 20})
        seen = await run(made, aim)
    assert (seen.outcome, seen.reason) == (DOWN, "timeout")
    assert seen.took is not None and seen.took < 600_000_000
