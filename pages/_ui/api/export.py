"""`GET /api/export/…`: any dataset of the catalogue as a file, and `GET /api/exports/…`: prepared ones."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse

from analytics.db import DatabaseError
from analytics.export import DATASETS, FORMATS, ExportError
from analytics.rules.wording import did_you_mean, listed
from pages._ui.api.answers import PLAIN, Refused, document, error
from pages._ui.api.etag import encoded
from pages._ui.exporting.asked import read_asked
from pages._ui.exporting.naming import TYPES, disposition
from pages._ui.exporting.shelf import SHELF, State
from pages._ui.exporting.streams import Busy, stream
from pages._ui.serving.plainly import takes_gzip

#: When to come again, in seconds.
_AGAIN = {"Retry-After": "5"}

_KEPT_NOWHERE = {"Cache-Control": "no-store", **PLAIN}


def catalogue(request: Request) -> Response:
    """`GET /api/export`: every dataset by name, with a line about it, and the formats."""
    datasets = [_described(name) for name in DATASETS]
    return document(request, encoded({"formats": list(FORMATS), "datasets": datasets}))


def _described(name: str) -> dict[str, Any]:
    one = DATASETS[name]
    kind = "table" if one.read is None else "figure"
    return {"name": name, "a_row_is": one.about, "kind": kind, "statuses": list(one.statuses)}


def export(request: Request) -> Response:
    """`GET /api/export/{name}.{format}`: 400 or 404 with what would be right, 503 while too many run."""
    name, form = _named(request.path_params["file"])
    try:
        asked = read_asked(name, form, request.query_params.multi_items())
        found = stream(asked, only_head=request.method == "HEAD", may_pack=takes_gzip(request))
    except ExportError as fault:
        raise Refused(400, str(fault)) from None
    except (DatabaseError, LookupError) as fault:
        raise Refused(503, str(fault), _AGAIN) from None
    except Busy:
        raise Refused(503, "as many exports as may run at once do: try again in 5 seconds", _AGAIN) from None
    headers = _file(found.name, asked.format)
    if request.method == "HEAD":
        return Response(None, headers=headers, media_type=None)
    if found.packed:
        headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    if found.size is not None:
        headers["Content-Length"] = str(found.size)
    return StreamingResponse(found.parts, headers=headers)


def prepared(request: Request) -> Response:
    """`GET /api/exports/{id}`: a file that was prepared; parts of it too, so that a download can go on."""
    found = SHELF.find(request.path_params["id"])
    if found is None:
        return error(
            404, "there is no such export: files are kept for an hour, and until the dashboard stops"
        )
    if found.state is not State.READY or not found.path.is_file():
        return error(409, f"this export is not ready: {found.says or found.state}", _AGAIN)
    return FileResponse(found.path, headers=_file(found.name, found.chosen.asked.format))


def _named(file: str) -> tuple[str, str]:
    name, dot, form = file.rpartition(".")
    if not dot:
        name = file
    if name not in DATASETS:
        hint = did_you_mean(name[:60], DATASETS)
        raise Refused(404, f'there is no dataset "{name[:60]}": {hint}/api/export lists all {len(DATASETS)}')
    if form not in FORMATS or not dot:
        raise Refused(404, f"{name}: let its name end in {listed(f'.{one}' for one in FORMATS)}")
    return name, form


def _file(name: str, form: str) -> dict[str, str]:
    kind: Mapping[str, str] = {"Content-Type": TYPES[form], "Content-Disposition": disposition(name)}
    return {**kind, **_KEPT_NOWHERE}
