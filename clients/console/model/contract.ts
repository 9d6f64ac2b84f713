import type { components } from '../../../contracts/openapi.d.ts';

type Schemas = components['schemas'];
export type Status = Schemas['StatusReport'];
export type AccountStatus = Status['accounts'][number];
export type Count = AccountStatus['open'];
export type Operation = Schemas['Operation'];
export type OperationSummary = Schemas['OperationSummary'];
export type OperationRequest = Schemas['OperationRequest'];
export type Plan = Schemas['StoredPlan'];
export type OperationFilter = OperationSummary['filter'];
