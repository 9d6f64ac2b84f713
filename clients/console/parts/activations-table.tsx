import type { Activation } from '../../http/api.ts';
import { causeOf, stateOf } from '../model/activation-state.ts';
import { linkTo } from '../model/route.ts';
import { Badge, Heads, Time } from './basics.tsx';

type Props = { caption: string; activations: Activation[]; now: number };

/** One row each, newest first. What is beside the id on a wide screen is below it on a phone. */
export function ActivationsTable({ caption, activations, now }: Props) {
  return (
    <table class="activations">
      <caption class="unseen">{caption}</caption>
      <Heads columns={['Flow log', 'State', ['Cause, or what is next', 'wide'], ['Asked', 'number']]} />
      <tbody>
        {activations.map((activation) => (
          <ActivationRow key={activation.activationId} activation={activation} now={now} />
        ))}
      </tbody>
    </table>
  );
}

function ActivationRow({ activation, now }: { activation: Activation; now: number }) {
  const { activationId, flowLogId, account, region, createdAt, attempts } = activation;
  const { tone, text, detail } = stateOf(activation);
  const more = [detail, attempts > 1 && `${attempts} calls`].filter(Boolean).join(' · ');
  return (
    <tr>
      <th scope="row">
        <a href={linkTo('activations', { id: activationId })}>{flowLogId}</a>
        <small>
          {account} · {region}
        </small>
      </th>
      <td>
        <Badge tone={tone}>{text}</Badge>
        {more && <small>{more}</small>}
      </td>
      <td class="wide">{causeOf(activation, now)}</td>
      <td class="number">
        <Time at={createdAt} now={now} />
      </td>
    </tr>
  );
}
