/** A CloudFormation template, its intrinsic functions unresolved. */
export type Template = { Resources: Record<string, Resource>; Conditions?: Record<string, unknown> };

export type Resource = { Type: string; Properties: Record<string, unknown>; Condition?: unknown };

/** The resources of one type, in the order of the template. */
export function resourcesOfType(template: Template, type: string): [logicalId: string, Resource][] {
  return Object.entries(template.Resources).filter(([, resource]) => resource.Type === type);
}
