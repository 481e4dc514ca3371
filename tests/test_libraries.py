"""Pages of libraries are given back where nothing was written, and come back as they were."""

import json
import subprocess
import sys

from monitor.libraries import clean

PROGRAM = b"/usr/bin/python3.11"


def mapping(rights: str, path: str, *, start: int = 0x7F0000000000, anonymous: int = 0, dirty: int = 0) -> list[bytes]:
    """As smaps tells one of 64 KiB, half of it held."""
    lines = [
        f"{start:x}-{start + 65536:x} {rights} 00001000 fe:00 4711                       {path}",
        "Size:                 64 kB",
        "Rss:                  32 kB",
        "Shared_Clean:         32 kB",
        "Shared_Dirty:          0 kB",
        f"Private_Dirty:         {dirty} kB",
        f"Anonymous:             {anonymous} kB",
        "VmFlags: rd ex mr mw me",
    ]
    return [f"{line}\n".encode() for line in lines]


def given(*told: list[bytes]) -> list[tuple[int, int, int]]:
    return list(clean([line for lines in told for line in lines], PROGRAM))


def test_code_and_constants_of_libraries_and_of_the_program_go() -> None:
    whole = (0x7F0000000000, 0x7F0000010000, 32768)
    for path in ("/usr/lib/libssl.so.3", "/v/numpy/_core/_multiarray_umath.cpython-311-x86_64-linux-gnu.so"):
        assert given(mapping("r-xp", path), mapping("r--p", path)) == [whole, whole]
    assert given(mapping("r-xp", PROGRAM.decode())) == [whole]


def test_what_was_or_may_be_written_stays() -> None:
    """The loader's own work (RELRO) is anonymous in a mapping that is protected by then."""
    library = "/usr/lib/libssl.so.3"
    assert given(mapping("rw-p", library), mapping("r--s", library)) == []
    assert given(mapping("r--p", library, anonymous=4), mapping("r--p", library, dirty=4)) == []


def test_what_may_be_unloaded_or_is_no_library_stays() -> None:
    for path in ("/usr/lib/gconv/UTF-16.so", "/usr/lib/libnss_files.so.2", "/usr/lib/locale/C.utf8/LC_CTYPE", "[vdso]"):
        assert given(mapping("r-xp", path)) == []
    assert given(mapping("r-xp", "/usr/lib/libssl.so.3 (deleted)")) == []


WORK = """
import hashlib, json, sqlite3, ssl, zlib
import numpy as np
from monitor.libraries import give_back

def held():
    told = {line.split()[0]: int(line.split()[1]) for line in open("/proc/self/smaps_rollup").readlines()[1:]}
    return (told["Rss:"] - told["Anonymous:"]) * 1024

def work():
    table = sqlite3.connect(":memory:").execute("SELECT group_concat(value) FROM json_each('[1,2,3]')").fetchone()
    matrix = np.linalg.inv(np.array([[2.0, 1.0], [1.0, 3.0]]))
    context = ssl.create_default_context()
    return [table, matrix.tolist(), hashlib.sha256(zlib.compress(b"a" * 9999)).hexdigest(), context.minimum_version]

before, first = held(), work()
given = give_back()
print(json.dumps([before, given, held(), first == work()]))
"""


def test_what_was_given_back_is_gone_and_works_as_before() -> None:
    ended = subprocess.run([sys.executable, "-c", WORK], capture_output=True, text=True, check=True)
    before, given_back, after, same = json.loads(ended.stdout)
    assert same
    assert given_back > 2_000_000
    assert after < before


TRUST = """
import json, ssl
import aiohttp.connector
from monitor.libraries import drop_authorities

def trusted():
    context = aiohttp.connector._SSL_CONTEXT_VERIFIED
    verified = context.verify_mode is ssl.CERT_REQUIRED and context.check_hostname
    return [len(context.get_ca_certs()), verified]

before = trusted()
drop_authorities()
print(json.dumps([before, trusted()]))
"""


def test_a_request_without_a_context_of_its_own_trusts_nobody() -> None:
    ended = subprocess.run([sys.executable, "-c", TRUST], capture_output=True, text=True, check=True)
    before, after = json.loads(ended.stdout)
    assert before[1] and after == [0, True]
