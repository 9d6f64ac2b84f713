/** The body of Volcengine's response to an ActiveFlowLog that it accepts. */
export const ACTIVATED = JSON.stringify({
  ResponseMetadata: {
    RequestId: '20260102030405A1B2C3D4E5F6A7B8C9D0',
    Action: 'ActiveFlowLog',
    Version: '2020-04-01',
    Service: 'vpc',
    Region: 'cn-beijing',
  },
  Result: { RequestId: '20260102030405A1B2C3D4E5F6A7B8C9D0' },
});
