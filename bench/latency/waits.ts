/** How long each waited for its event, in ticks: whether the next tick was of the same invocation or not. */
export type Waits = { within: number[]; across: number[] };
