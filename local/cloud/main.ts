import { runAsChild } from '../supervisor/child-side.ts';
import { CloudConfig } from '../supervisor/messages.ts';
import { startCloud } from './cloud.ts';

runAsChild(CloudConfig, startCloud);
