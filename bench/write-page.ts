import { writeFile } from 'node:fs/promises';
import { BENCHMARKS_PAGE, benchmarksPage, readmeFigures } from './benchmarks-page.ts';
import { readResults } from './results.ts';

/*
 * node bench/write-page.ts
 * Writes docs/benchmarks.md from bench/results.json, and prints the lines that README has of it.
 */
const entries = await readResults();
await writeFile(BENCHMARKS_PAGE, benchmarksPage(entries));
console.log(readmeFigures(entries).join('\n'));
