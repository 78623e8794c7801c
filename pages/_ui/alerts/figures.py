"""The figures at the top: what fires, what people were told and spared, whether the channels work."""

from pages._ui.alerts.rows import Board
from pages._ui.alerts.selection import chosen
from pages._ui.tiles import Tile, tiles
from pages._ui.view import View


def figures(board: Board, view: View, period: str) -> str:
    """Four tiles. `period` is how the time range is called."""
    standing, firings = chosen(board.standing, view), chosen(board.firings, view)
    told = [one for one in standing if one.fires and not one.quiet]
    quiet = [one for one in standing if one.fires and one.quiet]
    pending = [one for one in standing if not one.fires]
    heard = [one for one in firings if not one.quiet]
    return tiles(
        [
            Tile("Firing now", str(len(told)), note=_and(len(quiet), "kept quiet", len(pending), "waiting")),
            Tile(f"Told in {period}", str(len(heard)), note="times an alert fired"),
            Tile(
                f"Kept quiet in {period}",
                str(len(firings) - len(heard)),
                note="times an alert fired, with a reason",
                tip="Maintenance, mutes, flapping, and what another incident explains",
            ),
            _channels(board),
        ],
        "Alerts in figures",
    )


def _and(quiet: int, word: str, pending: int, other: str) -> str:
    parts = [f"{count} {what}" for count, what in ((quiet, word), (pending, other)) if count]
    return ", ".join(parts)


def _channels(board: Board) -> Tile:
    known = [one for one in board.channels if one.kind]
    if not known:
        return Tile("Channels", "None", note="nobody is told of anything")
    work = sum(not one.fails for one in known)
    waiting = sum(one.waiting for one in board.channels)
    note = f"{waiting} waiting" if waiting else "nothing waits"
    return Tile("Channels that work", f"{work} of {len(known)}", note=note)
