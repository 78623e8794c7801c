// Where the pages do not fit beside each other, the one that is open is moved into sight, and the edge where there
// are more of them fades. A refresh draws the bar anew: what was moved by hand stays where it is.
(() => {
  if (window.healthBar) return;
  window.healthBar = true;
  let bar = null, open = null, byHand = null, placed = 0;

  const fade = () => {
    const rest = bar.scrollWidth - bar.clientWidth - bar.scrollLeft;
    bar.style.setProperty("--before", bar.scrollLeft > 2 ? "2.5rem" : "0px");
    bar.style.setProperty("--after", rest > 2 ? "2.5rem" : "0px");
  };

  const place = () => {
    const current = bar.querySelector("[aria-current]");
    const middle = current ? current.offsetLeft - bar.offsetLeft - (bar.clientWidth - current.offsetWidth) / 2 : 0;
    bar.scrollLeft = byHand ?? middle;
    placed = bar.scrollLeft;
    fade();
  };

  // Looks and letters may come after the bar, and each makes it another size.
  const sizes = new ResizeObserver(() => { if (bar?.isConnected) place(); });

  const look = () => {
    const found = document.querySelector(".nav nav");
    if (!found || found === bar) return;
    bar = found;
    const name = bar.querySelector("[aria-current]")?.dataset.keep ?? null;
    if (name !== open) byHand = null;
    open = name;
    sizes.disconnect();
    for (const part of [bar, ...bar.children]) sizes.observe(part);
    bar.addEventListener("scroll", (event) => {
      if (event.target !== bar) return;
      if (Math.abs(bar.scrollLeft - placed) > 1) byHand = bar.scrollLeft;
      fade();
    });
    place();
  };

  new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
  look();
})();
