import { startOperation } from '../api.ts';
import { useAction } from '../hooks.ts';
import type { OperationRequest } from '../model/contract.ts';
import { ACTION_TEXTS, describeFilter } from '../model/operations.ts';
import { Notice } from './basics.tsx';
import { ConfirmButton } from './confirm-button.tsx';

type Props = {
  request: OperationRequest;
  /** How many it is about, if that is known. */
  count?: string;
  isQuiet?: boolean;
};

/** Does one thing with many activations, after asking. Goes to the operation, which shows how far it is. */
export function OperationButton({ request, count, isQuiet = false }: Props) {
  const action = useAction();
  const { label, ofAll, does } = ACTION_TEXTS[request.action];
  const whole = count === undefined ? ofAll : `${label} ${count}`;
  return (
    <>
      <ConfirmButton
        label={whole}
        question={`${label}: ${describeFilter(request.filter)}?`}
        isDanger={request.action === 'cancel'}
        isQuiet={isQuiet}
        disabled={action.isRunning}
        onConfirm={() => void action.run(() => startOperation(request))}
      >
        {does} Each is decided by itself. You can abort it; what is done stays done.
      </ConfirmButton>
      {action.notice?.tone === 'bad' && <Notice tone="bad">{action.notice.text}</Notice>}
    </>
  );
}
