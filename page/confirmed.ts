import { byId } from './dom.ts';

/** Whether the user wants it. */
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
