import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import * as v from 'valibot';
import { readData } from '../data-dir.ts';
import { closeServer, listenOnLoopback } from '../loopback-server.ts';
import { handleApiCall } from './api-endpoint.ts';
import { type CallEntry, CallLog } from './call-log.ts';
import { CloudState, SnapshotSchema } from './cloud-state.ts';
import { Control, type FlowLogQuery, type SeededFlowLog } from './control.ts';
import { handleControlCall } from './control-routes.ts';
import { type AccountCredentialInput, AccountCredentialSchema, Credentials } from './credentials.ts';
import type { FakeCloud } from './fake-cloud.ts';
import type { FaultInput } from './fault.ts';
import { FaultPlan, type FaultReport } from './fault-plan.ts';
import type { FlowLogSeed } from './flow-log.ts';
import { IdentityTokenVerifier } from './identity-token.ts';
import { type RoleInput, Roles } from './roles.ts';
import { Sessions } from './sessions.ts';
import { type SettingsInput, SettingsSchema } from './settings.ts';
import { readTextFile, SnapshotFile } from './snapshot-file.ts';
import { Throttle } from './throttle.ts';
import { parseInput, parseJson } from './validation.ts';

export type FakeVolcengineOptions = {
  /** Default 0: a free one. */
  port?: number;
  /** The first is the default account of seeds. Default: DEFAULT_CREDENTIAL. */
  credentials?: AccountCredentialInput[];
  /** Without it any well-formed role can be assumed, for the account that has the account id of its TRN. */
  roles?: RoleInput[];
  /** Flow logs that exist from the start. A flow log that `dataDir` already has stays as it is. */
  seeds?: FlowLogSeed[];
  throttle?: SettingsInput['throttle'];
  autoCreate?: SettingsInput['autoCreate'];
  /** Flow logs and client tokens are kept there, in `volcengine.json`. */
  dataDir?: string;
  /** Milliseconds since the epoch. */
  now?: () => number;
};

/** The methods are the control routes of README.md beside this file, in the same process. They throw InvalidInput. */
export type FakeVolcengine = {
  url: string;
  seed(flowLogs: FlowLogSeed | FlowLogSeed[]): Promise<SeededFlowLog[]>;
  flowLogs(query?: FlowLogQuery): SeededFlowLog[];
  addFaults(faults: FaultInput | FaultInput[]): FaultReport[];
  faults(): FaultReport[];
  clearFaults(): void;
  /** Refuses from now on every temporary credential that STS has given. */
  expireSessions(): void;
  changeSettings(settings: SettingsInput): Promise<unknown>;
  calls(since?: number): CallEntry[];
  reset(): Promise<void>;
  /** Cuts every connection; resolves when the port is free and the state is on disk. */
  close(): Promise<void>;
};

export const DEFAULT_CREDENTIAL = {
  account: 'default',
  accessKey: 'fake-access-key',
  secretKey: 'fake-secret-key',
} as const satisfies AccountCredentialInput;

/** Longer than a client waits between two polls, so that no client sends on a connection that the server closes. */
const KEEP_ALIVE_MS = 60_000;

/** Throws InvalidInput for invalid options or an invalid data file, and the errors of `listen`. */
export async function startFakeVolcengine(options: FakeVolcengineOptions = {}): Promise<FakeVolcengine> {
  const closing = new AbortController();
  const { cloud, file } = await createCloud(options, closing.signal);
  const control = new Control(cloud, {
    settings: parseInput(
      SettingsSchema,
      { throttle: options.throttle, autoCreate: options.autoCreate, roles: options.roles },
      'options',
    ),
    seeds: options.seeds ?? [],
  });
  await cloud.persist();

  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (message, response) => {
    handle(cloud, control, message, response).catch(() => response.destroy());
  });
  const port = await listenOnLoopback(server, options.port ?? 0);

  return {
    url: `http://127.0.0.1:${port}`,
    seed: (flowLogs) => control.seed(flowLogs),
    flowLogs: (query) => control.flowLogs(query),
    addFaults: (faults) => control.addFaults(faults),
    faults: () => control.faults(),
    clearFaults: () => control.clearFaults(),
    expireSessions: () => control.expireSessions(),
    changeSettings: (settings) => control.changeSettings(settings),
    calls: (since) => control.calls(since),
    reset: () => control.reset(),
    close: async () => {
      if (closing.signal.aborted) return;
      closing.abort();
      await closeServer(server);
      await file?.save();
    },
  };
}

async function createCloud(
  options: FakeVolcengineOptions,
  closing: AbortSignal,
): Promise<{ cloud: FakeCloud; file: SnapshotFile | undefined }> {
  const now = options.now ?? Date.now;
  const state = new CloudState(now);
  const path = options.dataDir === undefined ? undefined : join(options.dataDir, 'volcengine.json');
  if (path !== undefined) {
    await readData(path, async () => {
      const stored = await readTextFile(path);
      if (stored === undefined) return;
      state.restore(parseInput(SnapshotSchema, parseJson(stored, 'its content'), 'its content'));
    });
  }
  const file = path === undefined ? undefined : new SnapshotFile(path, () => state.snapshot());
  const accepted = parseInput(
    v.pipe(v.array(AccountCredentialSchema), v.minLength(1)),
    options.credentials ?? [DEFAULT_CREDENTIAL],
    'credentials',
  );
  const credentials = new Credentials(accepted);
  const cloud: FakeCloud = {
    state,
    credentials,
    roles: new Roles(credentials),
    sessions: new Sessions(),
    identityTokens: new IdentityTokenVerifier(),
    faults: new FaultPlan(),
    throttle: new Throttle(now),
    calls: new CallLog(),
    clockSkewMs: 0,
    describe: {},
    closing,
    persist: async () => file?.save(),
  };
  return { cloud, file };
}

async function handle(
  cloud: FakeCloud,
  control: Control,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (message.url?.startsWith('/_fake')) await handleControlCall(control, message, response);
  else await handleApiCall(cloud, message, response);
}
