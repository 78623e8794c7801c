"""A real PostgreSQL for tests: one cluster a test run, a fresh database a test."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from tests.need import program
from tests.plugins.ports import answers, free_port, wait_until

PASSWORD = "postgres-test-password"  # the cluster of one test run on loopback
USER = "health"


@dataclass
class PostgresServer:
    """A running cluster on 127.0.0.1 with password login."""

    binaries: Path
    port: int

    def dsn(self, database: str = "postgres", password: str = PASSWORD) -> str:
        return f"postgresql://{USER}:{password}@127.0.0.1:{self.port}/{database}"

    def keywords(self, database: str) -> str:
        """The libpq form: `host=… port=… dbname=…`."""
        return f"host=127.0.0.1 port={self.port} dbname={database} user={USER} password={PASSWORD}"

    def create_database(self) -> str:
        name = f"test_{uuid4().hex[:12]}"
        environment = {**os.environ, "PGPASSWORD": PASSWORD}
        where = ["-h", "127.0.0.1", "-p", str(self.port), "-U", USER]
        command = [str(self.binaries / "createdb"), *where, name]
        subprocess.run(command, check=True, env=environment, capture_output=True)
        return name


def _unprivileged() -> str | None:
    """PostgreSQL refuses to run as root; there another account runs it."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The cluster of this test run."""
    binaries = Path(program("postgres")).resolve().parent
    folder = Path(tempfile.mkdtemp(prefix="health-postgres-"))
    account = _unprivileged()
    if account:
        shutil.chown(folder, account)
    password_file = folder / "password"
    password_file.write_text(PASSWORD)
    if account:
        shutil.chown(password_file, account)
    data, port = folder / "data", free_port()
    initdb = [str(binaries / "initdb"), "-D", str(data), "-U", USER, "-A", "scram-sha-256", "--no-sync"]
    subprocess.run(
        [*initdb, f"--pwfile={password_file}"], check=True, user=account, cwd=folder, capture_output=True
    )
    command = [
        str(binaries / "postgres"),
        "-D",
        str(data),
        "-h",
        "127.0.0.1",
        "-p",
        str(port),
        "-k",
        str(folder),
    ]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "-c", "fsync=off", "-c", "max_connections=60"],
            user=account,
            cwd=folder,
            stdout=log,
            stderr=log,
        )
    server = PostgresServer(binaries, port)
    ready = [str(binaries / "pg_isready"), "-h", "127.0.0.1", "-p", str(port)]
    wait_until(
        lambda: answers(port) and subprocess.run(ready, capture_output=True).returncode == 0, "postgres"
    )
    yield server
    process.terminate()
    process.wait()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_database(postgres_server: PostgresServer) -> str:
    """The name of a fresh, empty database in the cluster."""
    return postgres_server.create_database()
