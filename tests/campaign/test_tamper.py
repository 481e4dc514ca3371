"""A small part of ``make campaign-tamper``."""

from tests.campaign.tamper import tamper, tamper_postgres
from tests.campaign.tampering import WAYS


def test_every_way_to_change_history_is_found_and_named() -> None:
    found = tamper(65, 3)
    assert found.made.total() == 65 and found.made["evidence"] == found.made["statement"] == 13
    assert {way.__name__ for way in WAYS} <= found.made.keys()
    assert found.missed == [] and found.unnamed == []


def test_every_way_to_change_a_database_is_found_and_named() -> None:
    found = tamper_postgres(len(WAYS), 5)
    assert set(found.made) == {way.__name__ for way in WAYS}
    assert found.missed == [] and found.unnamed == []
