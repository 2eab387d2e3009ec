import type { Parameter } from './parameter.ts';
import type { YamlFile } from './spec.ts';
import { readYamlFile } from './yaml-file.ts';

/** A YAML file of the user's, read at once. Default: none. A file that is really called `none` is written `./none`. */
export function yamlFile(meaning: string): Parameter<YamlFile | null> {
  return {
    type: 'path of a YAML file | none',
    default: null,
    defaultText: 'none',
    meaning,
    parse: (text) => (text === 'none' ? null : readYamlFile(text)),
    format: (value) => value?.path ?? 'none',
  };
}
