/** The same API has two brands. Each has its own hosts and credentials. */
export const BRANDS = ['volcengine', 'byteplus'] as const;
export type Brand = (typeof BRANDS)[number];

/** Instead of an endpoint: each call goes to the host of its brand, service and region. An endpoint gets every call. */
export const BY_REGION = 'by-region';

/** The audience of our identity tokens: who is to accept them. */
export const OIDC_AUDIENCE = 'sts.volcengineapi.com';

/** The parts of a call that its host depends on. */
export type CallTarget = { account: string; service: string; region: string };

type BrandHosts = {
  common: string;
  /** The regions that have only the host `<service>.<region>.<domain>`. */
  ownHostRegions: readonly string[];
  domain: string;
  /** STS is one service for all regions. */
  sts: { host: string; region: string };
};

/**
 * Sources: utils/endpoint.ts of the official Node SDK and volcengineutil/url.go of the Go SDK (the common host, the
 * regions with one of their own), the references of AssumeRole of both brands. Inferred: BytePlus' STS region.
 */
const HOSTS: Record<Brand, BrandHosts> = {
  volcengine: {
    common: 'open.volcengineapi.com',
    ownHostRegions: [
      'cn-beijing-autodriving',
      'cn-shanghai-autodriving',
      'cn-beijing-selfdrive',
      'ap-southeast-2',
      'ap-southeast-3',
    ],
    domain: 'volcengineapi.com',
    sts: { host: 'sts.volcengineapi.com', region: 'cn-beijing' },
  },
  byteplus: {
    common: 'open.ap-southeast-1.byteplusapi.com',
    ownHostRegions: [],
    domain: 'byteplusapi.com',
    sts: { host: 'open.byteplusapi.com', region: 'ap-southeast-1' },
  },
};

export function hostOf(brand: Brand, { service, region }: Omit<CallTarget, 'account'>): string {
  const { common, ownHostRegions, domain, sts } = HOSTS[brand];
  if (service === 'sts') return sts.host;
  return ownHostRegions.includes(region) ? `${service}.${region}.${domain}` : common;
}

/** The region that calls of STS are signed for. */
export function stsRegionOf(brand: Brand): string {
  return HOSTS[brand].sts.region;
}
