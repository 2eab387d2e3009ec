interface Lost {
  readonly name: string;
  readonly why: string;
}

/** Which of so many runs could not be judged, each with its own reason. */
export function lostText(lost: readonly Lost[], total: number): string {
  const told = lost.map(({ name, why }) => ({ name, why: `${why.replace(/\.$/, '')}.` }));
  const [first] = told;
  if (first && told.length === 1) return `Run ${first.name} could not be judged: ${first.why}`;
  return [
    `${told.length} of ${total} runs could not be judged.`,
    ...told.map(({ name, why }) => `${name}: ${why}`),
  ].join(' ');
}
