from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.client import Quota, google_analytics_quota, quota_from_headers, shopify_quota


def read(**headers: str) -> Quota | None:
    return quota_from_headers(
        httpx.Response(200, headers={name.replace("_", "-"): headers[name] for name in headers})
    )


def seconds_left(quota: Quota | None) -> float | None:
    assert quota is not None
    return None if quota.reset_at is None else (quota.reset_at - datetime.now(UTC)).total_seconds()


def test_openai_tells_the_tighter_of_requests_and_tokens() -> None:
    quota = read(
        x_ratelimit_limit_requests="100",
        x_ratelimit_remaining_requests="99",
        x_ratelimit_reset_requests="12ms",
        x_ratelimit_limit_tokens="40000",
        x_ratelimit_remaining_tokens="10000",
        x_ratelimit_reset_tokens="6m0s",
    )
    assert quota is not None
    assert (quota.name, quota.used, quota.limit) == ("tokens", 30000, 40000)
    assert seconds_left(quota) == pytest.approx(360, abs=5)


@pytest.mark.parametrize(
    ("reset", "seconds"),
    [
        ("12ms", 0),
        ("6m0s", 360),
        ("1h2m3s", 3723),
        ("1d", 86400),
        ("7.66s", 7.66),
        ("30", 30),
        ("0", 0),
        ("soon", None),
        ("", None),
        ("-5", None),
        ("99999999999", None),
        ("999999999999999", None),
        ("2099-01-01T00:00:00Z", None),
    ],
)
def test_resets_in_every_spelling(reset: str, seconds: float | None) -> None:
    left = seconds_left(read(x_ratelimit_limit="10", x_ratelimit_remaining="5", x_ratelimit_reset=reset))
    assert left == (None if seconds is None else pytest.approx(seconds, abs=5))


@pytest.mark.parametrize("factor", [1, 1000])
def test_a_reset_since_1970_in_seconds_or_milliseconds(factor: int) -> None:
    moment = datetime.now(UTC) + timedelta(minutes=10)
    reset = str(int(moment.timestamp() * factor))
    left = seconds_left(read(x_ratelimit_limit="10", x_ratelimit_remaining="5", x_ratelimit_reset=reset))
    assert left == pytest.approx(600, abs=5)


def test_the_ietf_draft() -> None:
    quota = read(
        ratelimit_policy='"burst";q=100;w=60, "daily";q=1000;w=86400',
        ratelimit='"burst";r=50;t=30, "daily";r=10;t=3600',
    )
    assert quota is not None
    assert (quota.name, quota.used, quota.limit) == ("daily", 990, 1000)
    assert seconds_left(quota) == pytest.approx(3600, abs=5)


@pytest.mark.parametrize("hostile", ["a" + " " * 998 + "a", ";a=" * 300, '"' * 1000, "a;" + " " * 5000])
def test_a_hostile_list_beside_a_good_policy_is_no_quota(hostile: str) -> None:
    """A pattern that tries again from every character would meet the time limit of a test here."""
    for _ in range(300):
        assert read(ratelimit=hostile, ratelimit_policy='"a";q=100') is None
        assert read(ratelimit='"a";r=5', ratelimit_policy=hostile) is None


def test_lists_in_loose_spelling() -> None:
    quota = read(ratelimit_policy='fixed ; q="100" ;  w=60;x,', ratelimit=" fixed ;r = 40; pk=:YWJj: ")
    assert (quota and quota.used) is None
    assert read(ratelimit_policy="fixed ; q=100 ;  w=60;x,", ratelimit=" fixed ;r = 40 ") == Quota(
        "fixed", 60, 100
    )


def test_the_older_draft_without_an_x() -> None:
    quota = read(ratelimit_limit="100, 100;w=60", ratelimit_remaining="40", ratelimit_reset="9")
    assert quota is not None
    assert (quota.used, quota.limit) == (60, 100)


def test_shopifys_header() -> None:
    assert read(x_shopify_shop_api_call_limit="32/40") == Quota("requests", 32, 40)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x_ratelimit_limit": "100"},
        {"x_ratelimit_limit": "0", "x_ratelimit_remaining": "0"},
        {"x_ratelimit_limit": "nan", "x_ratelimit_remaining": "1"},
        {"x_ratelimit_limit": "1e5", "x_ratelimit_remaining": "1"},
        {"x_shopify_shop_api_call_limit": "1-40"},
        {"x_shopify_shop_api_call_limit": "/"},
        {"ratelimit": '"a";r=5'},
        {"ratelimit": "?1", "ratelimit_policy": ";;;"},
    ],
)
def test_what_is_malformed_counts_as_not_said(headers: dict[str, str]) -> None:
    assert read(**headers) is None


NAMES = [
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "ratelimit",
    "ratelimit-policy",
    "x-shopify-shop-api-call-limit",
    "x-ratelimit-limit-tokens",
    "x-ratelimit-remaining-tokens",
]


@given(
    st.dictionaries(
        st.sampled_from(NAMES),
        st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=40)
        | st.from_regex(r"[0-9.]{1,20}[dhms]{0,2}", fullmatch=True),
    )
)
def test_headers_never_raise(headers: dict[str, str]) -> None:
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    quota = quota_from_headers(httpx.Response(200, headers=raw))
    assert quota is None or quota.used >= 0


def answer(body: Any) -> httpx.Response:
    return httpx.Response(200, json=body)


def test_shopifys_points() -> None:
    throttle = {"maximumAvailable": 2000.0, "currentlyAvailable": 1500, "restoreRate": 100.0}
    quota = shopify_quota(answer({"extensions": {"cost": {"throttleStatus": throttle}}}))
    assert quota is not None
    assert (quota.name, quota.used, quota.limit) == ("points", 500, 2000)
    assert seconds_left(quota) == pytest.approx(5, abs=2)


def test_google_tells_the_tightest() -> None:
    quotas = {
        "tokensPerDay": {"consumed": 10, "remaining": 199990},
        "tokensPerHour": {"consumed": 30000, "remaining": 10000},
        "concurrentRequests": {"remaining": 10},
    }
    assert google_analytics_quota(answer({"propertyQuota": quotas})) == Quota("tokensPerHour", 30000, 40000)


def test_googles_snapshot_names_the_category() -> None:
    body = {
        "corePropertyQuota": {"tokensPerHour": {"consumed": 1, "remaining": 9}},
        "realtimePropertyQuota": {"tokensPerHour": {"consumed": 8, "remaining": 2}},
    }
    assert google_analytics_quota(answer(body)) == Quota("realtime.tokensPerHour", 8, 10)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "extensions",
                    "cost",
                    "throttleStatus",
                    "maximumAvailable",
                    "currentlyAvailable",
                    "restoreRate",
                    "propertyQuota",
                    "tokensPerDay",
                    "consumed",
                    "remaining",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
)


@given(JSON)
def test_no_body_makes_a_reader_raise(body: Any) -> None:
    import json

    response = httpx.Response(200, content=json.dumps(body))
    shopify_quota(response)
    google_analytics_quota(response)


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff\xfe", b"[" * 100_000])
def test_a_body_that_is_no_json_says_nothing(body: bytes) -> None:
    assert shopify_quota(httpx.Response(200, content=body)) is None
    assert google_analytics_quota(httpx.Response(200, content=body)) is None
