"""What the configuration may say of an HTTP probe, and how each mistake is answered."""

import re

import pytest
from pydantic import ValidationError

from config.options import adapter, checked
from probes.kinds import http
from probes.kinds.http import Options
from probes.net import json_path

URL = "https://www.acme.example/"


def problem(**options: object) -> str:
    """The first thing wrong with these options."""
    with pytest.raises(ValidationError) as caught:
        checked(Options, {"url": URL, **options})
    return caught.value.errors()[0]["msg"]


def test_a_url_alone_is_enough() -> None:
    options = checked(Options, {"url": URL})
    assert options.expect.accepts(204) and not options.expect.accepts(302)
    assert (options.ip, options.body_cap, options.redirects.follow) == (4, 65536, 5)
    assert not options.keep_alive and not options.tls.insecure_skip_verify


def test_the_body_is_read_further_where_something_is_expected_of_it() -> None:
    assert checked(Options, {"url": URL, "expect": {"body": {"contains": "x"}}}).body_cap == 1 << 20
    assert checked(Options, {"url": URL, "max body": "10kB"}).body_cap == 10_000


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"url": "www.acme.example"}, "is no URL of a web page; write it as https://www.example.com/path"),
        ({"url": "file:///etc/passwd"}, "is no URL of a web page"),
        ({"url": "http://a b/"}, "it has blanks in it"),
        ({"url": "http://a/\r\nX: y"}, "control character"),
        ({"url": "http://u:p@a/"}, "must not carry a user or password; write them under 'auth'"),
        ({"url": "http://a:0/"}, "port 0 cannot be connected to"),
        ({"url": "http://a:65536/"}, "Port out of range"),
        ({"url": "http://a/#x"}, "what follows '#' never reaches a server"),
        ({"url": "http://a_%/"}, "is no host name"),
        ({"url": "http://-a..b/"}, "is no host name"),
        ({"url": "http://192.0.2.256/"}, "'192.0.2.256' is no IP address, and no name ends in a number"),
        ({"url": "http://0x7f.1/"}, "no name ends in a number"),
        ({"url": "http://0.0.0.0/"}, "host '0.0.0.0' is not the address of one machine"),
        ({"url": "http://[::]/"}, "host '::' is not the address of one machine"),
        ({"url": "http://2130706433./"}, "no name ends in a number"),
        ({"method": "BREW"}, "Input should be 'GET'"),
        ({"headers": {"X Y": "z"}}, "is no header name"),
        ({"headers": {"X": "a\r\nb"}}, "control character"),
        ({"headers": {"X": "a€"}}, "beyond Latin-1"),
        ({"headers": {"Host": "b"}}, "is set by the probe itself"),
        ({"headers": {"authorization": "b"}, "auth": {"bearer": "c"}}, "write one of them"),
        ({"auth": {"user": "a"}}, "either 'user' and 'password', or 'bearer'"),
        ({"auth": {"user": "a", "password": "b", "bearer": "c"}}, "either 'user' and 'password', or 'bearer'"),
        ({"auth": {"user": "a:b", "password": "c"}}, "cannot be sent by basic authentication"),
        ({"redirects": {"follow": 21}}, "must be from 0 to 20, not 21"),
        ({"tls": {"key": "k.pem"}}, "'key' without 'certificate'"),
        ({"tls": {"minimum": "1.0"}}, "Input should be '1.2' or '1.3'"),
        ({"tls": {"verify": False}}, "Unexpected keyword argument"),
        ({"expect": {"status": "20x"}}, "is no HTTP status; write 200, 2xx or a list of such"),
        ({"expect": {"status": []}}, "can never hold"),
        ({"expect": {"body": {"matches": "("}}}, "is no regular expression"),
        ({"expect": {"body": {"contains": ""}}}, "is in everything"),
        ({"expect": {"body": {"json": {"status": "ok"}}}}, "is no JSON path; begin it with '$'"),
        ({"expect": {"body": {"json": {"$..a": "ok"}}}}, "is no JSON path from '..a' on"),
        ({"url": "http://a/", "expect": {"certificate days": 3}}, "needs an https URL"),
        ({"family": 5}, "Input should be 4 or 6"),
        ({"url": "http://192.0.2.1/", "family": 6}, "is an IPv4 address, 'family' says 6"),
        ({"url": "http://[2001:db8::1]/", "source": "192.0.2.1"}, "cannot be used over IPv6"),
        ({"source": "eth0"}, "is no IP address"),
        ({"max body": "0B"}, "must be from 1B to 16MiB"),
        ({"keep alive": "yes"}, "write true or false"),
        ({"latency of": "tls"}, "Input should be 'total', 'connect' or 'first_byte'"),
    ],
)
def test_each_mistake_says_what_would_be_right(options: dict[str, object], said: str) -> None:
    assert said in problem(**options)


def test_no_secret_shows_in_what_is_printed_or_dumped() -> None:
    options = checked(
        Options,
        {"url": URL, "headers": {"X-Key": "s3cret"}, "body": "s3cret", "auth": {"user": "u", "password": "s3cret"}},
    )
    assert "s3cret" not in repr(options) + str(options)
    assert "s3cret" not in problem(headers={"X": "s3cret\n"})


def test_numbers_may_stand_as_a_file_holds_them() -> None:
    options = checked(
        Options,
        {
            "url": URL,
            "family": "4",
            "expect": {"certificate days": "14", "status": ["200", "3xx"]},
            "keep alive": "true",
        },
    )
    assert (options.family, options.expect.certificate_days, options.keep_alive) == (4, 14, True)


def test_the_same_key_may_have_a_blank_or_an_underscore() -> None:
    spaced = checked(Options, {"url": URL, "keep alive": True, "latency of": "first byte"})
    assert spaced == checked(Options, {"url": URL, "keep_alive": True, "latency_of": "first_byte"})


def test_the_schema_for_editors_can_be_made() -> None:
    schema = adapter(Options).json_schema(by_alias=True)
    assert {"url", "keep alive", "latency of", "expect"} <= schema["properties"].keys()
    assert schema["additionalProperties"] is False


def test_a_path_into_json_is_taken_apart_exactly() -> None:
    assert json_path.parse("$.a[0]['b c'][\"d\"][-2].e-f") == ("a", 0, "b c", "d", -2, "e-f")


def test_every_reason_is_documented_once_at_the_kind() -> None:
    said = re.findall(r"[a-z_]+|[A-Z]{5,}", http.__doc__ or "")
    for reason in ("refused", "closed", "header_limit", "redirect_refused", "tls_closed", "undecided", "stall", "json"):
        assert reason in said
