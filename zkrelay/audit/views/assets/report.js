"use strict";
// The page is complete without this: it only hides rows of the pair that nobody asked for, and opens what is printed.
const box = document.getElementById("filter-text");
const only = document.getElementById("filter-differs");
const count = document.getElementById("filter-count");
if (box && only && count) {
  const rows = Array.from(document.querySelectorAll("#pair tbody tr"));
  const apply = () => {
    const wanted = box.value.toLowerCase();
    let shown = 0;
    for (const row of rows) {
      const fits = row.cells[1].textContent.toLowerCase().includes(wanted);
      row.hidden = !(fits && (!only.checked || row.classList.contains("differs")));
      shown += row.hidden ? 0 : 1;
    }
    count.textContent = shown + " of " + rows.length + " signals";
  };
  box.addEventListener("input", apply);
  only.addEventListener("change", apply);
  document.getElementById("filter").hidden = false;
  const asked = decodeURIComponent(location.hash.slice(1));
  if (asked.startsWith("signal=")) {
    box.value = asked.slice(7);
  }
  apply();
}
window.addEventListener("beforeprint", () => {
  for (const part of document.querySelectorAll("details")) {
    part.open = true;
  }
});
