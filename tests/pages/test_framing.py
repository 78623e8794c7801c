"""Who may show the dashboard in a frame: anybody while it only shows, nobody else where one may act."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from pages._ui.server import MIDDLEWARE
from pages._ui.serving.framing import Framing


@pytest.mark.parametrize(("token", "said"), [("", None), ("  ", None), ("secret", "frame-ancestors 'self'")])
def test_a_foreign_frame_is_refused_where_one_may_act(
    monkeypatch: pytest.MonkeyPatch, token: str, said: str | None
) -> None:
    monkeypatch.setenv("HEALTH_TOKEN", token)
    page = Route("/", lambda request: PlainTextResponse("page"))

    answer = TestClient(Starlette(routes=[page], middleware=[Middleware(Framing)])).get("/")

    assert answer.text == "page"
    assert answer.headers.get("content-security-policy") == said
    assert "secret" not in str(answer.headers)


def test_every_answer_of_the_server_goes_through_it() -> None:
    assert Framing in [one.cls for one in MIDDLEWARE]
