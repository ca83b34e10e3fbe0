// MQTT to SQLite: a row for each reading, in transactions of 5,000 rows or each second, each on disk when it is committed.
import Database from 'better-sqlite3';
import mqtt from 'mqtt';

const [brokerPort, file] = process.argv.slice(2);
const mostRows = 5000;
const db = new Database(file);
db.pragma('journal_mode = WAL');
db.pragma('synchronous = FULL');
db.exec(`
  CREATE TABLE device (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
  CREATE TABLE channel (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
  CREATE TABLE reading (
    device INTEGER NOT NULL, channel INTEGER NOT NULL, time INTEGER NOT NULL, value REAL NOT NULL,
    PRIMARY KEY (device, channel, time)) WITHOUT ROWID`);
const insert = db.prepare('INSERT INTO reading (device, channel, time, value) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING');
const insertAll = db.transaction(rows => {
  for (const [device, channel, time, value] of rows) insert.run(device, channel, time, value);
});
const numbers = { device: new Map(), channel: new Map() };
let rows = [];
let stored = 0;

function numberOf(kind, name) {
  let id = numbers[kind].get(name);
  if (id === undefined) {
    id = Number(db.prepare(`INSERT INTO ${kind} (name) VALUES (?)`).run(name).lastInsertRowid);
    numbers[kind].set(name, id);
  }
  return id;
}

function flush() {
  if (rows.length === 0) return;
  insertAll(rows);
  stored += rows.length;
  rows = [];
  console.log(`stored ${stored}`);
}

const client = mqtt.connect(`mqtt://127.0.0.1:${brokerPort}`, { protocolVersion: 5, clientId: 'bridge', properties: { receiveMaximum: 65535 } });
client.on('message', (topic, payload) => {
  const device = numberOf('device', topic.split('/')[1]);
  for (const { t, ...values } of JSON.parse(payload)) {
    for (const name in values) rows.push([device, numberOf('channel', name), t, values[name]]);
  }
  if (rows.length >= mostRows) flush();
});
await client.subscribeAsync('plant/+/telemetry', { qos: 1 });
setInterval(flush, 1000);
console.log('ready');
