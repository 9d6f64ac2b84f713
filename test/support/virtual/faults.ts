/** Decides what goes wrong. `isOn` is false from the moment on from which nothing may. */
export type Faults<Fault extends string> = { readonly isOn: boolean; strike(fault: Fault): boolean };

/** Nothing goes wrong, at any time. */
export const NO_FAULTS = {
  isOn: false,
  isCalm: false,
  isLagging: false,
  strike: () => false,
  errorRow: () => undefined,
};
