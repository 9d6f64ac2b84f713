import './telemetry-environment.ts';
import { HTTP_SURFACES } from './http-surfaces.ts';
import { REGEX_SURFACE } from './regex-surface.ts';
import { SCHEDULE_SURFACE } from './schedule-surface.ts';
import { SOCKET_SURFACE } from './socket-surface.ts';
import { SQS_SURFACE } from './sqs-surface.ts';
import { STORED_ITEM_SURFACE } from './stored-item-surface.ts';
import type { Surface } from './surface.ts';
import { VOLCENGINE_SURFACES } from './volcengine-surfaces.ts';
import { WORKFLOW_SURFACES } from './workflow-surfaces.ts';

export const SURFACES: readonly Surface[] = [
  ...HTTP_SURFACES,
  SQS_SURFACE,
  SCHEDULE_SURFACE,
  ...VOLCENGINE_SURFACES,
  SOCKET_SURFACE,
  ...WORKFLOW_SURFACES,
  STORED_ITEM_SURFACE,
  REGEX_SURFACE,
];
