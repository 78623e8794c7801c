"""About: what is watched, how it is judged, what each reason means, and how the monitor itself is doing."""

import streamlit as st

from pages._ui import access, notices, reading, runbooks
from pages._ui.about import contents, heart, judging, keeping, legend, reasons, using, watching
from pages._ui.about.question import kept, monitor
from pages._ui.shell import Visit, head, live
from pages._ui.snapshot import snapshot


def body(visit: Visit) -> None:
    """The monitor first, then what it watches and how, then how to read it."""
    st.html(head("About", below=contents.SAYS))
    st.html(contents.contents())
    found, size = reading.ask(monitor).value, reading.ask(kept).value
    known = reading.ask(snapshot).value
    if found is None:
        st.html(
            notices.empty(
                "Nothing is known of the monitor just now", "This page tries again every few seconds."
            )
        )
    else:
        beat = known.heartbeat if known else None
        st.html(
            contents.part(
                "monitor", heart.figures(found, size, beat, visit) + heart.heartbeat_card(found, visit)
            )
        )
        st.html(contents.part("services", watching.watched(found.services, visit)))
        st.html(contents.part("status", judging.rules([one.policy for one in found.services if one.enabled])))
    shelf = runbooks.shelf()
    st.html(contents.part("reasons", reasons.reasons(shelf)))
    st.html(contents.part("reading", legend.legend(using.using(visit, access.may_act(), shelf))))
    st.html(contents.part("data", keeping.keeping(size, visit.zone, visit.now)))


live("about", "About", body)
