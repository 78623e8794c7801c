"""A service to be killed: `python -m bench.alerting_victim NAME PORT` answers as one that is well."""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_ANSWERS = {
    "/": {"status": "ok"},
    "/api": {"version": "4.11.2", "queue_services": "ok", "data_services": "ok"},
    "/api/v1/profile": {"id": 1},
}


class Handler(BaseHTTPRequestHandler):
    """Every path it knows is well."""

    def do_GET(self) -> None:
        """Answer with JSON."""
        body = json.dumps(_ANSWERS.get(self.path, {})).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), Handler).serve_forever()
