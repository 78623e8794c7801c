"""`replay`: the comparison of `analytics.replay.rehearse`, told."""

from pathlib import Path

import pytest

from tests.analytics.commands.saying import Say

LATER = ["replay", "--since", "2d", "--set", "alerts.service_down.checks=20"]


def test_the_rules_in_force_give_what_was_recorded(demo: Path, say: Say) -> None:
    document = say("replay", "--since", "36h", "--json", db=demo).document
    assert document["settings"] == []
    assert document["recorded"]["incidents"] == document["in_force"]["incidents"] > 0
    assert document["in_force"] == document["changed"]
    assert set(document["difference"].values()) == {0}


def test_other_rules_are_compared(demo: Path, say: Say) -> None:
    document = say(*LATER, "--json", db=demo).document
    assert document["settings"] == ["alerts.service_down.checks=20 (was 3)"]
    assert document["difference"]["later"] + document["difference"]["missed"] > 0
    assert any(row["change"] in ("later", "missed") for row in document["incidents"])
    said = say(*LATER, db=demo)
    assert (said.code, said.err) == (0, "")
    assert "Changed rules" in said.out
    assert "With these settings the 2 days" in said.out
    assert any(line.startswith(("later ", "missed ")) for line in said.lines)


@pytest.mark.parametrize(
    ("since", "said"),
    [
        ("400d", "With these settings the 2 days up to 2026-11-24 12:00 UTC (single rows begin at 2026-11-2"),
        ("2026-11-01/2026-11-03", "No single row is of the 2 days up to 2026-11-03 00:00 UTC: they begin at"),
    ],
)
def test_of_the_time_before_the_data_nothing_is_told(demo: Path, say: Say, since: str, said: str) -> None:
    words = ["replay", "--since", since, "--set", "alerts.service_down.checks=20"]
    document = say(*words, "--json", db=demo).document
    assert document["data_since"].startswith("2026-11-2")
    assert document["summary"][0].startswith(said)
    begin = document["data_since"][:16].replace("T", " ")
    told = say(*words, db=demo, width=240)
    assert told.lines[1] == f"single rows begin at {begin} UTC, and only they can be replayed"
    assert document["summary"][0] in told.lines
    assert "single rows begin" not in say("replay", "--since", "36h", db=demo).out


def test_only_of_a_service(demo: Path, say: Say) -> None:
    document = say(*LATER, "--service", "mcp/shopify", "--json", db=demo).document
    assert (
        document["recorded"]["incidents"] < say(*LATER, "--json", db=demo).document["recorded"]["incidents"]
    )
    assert {row["service"] for row in document["incidents"]} <= {"mcp/shopify"}


def test_every_wrong_setting_is_a_line(demo: Path, say: Say) -> None:
    said = say("replay", "--since", "1h", "--set", "a.b=4", "--set", "alerts.service_dwon.checks=5", db=demo)
    assert (said.code, said.out) == (2, "")
    first, second = said.err.splitlines()
    assert first.startswith("a.b=4: is no setting")
    assert "service_down" in second


def test_until_is_a_moment_and_since_may_be_a_length(demo: Path, say: Say) -> None:
    period = say("replay", "--since", "2h", "--until", "2026-11-24T06:00", "--json", db=demo).document[
        "period"
    ]
    assert period == {"since": "2026-11-24T04:00:00.000000Z", "until": "2026-11-24T06:00:00.000000Z"}
    said = say("replay", "--until", "yesterday", db=demo)
    assert (said.code, said.err.splitlines()) == (
        2,
        ["--until yesterday: is no moment; write one such as 2026-11-20T08:00 (UTC)"],
    )


def test_rules_of_a_file(demo: Path, say: Say, tmp_path: Path) -> None:
    rules = tmp_path / "proposed.toml"
    rules.write_text("[alerts.service_down]\nchecks = 20\n")
    document = say("replay", "--since", "2h", "--rules", str(rules), "--json", db=demo).document
    assert "alerts.service_down.checks=20 (was 3)" in document["settings"]
