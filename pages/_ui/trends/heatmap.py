"""The map of hours by service, drawn. HTML."""

from collections.abc import Mapping, Sequence
from html import escape

from analytics.model import ServiceKey
from pages._ui import words
from pages._ui.trends.heat import Heat
from pages._ui.view import View

LEGEND = (
    '<p class="tr-legend"><span><i class="h"></i>healthy</span>'
    '<span><i class="g1"></i><i class="g2"></i><i class="g3"></i>'
    "degraded, from 1 % and 25 % of the time</span>"
    '<span><i class="d1"></i><i class="d2"></i><i class="d3"></i>down, from 5 % and 25 % of the time</span>'
    '<span><i class="u"></i>unknown</span><span><i class="n"></i>not checked</span></p>'
)


def heatmap(found: Heat, order: Sequence[ServiceKey], uptimes: Mapping[ServiceKey, str], view: View) -> str:
    """The strips in `order`, each with the name of its service and its uptime."""
    strips = {strip.service: strip for strip in found.strips}
    rows = ""
    for key in order:
        if key not in strips:
            continue
        strip = strips[key]
        name = words.service_name(key.service_name)
        kind = "" if view.service_type else f"<small>{words.KINDS[key.service_type]}</small>"
        there, told = view.href("service", service=key), f"{name}: {strip.summary}"
        rows += (
            f'<div class="tr-row"><a class="tr-who" data-in-app data-keep="heat-name-{escape(str(key))}" '
            f'href="{escape(there)}">{escape(name)}{kind}</a>'
            f'<div class="tr-strip" data-strip tabindex="0" role="group" data-keep="heat-{escape(str(key))}" '
            f'aria-label="{escape(told)}"><div aria-hidden="true">{strip.html}</div></div>'
            f'<span class="tr-up">{escape(uptimes.get(key, ""))}</span></div>'
        )
    many = " tr-many" if found.count > 64 else ""
    return (
        f'<div class="tr-heat{many}" style="--columns:{found.count}">{rows}'
        '<div class="tr-row tr-axis" aria-hidden="true"><span></span>'
        f'<div class="tr-labels">{found.labels}</div><span></span></div></div>{LEGEND}'
    )
