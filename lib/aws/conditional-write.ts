import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';

/** True when it was written, false when the condition did not hold. */
export async function unlessConditionFailed(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
