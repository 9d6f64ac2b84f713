import { describe, expect, it } from 'vitest';
import { mergeTemplates, TemplateExtrasError } from '../../../local/template-extras.ts';

const queue = { Type: 'AWS::SQS::Queue', Properties: {} };
const bucket = { Type: 'AWS::S3::Bucket', Properties: {} };
const lambda = (handler: string) => ({
  Type: 'AWS::Lambda::Function',
  Properties: { Handler: handler, Timeout: 3 },
});

describe('an extra stack', () => {
  const service = {
    Resources: { ServerlessDeploymentBucket: bucket, Jobs: queue, Poll: lambda('dist/a/index.handler') },
  };

  it('brings its resources, and finds its code where it is', () => {
    const extra = {
      Resources: { ServerlessDeploymentBucket: bucket, Heard: queue, Hear: lambda('dist/a/index.handler') },
    };
    expect(mergeTemplates(service, extra, '../theirs')).toEqual({
      Resources: { ...service.Resources, Heard: queue, Hear: lambda('../theirs/dist/a/index.handler') },
    });
  });

  it('is refused when it has a resource of a name that is taken', () => {
    const clash = { Resources: { Jobs: queue, Poll: lambda('x.handler'), Heard: queue } };
    expect(() => mergeTemplates(service, clash, 'theirs')).toThrow(TemplateExtrasError);
    expect(() => mergeTemplates(service, clash, 'theirs')).toThrow('Jobs, Poll');
  });
});
