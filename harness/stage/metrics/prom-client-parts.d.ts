/**
 * Parts of prom-client, imported one by one: the whole package also loads its push gateway, cluster mode and
 * OpenTelemetry, which costs every process 8 MB and 80 ms. It has no types for its parts.
 */
declare module 'prom-client/lib/counter.js' {
  export { Counter as default } from 'prom-client';
}
declare module 'prom-client/lib/gauge.js' {
  export { Gauge as default } from 'prom-client';
}
declare module 'prom-client/lib/histogram.js' {
  export { Histogram as default } from 'prom-client';
}
declare module 'prom-client/lib/registry.js' {
  export { Registry as default } from 'prom-client';
}
