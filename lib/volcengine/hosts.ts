/** The same API is sold under two brands, with hosts and credentials of their own. */
export const BRANDS = ['volcengine', 'byteplus'] as const;
export type Brand = (typeof BRANDS)[number];

/** In place of an endpoint: the host of each call's brand, service and region. An endpoint is used for everything. */
export const BY_REGION = 'by-region';

/** What a call is for, as far as its host depends on it. */
export type CallTarget = { account: string; service: string; region: string };

type BrandHosts = {
  common: string;
  /** These regions answer at `<service>.<region>.<domain>` only. */
  ownHostRegions: readonly string[];
  domain: string;
  /** STS is one for all regions. */
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
