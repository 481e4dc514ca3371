"""Files to a configuration: the only part of reading one that touches the disk and the environment.

A path is a file or a directory; a directory's ``*.yaml`` and ``*.yml`` are read in the order of their names and
their sections merge. What is defined twice is a problem that names both places. Nothing but regular files is read,
and nothing beyond a size: a pipe would hang the daemon, a device would fill its memory.
"""

import os
import stat
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from config.contract.contracts import read_contracts
from config.daemon import read_daemon, read_risk
from config.digest import digest, digest_with
from config.errors import ConfigError, Problem
from config.hidden import hidden_in, without
from config.hooks import read_hooks
from config.model import Config
from config.places import LARGEST, Node, Place, parse
from config.reader import Fields, Reader
from config.rows import Rows, read_rows
from config.secrets import Outside, expand
from config.targets import read_targets
from config.typed import Options
from config.units import line
from config.vantage import read_vantage

SECTIONS = ("upheld", "daemon", "vantage", "targets", "contracts", "hooks", "risk")
MOST_FILES = 10_000
LARGEST_SECRET = 64 * 1024
FORMAT = 1


def load(
    path: str | None,
    probe_kinds: Mapping[str, type[Options]],
    hook_kinds: Mapping[str, type[Options]],
    env: Mapping[str, str] | None = None,
) -> Config:
    """The configuration at ``path`` (None: where ``default_path`` finds one), checked as a whole.

    Raises ``ConfigError`` with every problem, in file order.
    """
    variables = os.environ if env is None else env
    problems: list[Problem] = []
    chosen = path or default_path(variables)
    root = _merged(chosen, problems)
    config = None
    if root is not None:
        expand(root, "", Outside(variables, _secret), problems)
        base = Path(chosen).absolute()
        config = _read(root, probe_kinds, hook_kinds, base if base.is_dir() else base.parent, problems)
    if problems or config is None:
        raise ConfigError(_in_order(problems, hidden_in(root) if root is not None else []))
    return config


def find(path: str | None, *keys: str) -> Node | None:
    """What stands under these keys in the files, as it was typed and with its place; None where nothing does."""
    node = _merged(path or default_path(os.environ), [])
    for key in keys:
        if node is None or not isinstance(node.value, dict):
            return None
        node = node.value.get(key)
    return node


def default_path(variables: Mapping[str, str]) -> str:
    """``$UPHELD_CONFIG``, else ``./upheld.yaml``, else ``/etc/upheld``."""
    named = variables.get("UPHELD_CONFIG")
    if named:
        return named
    return "upheld.yaml" if Path("upheld.yaml").exists() else "/etc/upheld"


def _read(
    root: Node,
    probe_kinds: Mapping[str, type[Options]],
    hook_kinds: Mapping[str, type[Options]],
    base: Path,
    problems: list[Problem],
) -> Config:
    fields = Reader(root, "", problems).fields(SECTIONS)
    _check_format(fields)
    empty = Reader(Node(root.place, {}), "", problems)
    targets = read_targets(fields.at("targets") if "targets" in fields else empty, probe_kinds)
    data = _Data()
    contracts = read_contracts(fields.at("contracts") if "contracts" in fields else empty, targets, data.rows)
    hooks = read_hooks(fields.at("hooks") if "hooks" in fields else empty, hook_kinds, contracts)
    return Config(
        daemon=read_daemon(fields.at("daemon") if "daemon" in fields else None, base),
        vantage=read_vantage(fields.at("vantage") if "vantage" in fields else None, targets),
        targets={name: target for name, target in targets.items() if target is not None},
        contracts={name: contract for name, contract in contracts.items() if contract is not None},
        hooks=hooks,
        risk=read_risk(fields.at("risk") if "risk" in fields else None),
        digest=digest_with(root, data.read) if data.read else digest(root),
    )


def _check_format(fields: Fields) -> None:
    if "upheld" not in fields:
        fields.missing("upheld", f"upheld: {FORMAT}")
    elif str(fields.at("upheld").node.value) != str(FORMAT):
        at = fields.at("upheld")
        at.wrong(f"'{at.node.typed}' is no format this version knows; write {FORMAT}")


def _merged(path: str, problems: list[Problem]) -> Node | None:
    """All files as one mapping; None where there is nothing to go on with."""
    files = _files(path, problems)
    whole: Node | None = None
    for file in files:
        raw = _raw(file, problems)
        node = None if raw is None else parse(raw, file, problems)
        if node is None:
            continue
        if not isinstance(node.value, dict):
            place = node.place
            text = "is not a mapping; begin with 'upheld: 1'"
            problems.append(Problem(place.file, place.line, place.column, "", text))
        elif whole is None:
            whole = node
        else:
            _merge(whole, node, "", problems)
    return whole


def _merge(into: Node, other: Node, path: str, problems: list[Problem]) -> None:
    """Sections merge, key by key; below them a key may stand once."""
    if not isinstance(into.value, dict) or not isinstance(other.value, dict):
        return
    for key, node in other.value.items():
        if key not in into.value:
            into.value[key], into.keys[key] = node, other.keys[key]
            continue
        mine = into.value[key]
        both = isinstance(mine.value, dict) and isinstance(node.value, dict)
        if not path and both:
            _merge(mine, node, key, problems)
        elif path or key != "upheld" or mine.typed != node.typed:
            at, first = other.keys[key], into.keys[key]
            text = f"is defined twice; the first is at {first.file}:{first.line}:{first.column}"
            where = f"{path}.{key}" if path else key
            problems.append(Problem(at.file, at.line, at.column, where, text))


def _files(path: str, problems: list[Problem]) -> list[str]:
    here = Path(path)
    try:
        if not here.is_dir():
            return [path]
    except OSError as error:  # a directory above it may not be searched, or its name is too long
        problems.append(Problem(path, 0, 0, "", f"cannot be read: {error.strerror}"))
        return []
    try:
        names = (one.name for one in here.iterdir())
        found = sorted(one for one in names if one.endswith((".yaml", ".yml")) and one[0] != ".")
    except OSError as error:
        problems.append(Problem(path, 0, 0, "", f"cannot be listed: {error.strerror}"))
        return []
    if not found or len(found) > MOST_FILES:
        what = f"more than {MOST_FILES} files" if found else "no *.yaml file in this directory"
        problems.append(Problem(path, 0, 0, "", what))
        return []
    return [str(here / one) for one in found]


def _raw(file: str, problems: list[Problem]) -> bytes | None:
    try:
        return _regular(file, LARGEST)
    except ValueError as error:
        problems.append(Problem(file, 0, 0, "", str(error)))
        return None


def _secret(name: str, place: Place) -> str:
    """What a secret file holds, without the line break at its end; relative to the file that names it."""
    try:
        raw = _regular(str(Path(place.file).parent / name), LARGEST_SECRET)
        if len(raw) > LARGEST_SECRET:
            raise ValueError(f"is larger than {LARGEST_SECRET // 1024} KiB")
        return raw.decode("utf-8").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise ValueError(f"${{file:{name}}}: is not UTF-8 text") from None
    except ValueError as error:
        raise ValueError(f"${{file:{name}}}: {error}") from None


class _Data:
    """The files that ``for each`` names, relative to the file that names them; ``read`` is what they held."""

    def __init__(self) -> None:
        self.read: list[bytes] = []

    def rows(self, reader: Reader) -> Rows | None:
        """The rows of one; None where it has none to give, which is told."""
        name = reader.read(line, None)
        if name is None:
            return None
        if "://" in name:
            reader.wrong(
                "is not fetched: reading a configuration needs no network; save it as CSV or JSON and name that"
            )
            return None
        file = str(Path(reader.node.place.file).parent / name)
        try:
            raw = _regular(file, LARGEST)
        except ValueError as error:
            reader.wrong(f"{name} {error}; write the name of a CSV or JSON file, relative to this one")
            return None
        self.read.append(raw)
        return read_rows(raw, file, reader.problems)


def _regular(file: str, most: int) -> bytes:
    """At most ``most`` + 1 bytes of a regular file; ValueError says why it cannot be read."""
    try:
        # O_NONBLOCK: opening a pipe must not wait for somebody to write into it.
        handle = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise ValueError("is not a regular file")
            with os.fdopen(handle, "rb", closefd=False) as stream:
                return stream.read(most + 1)
        finally:
            os.close(handle)
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from None


def _in_order(problems: list[Problem], hidden: list[tuple[str, str]]) -> list[Problem]:
    """By file in the order read, then line and column; the same thing is told once.

    What a problem says of its own value is masked already; here, what it may say of values elsewhere.
    """
    problems = [replace(one, text=without(one.text, hidden)) for one in problems]
    files = {file: index for index, file in enumerate(dict.fromkeys(sorted(one.file for one in problems)))}
    return sorted(dict.fromkeys(problems), key=lambda one: (files[one.file], one.line, one.column))
