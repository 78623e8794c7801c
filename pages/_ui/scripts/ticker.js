// Ages count up between refreshes, and a server that is gone is told.
(() => {
  if (window.healthTicker) return;
  window.healthTicker = true;
  const LOST_AFTER = 15000;
  let heard = Date.now(), stamp = null, ahead = 0;

  const span = (seconds) =>
    seconds < 60 ? `${seconds} s`
    : seconds < 3600 ? `${Math.floor(seconds / 60)} min`
    : seconds < 86400 ? `${Math.floor(seconds / 3600)} h`
    : `${Math.floor(seconds / 86400)} d`;

  // What lasts is said as `words.span` says it.
  const lasting = (seconds) => {
    const [size, unit, small, smaller] = seconds < 60 ? [1, "s", 1, ""] : seconds < 3600 ? [60, "min", 1, "s"]
      : seconds < 86400 ? [3600, "h", 60, "min"] : [86400, "d", 3600, "h"];
    const part = seconds < 600 || small > 1 ? Math.floor((seconds % size) / small) : 0;
    return `${Math.floor(seconds / size)} ${unit}` + (part ? ` ${part} ${smaller}` : "");
  };

  const tick = () => {
    const clock = document.getElementById("health-clock");
    if (!clock) { document.body.classList.remove("health-lost"); heard = Date.now(); return; }
    if (clock.dataset.now !== stamp) {
      stamp = clock.dataset.now;
      heard = Date.now();
      ahead = Number(stamp) - heard;
    }
    const title = (document.getElementById("health-title") ?? clock).textContent;
    if (document.title !== title) document.title = title;
    for (const time of document.querySelectorAll("time[data-at]")) {
      const age = Math.max(0, Math.floor((Date.now() + ahead - Number(time.dataset.at)) / 1000));
      const text = time.dataset.lasting ? `for ${lasting(age)}` : age < 1 ? "just now" : `${span(age)} ago`;
      if (time.textContent !== text) time.textContent = text;
    }
    document.body.classList.toggle("health-lost", Date.now() - heard > LOST_AFTER);
  };

  new MutationObserver(tick).observe(document.body, { childList: true, subtree: true });
  setInterval(tick, 1000);
})();
