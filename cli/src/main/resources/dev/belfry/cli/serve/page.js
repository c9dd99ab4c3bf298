// The page of 'belfry serve'. All that comes from a queue goes into the page as text (textContent), never as markup.
'use strict';

const EVERY = 2000; // milliseconds
const $ = id => document.getElementById(id);
const open = new Set(); // the queues that show more
const details = new Map(); // what they show, by URI
const unfolded = new Set(); // the tables of which all rows are shown
const MOST = {queues: 20, events: 10}; // rows before the rest is folded; of others 5
let known = null;
let order = null; // [heading, 1 or -1]: by which the queues are sorted; null: the worst first

function make(tag, text, style) {
  const it = document.createElement(tag);
  if (text !== undefined && text !== null) it.textContent = text;
  if (style) it.className = style;
  return it;
}

const number = n => n === null || n === undefined ? '?' : Math.round(n).toString().replace(/\B(?=(\d{3})+$)/g, ',');

function size(bytes) {
  let unit = 0;
  for (; bytes >= 1024 && unit < 3; unit++) bytes /= 1024;
  return (bytes % 1 === 0 || bytes >= 100 ? bytes.toFixed(0) : bytes.toFixed(1)) + ' ' + ['B', 'KiB', 'MiB', 'GiB'][unit];
}

function age(seconds) {
  if (seconds < 0) return '';
  if (seconds < 120) return seconds + ' s';
  if (seconds < 7200) return Math.floor(seconds / 60) + ' min';
  return seconds < 172800 ? Math.floor(seconds / 3600) + ' h' : Math.floor(seconds / 86400) + ' days';
}

const brief = uri => uri.replace(/^shm:/, '');
// What the API takes in a path: a name, or a directory.
const inPath = uri => encodeURIComponent(uri.startsWith('file:') ? decodeURIComponent(uri.slice(5)) : brief(uri));
const clock = at => new Date(at).toLocaleTimeString([], {hour12: false});

// One table: HEADS are pairs of a heading and a function that gives a cell's text or its elements.
function table(heads, rows, after) {
  const it = make('table');
  const head = it.createTHead().insertRow();
  for (const [name, , style] of heads) {
    const cell = make('th', name, style);
    cell.scope = 'col';
    head.append(cell);
  }
  const body = it.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    for (const [name, content, style] of heads) {
      const cell = line.insertCell();
      if (style) cell.className = style;
      const value = content(row);
      if (value === null || value === undefined || value === '') continue;
      cell.append(value);
      cell.dataset.head = name;
    }
    const more = after && after(row);
    if (more) {
      const cell = body.insertRow().insertCell();
      cell.colSpan = heads.length;
      cell.className = 'wide more';
      cell.append(more);
    }
  }
  return it;
}

function show(id, content, nothing) {
  const section = $(id);
  for (const old of section.querySelectorAll(':scope > table, :scope > details, :scope > .nothing')) old.remove();
  section.append(content || make('p', nothing, 'nothing'));
  section.classList.toggle('none', !content);
}

// The first rows; the others are one click away.
function folded(id, heads, rows, after) {
  if (!rows.length) return null;
  const bad = rows.filter(row => row.rank > 0).length;
  const most = Math.min(MOST[id] || 5, bad || rows.length);
  const all = document.createDocumentFragment();
  all.append(table(heads, rows.slice(0, most), after));
  if (most === rows.length) return all;
  const rest = make('details');
  rest.open = unfolded.has(id);
  rest.ontoggle = () => rest.open ? unfolded.add(id) : unfolded.delete(id);
  rest.append(make('summary', number(rows.length - most) + ' more' + (bad && bad === most ? ', all well' : '')));
  rest.append(table(heads, rows.slice(most), after));
  all.append(rest);
  return all;
}

function command(text) {
  if (!text) return '';
  const both = document.createDocumentFragment();
  const code = make('code', text);
  if (/^belfry (jms )?(unsubscribe|rm|purge|skip|reset) /.test(text)) return code; // what ends something for good is selected by hand
  const copy = make('button', 'copy');
  copy.dataset.key = 'copy ' + text;
  copy.setAttribute('aria-label', 'Copy the command ' + text);
  copy.onclick = async () => {
    getSelection().selectAllChildren(code); // where there is no clipboard: by http from another machine
    try {
      await navigator.clipboard.writeText(text);
      copy.textContent = 'copied';
    } catch (none) {
      copy.textContent = 'selected';
    }
  };
  both.append(code, ' ', copy);
  return both;
}

const PROBLEMS = (who, what, seconds) => [
  ['Queue', row => brief(row.queue)],
  [who, row => row.who],
  [what, row => row.what, 'wide'],
  [seconds, row => age(row.seconds), 'number'],
  ['Command', row => command(row.command), 'wide'],
];

function word(queue) {
  const signs = {ok: '\u2713 ', lagging: '\u25b2 ', stuck: '\u2716 '};
  const style = queue.rank >= 3 ? 'bad' : queue.rank >= 1 ? 'poor' : 'good';
  return make('span', (signs[queue.health] || (queue.rank >= 3 ? '\u2716 ' : '? ')) + queue.health, 'word ' + style);
}

function line(values, what) {
  if (!values || values.length < 2) return '';
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const most = Math.max(1, ...values);
  svg.setAttribute('viewBox', '0 0 59 20');
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', what + ': ' + number(values[values.length - 1]) + ' now, at most ' + number(most));
  const it = document.createElementNS(svg.namespaceURI, 'polyline');
  it.setAttribute('points', values.map((v, i) => (59 - values.length + 1 + i) + ',' + (19 - 18 * v / most)).join(' '));
  svg.append(it);
  return svg;
}

// How a figure was, and what it is.
function figure(value, was) {
  if (value === null || value === undefined) return '';
  const both = document.createDocumentFragment();
  both.append(was, number(value));
  return both;
}

function nameOf(queue) {
  const button = make('button', brief(queue.uri));
  button.dataset.key = 'open ' + queue.uri;
  button.setAttribute('aria-expanded', open.has(queue.uri));
  button.onclick = async () => {
    if (!open.delete(queue.uri)) {
      open.add(queue.uri);
      await detail(queue);
    }
    draw();
  };
  return button;
}

async function ask(path) {
  const answer = await fetch(path, {cache: 'no-store'});
  if (!answer.ok) throw new Error((await answer.text()).trim());
  return answer.json();
}

async function detail(queue) {
  if (queue.size === undefined) return; // it cannot be read
  const name = inPath(queue.uri);
  try {
    const of = {info: queue.isDomain ? null : await ask('api/queues/' + name)};
    if (queue.isDomain) of.places = (await ask('api/domains/' + name)).places;
    details.set(queue.uri, of);
  } catch (failure) {
    details.set(queue.uri, {failure: failure.message});
  }
}

// A trouble that a section above tells, with its command, is not told again.
function reasons(queue) {
  const told = ['waits', 'loses', 'keeps', 'broken', 'bridges'].flatMap(id => known[id]).filter(row => row.queue === queue.uri);
  return queue.said.filter(reason => !told.some(row => row.check === reason.check && (row.level || reason.level) === reason.level))
      .map(reason => reason.what + (reason.remedy ? '. ' + reason.remedy : ''));
}

// Below its row: why it is not well, the first reason in short; and more, if its name was pressed.
function more(queue) {
  const all = make('div');
  const why = reasons(queue);
  for (const reason of open.has(queue.uri) ? why : why.slice(0, 1))
    all.append(make('p', reason + (why.length > 1 && !open.has(queue.uri) ? ' (and ' + (why.length - 1) + ' more)' : ''), 'reason'));
  if (!open.has(queue.uri)) return why.length ? all : null;
  const of = details.get(queue.uri) || {};
  if (of.failure) all.append(make('p', of.failure));
  if (of.info) all.append(of.info.stats.subscribers.length ? subscribers(of.info) : make('p', 'No subscriptions.'));
  if (of.info) all.append(make('p', of.info.members.length + ' open handles: '
      + of.info.members.map(m => 'pid ' + m.pid + (m.publisherCount ? ' publishes' : '')).join(', ')));
  if (of.places) all.append(of.places.length ? places(of.places, queue) : make('p', 'Nothing is in it, and nobody consumes.'));
  return all;
}

function subscribers(info) {
  return table([
    ['Subscription', s => s.name === null ? '(no name), slot ' + s.counters.slot : s.name],
    ['Process', s => s.attached ? 'pid ' + s.pid : 'nobody'],
    ['If it is slow', s => ({GATE_PUBLISHER: 'publishers wait', DISCONNECT: 'it is disconnected', OVERRUN: 'it loses'})[s.slowSubscriber]],
    ['Lag', s => number(s.lag), 'number'],
    ['Not acknowledged', s => number(info.stats.newestPosition - s.acknowledgedPosition), 'number'],
    ['Lost', s => number(s.lostCount), 'number'],
  ], info.stats.subscribers);
}

function places(all, queue) {
  const name = inPath(queue.uri);
  return table([
    ['Destination', p => p.destination],
    ['Kind', p => p.kind],
    ['Subscription', p => p.subscription],
    ['Messages', p => number(p.messages - p.expired), 'number'],
    ['Held', p => number(p.consumers.reduce((sum, one) => sum + one.held, 0)), 'number'],
    ['Oldest', p => p.oldest ? age(Math.max(0, Math.floor((Date.now() - Date.parse(p.oldest)) / 1000))) : '', 'number'],
    ['Consumers', p => p.consumers.map(c => c.process + (c.alive ? '' : ' (dead)') + ', holds ' + number(c.held)).join('; ') || 'none', 'wide'],
    ['', p => known.bodies && p.kind === 'queue' && p.messages && p.destination ? messages(name, p.destination) : ''],
  ], all);
}

function messages(domain, queue) {
  const link = make('a', 'messages');
  link.href = 'api/domains/' + domain + '/' + encodeURIComponent(queue);
  return link;
}

const QUEUES = [
  ['Queue', nameOf],
  ['Health', word],
  ['Messages', q => q.messages === undefined ? '' : number(q.messages), 'number'],
  ['A second', q => figure(q.rate, line(q.rates, 'messages a second')), 'number'],
  ['Lag', q => figure(q.lag, line(q.lags, 'lag')), 'number'],
  ['Oldest unread', q => q.oldestSeconds ? age(q.oldestSeconds) : '', 'number'],
  ['Last publish', q => q.publishedSeconds >= 0 ? age(q.publishedSeconds) + ' ago' : '', 'number'],
  ['Size', q => q.size === undefined ? '' : size(q.size) + (q.maxSize === null ? '' : ' of ' + size(q.maxSize)), 'number'],
  ['In use', q => q.size === undefined ? '' : size(q.inUse), 'number'],
  ['Publishers', q => q.publisherCount === undefined ? '' : number(q.publisherCount), 'number'],
  ['Readers', q => q.subscriberCount === undefined ? '' : number(q.subscriberCount), 'number'],
];

const SORTED = {
  Queue: q => q.uri, Health: q => -q.rank, Messages: q => -(q.messages || 0), 'A second': q => -(q.rate || 0),
  Lag: q => -(q.lag || 0), 'Oldest unread': q => -(q.oldestSeconds || 0), Size: q => -(q.size || 0), 'In use': q => -(q.inUse || 0),
};

function sorted(queues) {
  if (!order) return queues;
  const by = SORTED[order[0]];
  return queues.slice().sort((one, other) => (by(one) < by(other) ? -1 : by(one) > by(other) ? 1 : 0) * order[1]);
}

// Each heading that is a key sorts by it; pressed again, the other way.
function sortable(section) {
  for (const head of section.querySelectorAll(':scope > table th')) {
    const name = head.textContent;
    if (!SORTED[name]) continue;
    const button = make('button', name);
    button.dataset.key = 'sort ' + name;
    button.onclick = () => {
      order = [name, order && order[0] === name ? -order[1] : 1];
      draw();
    };
    if (order && order[0] === name) head.setAttribute('aria-sort', (order[1] > 0) === (name === 'Queue') ? 'ascending' : 'descending');
    head.replaceChildren(button);
  }
}

function verdict() {
  const bad = known.queues.filter(queue => queue.rank >= 3).length;
  const poor = known.queues.filter(queue => queue.rank === 2).length;
  const broken = known.broken.some(row => row.level === 'critical');
  const it = $('verdict');
  it.className = bad || broken ? 'bad' : poor || known.broken.length ? 'poor' : 'good';
  const words = [];
  if (bad) words.push('\u2716 ' + bad + (bad === 1 ? ' queue is' : ' queues are') + ' stuck or damaged');
  else if (broken) words.push('\u2716 something is broken');
  if (poor) words.push((bad ? '' : '\u25b2 ') + poor + (poor === 1 ? ' lags' : ' lag'));
  if (!words.length && known.broken.length) words.push('\u25b2 something needs a look');
  const text = words.join(', ') || '\u2713 all is well, ' + known.queues.length + ' queues';
  if (it.textContent !== text) it.textContent = text; // it is read aloud when it changes
  document.title = ({bad: '\u2716 ', poor: '\u25b2 '}[it.className] || '') + 'belfry ' + known.host;
}

function draw() {
  const focus = document.activeElement && document.activeElement.dataset.key;
  $('host').textContent = known.host;
  $('at').textContent = 'read at ' + clock(known.at) + ', every 2 s while this is seen; it began at ' + new Date(known.since).toLocaleString([], {hour12: false});
  verdict();
  const some = (id, heads, nothing) => show(id, folded(id, heads, known[id]), nothing);
  some('waits', PROBLEMS('Process', 'Waits', 'For'), 'Nobody waits.');
  some('loses', PROBLEMS('Subscription', 'Lost', 'Ago'), 'Nobody loses messages.');
  some('keeps', PROBLEMS('Which', 'What', 'For'), 'Nothing is kept for nobody.');
  some('broken', PROBLEMS('Check', 'What', ''), 'Nothing is broken.');
  some('bridges', PROBLEMS('Bridge', 'State', 'For'), 'There are no bridges.');
  const wanted = $('filter').value.toLowerCase();
  const queues = known.queues.filter(queue => queue.uri.toLowerCase().includes(wanted));
  show('queues', folded('queues', QUEUES, sorted(queues), more), known.queues.length ? 'No queue has that in its name.' : 'There are no queues.');
  sortable($('queues'));
  show('events', folded('events', [
    ['At', event => clock(event.at)],
    ['Queue', event => event.queue ? brief(event.queue) : ''],
    ['What', event => event.what, 'wide'],
  ], known.events), 'Nothing was seen.');
  if (focus) for (const it of document.querySelectorAll('[data-key]')) if (it.dataset.key === focus) return it.focus();
}

// Not while a command is selected, to be copied.
const isRead = () => $('pause').checked || document.hidden || getSelection().toString() !== '';

async function refresh() {
  try {
    if (!known || !isRead()) {
      known = await ask('api/page');
      for (const queue of known.queues) if (open.has(queue.uri)) await detail(queue);
      draw();
    }
  } catch (failure) {
    $('verdict').className = 'bad';
    $('verdict').textContent = '\u2716 belfry serve does not answer: ' + failure.message;
  }
  setTimeout(refresh, EVERY);
}

$('filter').oninput = () => known && draw();
refresh();
