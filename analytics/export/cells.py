"""How the value of a column is written, as SQL, so that millions of rows never become Python objects.

A text of CSV that a spreadsheet would take for a formula gets an apostrophe before it. So does a text that
begins with apostrophes and then looks like one: taking one apostrophe off gives back every text exactly.
"""

from dataclasses import dataclass
from enum import Enum

#: What a spreadsheet computes begins with one of these; some drop blanks, invisible signs and ends of lines
#: before it, and know them in full width too. Tabs and ends of lines move the rest into a cell of its own.
FORMULA = r"^'*[\s\pZ\pC]*[=+\-@\t\r\n＝＋－＠﹦﹢﹣﹫−]"

_ZONED = "TIMESTAMP WITH TIME ZONE"
_NUMBERS = (
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "HUGEINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
    "UBIGINT",
    "UHUGEINT",
    "DECIMAL",
    "BOOLEAN",
    '"NULL"',
)
_MOMENT = "%Y-%m-%dT%H:%M:%S.%f"


class Kind(Enum):
    """What the values of a column are to those who write them."""

    TEXT = "text"
    NUMBER = "number"
    FLOAT = "float"
    MOMENT = "moment"
    JSON = "json"
    NESTED = "nested"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the rows, with DuckDB's name of its type."""

    name: str
    type: str

    @property
    def kind(self) -> Kind:
        """What its values are; text, when nothing else is known of it."""
        if self.type.endswith(("]", ")")) and not self.type.startswith(("DECIMAL", "ENUM")):
            return Kind.NESTED
        if self.type.startswith(_NUMBERS):
            return Kind.NUMBER
        if self.type in ("DOUBLE", "FLOAT"):
            return Kind.FLOAT
        if self.type == _ZONED:
            return Kind.MOMENT
        if self.type == "JSON":
            return Kind.JSON
        return Kind.PLAIN if self.type == "UUID" else Kind.TEXT

    @property
    def sql(self) -> str:
        """Its name in a statement."""
        return identifier(self.name)


def identifier(name: str) -> str:
    """`name` in a statement, whatever it holds."""
    return '"' + name.replace('"', '""') + '"'


def csv_cell(column: Column, zone: str) -> str:
    """As a cell of CSV; NULL stays NULL. Binds `$formula`, of moments `$zone` unless `zone` is UTC."""
    match column.kind:
        case Kind.TEXT | Kind.JSON:
            return _quoted(_harmless(f"{column.sql}::VARCHAR"))
        case Kind.NESTED:
            return _quoted(_harmless(f"to_json({column.sql})::VARCHAR"))
        case Kind.MOMENT:
            return moment(column.sql, zone)
        case Kind.FLOAT:
            return f"{_finite(column.sql)}::VARCHAR"
        case Kind.NUMBER | Kind.PLAIN:
            return f"{column.sql}::VARCHAR"


def json_value(column: Column, zone: str) -> str:
    """As a value that `to_json` writes rightly: real JSON of JSON, and of what is no number NULL."""
    match column.kind:
        case Kind.MOMENT:
            return moment(column.sql, zone)
        case Kind.FLOAT:
            return _finite(column.sql)
        case Kind.JSON:
            text = f"to_json({column.sql}::VARCHAR)"
            return f"CASE WHEN json_valid({column.sql}) THEN {column.sql} ELSE {text} END"
        case Kind.NESTED | Kind.NUMBER:
            return column.sql
        case Kind.TEXT | Kind.PLAIN:
            return f"{column.sql}::VARCHAR"


def parquet_value(column: Column) -> str:
    """As a value of a column that every reader of Parquet knows."""
    if column.kind in (Kind.JSON, Kind.PLAIN, Kind.TEXT):
        return f"{column.sql}::VARCHAR"
    return column.sql


def moment(value: str, zone: str) -> str:
    """A moment in ISO 8601 with microseconds and its offset: Z, or that of `$zone` at that moment."""
    utc = f"({value} AT TIME ZONE 'UTC')"
    if zone == "UTC":
        return f"strftime({utc}, '{_MOMENT}Z')"
    local = f"({value} AT TIME ZONE $zone)"
    minutes = f"date_diff('minute', {utc}, {local})"
    return (
        f"strftime({local}, '{_MOMENT}') || CASE WHEN {minutes} < 0 THEN '-' ELSE '+' END"
        f" || printf('%02d:%02d', abs({minutes}) // 60, abs({minutes}) % 60)"
    )


def _harmless(text: str) -> str:
    return f"CASE WHEN regexp_matches({text}, $formula) THEN '''' || {text} ELSE {text} END"


def _quoted(text: str) -> str:
    return f"""'"' || replace({text}, '"', '""') || '"'"""


def _finite(number: str) -> str:
    return f"CASE WHEN isfinite({number}) THEN {number} END"
