"""Real PostgreSQL for tests: one cluster a test run, a fresh database a test, clusters of a test alone."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from tests.need import program
from tests.plugins.ports import answers, free_port, wait_until

PASSWORD = "postgres-test-password"  # the clusters of one test run on loopback
USER = "health"


@dataclass
class PostgresServer:
    """A cluster on 127.0.0.1 with password login; its log and its socket are in `folder`."""

    binaries: Path
    port: int
    folder: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def dsn(self, database: str = "postgres", password: str = PASSWORD, user: str = USER) -> str:
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def keywords(self, database: str) -> str:
        """The libpq form: `host=… port=… dbname=…`."""
        return f"host=127.0.0.1 port={self.port} dbname={database} user={USER} password={PASSWORD}"

    def create_database(self, template: str = "template1") -> str:
        """The name of a new database: a copy of `template`, to which nobody may be connected."""
        name = f"test_{uuid4().hex[:12]}"
        self._run("createdb", "--template", template, name)
        return name

    def execute(self, database: str, sql: str) -> None:
        """Run one statement."""
        self._run("psql", "--quiet", "--set", "ON_ERROR_STOP=1", "--command", sql, database)

    def _run(self, program: str, *arguments: str) -> None:
        environment = {**os.environ, "PGPASSWORD": PASSWORD}
        where = ["-h", "127.0.0.1", "-p", str(self.port), "-U", USER]
        command = [str(self.binaries / program), *where, *arguments]
        subprocess.run(command, check=True, env=environment, capture_output=True)

    def initialise(self) -> None:
        """Make the cluster's files."""
        password_file = self.folder / "password"
        password_file.write_text(PASSWORD)
        own(self.folder)
        own(password_file)
        command = [str(self.binaries / "initdb"), "-D", str(self.data), "-U", USER, "-A", "scram-sha-256"]
        command += ["--no-sync", f"--pwfile={password_file}"]
        subprocess.run(command, check=True, user=_unprivileged(), cwd=self.folder, capture_output=True)

    def start(self, *settings: str) -> None:
        """Start it with `settings`, each `name=value`, and wait until it takes connections."""
        where = ["-D", str(self.data), "-h", "127.0.0.1", "-p", str(self.port), "-k", str(self.folder)]
        chosen = [word for setting in ("fsync=off", *settings) for word in ("-c", setting)]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(self.binaries / "postgres"), *where, *chosen],
                user=_unprivileged(),
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )
        ready = [str(self.binaries / "pg_isready"), "-h", "127.0.0.1", "-p", str(self.port)]
        wait_until(
            lambda: answers(self.port) and subprocess.run(ready, capture_output=True).returncode == 0,
            "postgres",
        )

    def stop(self, tidily: bool = True) -> None:
        """End it at once, whoever is connected; not `tidily` is quicker, and a next start has to recover."""
        if self.process is not None:
            self.process.send_signal(signal.SIGINT if tidily else signal.SIGQUIT)
            self.process.wait()
            self.process = None


def own(path: Path) -> None:
    """Give `path` to the account that runs PostgreSQL."""
    account = _unprivileged()
    if account:
        shutil.chown(path, account)


def _unprivileged() -> str | None:
    """PostgreSQL refuses to run as root; there another account runs it."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@contextmanager
def cluster(*settings: str) -> Iterator[PostgresServer]:
    """A new cluster, started with `settings`, each `name=value`; it is gone when the block ends."""
    binaries = Path(program("postgres")).resolve().parent
    folder = Path(tempfile.mkdtemp(prefix="health-postgres-"))
    server = PostgresServer(binaries, free_port(), folder)
    try:
        server.initialise()
        server.start(*settings)
        yield server
    finally:
        server.stop(tidily=False)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The cluster of this test run."""
    with cluster("max_connections=60") as server:
        yield server


@pytest.fixture
def postgres_database(postgres_server: PostgresServer) -> str:
    """The name of a fresh, empty database in the cluster."""
    return postgres_server.create_database()
