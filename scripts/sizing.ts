import { sizingTable } from './sizing/sizingTable.ts';

process.stdout.write(sizingTable());
