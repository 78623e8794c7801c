"""The code of docs/recipes/express.md, as it stands there, in a real Express app under Node."""

import json
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from tests.collector.webhooks.express import APP, Express, code, started
from tests.collector.webhooks.ingesting import Collector
from tests.collector.webhooks.signing import (
    EVENTS,
    ID,
    OTHERS,
    SCHEMES,
    SECRETS,
    SIGNATURE,
    TIMESTAMP,
    Delivery,
    signed,
)
from tests.servers.http_loopback import serve


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("express")
    for name in ("webhook-monitor.cjs", "app.cjs"):
        (place / name).write_text(code(name))
    return place


@pytest.fixture(scope="module")
def running(folder: Path) -> Iterator[Express]:
    collector = Collector()
    with serve(collector) as url:
        node = started(folder, APP / "app.cjs", url)
        try:
            assert node.stdout is not None
            yield Express(f"http://127.0.0.1:{int(node.stdout.readline())}", collector)
        finally:
            node.kill()
            node.communicate()


@pytest.fixture
def express(running: Express) -> Express:
    running.rows()
    running.collector.requests.clear()
    return running


def now_signed(scheme: str, **options: Any) -> Delivery:
    return signed(scheme, **({"at": time.time()} | options))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_genuine_delivery_reaches_the_handler_and_is_reported(express: Express, scheme: str) -> None:
    delivery = now_signed(scheme)
    answer = express.deliver(delivery)
    assert answer.status_code == 200
    assert answer.json() == {
        "raw": delivery.body.decode("latin-1"),
        "parsed": json.loads(delivery.body),
    }
    row = express.row()
    assert UUID(str(row.pop("id"))).version == 7
    assert abs((row.pop("timestamp") - datetime.now(UTC)).total_seconds()) < 60
    assert row.pop("processing_time_ms") >= 0
    assert row == {
        "origin": "express",
        "source": scheme,
        "webhook_id": delivery.headers[ID[scheme]],
        "event_type": EVENTS[scheme],
        "verified": True,
        "processed": True,
        "reason": None,
        "error_message": None,
    }
    ((path, headers),) = express.collector.requests
    assert path == "/ingest/webhook-metrics?partial=true"
    assert headers["content-type"] == "application/x-ndjson"
    assert (headers["x-health-origin"], headers["x-health-dropped"]) == ("express", "0")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_forged_delivery_is_answered_401_and_reported(express: Express, scheme: str) -> None:
    answer = express.deliver(now_signed(scheme, secret=OTHERS[scheme]))
    assert (answer.status_code, answer.json()["error"]) == (401, "bad_signature")
    row = express.row()
    assert (row["verified"], row["processed"], row["reason"]) == (False, None, "bad_signature")
    assert row["event_type"] == (EVENTS["shopify"] if scheme == "shopify" else None)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_changed_bits_of_body_and_signature_are_refused(express: Express, scheme: str) -> None:
    delivery = now_signed(scheme)
    signature = delivery.headers[SIGNATURE[scheme]]
    bodies = [
        delivery.body[:place] + bytes([delivery.body[place] ^ 1]) + delivery.body[place + 1 :]
        for place in (0, 9, len(delivery.body) - 1)
    ]
    changed = [Delivery(scheme, delivery.headers, body) for body in bodies]
    changed += [
        Delivery(scheme, delivery.headers | {SIGNATURE[scheme]: value}, delivery.body)
        for value in (signature[:-1], signature + "=", signature.swapcase(), "", signature[:-2] + "AA")
    ]
    assert {express.deliver(each).status_code for each in changed} == {401}
    assert {row["verified"] for row in express.rows()} == {False}


@pytest.mark.parametrize("scheme", sorted(TIMESTAMP))
def test_a_replay_is_refused(express: Express, scheme: str) -> None:
    answer = express.deliver(now_signed(scheme, at=1_700_000_000))
    assert (answer.status_code, answer.json()["error"]) == (401, "stale_timestamp")
    assert express.row()["reason"] == "stale_timestamp"


@pytest.mark.parametrize(("path", "status"), [("/status/422", 422), ("/status/503", 503), ("/throws", 500)])
def test_a_handler_that_fails_is_reported_without_its_words(express: Express, path: str, status: int) -> None:
    assert express.deliver(now_signed("shopify"), path).status_code == status
    row = express.row()
    assert (row["verified"], row["processed"], row["reason"]) == (True, False, "processing_failed")
    assert row["error_message"] == f"the app answered {status}"


def test_a_handler_that_breaks_off_is_reported(express: Express) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        express.deliver(now_signed("shopify"), "/never")
    row = express.row()
    assert (row["processed"], row["error_message"]) == (False, "no whole answer was sent")


def test_a_secret_being_replaced_is_reported(express: Express) -> None:
    assert express.deliver(now_signed("shopify"), "/rotated").status_code == 200
    row = express.row()
    assert (row["verified"], row["processed"], row["reason"]) == (True, True, "old_secret")


def test_without_reject_the_handler_decides(express: Express) -> None:
    answer = express.deliver(now_signed("shopify", secret=OTHERS["shopify"]), "/open")
    assert answer.json()["verified"] is False
    row = express.row()
    assert (row["verified"], row["processed"], row["reason"]) == (False, True, "bad_signature")


def test_a_body_over_the_limit_is_refused_and_reported(express: Express) -> None:
    assert express.deliver(now_signed("shopify", body=b"x" * 101), "/small").status_code == 413
    assert express.row()["reason"] == "body_too_large"


def test_after_a_body_parser_it_says_where_it_has_to_stand(express: Express) -> None:
    answer = express.deliver(now_signed("shopify"), "/late")
    assert answer.status_code == 500
    assert "before express.json()" in answer.json()["message"]
    assert express.rows() == []


def test_an_empty_body_is_verified_too(express: Express) -> None:
    assert express.deliver(now_signed("shopify", body=b""), "/status/200").status_code == 200
    assert express.row()["verified"] is True


def test_rows_the_collector_cannot_take_now_are_sent_again_under_the_same_id(express: Express) -> None:
    express.collector.statuses[:] = [503]
    express.deliver(now_signed("shopify"))
    assert express.rows() == []
    assert express.row()["verified"] is True


def test_rows_the_collector_refuses_for_good_are_counted(express: Express) -> None:
    express.collector.statuses[:] = [422]
    express.deliver(now_signed("shopify"))
    assert express.rows() == []
    express.deliver(now_signed("shopify"))
    assert express.row()["verified"] is True
    assert express.collector.requests[-1][1]["x-health-dropped"] == "1"


def test_rows_go_out_by_themselves_within_a_second_or_so(express: Express) -> None:
    express.deliver(now_signed("shopify"))
    deadline = time.monotonic() + 20
    while not express.collector.rows and time.monotonic() < deadline:
        time.sleep(0.02)
    assert len(express.collector.rows) == 1


def test_the_app_of_the_recipe_runs_without_a_collector(folder: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    variables = {"PORT": str(port), "SHOPIFY_WEBHOOK_SECRET": SECRETS["shopify"]}
    node = started(folder, folder / "app.cjs", "http://127.0.0.1:9", **variables)
    try:
        delivery, answer = now_signed("shopify"), None
        deadline = time.monotonic() + 20
        while answer is None and time.monotonic() < deadline:
            try:
                answer = httpx.post(
                    f"http://127.0.0.1:{port}/webhooks/shopify",
                    headers=delivery.headers,
                    content=delivery.body,
                    trust_env=False,
                    verify=False,
                )
            except httpx.ConnectError:
                time.sleep(0.02)
        assert answer is not None
        assert answer.status_code == 200
    finally:
        node.kill()
        said = node.communicate()[0]
    assert said == f"order {json.loads(delivery.body)['id']}\n"


def test_without_a_secret_the_app_does_not_start(folder: Path) -> None:
    node = started(folder, folder / "app.cjs", "off", SHOPIFY_WEBHOOK_SECRET="")
    assert node.wait(20) == 1
    node.communicate()
