import { sizingTable } from './sizing/table.ts';

process.stdout.write(sizingTable());
