/**
 * Notes something wrong with a setting, and in `message` what to write instead. A message never quotes a value: any
 * setting may hold a secret that was pasted into the wrong place.
 */
export type Report = (setting: string, message: string) => void;
