"""The house rules of the source: who may import whom, and how long a file may be."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

#: Top to bottom: each line may import what stands below it, and its own folder.
COLLECTOR = [
    {"__main__"},
    {"commands"},
    {"reception"},
    {"action_routes", "duties"},
    {"wiring"},
    {"loop", "demo"},
    {"describing"},
    {"config", "sources"},
    {"receiver"},
    {"cycle"},
    {"incident_actions"},
    {"recorder"},
    {"alerting"},
    {"alerting_setup", "confirming"},
    {"judging"},
    {"memory", "network", "intake_commit"},
    {"intake"},
    {"intake_batch"},
    {"notify"},
    {"probes"},
    {"pacing"},
    {"reports", "vendors", "heartbeat", "keeping"},
    {"store_reports"},
    {
        "late_rows",
        "store_actions",
        "store_alerting",
        "store_maintenance",
        "store_outbox",
        "store_settings",
        "store_traffic",
        "store_vendors",
    },
    {"alerting_rows"},
    {"store", "store_bulk"},
    {"store_columns"},
    {"log"},
    {"webhooks"},
    {"client"},
    {"secrets", "duration"},
]
ANALYTICS = [
    {"__main__"},
    {"commands"},
    {"notebook"},
    {"export", "imports"},
    {"replay"},
    {"day_queries", "traffic_cube", "trend_queries", "webhook_queries", "worst_queries"},
    {
        "alert_queries",
        "availability_queries",
        "change_queries",
        "check_queries",
        "incident_queries",
        "latency_queries",
        "monitor_queries",
        "queries",
        "quota_queries",
        "report_queries",
        "slo_queries",
        "standing_queries",
        "status_queries",
        "surroundings_queries",
        "traffic_queries",
        "vendor_queries",
    },
    {"beginnings", "grouping", "periods"},
    {"alert_settings"},
    {"rollups"},
    {"coverage", "histograms"},
    {"frames", "percentiles"},
    {"evidence"},
    {"windows"},
    {"db"},
    {"named_sql"},
    {"rules"},
    {"alerting"},
    {"listeners", "model", "ids", "runbook_pages"},
]
#: What the pages are made of. The folders of the pages know nothing of each other.
PAGES = [
    {"server"},
    {"api"},
    {"serving"},
    {"about", "alerts", "exporting", "incidents", "overview", "service", "trends"},
    {"noting", "shell"},
    {"access", "navigation", "notices"},
    {"filters", "runbooks"},
    {"access_rules", "actions", "bands", "budget_words", "daybars", "latency_charts"},
    {"marks", "panels", "rule_words", "situation", "tables", "tiles", "timescale"},
    {"changes", "latency_looks", "sharing", "snapshot", "times"},
    {"charts", "reading", "view", "words"},
    {"answers"},
]
LAYERS = {"collector": COLLECTOR, "analytics": ANALYTICS, "pages/_ui": PAGES}
FOREIGN_TO_ANALYTICS = {"streamlit", "httpx", "collector", "pages", "dashboard"}
FOREIGN_TO_PAGES = {"collector"}
FOREIGN_TO_COLLECTOR = {"pages", "dashboard", "streamlit"}


def sources(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""
            yield from (f"{node.module}.{name.name}" for name in node.names)


def layer(layers: list[set[str]], room: str) -> int:
    for depth, rooms in enumerate(layers):
        if room in rooms:
            return depth
    raise AssertionError(f"{room} stands in no layer; name it in {__file__}")


def room(path: Path, folder: str) -> str:
    first = path.relative_to(ROOT / folder).parts[0]
    return first.removesuffix(".py")


@pytest.mark.parametrize("folder", LAYERS)
def test_imports_point_downwards(folder: str) -> None:
    layers, package, wrong = LAYERS[folder], folder.replace("/", ".") + ".", []
    for path in sources(folder):
        own = room(path, folder)
        if own == "__init__":
            continue
        for name in imports(path):
            if not name.startswith(package):
                continue
            target = name.removeprefix(package).split(".")[0]
            known = any(target in rooms for rooms in layers)
            if not known or target == own:
                continue
            if layer(layers, target) <= layer(layers, own):
                wrong.append(f"{path.relative_to(ROOT)} imports {name}")
    assert wrong == []


@pytest.mark.parametrize("folder", LAYERS)
def test_every_room_has_its_layer(folder: str) -> None:
    for path in sources(folder):
        if room(path, folder) != "__init__":
            layer(LAYERS[folder], room(path, folder))


@pytest.mark.parametrize(
    ("folder", "foreign"),
    [
        ("analytics", FOREIGN_TO_ANALYTICS),
        ("collector", FOREIGN_TO_COLLECTOR),
        ("pages", FOREIGN_TO_PAGES),
    ],
)
def test_no_foreign_imports(folder: str, foreign: set[str]) -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sources(folder)
        for name in imports(path)
        if name.split(".")[0] in foreign
    ]
    assert wrong == []


def _edges() -> dict[str, set[str]]:
    modules = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for folder in ("analytics", "collector", "pages")
        for path in sources(folder)
    }
    return {
        module: {name for name in imports(path) if name in modules and name != module}
        for module, path in modules.items()
    }


def test_no_import_cycles() -> None:
    edges, done, path = _edges(), set(), []

    def visit(module: str) -> None:
        assert module not in path, "cycle: " + " → ".join([*path, module])
        if module in done:
            return
        path.append(module)
        for target in sorted(edges[module]):
            if not module.startswith(target + "."):
                visit(target)
        path.pop()
        done.add(module)

    for module in sorted(edges):
        visit(module)


def test_one_place_opens_the_database() -> None:
    wrong = [
        str(path.relative_to(ROOT))
        for folder in ("analytics", "collector", "pages")
        for path in sources(folder)
        if "duckdb.connect(" in path.read_text() and path.parent != ROOT / "analytics" / "db"
    ]
    assert wrong == []


def test_files_stay_readable() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for folder in ("analytics", "collector", "pages", "tests", "bench")
        for path in sources(folder)
        if (lines := len(path.read_text().splitlines())) > 320
    }
    assert long == {}
