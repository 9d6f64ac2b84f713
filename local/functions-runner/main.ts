import { runAsChild } from '../supervisor/child-side.ts';
import { FunctionsConfig } from '../supervisor/messages.ts';
import { startFunctions } from './functions.ts';

runAsChild(FunctionsConfig, startFunctions);
