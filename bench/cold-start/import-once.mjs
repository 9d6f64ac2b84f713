// Plain JavaScript: stripping types would cost more than some of what is imported here.
const startedAt = performance.now();
await import(process.argv[2]);
const importMs = performance.now() - startedAt;
const { user, system } = process.cpuUsage();
process.stdout.write(JSON.stringify({ importMs, cpuMs: (user + system) / 1_000 }));
