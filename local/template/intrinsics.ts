/** What a reference to a resource resolves to: `Ref`, and `Fn::GetAtt` by attribute name. */
export type PhysicalResource = { ref: string; attributes: Record<string, string> };

export type Scope = {
  region: string;
  /** Of the local world: `aws`. */
  partition?: string;
  accountId: string;
  stackName: string;
  resources: ReadonlyMap<string, PhysicalResource>;
};

export class UnresolvedReferenceError extends Error {
  override name = 'UnresolvedReferenceError';
}

/**
 * Resolves every Ref, Fn::GetAtt, Fn::Sub, Fn::Join, Fn::Select and Fn::Split in the value.
 * @throws UnresolvedReferenceError for an unknown resource or attribute, and for any other `Fn::`.
 */
export function resolveIntrinsics(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value)) return value.map((item) => resolveIntrinsics(item, scope)).filter(isPresent);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [[name, operand] = []] = entries;
  if (entries.length === 1 && name !== undefined && (name === 'Ref' || name.startsWith('Fn::'))) {
    return resolveFunction(name, operand, scope);
  }
  const resolved = entries.map(([key, item]) => [key, resolveIntrinsics(item, scope)] as const);
  return Object.fromEntries(resolved.filter(([, item]) => isPresent(item)));
}

/** `AWS::NoValue` resolves to undefined, and removes its property or list item. */
function isPresent(value: unknown): boolean {
  return value !== undefined;
}

function resolveFunction(name: string, operand: unknown, scope: Scope): unknown {
  if (name === 'Ref') return resolveRef(String(operand), scope);
  if (name === 'Fn::GetAtt') {
    return resolveAttribute(Array.isArray(operand) ? operand.join('.') : String(operand), scope);
  }
  if (name === 'Fn::Sub') return resolveSub(operand, scope);
  const args = resolveIntrinsics(operand, scope);
  const [first, second] = Array.isArray(args) ? args : [];
  if (name === 'Fn::Join' && Array.isArray(second)) return second.join(String(first));
  if (name === 'Fn::Select' && Array.isArray(second)) return second[Number(first)];
  if (name === 'Fn::Split' && typeof second === 'string') return second.split(String(first));
  throw new UnresolvedReferenceError(`${name} is not supported by the local world`);
}

function resolveRef(name: string, scope: Scope): string | undefined {
  const { partition = 'aws' } = scope;
  const pseudo = new Map([
    ['AWS::Region', scope.region],
    ['AWS::AccountId', scope.accountId],
    ['AWS::StackName', scope.stackName],
    ['AWS::Partition', partition],
    ['AWS::URLSuffix', partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com'],
  ]);
  if (name === 'AWS::NoValue') return undefined;
  return pseudo.get(name) ?? resourceNamed(name, scope).ref;
}

function resolveAttribute(path: string, scope: Scope): string {
  const dot = path.indexOf('.');
  const attribute = path.slice(dot + 1);
  const value = resourceNamed(path.slice(0, dot), scope).attributes[attribute];
  if (value === undefined)
    throw new UnresolvedReferenceError(`${path}: no such attribute in the local world`);
  return value;
}

function resourceNamed(logicalId: string, scope: Scope): PhysicalResource {
  const resource = scope.resources.get(logicalId);
  if (!resource) throw new UnresolvedReferenceError(`${logicalId}: no such resource in the template`);
  return resource;
}

/** `${Name}`, `${Name.Attribute}`, the variables of the two-element form, and `${!literal}`. */
function resolveSub(operand: unknown, scope: Scope): string {
  const [text, own = {}] = Array.isArray(operand) ? operand : [operand];
  const variables = new Map(Object.entries(Object(resolveIntrinsics(own, scope))));
  return String(text).replace(/\$\{([^}]+)\}/g, (_, name: string) => {
    if (name.startsWith('!')) return `\${${name.slice(1)}}`;
    const reference = name.trim();
    if (variables.has(reference)) return String(variables.get(reference));
    return (
      (reference.includes('.') ? resolveAttribute(reference, scope) : resolveRef(reference, scope)) ?? ''
    );
  });
}
