import { badRequest } from '../status.ts';

export type Matcher<T> = (value: T) => boolean;
type Labels = Readonly<Record<string, string>>;

const key = String.raw`[A-Za-z0-9][\w.-]*(?:/[A-Za-z0-9][\w.-]*)?`;
const value = '[A-Za-z0-9_.-]*';
const requirement = {
  absent: new RegExp(`^!\\s*(${key})$`),
  exists: new RegExp(`^(${key})$`),
  equality: new RegExp(`^(${key})\\s*(==|=|!=)\\s*(${value})$`),
  order: new RegExp(`^(${key})\\s*([<>])\\s*(-?\\d+)$`),
  set: new RegExp(`^(${key})\\s+(in|notin)\\s*\\(([^()]*)\\)$`),
};

/** Reads `a=b,c!=d,e,!f,g in (h,i),j notin (k),l>1`. Undefined when everything matches; throws 400. */
export function parseLabelSelector(text: string): Matcher<Labels> | undefined {
  if (text.trim() === '') return undefined;
  const matchers = splitOutsideParentheses(text).map(parseRequirement);
  return (labels) => matchers.every((matches) => matches(labels));
}

function splitOutsideParentheses(text: string): string[] {
  return text.split(/,(?![^(]*\))/).map((part) => part.trim());
}

function parseRequirement(text: string): Matcher<Labels> {
  const [, absent] = requirement.absent.exec(text) ?? [];
  if (absent !== undefined) return (labels) => valueOf(labels, absent) === undefined;
  const [, exists] = requirement.exists.exec(text) ?? [];
  if (exists !== undefined) return (labels) => valueOf(labels, exists) !== undefined;
  const [, name = '', operator, operand = ''] =
    requirement.equality.exec(text) ?? requirement.order.exec(text) ?? requirement.set.exec(text) ?? [];
  switch (operator) {
    case '=':
    case '==':
      return (labels) => valueOf(labels, name) === operand;
    case '!=':
      return (labels) => valueOf(labels, name) !== operand;
    case '<':
      return (labels) => Number(valueOf(labels, name)) < Number(operand);
    case '>':
      return (labels) => Number(valueOf(labels, name)) > Number(operand);
    case 'in':
      return inSet(name, operand, true);
    case 'notin':
      return inSet(name, operand, false);
    case undefined:
    default:
      throw badRequest(`unable to parse requirement: ${JSON.stringify(text)} is not a label selector`);
  }
}

function valueOf(labels: Labels, name: string): string | undefined {
  return Object.hasOwn(labels, name) ? labels[name] : undefined;
}

/** A label that is not there is not in any set. */
function inSet(name: string, operand: string, wanted: boolean): Matcher<Labels> {
  const values = new Set(operand.split(',').map((one) => one.trim()));
  return (labels) => {
    const found = valueOf(labels, name);
    return (found !== undefined && values.has(found)) === wanted;
  };
}
