import * as v from 'valibot';
import { IdPatternSchema } from './id-pattern.ts';

/** `no-result`: Result is absent as a whole, where only an empty list would be in it. */
export const EmptyListSchema = v.picklist(['[]', 'null', 'absent', 'no-result']);

export const RefusedIdsSchema = v.strictObject({
  /** An id that is not shown: 404 InvalidFlowLog.NotFound. */
  unknown: v.optional(v.boolean(), false),
  /** An id that fits: 400 InvalidFlowLogId.Malformed. */
  malformed: v.optional(IdPatternSchema),
});

/** How DescribeFlowLogs behaves where servers of this kind differ. */
export type DescribeSettings = {
  emptyList?: v.InferOutput<typeof EmptyListSchema> | undefined;
  refusedIds?: v.InferOutput<typeof RefusedIdsSchema> | undefined;
};
