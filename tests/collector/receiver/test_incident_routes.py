"""What people do about incidents, over HTTP: done once, by whom, and what is refused with which words."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from analytics.model import IncidentState
from tests.collector.receiver.acting import CHAT, NOW, acting

ACTIONS = ["acknowledge", "resolve", "note"]


async def test_an_incident_is_acknowledged_noted_and_resolved(tmp_path: Path) -> None:
    async with acting(tmp_path) as here:
        path = f"/incidents/{here.incident()}"
        status, told = await here.send("POST", f"{path}/acknowledge", {"author": " ada "})
        assert status == 200
        assert (told["status"], told["acknowledged_by"]) == ("investigating", "ada")
        assert told["acknowledged_at"] == "2026-11-24T12:00:00.000Z"

        here.now += timedelta(minutes=3)
        status, told = await here.send(
            "POST", f"{path}/note", {"author": "ada", "note": "asked Shopify\r\nwaits"}
        )
        assert status == 200
        assert told["events"][-1] | {"id": ""} == {
            "id": "",
            "timestamp": "2026-11-24T12:03:00.000Z",
            "kind": "note",
            "author": "ada",
            "message": "asked Shopify\nwaits",
        }

        here.now += timedelta(minutes=1)
        status, told = await here.send("POST", f"{path}/resolve", {"author": "ben", "note": "key renewed"})
        assert status == 200
        assert (told["status"], told["resolved_at"]) == ("resolved", "2026-11-24T12:04:00.000Z")
        assert told["seconds"] == 270
        assert [event["kind"] for event in told["events"]] == ["acknowledged", "note", "resolved"]
        assert told["notifications"] == []
        assert (await here.send("GET", path)) == (200, told)


@pytest.mark.parametrize("action", ACTIONS)
async def test_the_same_again_by_the_same_person_changes_nothing(tmp_path: Path, action: str) -> None:
    body = {"author": "ada", "note": "seen"}
    async with acting(tmp_path) as here:
        path = f"/incidents/{here.incident()}/{action}"
        first = await here.send("POST", path, body)
        here.now += timedelta(minutes=1)
        status, told = await here.send("POST", path, body)
        assert (status, first[0]) == (200, 200)
        assert told | {"seconds": 0} == first[1] | {"seconds": 0}
        assert here.writes == 1


async def test_what_somebody_else_did_is_told_with_who_and_when(tmp_path: Path) -> None:
    async with acting(tmp_path) as here:
        path = f"/incidents/{here.incident()}"
        await here.send("POST", f"{path}/acknowledge", {"author": "ada"})
        status, told = await here.send("POST", f"{path}/acknowledge", {"author": "ben"})
        assert (status, told["error"]) == (409, "conflict")
        assert told["message"] == "acknowledged already by ada at 2026-11-24T12:00:00.000Z"

        await here.send("POST", f"{path}/resolve", {"author": "ada", "note": "done"})
        for action in ("resolve", "acknowledge"):
            status, told = await here.send("POST", f"{path}/{action}", {"author": "ben", "note": "done"})
            assert (status, told["message"]) == (409, "resolved already by ada at 2026-11-24T12:00:00.000Z")
        here.now += timedelta(days=3)
        status, told = await here.send("POST", f"{path}/note", {"author": "ben", "note": "it was the key"})
        assert (status, told["events"][-1]["message"]) == (200, "it was the key"), "a note may come late"


@pytest.mark.parametrize("action", ["acknowledge", "resolve"])
@pytest.mark.parametrize("second", ["ada", "ben"])
async def test_of_two_at_once_one_acts_and_the_other_is_told(
    tmp_path: Path, action: str, second: str
) -> None:
    async with acting(tmp_path) as here:
        path = f"/incidents/{here.incident()}"
        answers = await asyncio.gather(
            *(
                here.send("POST", f"{path}/{action}", {"author": author, "note": "done"})
                for author in ("ada", second)
            )
        )
        assert here.writes == 2, "neither saw the other before"
        assert sorted(status for status, _ in answers) == ([200, 200] if second == "ada" else [200, 409])
        _, told = await here.send("GET", path)
        assert [event["kind"] for event in told["events"]] == [f"{action}d"]
        if second == "ben":
            who, when = told["events"][0]["author"], "2026-11-24T12:00:00.000Z"
            refused = next(content for status, content in answers if status == 409)
            assert refused["message"] == f"{action}d already by {who} at {when}"


async def test_of_an_incident_that_ended_by_itself_the_collector_is_named(tmp_path: Path) -> None:
    async with acting(tmp_path) as here:
        over = here.incident(state=IncidentState.RESOLVED, resolved_at=NOW - timedelta(days=3))
        status, told = await here.send("POST", f"/incidents/{over}/acknowledge", {"author": "ben"})
        assert (status, told["message"]) == (409, "resolved already by collector at 2026-11-21T12:00:00.000Z")


async def test_people_may_write_as_they_speak(tmp_path: Path) -> None:
    body = {
        "author": "Zoë\u00a0Ångström 👩\u200d💻",
        "note": "fixed\u00a0it 👍\n\t`rm -rf`, <b>50 %</b> & more",
    }
    async with acting(tmp_path) as here:
        status, told = await here.send("POST", f"/incidents/{here.incident()}/note", body)
        assert status == 200
        event = told["events"][-1]
        assert {"author": event["author"], "note": event["message"]} == body


async def test_a_known_secret_in_a_note_is_not_kept(tmp_path: Path) -> None:
    async with acting(tmp_path) as here:
        here.redactor.learn("shpat_0123456789abcdef")
        body = {"author": "ada", "note": "renewed shpat_0123456789abcdef"}
        _, told = await here.send("POST", f"/incidents/{here.incident()}/note", body)
        assert told["events"][-1]["message"] == "renewed ***"


async def test_what_is_open_and_what_was_not_long_ago_is_listed(tmp_path: Path) -> None:
    def over(**ago: float) -> dict[str, Any]:
        began = NOW - timedelta(**ago) - timedelta(hours=1)
        return {
            "state": IncidentState.RESOLVED,
            "began_at": began,
            "created_at": began,
            "resolved_at": NOW - timedelta(**ago),
        }

    async with acting(tmp_path) as here:
        old = here.incident(
            service=CHAT, created_at=NOW - timedelta(days=20), began_at=NOW - timedelta(days=20)
        )
        here.incident(**over(days=8))
        late = here.incident(**over(days=6))
        new = here.incident()
        listed = {
            state: [
                row["id"] for row in (await here.send("GET", f"/incidents?state={state}"))[1]["incidents"]
            ]
            for state in ("open", "resolved", "all")
        }
        assert listed == {
            "open": [str(new), str(old)],
            "resolved": [str(late)],
            "all": [str(new), str(late), str(old)],
        }
        status, told = await here.send("GET", "/incidents")
        assert (status, len(told["incidents"]), told["more"]) == (200, 3, False)
        assert (await here.send("GET", "/incidents?state=opne"))[0] == 400
