import * as v from 'valibot';
import { resourcesOfType } from '../local/template/template.ts';
import type { TemplateStack } from '../local/template-stack.ts';

const FunctionProperties = v.looseObject({
  Handler: v.string(),
  Environment: v.looseObject({ Variables: v.record(v.string(), v.unknown()) }),
});

/** The same stack, whose functions name themselves in the user agent of their SDK clients: `dist/<name>/index.handler`. */
export function withNamedClients({ template, codeDir }: TemplateStack): TemplateStack {
  const named = structuredClone(template);
  for (const [, resource] of resourcesOfType(named, 'AWS::Lambda::Function')) {
    const properties = v.safeParse(FunctionProperties, resource.Properties);
    if (!properties.success) continue;
    const { Handler, Environment } = properties.output;
    const Variables = { ...Environment.Variables, AWS_SDK_UA_APP_ID: Handler.split('/')[1] ?? Handler };
    resource.Properties = { ...properties.output, Environment: { ...Environment, Variables } };
  }
  return { template: named, codeDir };
}
