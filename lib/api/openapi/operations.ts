import type * as v from 'valibot';
import {
  accountSchema,
  activationIdSchema,
  batchIdSchema,
  flowLogIdSchema,
  generationSchema,
  metadataSchema,
  operationIdSchema,
  planIdSchema,
  regionSchema,
  timeSchema,
} from '../fields.ts';
import { activationRequestSchema } from '../requests/activation-request.ts';
import { batchRequestSchema } from '../requests/batch-request.ts';
import { operationRequestSchema } from '../requests/operation-request.ts';
import { pauseRequestSchema } from '../requests/pause-request.ts';
import { bulkRedriveRequestSchema, redriveRequestSchema } from '../requests/redrive-request.ts';
import { selectorRequestSchema } from '../requests/selector-request.ts';
import {
  callErrorSchema,
  driftKindSchema,
  failureReasonSchema,
  historyEntrySchema,
  statusSchema,
} from '../responses/activation-parts.ts';
import {
  activationPageSchema,
  activationSchema,
  bulkRedriveSchema,
  requestedActivationsSchema,
} from '../responses/activation-responses.ts';
import {
  batchSchema,
  planCategorySchema,
  planCountsSchema,
  planSchema,
  resolvedSelectorSchema,
  startedPlanSchema,
  storedPlanSchema,
} from '../responses/batch-responses.ts';
import { healthSchema } from '../responses/health-response.ts';
import {
  operationListSchema,
  operationSchema,
  operationStatusSchema,
  operationSummarySchema,
  requestedOperationSchema,
} from '../responses/operation-responses.ts';
import { pauseSchema } from '../responses/pause-response.ts';
import {
  fieldErrorSchema,
  gatewayErrorSchema,
  planDifferenceSchema,
  problemSchema,
} from '../responses/problem-response.ts';
import {
  policyNameSchema,
  reportListSchema,
  reportSchema,
  runIdSchema,
  runListSchema,
  runSummarySchema,
} from '../responses/report-responses.ts';
import { boundedCountSchema, statusReportSchema } from '../responses/status-response.ts';
import { ACCOUNT_OPERATIONS } from './account-operations.ts';
import { ACTIVATION_OPERATIONS } from './activation-operations.ts';
import { BATCH_OPERATIONS } from './batch-operations.ts';
import { BULK_OPERATIONS } from './bulk-operations.ts';
import type { Operation } from './operation.ts';
import { REPORT_OPERATIONS } from './report-operations.ts';
import { SERVICE_OPERATIONS } from './service-operations.ts';
import { WEBHOOK_OPERATIONS } from './webhook-operations.ts';

/** Every operation, by method and path, in the order in which the document lists them. */
export const OPERATIONS: Record<string, Operation> = {
  ...ACTIVATION_OPERATIONS,
  ...BATCH_OPERATIONS,
  ...BULK_OPERATIONS,
  ...REPORT_OPERATIONS,
  ...ACCOUNT_OPERATIONS,
  ...WEBHOOK_OPERATIONS,
  ...SERVICE_OPERATIONS,
};

/** The schemas that have a name in the document. Each other schema is inlined where it is used. */
export const NAMED_SCHEMAS: Record<string, v.GenericSchema> = {
  ActivationRequest: activationRequestSchema,
  RequestedActivations: requestedActivationsSchema,
  Activation: activationSchema,
  ActivationPage: activationPageSchema,
  RedriveRequest: redriveRequestSchema,
  BulkRedriveRequest: bulkRedriveRequestSchema,
  BulkRedrive: bulkRedriveSchema,
  BatchRequest: batchRequestSchema,
  Selector: selectorRequestSchema,
  Plan: planSchema,
  StartedPlan: startedPlanSchema,
  StoredPlan: storedPlanSchema,
  Batch: batchSchema,
  OperationRequest: operationRequestSchema,
  RequestedOperation: requestedOperationSchema,
  OperationSummary: operationSummarySchema,
  Operation: operationSchema,
  OperationList: operationListSchema,
  OperationId: operationIdSchema,
  OperationStatus: operationStatusSchema,
  Report: reportSchema,
  ReportList: reportListSchema,
  Run: runSummarySchema,
  RunList: runListSchema,
  RunId: runIdSchema,
  PolicyName: policyNameSchema,
  PauseRequest: pauseRequestSchema,
  Pause: pauseSchema,
  Health: healthSchema,
  StatusReport: statusReportSchema,
  BoundedCount: boundedCountSchema,
  Problem: problemSchema,
  FieldError: fieldErrorSchema,
  GatewayError: gatewayErrorSchema,
  ActivationId: activationIdSchema,
  BatchId: batchIdSchema,
  PlanId: planIdSchema,
  PlanCounts: planCountsSchema,
  PlanCategory: planCategorySchema,
  PlanDifference: planDifferenceSchema,
  ResolvedSelector: resolvedSelectorSchema,
  FlowLogId: flowLogIdSchema,
  Region: regionSchema,
  Account: accountSchema,
  Metadata: metadataSchema,
  Status: statusSchema,
  FailureReason: failureReasonSchema,
  DriftKind: driftKindSchema,
  CallError: callErrorSchema,
  HistoryEntry: historyEntrySchema,
  Generation: generationSchema,
  Time: timeSchema,
};
