import { readFileSync, writeFileSync } from 'node:fs';

const KILOBYTE = 1024;

/**
 * Begins to watch the memory that the process has resident; the function answers by how many bytes it rose at most
 * since. Where there is no Linux to forget the peak, only what rises above the highest one so far is seen.
 */
export function watchPeak(): () => number {
  forgetPeak();
  const before = peakBytes();
  return () => peakBytes() - before;
}

/** https://docs.kernel.org/filesystems/proc.html, clear_refs: 5 sets the peak back to what is resident now. */
function forgetPeak(): void {
  if (!canForget) return;
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    canForget = false;
  }
}

let canForget = process.platform === 'linux';

function peakBytes(): number {
  if (!canForget) return process.resourceUsage().maxRSS * KILOBYTE;
  const [, kilobytes = '0'] = /^VmHWM:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kilobytes) * KILOBYTE;
}
