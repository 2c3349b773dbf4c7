// Tabs of a message, and a list that follows what comes in.
for (const tab of document.querySelectorAll('[role=tab]')) {
  tab.addEventListener('click', () => {
    for (const other of document.querySelectorAll('[role=tab]')) {
      const on = other === tab;
      other.setAttribute('aria-selected', on);
      document.getElementById(other.getAttribute('aria-controls')).hidden = !on;
    }
  });
}
const count = document.querySelector('[data-total]');
if (count) {
  const query = new URLSearchParams(location.search);
  query.set('limit', '0');
  setInterval(async () => {
    if (document.hidden || document.activeElement?.id === 'q') return;
    try {
      const { total } = await (await fetch('/api/messages?' + query)).json();
      if (String(total) !== count.dataset.total) location.reload();
    } catch { /* the sink restarts; the next look finds it */ }
  }, 2000);
}
