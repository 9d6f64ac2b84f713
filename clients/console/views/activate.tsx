import { useRef } from 'preact/hooks';
import { api } from '../api.ts';
import { useAction } from '../hooks.ts';
import { linkTo } from '../model/route.ts';
import { Notice } from '../parts/basics.tsx';

/** Asks for flow logs by their ids, then shows the batch. */
export function ActivateView({ query }: { query: Record<string, string> }) {
  const action = useAction();
  // One key for each text: a second click on the same text starts nothing twice.
  const key = useRef({ text: '', value: '' });
  const ask = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const text = (name: string) => String(form.get(name) ?? '').trim();
    const body = {
      flowLogIds: text('flowLogIds')
        .split(/[\s,;]+/)
        .filter(Boolean),
      ...(text('account') && { account: text('account') }),
      ...(text('region') && { region: text('region') }),
    };
    const asText = JSON.stringify(body);
    if (key.current.text !== asText) key.current = { text: asText, value: crypto.randomUUID() };
    const header = { 'Idempotency-Key': key.current.value };
    void action.run(async () => {
      const { data } = await api.POST('/activations', { params: { header }, body });
      location.hash = linkTo('batches', { id: data?.batchId ?? '' });
      return 'Asked.';
    });
  };
  return (
    <>
      <div class="view-head">
        <h1>Activate flow logs</h1>
      </div>
      <form class="card stacked" onSubmit={ask}>
        <label>
          Flow log ids, up to 1,000
          <textarea
            name="flowLogIds"
            required
            rows={5}
            spellcheck={false}
            placeholder="fl-1 fl-2"
            defaultValue={query.flowLogId}
          />
        </label>
        <div class="side-by-side">
          <label>
            Account
            <input
              name="account"
              autocomplete="off"
              spellcheck={false}
              placeholder="default"
              defaultValue={query.account}
            />
          </label>
          <label>
            Region
            <input
              name="region"
              autocomplete="off"
              spellcheck={false}
              placeholder="as configured"
              defaultValue={query.region}
            />
          </label>
        </div>
        <div class="actions">
          <button type="submit" class="button primary" disabled={action.isRunning}>
            Activate
          </button>
        </div>
        {action.notice && <Notice tone={action.notice.tone}>{action.notice.text}</Notice>}
      </form>
    </>
  );
}
