"""`incidents`: the list, and the story of one."""

from pathlib import Path

import pytest

from analytics.db import Location, locate, read_only, transact
from analytics.incident_queries import incidents
from tests.analytics.commands.saying import NOW, Say


def listed(say: Say, demo: Path, *words: str) -> list[dict]:
    return say("incidents", *words, "--json", db=demo).document["incidents"]


def test_the_list_is_that_of_the_query(demo: Path, say: Say) -> None:
    found = listed(say, demo)
    with read_only(locate(demo)) as connection:
        expected = incidents(connection, NOW.replace(day=17), NOW)
    assert len(found) > 1
    assert [row["id"] for row in found] == expected["id"].tolist()
    assert all(row["began_at"].endswith("Z") and isinstance(row["seconds"], float) for row in found)


def test_each_has_its_service_and_who_took_it(demo: Path, say: Say) -> None:
    out = say("incidents", db=demo, width=120).out
    for row in listed(say, demo):
        assert f"{row['id'][:13]} {row['service_type']}/{row['service_name']} " in out
        if row["acknowledged_by"]:
            assert f"acknowledged by {row['acknowledged_by']} after" in out


def test_only_of_a_service(demo: Path, say: Say) -> None:
    every = listed(say, demo)
    one = f"{every[0]['service_type']}/{every[0]['service_name']}"
    found = listed(say, demo, "--service", one)
    assert 0 < len(found) < len(every)
    assert {f"{row['service_type']}/{row['service_name']}" for row in found} == {one}


def test_only_those_that_are_open_however_old(demo: Path, say: Say, tmp_path: Path) -> None:
    assert listed(say, demo, "--open") == []
    oldest = listed(say, demo)[-1]["id"]
    copy = tmp_path / "copy.duckdb"
    copy.write_bytes(demo.read_bytes())
    reopen = "UPDATE integration_incidents SET resolved_at = NULL WHERE id = $1"
    transact(locate(copy), lambda connection: connection.execute(reopen, [oldest]) and None)
    assert [row["id"] for row in listed(say, copy, "--open", "--since", "1h")] == [oldest]
    assert "1 incident open now" in say("incidents", "--open", db=copy).out


def test_the_story_of_one_by_the_beginning_of_its_id(demo: Path, say: Say) -> None:
    row = listed(say, demo)[0]
    document = say("incidents", row["id"][:13], "--json", db=demo).document
    assert document["incident"]["id"] == row["id"]
    assert next(event["kind"] for event in document["events"]) == "opened"
    assert {one["channel"] for one in document["notifications"]}
    said = say("incidents", row["id"][:13].upper(), db=demo, width=120)
    assert row["id"] in said.out
    for event in document["events"]:
        assert event["kind"] in said.out
    told = said.out.split("Notifications")[1]
    for sent in document["notifications"]:
        assert all(word in told for word in (sent["channel"], sent["action"], sent["state"]))


def test_an_id_that_means_several_or_none(demo: Path, say: Say) -> None:
    several = say("incidents", "0", db=demo)
    assert several.code == 2
    assert several.err.startswith('"0" is the beginning of')
    none = say("incidents", "zz\x1b[31m", db=demo)
    assert none.code == 2
    assert "there is no incident whose id begins with" in none.err
    assert "\x1b" not in none.err


@pytest.mark.parametrize("words", [["incidents"], ["incidents", "--open"]])
def test_none_is_said(location: Location, say: Say, words: list[str]) -> None:
    assert say(*words, db=location).lines[0].startswith("No incident")
