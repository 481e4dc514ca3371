"""``text`` and ``interpret`` stand in any mapping, and are told by the path of their clause."""

from pathlib import Path

from tests.config.kit import CONTRACT, config, problems

TEXT = """\
    text: |
      The agreement of 1 January,
      as amended.
    exclusions:
      - planned maintenance: {notice: 72h, text: "§4.2: maintenance is announced."}
      - customer
    credits:
      text: Credits are the only remedy.
      high: {"< 99.9%": 10%, interpret: Of the charge of the month concerned.}
    revisions:
      - {id: "2", from: 2026-04-01, text: Amendment 2., changes: {services: {line: {text: With a second path.}}}}
"""


def test_remarks_are_told_by_the_path_of_their_clause(tmp_path: Path) -> None:
    promise = "{id: high, promise: availability >= 99.9%, text: At least., interpret: Of time.}"
    found = config(tmp_path, CONTRACT.replace("availability >= 99.9%", promise) + TEXT).contracts["acme"]
    told = {one.path: (one.text, one.interpret) for one in found.remarks}
    assert told == {
        "": ("The agreement of 1 January, as amended.", None),
        "promises.high": ("At least.", "Of time."),
        "exclusions.planned maintenance": ("§4.2: maintenance is announced.", None),
        "credits": ("Credits are the only remedy.", None),
        "credits.high": (None, "Of the charge of the month concerned."),
    }
    later = {one.path: one.text for one in found.revisions[0].contract.remarks}
    assert (later["revisions.2"], later["services.line"]) == ("Amendment 2.", "With a second path.")


def test_a_service_may_be_called_text(tmp_path: Path) -> None:
    found = config(tmp_path, CONTRACT.replace("      site:", "      text:")).contracts["acme"]
    assert ([one.name for one in found.services], found.remarks) == (["line", "text"], ())


def test_a_remark_of_a_wrong_shape_is_told(tmp_path: Path) -> None:
    more = '    text: [a, b]\n    interpret: ""\n    exclusions: [customer: {text: 5}]\n'
    assert problems(tmp_path, CONTRACT + more) == [
        "15:11: contracts.acme.text: a list is no text; write 'text: …' in quotes",
        "16:16: contracts.acme.interpret: is empty; write what is to be printed on the statement",
        "17:35: contracts.acme.exclusions[0].customer.text: '5' is no text; write 'text: …' in quotes",
    ]
