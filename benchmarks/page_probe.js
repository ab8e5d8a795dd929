// Runs in the page before its own scripts and watches from outside when patterns arrive and when they are painted.
//
// A pattern is painted when its row is in the document, inside the list's viewport, and the browser has produced the
// frame: in the first task after the animation frame in which the row was added. Rows know their pattern by its symbol,
// which here is the pattern's number: `P-12.` is that of number 12.
(() => {
  const probe = { received: [], painted: [], frames: 0, bytes: 0, totals: null };
  window.tickstockProbe = probe;

  const PATTERN_ID = /"pattern_id":"bench-(\d+)-(\d+)"/g;
  const ROW_SYMBOL = /P-(\d+)\./;

  window.WebSocket = class extends WebSocket {
    constructor(...args) {
      super(...args);
      this.addEventListener('message', ({ data }) => receive(data));
    }
  };

  function receive(text) {
    const now = performance.now();
    const isDelta = text.startsWith('{"type":"delta"');
    probe.frames += 1;
    probe.bytes += text.length;
    const totals = text.lastIndexOf('"totals":');
    if (totals !== -1) probe.totals = JSON.parse(text.slice(totals + 9, text.indexOf('}', totals) + 1));
    if (!isDelta) return;
    for (const [, number, published] of text.matchAll(PATTERN_ID)) {
      probe.received.push([Number(number), Number(published) / 1000, now]);
    }
  }

  let inFrame = false;
  let added = [];
  const afterFrame = new MessageChannel();
  afterFrame.port1.onmessage = () => {
    inFrame = false;
    if (added.length > 0) stamp(performance.now());
  };

  function frameBegins() {
    if (inFrame) return;
    inFrame = true;
    afterFrame.port2.postMessage(null);
  }

  const request = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (callback) =>
    request((time) => {
      frameBegins();
      callback(time);
    });

  function stamp(now) {
    const rows = added;
    added = [];
    const list = document.querySelector('#patterns ul[aria-label]')?.parentElement?.parentElement;
    if (!list) return;
    const { top, bottom } = list.getBoundingClientRect();
    for (const row of rows) {
      const number = ROW_SYMBOL.exec(row.textContent)?.[1];
      const place = row.getBoundingClientRect();
      const seen = row.isConnected && place.bottom > top && place.top < bottom;
      if (number !== undefined) probe.painted.push([Number(number), now, seen]);
    }
  }

  const observer = new MutationObserver((changes) => {
    for (const { addedNodes } of changes) {
      for (const node of addedNodes) {
        if (node.nodeName === 'LI') added.push(node);
        else if (node.querySelectorAll) added.push(...node.querySelectorAll('#patterns ul[aria-label] > li'));
      }
    }
    if (added.length > 0 && !inFrame) request(frameBegins);
  });
  observer.observe(document, { childList: true, subtree: true });
})();
