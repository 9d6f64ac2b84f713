/** What a page is a page of. */
export type About = {
  /** Such as `local world`, or the host of the API. */
  service: string;
  /** It has alarms at `/_local/alarms`. */
  isLocal?: boolean;
  /** There is a fake Volcengine, whose faults can be switched. */
  hasFake?: boolean;
  /** It has the latest events of the bus at `/_local/events`. */
  hasBus?: boolean;
  /** Where CloudWatch has the saved queries of the stack. */
  queriesUrl?: string;
};
