/** Who asks. */
export interface User {
  readonly name: string;
  readonly groups: readonly string[];
  /** Only of service accounts. */
  readonly uid?: string;
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

export const anonymous: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] };
