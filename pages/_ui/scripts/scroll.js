// What can be moved sideways can be moved by the arrow keys too: it is a stop of the Tab key while it does not fit,
// unless something in it is one already.
(() => {
  if (window.healthScroll) return;
  window.healthScroll = true;
  const STOPS = "a[href], button, input, select, [tabindex]";
  let asked = false;

  const look = () => {
    asked = false;
    for (const part of document.querySelectorAll(".stMain .scroll")) {
      if (part.hasAttribute("tabindex") && !("stop" in part.dataset)) continue;
      if (part.scrollWidth > part.clientWidth && !part.querySelector(STOPS)) {
        part.tabIndex = 0;
        part.dataset.stop = "yes";
        part.setAttribute("role", "region");
        part.setAttribute("aria-label", part.querySelector("caption")?.textContent ?? "Table");
      } else {
        for (const name of ["tabindex", "role", "aria-label", "data-stop"]) part.removeAttribute(name);
      }
    }
  };
  const soon = () => { if (!asked) { asked = true; requestAnimationFrame(look); } };

  new MutationObserver(soon).observe(document.body, { childList: true, subtree: true });
  window.addEventListener("resize", soon);
  soon();
})();
