/** A storage queue's name has at most 63 characters ("Naming Queues and Metadata"); `pending-` takes 8 of them. */
const maxLength = 63 - 'pending-'.length;

/**
 * What is wrong with `name`, in lower case, as the key of a hub, and what to write instead; undefined when it is legal.
 * It must fit into the queue name `pending-{hub}`: letters, digits and single dashes, a letter or digit at both ends.
 */
export function hubNameProblem(name: string): string | undefined {
  if (name.length <= maxLength && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) return undefined;
  return `write 1 to ${maxLength} letters and digits, with single dashes between them: it becomes part of a queue's name`;
}
