"""Every option that cannot be, and the sentence people read about it."""

import base64
from typing import Any

import pytest
from pydantic import ValidationError

from collector.notify.addresses import address_fault
from collector.notify.options import CHANNEL_KINDS, DEFAULT_SEVERITIES, EmailOptions, WrongOptions
from collector.secrets import MissingVariables, Redactor
from tests.collector.notify.channels import OPTIONS, PASSWORD, ROUTING_KEY, SECRETS, SLACK_PATH, WHSEC, spec


def fault(kind: str, **options: Any) -> str:
    """What is wrong with the usual options of `kind` and these; shows none of them."""
    table = {**OPTIONS[kind], **options}
    with pytest.raises(ValidationError) as caught:
        CHANNEL_KINDS[kind].model_validate(table)
    [found] = caught.value.errors()
    for value in options.values():
        assert len(str(value)) < 13 or str(value) not in str(caught.value)
    return str(found["msg"]).removeprefix("Value error, ")


@pytest.mark.parametrize("kind", CHANNEL_KINDS)
def test_the_usual_options_are_right_and_have_a_timeout(kind: str) -> None:
    options = CHANNEL_KINDS[kind].model_validate(OPTIONS[kind])
    assert options.timeout.total_seconds() == 10
    assert kind in DEFAULT_SEVERITIES


@pytest.mark.parametrize("kind", CHANNEL_KINDS)
@pytest.mark.parametrize(
    ("timeout", "said"),
    [
        ("61s", "is longer than a minute; write a shorter duration"),
        ("10m", "is longer than a minute; write a shorter duration"),
        ("999ms", "is shorter than a second; write a longer duration"),
    ],
)
def test_an_attempt_may_take_a_second_to_a_minute(kind: str, timeout: str, said: str) -> None:
    assert fault(kind, timeout=timeout) == said
    for kept in ("1s", "60s"):
        assert CHANNEL_KINDS[kind].model_validate({**OPTIONS[kind], "timeout": kept})


@pytest.mark.parametrize("kind", CHANNEL_KINDS)
def test_a_variable_may_stand_for_any_text(kind: str) -> None:
    table = {key: ["${ONE}"] if isinstance(value, list) else "${ONE}" for key, value in OPTIONS[kind].items()}
    options = CHANNEL_KINDS[kind].model_validate(table)
    with pytest.raises(MissingVariables) as caught:
        options.resolve({})
    assert caught.value.names == ["ONE"]


@pytest.mark.parametrize(
    "key", ["short", "R" * 31, "R" * 33, "R" * 31 + "-", "R" * 31 + "é", f"{ROUTING_KEY}\n", ""]
)
def test_a_routing_key_has_32_letters_and_digits(key: str) -> None:
    assert "32 letters and digits" in fault("pagerduty", routing_key=key)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://hooks.slack.com/services/x", "is not encrypted; write an https URL"),
        ("http://10.0.0.1/x", "is not encrypted"),
        ("hooks.slack.com/services/x", "is no https URL; write it like"),
        ("ftp://hooks.slack.com/x", "is no https URL"),
        ("https:///services/x", "is no https URL"),
        ("https://hooks.slack.com:99999/x", "is no https URL"),
        ("https://hooks.slack.com/x\r\ny", "is no https URL"),
        ("https://[::1", "is no https URL"),
        ("", "is no https URL"),
    ],
)
def test_a_slack_url_is_https(url: str, said: str) -> None:
    assert said in fault("slack", url=url)
    assert said in fault("pagerduty", url=url)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080/x", "http://localhost/x", "http://[::1]:1/x", "https://a.example"]
)
def test_plain_http_is_for_this_machine(url: str) -> None:
    CHANNEL_KINDS["slack"].model_validate({"url": url})


@pytest.mark.parametrize(
    ("secret", "said"),
    [
        ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "does not begin with whsec_"),
        ("whsec_not base64!", "is not base64 after whsec_"),
        ("whsec_" + base64.b64encode(b"x" * 23).decode(), "stands for 23 bytes"),
        ("whsec_" + base64.b64encode(b"x" * 65).decode(), "stands for 65 bytes"),
        ("whsec_", "stands for 0 bytes"),
    ],
)
def test_a_webhook_secret_is_one_of_standard_webhooks(secret: str, said: str) -> None:
    assert said in fault("webhook", secret=secret)
    assert "24 to 64 random bytes" in fault("webhook", secret=secret)


@pytest.mark.parametrize("url", ["example.com", "https://", "file:///etc/passwd", "http://a b"])
def test_a_webhook_url_is_http(url: str) -> None:
    assert "is no http URL" in fault("webhook", url=url)


@pytest.mark.parametrize(
    "address",
    [
        "oncall",
        "@example.com",
        "a@",
        "a b@example.com",
        "a@exam ple.com",
        "a@example.com, b@example.com",
        "a@example.com\r\nBcc: b@example.com",
        "Name <a@example.com>\nBcc: b@example.com",
        'x" <a@example.com>',
        "a@-example.com",
        "a..b@example.com",
        "a" * 65 + "@example.com",
        "",
    ],
)
def test_an_address_that_no_mail_reaches_is_told(address: str) -> None:
    assert 'write it like "oncall@example.com"' in fault("email", to=[address])
    assert 'write it like "oncall@example.com"' in fault("email", **{"from": address})


@pytest.mark.parametrize(
    "address",
    ["a@localhost", "on.call+health@mail.example.co.uk", "Zoë Ops <zoe@example.com>", "<a@b.example>"],
)
def test_an_address_as_people_write_it_is_right(address: str) -> None:
    assert address_fault(address) is None


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"port": 0}, "greater than or equal to 1"),
        ({"port": 65536}, "less than or equal to 65535"),
        ({"host": "smtp.example.com:587"}, "is no host"),
        ({"host": "smtps://smtp.example.com"}, "is no host"),
        ({"host": ""}, "is no host"),
        ({"to": []}, "at least 1 item"),
        ({"security": "ssl"}, "'starttls', 'tls' or 'none'"),
        ({"username": "health"}, "has a username and no password; write both or neither"),
        ({"password": PASSWORD}, "has a password and no username"),
        (
            {"host": "smtp.example.com", "security": "none", "username": "health", "password": PASSWORD},
            'would send its password unencrypted; write security = "starttls" or "tls"',
        ),
        ({"username": "a\r\nb", "password": PASSWORD}, "holds a line break"),
        ({"timeout": "0s"}, "is no time at all"),
        ({"subject": "x"}, "Extra inputs"),
    ],
)
def test_mail_options_that_cannot_be_are_told(options: dict[str, Any], said: str) -> None:
    assert said in fault("email", **options)


def test_a_password_is_not_sent_unencrypted_to_a_host_of_the_environment_either() -> None:
    table = {**OPTIONS["email"], "host": "${SMTP_HOST}", "security": "none", "username": "a", "password": "b"}
    options = EmailOptions.model_validate(table)
    with pytest.raises(WrongOptions) as caught:
        options.resolve({"SMTP_HOST": "smtp.example.com"})
    assert "unencrypted" in caught.value.faults[""]
    assert options.resolve({"SMTP_HOST": "localhost"}).host == "localhost"


def test_a_wrong_value_of_the_environment_is_told_by_its_key_and_not_shown() -> None:
    options = spec("slack", url="${SLACK_WEBHOOK_URL}").options
    with pytest.raises(WrongOptions) as caught:
        options.resolve({"SLACK_WEBHOOK_URL": "secret-rubbish"})
    assert list(caught.value.faults) == ["url"]
    assert caught.value.faults["url"].startswith("is no https URL")
    assert "secret-rubbish" not in str(caught.value) + repr(caught.value)
    options = spec("email", to=["${TO}"], **{"from": "${FROM}"}).options
    with pytest.raises(WrongOptions) as caught:
        options.resolve({"TO": "x\r\nBcc: y@example.com", "FROM": "nobody"})
    assert list(caught.value.faults) == ["from", "to.0"]


@pytest.mark.parametrize("kind", CHANNEL_KINDS)
def test_no_option_is_shown_and_every_secret_is_learned(kind: str) -> None:
    secret = {"email": {"username": "health", "password": PASSWORD}}.get(kind, {})
    found, redactor = spec(kind, **secret), Redactor()
    resolved = found.options.resolve({}, redactor)
    shown = repr(found) + str(found.options) + repr(resolved)
    own = {"pagerduty": ROUTING_KEY, "slack": SLACK_PATH, "email": PASSWORD, "webhook": WHSEC}[kind]
    assert own not in shown
    assert own not in redactor.mask(f"it said {own}, twice {own}")


def test_a_part_of_a_secret_url_is_masked_and_an_ordinary_path_is_not() -> None:
    redactor = Redactor()
    spec("slack").options.resolve({}, redactor)
    spec("webhook").options.resolve({}, redactor)
    masked = redactor.mask(f"POST {SLACK_PATH} failed; token {SLACK_PATH[-24:]}; see /alerts")
    assert not any(secret in masked for secret in SECRETS)
    assert masked.endswith("see /alerts")


def test_the_variables_of_a_channel_are_named_in_order() -> None:
    table = {"url": "https://${HOST}/${KEY}", "secret": "${KEY}"}
    assert spec("webhook", **table).variables() == ["HOST", "KEY"]
    assert spec("email", to=["${A}", "${B}"]).variables() == ["A", "B"]
