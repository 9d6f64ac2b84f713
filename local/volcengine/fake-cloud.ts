import type { CallLog } from './call-log.ts';
import type { CloudState } from './cloud-state.ts';
import type { Credentials } from './credentials.ts';
import type { DescribeSettings } from './describe-settings.ts';
import type { FaultPlan } from './fault-plan.ts';
import type { IdentityTokenVerifier } from './identity-token.ts';
import type { Roles } from './roles.ts';
import type { Sessions } from './sessions.ts';
import type { Throttle } from './throttle.ts';

/** The parts of one fake, as the API and the control routes share them. */
export type FakeCloud = {
  state: CloudState;
  credentials: Credentials;
  roles: Roles;
  sessions: Sessions;
  identityTokens: IdentityTokenVerifier;
  faults: FaultPlan;
  throttle: Throttle;
  calls: CallLog;
  /** How far the fake's clock is ahead. Signatures are checked by this clock, and the Date header shows it. */
  clockSkewMs: number;
  describe: DescribeSettings;
  /** Aborted when the fake closes. */
  closing: AbortSignal;
  /** Resolves when the state is on disk; at once without a data directory. */
  persist: () => Promise<void>;
};
