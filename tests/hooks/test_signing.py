"""Standard Webhooks signatures, checked by a second computation and by a published vector."""

import base64
import hashlib
import hmac

import pytest

from monitor.hooks.signing import key, signature


def test_the_published_vector_of_the_scheme() -> None:
    """As in the reference libraries' own tests."""
    secret = key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    made = signature([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_plain_secret_is_its_own_key() -> None:
    expected = base64.b64encode(hmac.new(b"s3cret", b"id.7.{}", hashlib.sha256).digest()).decode()
    assert signature([key("s3cret")], "id", 7, b"{}") == f"v1,{expected}"


def test_every_secret_signs_so_that_one_can_be_replaced() -> None:
    both = signature([b"new", b"old"], "id", 7, b"{}").split(" ")
    assert both == [signature([b"new"], "id", 7, b"{}"), signature([b"old"], "id", 7, b"{}")]


@pytest.mark.parametrize("secret", ["whsec_not base64!", "whsec_abc", "whsec_", ""])
def test_a_secret_that_is_no_key_is_refused_without_being_shown(secret: str) -> None:
    with pytest.raises(ValueError, match="secret") as refused:
        key(secret)
    assert "abc" not in str(refused.value)
    assert "not base64!" not in str(refused.value)
    assert refused.value.__cause__ is None
