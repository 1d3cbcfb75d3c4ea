import { byId } from './dom.ts';

/** Asks the user to confirm an action; returns whether the user agrees. */
export function confirmed(heading: string, text: string, yes: string): Promise<boolean> {
  const dialog = byId<HTMLDialogElement>('confirm');
  byId('confirmHeading').textContent = heading;
  byId('confirmText').textContent = text;
  byId('confirmYes').textContent = yes;
  dialog.returnValue = '';
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true });
  });
}
