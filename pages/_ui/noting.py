"""Where people write what they do and why: a field for a note beside the name they act under."""

from collections.abc import Callable
from html import escape

import streamlit as st

from pages._ui import access

#: The collector's own limit.
LONGEST_NOTE = 4000


def note_and_name(note: Callable[[], object], readonly: str) -> bool:
    """Draws the field `note` with the name beside it, or the line why the viewer may not act.

    Gives whether they may. `readonly` is the class of that line.
    """
    who = access.may_act()
    if not who.allowed:
        st.html(f'<p class="{escape(readonly)}">{escape(who.why)}</p>')
        return False
    left, right = st.columns([3, 1])
    with left:
        note()
    with right:
        access.ask_name()
    return True
