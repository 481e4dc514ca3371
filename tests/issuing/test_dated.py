"""An issued statement of a contract with bases, revisions and novations is recomputed from its evidence alone."""

from pathlib import Path

from tests.cli.kit import upheld
from tests.issuing.test_issue import FACTS, REST, given, issued

TEXT = """\
upheld: 1
targets:
  hq-router: {probe: {kind: icmp, host: 192.0.2.7}}
  lab: {probe: {kind: icmp, host: 192.0.2.8}}
contracts:
  base:
    template: true
    provider: [{name: OldNet, until: 2026-10-15}, {name: NewNet, from: 2026-10-15}]
    timezone: Europe/Berlin
    currency: EUR
    promises: [{id: availability, promise: availability >= 99%, text: As everybody has it.}]
    credits: {availability: {"< 99.95%": 10%}}
    revisions:
      - id: autumn
        from: 2026-10-01
        text: Amendment of September.
        changes:
          promises: [{id: availability, promise: availability >= 99.95%}]
          services: {second: {targets: [lab]}}
  acme:
    inherits: base
    customer: ACME GmbH
    services: {hq: {targets: [hq-router], charge: 1200.00}}
    exclusions: [planned maintenance: {notice: 72h}]
"""


def test_what_was_in_force_is_in_the_evidence(tmp_path: Path) -> None:
    path = tmp_path / "upheld.yaml"
    path.write_text(TEXT, encoding="utf-8")
    given(path, [*FACTS, REST])
    statement, evidence, told = issued(path)
    assert told["revision_in_force"] == {"id": "autumn", "from": "2026-09-30T22:00:00Z"}
    assert (told["provider"], len(told["parties"])) == ("OldNet", 2)  # type: ignore[arg-type]
    assert [one["path"] for one in told["remarks"]] == ["promises.availability", "revisions.autumn"]  # type: ignore[attr-defined]
    path.unlink()
    result = upheld("verify", statement, evidence)
    assert result.exit_code == 0, result.output
