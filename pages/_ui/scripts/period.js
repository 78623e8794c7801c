// The form of a chosen period begins with the period that is shown, by the viewer's clock. It is filled in when it is
// opened: the page itself stays the same text while time goes on, so that a refresh never touches what is written.
(() => {
  if (window.healthPeriod) return;
  window.healthPeriod = true;
  const units = { m: 60e3, h: 3600e3, d: 86400e3 };

  const moment = (text) => new Date(/T/.test(text) && !/(Z|[+-]\d\d:?\d\d)$/i.test(text) ? `${text}Z` : text);

  const shown = (text) => {
    const length = /^(\d+)\s?([mhd])$/.exec(text);
    if (length) return [new Date(Date.now() - length[1] * units[length[2]]), new Date()];
    const [since, until] = text.split("/");
    return [moment(since), until ? moment(until) : new Date()];
  };

  const written = (at) => {
    const local = new Date(at.getTime() - at.getTimezoneOffset() * 60e3);
    return Number.isNaN(local.getTime()) ? "" : local.toISOString().slice(0, 16);
  };

  document.addEventListener("toggle", (event) => {
    const form = event.target.matches?.("details.custom[open]") && event.target.querySelector("form[data-period]");
    if (!form) return;
    const [since, until] = shown(form.dataset.period).map(written);
    form.elements.since.value = since;
    form.elements.until.value = until;
  }, true);
})();
