/** One sentence for an error of a server that cannot listen on its port; `undefined` for any other error. */
export function portProblem(error: unknown, option: string): string | undefined {
  const { code, port, address } = (error ?? {}) as { code?: unknown; port?: unknown; address?: unknown };
  const advice = `Choose another one with ${option} (0: any free port).`;
  if (code === 'EADDRINUSE') return `Port ${port} on ${address} is in use. ${advice}`;
  if (code === 'EACCES' && port !== undefined) return `Port ${port} on ${address} needs more rights. ${advice}`;
  return undefined;
}
