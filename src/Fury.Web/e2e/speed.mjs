// How much a browser has to do for the live page with 500 replicas and 10 events a second: `node e2e/speed.mjs`, after a build. The host is a stand-in, so that
// only the page is measured. Prints one line of JSON: frames a second, and how much of a processor the page's own process took.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { chromium } from 'playwright-core'

const [REPLICAS, EVENTS_A_SECOND, SECONDS] = [500, 10, 15]
const ID = '01932c8e-7a54-7d5c-b5d1-1f2c3a4b5c6d'
const TYPES = { js: 'text/javascript', css: 'text/css', html: 'text/html', svg: 'image/svg+xml', woff2: 'font/woff2' }
const scope = { application: 'shop', scope: 'production-web' }
const began = Date.now()
const pad = (number) => `01932c8e-7a54-7d5c-b5d1-${String(number).padStart(12, '0')}`
let asked = 0

const step = (weight) => ({ locations: ['here'], weight, gate: 'evidence', minSeconds: 30, deadlineSeconds: 3600, onFail: 'rollback', replicas: 250 })
const deployment = () => ({
  id: ID,
  scope,
  strategy: 'safe',
  phase: 'judging',
  to: 'b',
  from: 'a',
  version: '1.1.0',
  currentPool: pad(1),
  candidatePool: pad(2),
  reason: 'It is judged.',
  createdAt: new Date(began).toISOString(),
  deadline: new Date(began + 3.6e6).toISOString(),
  revision: ++asked,
  policy: { bakeSeconds: 1800 },
  step: 1,
  steps: [1, 5, 25, 50, 100].map(step),
  lanes: [{ location: 'here', share: 100, weight: 5, current: pad(1), candidate: pad(2), isBarred: false }],
  recommendations: [],
})
const pool = (id, version, weight) => ({
  id,
  version,
  release: 'a',
  location: 'here',
  phase: 'active',
  weight,
  ready: 249,
  wanted: REPLICAS / 2,
  requests: (Date.now() - began) * weight,
  errors: 3,
  failures: 0,
  inFlight: 4,
  replicas: Array.from({ length: REPLICAS / 2 }, (_, index) => ({
    // Each time another one is not ready: the page has something to draw.
    id: pad(1000 + index + weight * 1000),
    phase: index === asked % 250 ? 'unready' : 'ready',
    address: `10.0.0.${index}`,
    port: 80,
    restarts: 0,
  })),
})
const arm = (requests) => ({ requests, errors: requests % 3, p50Ms: 12, p99Ms: 40 + (requests % 17), ready: 250 })
const points = (after) =>
  Array.from({ length: 600 + Math.floor((Date.now() - began) / 1000) }, (_, index) => index + 1)
    .filter((tick) => tick > after)
    .map((tick) => ({
      tick,
      at: new Date(began + (tick - 600) * 1000).toISOString(),
      seconds: 1,
      candidate: arm(50 + (tick % 9)),
      current: arm(950 + (tick % 31)),
    }))
const judgement = () => ({
  tick: 9,
  at: new Date().toISOString(),
  verdict: 'insufficient',
  cause: 'undecided',
  sentence: `Not proven yet, ${Date.now()}.`,
  facts: {},
})

function answer(url, query) {
  return url.endsWith('/status')
    ? { scope, address: 'http://x/', version: '1.0.0', routingVersion: 7, pools: [pool(pad(1), '1.0.0', 95), pool(pad(2), '1.1.0', 5)] }
    : url.endsWith('/traffic')
      ? points(Number(query.get('after') ?? 0))
      : url.endsWith('/judgement')
        ? judgement()
        : url.endsWith(`/deployments/${ID}`)
          ? deployment()
          : url.endsWith('/me')
            ? undefined
            : { items: [] }
}

function events(response) {
  response.writeHead(200, { 'Content-Type': 'text/event-stream' })
  let number = 0
  const timer = setInterval(() => {
    const event = {
      deployment: ID,
      number: ++number,
      at: new Date().toISOString(),
      phase: 'judging',
      message: `Something has happened, ${number}.`,
      data: { tick: `${number}` },
    }
    response.write(`id: ${number}\nevent: judging\ndata: ${JSON.stringify(event)}\n\n`)
  }, 1000 / EVENTS_A_SECOND)
  response.on('close', () => clearInterval(timer))
}

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://x')
  if (pathname.endsWith('/events')) {
    return events(response)
  }
  if (pathname.startsWith('/api')) {
    const body = answer(pathname, searchParams)
    response.writeHead(body ? 200 : 404, { 'Content-Type': 'application/json' })
    return response.end(JSON.stringify(body ?? {}))
  }
  const name = /\.\w+$/.test(pathname) ? pathname : '/index.html'
  response.writeHead(200, { 'Content-Type': TYPES[name.split('.').at(-1)] })
  response.end(readFileSync(`dist${name}`))
}).listen(0)

const browser = await chromium.launch({ executablePath: process.env.FURY_CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })
const page = await browser.newPage({ viewport: { width: 1280, height: 1600 } })
await page.goto(`http://127.0.0.1:${server.address().port}/deployments/${ID}`)
await page.getByText('Something has happened, 20.').waitFor({ timeout: 120_000 })
const all = await browser.newBrowserCDPSession()
const own = await page.context().newCDPSession(page)
await own.send('Performance.enable')
const used = async () => {
  const { processInfo } = await all.send('SystemInfo.getProcessInfo')
  const { metrics } = await own.send('Performance.getMetrics')
  const of = (name) => metrics.find((metric) => metric.name === name).value
  return {
    page: processInfo.filter((one) => one.type === 'renderer').reduce((sum, one) => sum + one.cpuTime, 0),
    script: of('ScriptDuration'),
    layout: of('LayoutDuration'),
  }
}
const before = await used()
const frames = await page.evaluate(
  (seconds) =>
    new Promise((resolve) => {
      let [count, slowest, last] = [0, 0, performance.now()]
      const end = last + seconds * 1000
      const frame = (now) => {
        count++
        slowest = Math.max(slowest, now - last)
        last = now
        now < end ? requestAnimationFrame(frame) : resolve({ count, slowest })
      }
      requestAnimationFrame(frame)
    }),
  SECONDS,
)
const after = await used()
const per = (name) => Math.round(((after[name] - before[name]) / SECONDS) * 1000)
console.log(
  JSON.stringify({
    replicas: REPLICAS,
    eventsPerSecond: EVENTS_A_SECOND,
    framesPerSecond: Math.round(frames.count / SECONDS),
    slowestFrameMs: Math.round(frames.slowest),
    pageProcessorMsPerSecond: per('page'),
    scriptMsPerSecond: per('script'),
    layoutMsPerSecond: per('layout'),
  }),
)
await browser.close()
server.closeAllConnections()
server.close()
