import { ACTIVATION_COMPLETED, activationCompletedSchema } from './activation-completed-v1.ts';
import { ACTIVATION_FAILED, activationFailedSchema } from './activation-failed-v1.ts';
import { ACTIVATION_SUBMITTED, activationSubmittedSchema } from './activation-submitted-v1.ts';
import { BATCH_COMPLETED, batchCompletedSchema } from './batch-completed-v1.ts';
import { BATCH_PLANNED, batchPlannedSchema } from './batch-planned-v1.ts';
import {
  DEACTIVATION_BATCH_COMPLETED,
  deactivationBatchCompletedSchema,
} from './deactivation-batch-completed-v1.ts';
import { DEACTIVATION_COMPLETED, deactivationCompletedSchema } from './deactivation-completed-v1.ts';
import { DEACTIVATION_FAILED, deactivationFailedSchema } from './deactivation-failed-v1.ts';
import { DEACTIVATION_SUBMITTED, deactivationSubmittedSchema } from './deactivation-submitted-v1.ts';
import { FLOW_LOG_DRIFTED, flowLogDriftedSchema } from './flow-log-drifted-v1.ts';
import { POLICY_RUN_COMPLETED, policyRunCompletedSchema } from './policy-run-completed-v1.ts';

/** The schema of every published event, by type. */
export const EVENT_SCHEMAS = {
  [ACTIVATION_SUBMITTED]: activationSubmittedSchema,
  [ACTIVATION_COMPLETED]: activationCompletedSchema,
  [ACTIVATION_FAILED]: activationFailedSchema,
  [BATCH_COMPLETED]: batchCompletedSchema,
  [BATCH_PLANNED]: batchPlannedSchema,
  [FLOW_LOG_DRIFTED]: flowLogDriftedSchema,
  [DEACTIVATION_SUBMITTED]: deactivationSubmittedSchema,
  [DEACTIVATION_COMPLETED]: deactivationCompletedSchema,
  [DEACTIVATION_FAILED]: deactivationFailedSchema,
  [DEACTIVATION_BATCH_COMPLETED]: deactivationBatchCompletedSchema,
  [POLICY_RUN_COMPLETED]: policyRunCompletedSchema,
};
