import { describe, expect, test } from 'vitest';
import { hostOf, stsRegionOf } from '../../../lib/volcengine/hosts.ts';
import { isKnownRegion, nearestRegions } from '../../../lib/volcengine/known-regions.ts';

describe('the host', () => {
  test.each([
    ['volcengine', 'vpc', 'cn-beijing', 'open.volcengineapi.com'],
    ['volcengine', 'vpc', 'cn-shanghai', 'open.volcengineapi.com'],
    ['volcengine', 'vpc', 'ap-southeast-1', 'open.volcengineapi.com'],
    ['volcengine', 'vpc', 'eu-new-1', 'open.volcengineapi.com'],
    ['volcengine', 'vpc', 'cn-beijing-autodriving', 'vpc.cn-beijing-autodriving.volcengineapi.com'],
    ['volcengine', 'vpc', 'cn-shanghai-autodriving', 'vpc.cn-shanghai-autodriving.volcengineapi.com'],
    ['volcengine', 'vpc', 'cn-beijing-selfdrive', 'vpc.cn-beijing-selfdrive.volcengineapi.com'],
    ['volcengine', 'vpc', 'ap-southeast-2', 'vpc.ap-southeast-2.volcengineapi.com'],
    ['volcengine', 'vpc', 'ap-southeast-3', 'vpc.ap-southeast-3.volcengineapi.com'],
    ['volcengine', 'sts', 'cn-beijing', 'sts.volcengineapi.com'],
    ['volcengine', 'sts', 'ap-southeast-2', 'sts.volcengineapi.com'],
    ['byteplus', 'vpc', 'ap-southeast-1', 'open.ap-southeast-1.byteplusapi.com'],
    ['byteplus', 'vpc', 'ap-southeast-3', 'open.ap-southeast-1.byteplusapi.com'],
    ['byteplus', 'sts', 'ap-southeast-1', 'open.byteplusapi.com'],
  ] as const)('of %s, %s in %s is %s', (brand, service, region, host) => {
    expect(hostOf(brand, { service, region })).toBe(host);
  });

  test('of STS is signed for one region', () => {
    expect(stsRegionOf('volcengine')).toBe('cn-beijing');
    expect(stsRegionOf('byteplus')).toBe('ap-southeast-1');
  });
});

describe('regions', () => {
  test.each(['cn-beijing', 'cn-shanghai', 'cn-guangzhou', 'ap-southeast-1', 'cn-beijing-autodriving'])(
    '%s is known',
    (region) => {
      expect(isKnownRegion(region)).toBe(true);
    },
  );

  test.each(['cn-bejing', 'cn-beijing-1', 'CN-BEIJING', ''])('%s is not', (region) => {
    expect(isKnownRegion(region)).toBe(false);
  });

  test.each([
    ['cn-bejing', 'cn-beijing'],
    ['cn-shangai', 'cn-shanghai'],
    ['ap-southeast1', 'ap-southeast-1'],
    ['cn-guangzou', 'cn-guangzhou'],
    ['cn-hong-kong', 'cn-hongkong'],
  ])('the nearest to %s is %s', (region, known) => {
    expect(nearestRegions(region, 1)).toEqual([known]);
  });
});
