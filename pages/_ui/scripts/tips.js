// What carries data-tip says more when pointed at, touched, or walked through with the arrow keys.
(() => {
  if (window.healthTips) return;
  window.healthTips = true;
  const tip = document.createElement("div");
  tip.className = "health-tip";
  tip.setAttribute("role", "status");
  tip.hidden = true;
  document.body.append(tip);
  let shown = null, pointer = null, walked = null;

  const hide = () => { shown?.classList.remove("pointed"); shown = null; tip.hidden = true; };
  const show = (element) => {
    if (shown === element) return;
    hide();
    shown = element;
    element.classList.add("pointed");
    tip.textContent = element.dataset.tip;
    tip.hidden = false;
    const at = element.getBoundingClientRect(), size = tip.getBoundingClientRect();
    const left = Math.min(Math.max(8, at.left + at.width / 2 - size.width / 2), innerWidth - size.width - 8);
    const above = at.top - size.height - 8;
    tip.style.left = `${left}px`;
    tip.style.top = `${above > 8 ? above : at.bottom + 8}px`;
  };

  document.addEventListener("pointerover", (event) => {
    const element = event.target.closest?.("[data-tip]");
    pointer = [event.clientX, event.clientY];
    walked = null;
    if (element) show(element); else if (event.pointerType !== "touch") hide();
  });
  document.addEventListener("pointerdown", (event) => {
    const element = event.target.closest?.("[data-tip]");
    if (element) show(element); else hide();
  });

  // A strip is one stop of the Tab key; the arrows walk along what it holds.
  const parts = (strip) => [...strip.querySelectorAll("[data-tip]")];
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") return hide();
    const strip = event.target.closest?.("[data-strip]");
    if (!strip) return;
    const all = parts(strip), at = all.indexOf(shown);
    if (event.key === "Enter" && at >= 0 && shown.matches("a[data-in-app]")) return shown.click();
    const to = { ArrowRight: at + 1, ArrowLeft: at < 0 ? all.length - 1 : at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to === undefined || !all.length) return;
    event.preventDefault();
    const index = Math.min(Math.max(to, 0), all.length - 1);
    walked = { keep: strip.dataset.keep, index };
    show(all[index]);
  });
  document.addEventListener("focusout", (event) => { if (event.target.closest?.("[data-strip]")) hide(); });
  document.addEventListener("focusin", (event) => {
    const strip = event.target.closest?.("[data-strip]");
    const part = strip && walked?.keep === strip.dataset.keep && parts(strip)[walked.index];
    if (part) show(part);
  });
  document.addEventListener("scroll", hide, true);

  // What was drawn anew while it was looked at goes on saying what it says.
  const again = () => {
    if (walked?.keep) {
      const strip = document.querySelector(`[data-strip][data-keep="${CSS.escape(walked.keep)}"]`);
      return strip && parts(strip)[walked.index];
    }
    return pointer && document.elementFromPoint(...pointer)?.closest("[data-tip]");
  };
  new MutationObserver(() => {
    if (!shown || shown.isConnected) return;
    const element = again();
    if (element) show(element); else hide();
  }).observe(document.body, { childList: true, subtree: true });
})();
