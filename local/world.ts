import { configuredWrong } from '../scripts/check-template.ts';
import { createDataDir, unusableDataDir } from './data-dir.ts';
import { DataDirInUseError, lockDataDir } from './data-dir-lock.ts';
import { silentServices } from './external-services.ts';
import { LOCAL_VARIABLES } from './functions-runner/function-environment.ts';
import { type LogSink, sourceLog } from './logs/log-record.ts';
import {
  conditionsOf,
  dataDirOf,
  InvalidSettingsError,
  readSettings,
  type Settings,
  settingsWarnings,
} from './settings.ts';
import { type Exit, startChild } from './supervisor/child-process.ts';
import { FunctionsSupervisor } from './supervisor/functions-supervisor.ts';
import { CloudReady, type FakeOptions, type WorldDescription } from './supervisor/messages.ts';
import { settleConditions } from './template/conditions.ts';
import { projectStack, type TemplateStack } from './template-stack.ts';

export type LocalWorldOptions = {
  /** As `npm start` reads it from the process: PORT, DATA_DIR, endpoints, tuning. Empty if not given. */
  env?: Record<string, string | undefined>;
  /** Overrides PORT; 0 is a free one. */
  port?: number;
  /** Overrides DATA_DIR. */
  dataDir?: string;
  /** The project's own, built and compiled, if not given. */
  stack?: TemplateStack;
  /** Flow logs, accounts and limits of the fake Volcengine. */
  fake?: FakeOptions;
  onLog?: LogSink;
};

export type LocalWorld = {
  apiUrl: string;
  /** The body of `GET /_local`. */
  description: WorldDescription;
  cloudPid: number;
  /** Changes when the functions are started again. */
  readonly functionsPid: number | undefined;
  /** SIGKILL, and no restart until `restartFunctions`. Resolves when the process is gone. */
  killFunctions(): Promise<void>;
  /** On the same port as before. Resolves when they respond. */
  restartFunctions(): Promise<void>;
  /** SIGKILL for the cloud, with which the world ends. */
  killCloud(): Promise<void>;
  /** Resolves when the cloud has ended without being told to. */
  cloudExited: Promise<Exit>;
  /** Resolves when every process has ended and the state is on disk; may be called again. */
  stop(): Promise<void>;
};

const ACCOUNT_ID = '000000000000';

/** Creates the data directory. Throws one error that names all faults of it and of the settings. */
async function usableSettings(environment: Record<string, string | undefined>): Promise<Settings> {
  const [read, created] = await Promise.allSettled([
    (async () => readSettings(environment))(),
    createDataDir(dataDirOf(environment)),
  ]);
  const reasons: unknown[] = [read, created].flatMap((each) =>
    each.status === 'rejected' ? [each.reason] : [],
  );
  if (reasons.length > 1) {
    throw new InvalidSettingsError(
      reasons.map((each) => (each instanceof Error ? each.message : each)).join('\n'),
    );
  }
  if (read.status === 'rejected') throw read.reason;
  if (created.status === 'rejected') throw created.reason;
  return read.value;
}

/** The kernel takes some milliseconds to end the threads of a killed process, and frees its lock with the last. */
const KILLED_END_MS = 500;

/**
 * Starts the cloud and the functions, each in its own process. Continues with the state of the data directory. Restarts
 * the functions if they die, as AWS would.
 * @throws InvalidSettingsError, DataDirError, DataDirInUseError, and an Error that says why a process did not start, for one
 *   because the port is in use.
 */
export async function startLocalWorld(options: LocalWorldOptions = {}): Promise<LocalWorld> {
  const { port, dataDir, env = {}, fake = {}, onLog = () => {} } = options;
  const settings = await usableSettings({
    ...env,
    ...(port !== undefined && { PORT: String(port) }),
    ...(dataDir !== undefined && { DATA_DIR: dataDir }),
  });
  const log = sourceLog(onLog, 'local');
  for (const warning of settingsWarnings(env)) log('WARN', warning);
  const unlock = await lockDataDir(settings.dataDir, 'local', KILLED_END_MS).catch((error: unknown) => {
    if (error instanceof DataDirInUseError) throw error;
    throw unusableDataDir(settings.dataDir, error);
  });
  try {
    const silent = await silentServices(settings.external);
    if (silent.length > 0) throw new InvalidSettingsError(silent.join('\n'));
    const { template: compiled, codeDir } = options.stack ?? (await projectStack(settings.extraStackDir));
    const wrong = configuredWrong(compiled, { ...LOCAL_VARIABLES, ...settings.overrides });
    if (wrong.length > 0)
      throw new InvalidSettingsError(['The configuration is wrong:', ...wrong].join('\n'));
    const template = settleConditions(compiled, conditionsOf(settings));
    const stack = {
      region: settings.aws.region,
      accountId: ACCOUNT_ID,
      stackName: 'flow-log-activator-local',
    };
    const cloud = await startChild({
      name: 'cloud',
      module: new URL('./cloud/main.ts', import.meta.url),
      config: { template, stack, settings, fake },
      readySchema: CloudReady,
      log: onLog,
    });
    const functions = new FunctionsSupervisor({
      config: { template, stack, settings, cloud: cloud.ready, codeDir },
      sink: onLog,
    });
    const { apiUrl, description } = await functions.start().catch(async (error: unknown) => {
      await cloud.stop();
      throw error;
    });

    let stopping: Promise<void> | undefined;
    const cloudExited = cloud.exited.then((exit) => {
      if (!stopping) log('ERROR', 'The cloud process has ended', exit);
      return exit;
    });
    const stop = async (): Promise<void> => {
      await functions.stop();
      await cloud.stop();
      await unlock();
    };
    return {
      apiUrl,
      description,
      cloudPid: cloud.pid,
      cloudExited,
      get functionsPid() {
        return functions.pid;
      },
      killFunctions: () => functions.kill(),
      restartFunctions: async () => void (await functions.start()),
      killCloud: async () => void (await cloud.kill()),
      stop: () => {
        stopping ??= stop();
        return stopping;
      },
    };
  } catch (error) {
    await unlock();
    throw error;
  }
}
