// MQTT to InfluxDB: a line for each frame, written in batches of 5,000 lines or each second, over kept connections.
import http from 'node:http';
import mqtt from 'mqtt';

const [brokerPort, influxPort] = process.argv.slice(2);
const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
const mostLines = 5000;
let lines = [];
let waiting = 0;
let stored = 0;

function post(path, body) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port: influxPort, path, method: 'POST', agent }, response => {
      let text = '';
      response.on('data', chunk => (text += chunk));
      response.on('end', () => (response.statusCode < 300 ? resolve() : reject(new Error(`${response.statusCode} ${text}`))));
    });
    request.on('error', reject);
    request.end(body);
  });
}

function flush() {
  if (lines.length === 0) return;
  const [body, readings] = [lines.join('\n'), waiting];
  [lines, waiting] = [[], 0];
  post('/write?db=bench&precision=ms', body).then(
    () => console.log(`stored ${(stored += readings)}`),
    error => {
      console.error(error.message);
      process.exit(1);
    });
}

await post('/query?q=CREATE%20DATABASE%20bench', '');
const client = mqtt.connect(`mqtt://127.0.0.1:${brokerPort}`, { protocolVersion: 5, clientId: 'bridge', properties: { receiveMaximum: 65535 } });
client.on('message', (topic, payload) => {
  const device = topic.split('/')[1];
  for (const { t, ...values } of JSON.parse(payload)) {
    let fields = '';
    for (const name in values) {
      fields += `${fields ? ',' : ''}${name}=${values[name]}`;
      waiting++;
    }
    lines.push(`frame,device=${device} ${fields} ${t}`);
  }
  if (lines.length >= mostLines) flush();
});
await client.subscribeAsync('plant/+/telemetry', { qos: 1 });
setInterval(flush, 1000);
console.log('ready');
