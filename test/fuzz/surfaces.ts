import './telemetry-environment.ts';
import { ASSUME_ROLE_SURFACE } from './assume-role-surface.ts';
import { BATCH_SURFACES } from './batch-surfaces.ts';
import { HTTP_SURFACES } from './http-surfaces.ts';
import { REGEX_SURFACE } from './regex-surface.ts';
import { SCHEDULE_SURFACE } from './schedule-surface.ts';
import { SOCKET_SURFACE } from './socket-surface.ts';
import { SQS_SURFACE } from './sqs-surface.ts';
import { STORED_ITEM_SURFACE } from './stored-item-surface.ts';
import type { Surface } from './surface.ts';
import { VOLCENGINE_SURFACES } from './volcengine-surfaces.ts';
import { WEBHOOK_DELIVERY_SURFACE } from './webhook-delivery-surface.ts';
import { WEBHOOK_SURFACE } from './webhook-surface.ts';
import { WORKFLOW_SURFACES } from './workflow-surfaces.ts';

export const SURFACES: readonly Surface[] = [
  ...HTTP_SURFACES,
  ...BATCH_SURFACES,
  WEBHOOK_SURFACE,
  SQS_SURFACE,
  WEBHOOK_DELIVERY_SURFACE,
  SCHEDULE_SURFACE,
  ...VOLCENGINE_SURFACES,
  ASSUME_ROLE_SURFACE,
  SOCKET_SURFACE,
  ...WORKFLOW_SURFACES,
  STORED_ITEM_SURFACE,
  REGEX_SURFACE,
];
