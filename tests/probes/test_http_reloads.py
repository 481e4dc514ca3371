"""Nothing is kept for a target that is probed no more, however often the configuration is read again."""

import gc
from collections.abc import Callable

from config.model import Config
from probes.kind import Kit, Prober, Seen
from probes.kinds import http
from probes.net.http_options import Tls
from probes.sample import Outcome
from probes.vantage import Vantage
from tests.probes.clockwork import Clockwork
from tests.probes.pages import answer, prober, run, saying, server, target
from tests.probes.test_vantage import NoNames


class Opened:
    """The kind, with its prober to be looked at."""

    NAME = "http"
    Options = http.Options

    def __init__(self) -> None:
        self.prober: Prober | None = None

    def open(self, kit: Kit) -> Prober:
        self.prober = http.open(kit)
        return self.prober


def options_held() -> set[int]:
    """Which options of HTTP probes there are."""
    return {id(one) for one in gc.get_objects() if type(one) in (http.Options, Tls)}


async def test_a_reload_lets_go_of_what_was_kept_for_targets_that_are_gone_or_changed() -> None:
    """Each time another target, with TLS options of its own, and one that stays but is another."""
    kind, clock = Opened(), Clockwork()
    nobody: Callable[..., None] = lambda *_: None  # noqa: E731
    vantage = Vantage({"http": kind}, clock, clock, NoNames(), nobody, nobody, nobody, nobody, suspended=lambda: 0)
    gc.collect()
    before = options_held()
    async with server(saying(answer())) as port:
        for turn in range(12):
            gone = target(f"http://127.0.0.1:{port}/", f"gone{turn}", tls={"server name": f"a{turn}.test"})
            same = target(f"http://127.0.0.1:{port}/?{turn}", "same", tls={"server name": "same.test"})
            vantage.reload(Config(targets={one.name: one for one in (gone, same)}))
            assert kind.prober is not None
            assert {id(kept) for one in (gone, same) for kept in (one.options, one.options.tls)} <= options_held()
            for one in (gone, same):
                assert (await run(kind.prober, one, explain=False)).outcome is Outcome.UP
    last = Config(targets={"same": same})
    vantage.reload(last)
    del gone, one
    gc.collect()
    assert options_held() - before == {id(same.options), id(same.options.tls)}
    vantage.stop()


async def test_a_run_under_way_while_its_target_goes_ends_as_it_would() -> None:
    async with server(saying(b"", answer(), pause=0.1)) as port, prober() as made:
        aim = target(f"http://127.0.0.1:{port}/", keep_alive="true")
        seen: list[Seen] = []
        made.start(aim, seen.append)
        assert hasattr(made, "keep")
        made.keep({})
        again = await run(made, aim)
    assert {one.outcome for one in [*seen, again]} == {Outcome.UP}
