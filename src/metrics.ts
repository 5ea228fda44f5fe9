import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { Gate } from './gate.js';
import { metricParts } from './metrics-of-store.js';
import type { Family, MetricParts } from './metrics-of-store.js';

/** What a scrape gets. */
export interface Scrape {
  readonly contentType: string;
  readonly text: string;
}

/** The figures of a gate, in the text format of Prometheus. */
export interface Metrics {
  read(): Promise<Scrape>;
}

/** For so long an answer is given again: whoever scrapes faster, or in numbers, doesn't make the database count. */
const CACHE_MS = 5_000;

/**
 * The metrics of one gate: what stands in its database and its trust, read when it is asked for, and how its process does.
 *
 * A part that can't be read is left out altogether, for a zero, or the figure of before, would be a lie; that it is missing
 * is counted in `portcullis_scrape_errors_total`.
 */
export function createMetrics(gate: MetricParts & Pick<Gate, 'log'>): Metrics {
  const ofProcess = new Registry();
  collectDefaultMetrics({ register: ofProcess });
  const errors = new Counter({
    name: 'portcullis_scrape_errors_total',
    help: 'How often a part of the metrics could not be read, and was left out.',
    labelNames: ['part'],
    registers: [ofProcess],
  });
  for (const part of Object.keys(metricParts)) errors.inc({ part }, 0);

  let underWay: Promise<Scrape> | null = null;
  let kept: { readonly at: number; readonly scrape: Scrape } | null = null;
  return {
    async read() {
      // A clock that nobody sets: how old the answer is has nothing to do with what day it is.
      if (kept !== null && performance.now() - kept.at < CACHE_MS) return kept.scrape;
      // However long it takes, one at a time: a slow database is not to be asked by more and more.
      underWay ??= scrapeAndKeep().finally(() => (underWay = null));
      return underWay;
    },
  };

  async function scrapeAndKeep(): Promise<Scrape> {
    const made = await scrape();
    kept = { at: performance.now(), scrape: made };
    return made;
  }

  async function scrape(): Promise<Scrape> {
    const ofStore = new Registry();
    for (const [part, read] of Object.entries(metricParts)) {
      try {
        for (const family of await read(gate)) register(ofStore, family);
      } catch (error) {
        errors.inc({ part });
        gate.log.warn({ err: error, part }, 'a part of the metrics could not be read');
      }
    }
    const text = [await ofStore.metrics(), await ofProcess.metrics()].filter((each) => each.trim() !== '').join('\n');
    return { contentType: Registry.PROMETHEUS_CONTENT_TYPE, text };
  }
}

function register(registry: Registry, { name, help, samples }: Family): void {
  const labelNames = [...new Set(samples.flatMap(({ labels }) => Object.keys(labels)))];
  // Without a sample there is nothing to say: a gauge without labels would say 0.
  if (samples.length === 0) return;
  const gauge = new Gauge({ name, help, labelNames, registers: [registry] });
  for (const { labels, value } of samples) gauge.set(labels, value);
}
