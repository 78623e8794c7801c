"""What is said of a command line that is not understood: one line, whatever is wrong with it."""

import pytest

from tests.analytics.commands.saying import Say


@pytest.mark.parametrize(
    ("words", "program", "said"),
    [
        (["stauts"], "", 'COMMAND "stauts" is not known: did you mean "status"? there are status, trends, '),
        (["--jsno"], "", '--jsno is not known: did you mean "--json"? there are --help, --db, --json;'),
        (
            ["slo", "--dayz=7"],
            " slo",
            '--dayz is not known: did you mean "--days"? there are --help, --days,',
        ),
        (["slo", "--days", "2"], " slo", "'2' is no number of days here: write one from 3 to 366"),
        (["slo", "--days", "٧"], " slo", "'٧' is no number of days here"),
        (["slo", "--days"], " slo", "argument --days: expected one argument"),
        (["trends", "7d", "8d"], " trends", '"8d" is one word too many'),
        (
            ["trends", "--by", "hour"],
            " trends",
            '--by "hour" is not known: there are service, type, endpoint',
        ),
        (["trends", "-7d"], " trends", "-7d is not known"),
        (["status", "--watch", "0"], " status", "'0' is no time to wait: write seconds, 1 to 3600"),
        (["import"], " import", "the following arguments are required: PATH"),
        (["import", "kumar", "kuma.db"], " import", 'KIND "kumar" is not known: there are uptime-kuma,'),
        (["replay", "--se", "x"], " replay", "ambiguous option: --se could match --set, --service"),
        (["slo", "--one\ntwo\x1b[31m"], " slo", "--one two [31m is not known"),
    ],
)
def test_wrong_usage_is_one_line(say: Say, words: list[str], program: str, said: str) -> None:
    told = say(*words)
    assert (told.code, told.out, told.err.count("\n")) == (2, "", 1)
    assert told.err.startswith(f"python -m analytics{program}: ")
    assert said in told.err
    assert told.err.endswith(f"; `python -m analytics{program} --help` shows how\n")
