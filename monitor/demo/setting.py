"""The demo's configuration as a person would have typed it."""

from dataclasses import dataclass

from monitor.demo.story import VANTAGE, WITNESS, Customer, Story

NAME = "upheld.yaml"
STORE = "upheld.db"

MARK = "# Made by `upheld demo`"
_HEAD = (
    MARK
    + """: a provider that does not exist, and its five customers.
upheld: 1
daemon:
  store: {store}
  listen: 127.0.0.1:{web}
  metrics: 127.0.0.1:{metrics}
vantage: {{name: {vantage}, kind: external, witnesses: [{witness}]}}
targets:
"""
)
_TARGET = '  {name}: {{probe: {{kind: http, url: "http://127.0.0.1:{port}/{name}"}}, every: 10s, timeout: 5s}}\n'
_CONTRACT = """  {contract}:
    provider: Lighthouse Networks
    customer: {name}
    timezone: {zone}
    currency: EUR
    period: month
    services:
      {service}: {{targets: [{target}], charge: {charge}}}
    promises:
      - availability >= 99.9%
      - longest outage <= 4h
      - outages <= 3
      - p95 latency <= 60ms
    exclusions:
      - planned maintenance: {{notice: 72h, cap: 4h per month}}
      - customer
    credits:
      availability: {{"< 99.9%": 10%, "< 99%": 25%, "< 95%": 100%}}
      longest outage: 5% per started hour beyond 4h
    cap: 100% of charge per month
    claim within: 30d
"""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the daemon listens, and the demo's own little server that answers for every target."""

    web: int
    metrics: int
    stage: int


def text(story: Story, ports: Ports) -> str:
    """The whole file."""
    head = _HEAD.format(store=STORE, web=ports.web, metrics=ports.metrics, vantage=VANTAGE, witness=WITNESS)
    targets = "".join(_TARGET.format(name=name, port=ports.stage) for name in story.targets)
    return head + targets + "contracts:\n" + "".join(map(_contract, story.customers))


def _contract(customer: Customer) -> str:
    return _CONTRACT.format(
        contract=customer.contract,
        name=customer.name,
        zone=customer.zone,
        service=customer.service,
        target=customer.target,
        charge=customer.charge,
    )
