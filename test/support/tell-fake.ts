/** POSTs to `/_fake/<path>` of the fake Volcengine: `faults`, `settings`, `flow-logs`. Throws when it refuses. */
export async function tellFake(volcengineUrl: string, path: string, value: unknown): Promise<void> {
  const init = { method: 'POST', body: JSON.stringify(value) };
  const response = await fetch(`${volcengineUrl}/_fake/${path}`, init);
  if (!response.ok) throw new Error(`the fake Volcengine refused ${path}: ${await response.text()}`);
}
