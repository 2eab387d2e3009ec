export interface KubeconfigOptions {
  /** `https://127.x.y.z:6443`. */
  readonly server: string;
  /** PEM texts. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  /** Name of the cluster, the user and the context. */
  readonly name: string;
}

/** A kubeconfig for kubectl and every client library, as YAML text. */
export function kubeconfig({ server, ca, cert, key, name: bare }: KubeconfigOptions): string {
  // Without quotes `n` and `1` are no texts.
  const name = JSON.stringify(bare);
  return `apiVersion: v1
kind: Config
clusters:
- name: ${name}
  cluster:
    server: ${server}
    certificate-authority-data: ${base64(ca)}
users:
- name: ${name}
  user:
    client-certificate-data: ${base64(cert)}
    client-key-data: ${base64(key)}
contexts:
- name: ${name}
  context:
    cluster: ${name}
    user: ${name}
current-context: ${name}
`;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
