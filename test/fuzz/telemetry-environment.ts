/** Read when lib/runtime/telemetry.ts is loaded, so this comes before all else. */
process.env.POWERTOOLS_METRICS_NAMESPACE ??= 'fuzz';
process.env.POWERTOOLS_SERVICE_NAME ??= 'fuzz';
