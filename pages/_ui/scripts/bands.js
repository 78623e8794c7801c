// Dragging over bands of time asks for the time under them; all of the page follows.
(() => {
  if (window.healthBands) return;
  window.healthBands = true;
  const FEWEST_PIXELS = 8, FEWEST_MINUTES = 5;
  let drag = null;

  const line = (element) => element.closest?.(".bands[data-since]") && element.closest(".band-line");
  const show = (from, to) => {
    const { box, shade } = drag;
    shade.style.left = `${Math.max(box.left, Math.min(from, to))}px`;
    shade.style.width = `${Math.abs(Math.min(Math.max(to, box.left), box.right) - from)}px`;
  };
  const end = () => { drag?.shade.remove(); drag = null; };

  document.addEventListener("pointerdown", (event) => {
    const under = event.button || event.pointerType === "touch" ? null : line(event.target);
    if (!under) return;
    const chart = under.closest(".bands"), box = under.getBoundingClientRect(), all = chart.getBoundingClientRect();
    const shade = document.createElement("div");
    shade.className = "bands-shade";
    shade.style.top = `${all.top}px`;
    shade.style.height = `${all.height}px`;
    drag = { box, shade, from: event.clientX, since: Number(chart.dataset.since), until: Number(chart.dataset.until) };
    event.preventDefault();
  });

  document.addEventListener("pointermove", (event) => {
    if (!drag) return;
    if (!drag.shade.isConnected && Math.abs(event.clientX - drag.from) >= FEWEST_PIXELS) document.body.append(drag.shade);
    show(drag.from, event.clientX);
  });

  document.addEventListener("pointerup", (event) => {
    if (!drag) return;
    const { box, from, since, until, shade } = drag;
    const drawn = shade.isConnected;
    end();
    if (!drawn) return;
    // The click that ends a drag over a link is none.
    const swallow = (click) => { click.preventDefault(); click.stopPropagation(); };
    addEventListener("click", swallow, true);
    setTimeout(() => {
      removeEventListener("click", swallow, true);
      ask(box, from, event.clientX, since, until);
    }, 0);
  });
  document.addEventListener("pointercancel", end);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") end();
    if (event.key === "Enter" && line(event.target)) event.target.querySelector("a.pointed")?.click();
  });

  const ask = (box, from, to, since, until) => {
    const at = (x) => since + (until - since) * Math.min(1, Math.max(0, (x - box.left) / box.width));
    const minute = (moment) => Math.round(moment / 60000) * 60000;
    const first = minute(at(Math.min(from, to)));
    const last = Math.max(minute(at(Math.max(from, to))), first + FEWEST_MINUTES * 60000);
    const text = (moment) => new Date(moment).toISOString().replace(/:\d\d\.\d+Z$/, "Z");
    const asked = new URLSearchParams(location.search);
    asked.set("range", `${text(first)}/${text(last)}`);
    asked.delete("page");
    const link = document.createElement("a");
    link.dataset.inApp = "";
    link.href = `${location.pathname}?${asked.toString().replaceAll("%2F", "/").replaceAll("%3A", ":")}`;
    document.body.append(link);
    link.click();
    link.remove();
  };
})();
