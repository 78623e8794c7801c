"""At a start the rules get ready, and whatever is wrong with them, monitoring begins."""

from pathlib import Path

import pytest

from analytics.alerting import AlertRule
from analytics.db import DatabaseError, Location, locate, transact
from analytics.model import ServiceType
from collector.config import load
from collector.intake import Intake
from collector.log import configure
from collector.secrets import Redactor
from collector.wiring import Setting, alerting_setup, ready_alerting
from tests.empty_database import empty_database


def setting_over(location: Location, folder: Path) -> Setting:
    redactor = Redactor()
    log = configure(redactor)
    config = load(Path(__file__).parents[2] / "services.toml")
    return Setting(config, location, {}, redactor, log, Intake(log))


def test_rules_that_cannot_begin_keep_nothing_from_starting(tmp_path: Path, capsys) -> None:
    location = empty_database(tmp_path)
    transact(location, lambda connection: connection.execute("DROP TABLE mutes"))
    alerting = ready_alerting(setting_over(location, tmp_path))
    assert alerting.failure is not None
    assert alerting.failure.startswith("CatalogException: ")
    assert capsys.readouterr().err.count("event=alerting_failed") == 1


def test_rules_that_begin_say_nothing(tmp_path: Path, capsys) -> None:
    alerting = ready_alerting(setting_over(empty_database(tmp_path), tmp_path))
    assert alerting.failure is None
    assert "alerting_failed" not in capsys.readouterr().err


def test_a_database_that_cannot_be_used_is_told_as_ever(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError):
        ready_alerting(setting_over(locate(str(tmp_path / "none.duckdb")), tmp_path))


def test_every_service_has_the_rules_that_say_anything_of_it(tmp_path: Path) -> None:
    setup = alerting_setup(setting_over(empty_database(tmp_path), tmp_path), alone=True)
    assert setup.alone
    assert setup.fits.keys() == setup.services.keys()
    for service, rules in setup.fits.items():
        assert (AlertRule.HIGH_ERROR_RATE in rules) == (service.service_type is ServiceType.API)
        assert (AlertRule.WEBHOOK_VERIFICATION in rules) == (service.service_type is ServiceType.WEBHOOK)
        assert AlertRule.SERVICE_DOWN in rules
        assert AlertRule.COLLECTOR_BLIND not in rules
