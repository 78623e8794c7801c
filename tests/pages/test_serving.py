"""What the server adds to Streamlit's answers: compression, and the names of what a page needs."""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from pages._ui.serving import compressing, preloading
from pages._ui.serving.compressing import Compressing

LONG = "one line of many\n" * 400
made: list[str] = []


def text(request: Request) -> Response:
    made.append(request.url.path)
    return PlainTextResponse(LONG, headers={"ETag": '"7"', "Cache-Control": "public, immutable"})


def short(_request: Request) -> Response:
    return PlainTextResponse("short")


def font(_request: Request) -> Response:
    return Response(LONG.encode(), media_type="font/woff2")


def stream(_request: Request) -> Response:
    return StreamingResponse((part for part in ("a" * 2000, "b" * 2000)), media_type="text/csv")


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    paths = {"/static/a.js": text, "/other": text, "/short": short, "/font": font, "/stream": stream}
    routes = [Route(path, answer) for path, answer in paths.items()]
    with TestClient(Starlette(routes=routes, middleware=[Middleware(Compressing)])) as running:
        yield running


@pytest.mark.parametrize("path", ["/static/a.js", "/other"])
def test_text_is_compressed_and_reads_the_same(client: TestClient, path: str) -> None:
    for _ in range(2):
        answer = client.get(path)
        assert answer.headers["content-encoding"] == "gzip"
        assert int(answer.headers["content-length"]) < len(LONG) / 10
        assert answer.headers["vary"] == "Accept-Encoding"
        assert answer.headers["etag"] == 'W/"7"'
        assert answer.headers["cache-control"] == "public, immutable"
        assert answer.text == LONG


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/short", {}),
        ("/font", {}),
        ("/stream", {}),
        ("/other", {"Accept-Encoding": "identity"}),
        ("/other", {"Range": "bytes=0-99"}),
    ],
)
def test_what_does_not_gain_or_is_not_wanted_passes(
    client: TestClient, path: str, headers: dict[str, str]
) -> None:
    answer = client.get(path, headers=headers)

    assert answer.status_code == 200
    assert "content-encoding" not in answer.headers


def test_a_file_that_stays_is_compressed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    pressed: list[int] = []

    def counted(body: bytes) -> bytes:
        pressed.append(len(body))
        return gzip.compress(body)

    monkeypatch.setattr("pages._ui.serving.compressing._squeeze", counted)
    routes = [Route("/static/a.js", text), Route("/other", text)]
    with TestClient(Starlette(routes=routes, middleware=[Middleware(Compressing)])) as running:
        for path in ("/static/a.js", "/static/a.js", "/other", "/other"):
            assert running.get(path).text == LONG

    assert len(pressed) == 3


def test_what_was_prepared_is_not_compressed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages._ui.serving.compressing._ready", {})
    compressing.prepare(LONG.encode())
    monkeypatch.setattr(
        "pages._ui.serving.compressing._squeeze", lambda body: pytest.fail("compressed again")
    )
    with TestClient(
        Starlette(routes=[Route("/static/a.js", text)], middleware=[Middleware(Compressing)])
    ) as running:
        assert running.get("/static/a.js").text == LONG


def test_the_files_of_the_first_visit_are_those_the_document_names() -> None:
    page, files = preloading.first_files()

    assert page.startswith("<!--") or "<html" in page
    names = {path.name for path in files}
    assert names >= set(re.findall(r'static/js/([\w.\-]+\.js)"', preloading.document(page)))
    assert all(path.is_file() for path in files)


def test_the_document_names_what_draws_html_and_charts() -> None:
    theirs = (preloading._SCRIPTS.parent.parent / "index.html").read_text()

    ours = preloading.document(theirs)

    names = re.findall(r'modulepreload" crossorigin fetchpriority="low" href="\./static/js/([\w.\-]+)"', ours)
    assert len(names) == len(set(names)), "nothing is asked for twice"
    assert all((preloading._SCRIPTS / name).is_file() for name in names)
    for part in ("Html.", "ArrowVegaLiteChart.", "embed."):
        assert any(name.startswith(part) for name in names), part
    assert "<title>Integration Health</title>" in ours
    assert "SourceSans" not in ours
    assert (Path("static") / "inter.woff2").is_file()
    assert "./app/static/inter.woff2" in ours


def test_the_document_says_where_the_server_is_on_every_page_there_is() -> None:
    theirs = (preloading._SCRIPTS.parent.parent / "index.html").read_text()

    script = re.search(r"<script>\{\n(.*?)\}</script>", preloading.document(theirs), flags=re.DOTALL)

    assert script
    assert script[1].index("BACKEND_BASE_URL: location.origin") < script[1].index(
        "allowedOrigins: [location.origin]"
    )
    pattern = re.search(r"match\(/(.*)/\)", script[1])
    assert pattern
    for page in re.findall(r'st\.Page\("pages/(\w+)\.py"', Path("dashboard.py").read_text()):
        found = re.match(pattern[1], f"/below/{page}")
        assert found
        assert found[1] == "/below/"
    assert re.match(pattern[1], "/nothing") is None, "Streamlit finds out by itself"


def test_a_document_without_a_head_is_left_alone() -> None:
    assert preloading.document("<p>plain") == "<p>plain"
