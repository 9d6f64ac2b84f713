declare module 'dynalite' {
  import type { Server } from 'node:http';

  /** A DynamoDB server; `path` keeps its tables on disk, and closing it flushes and closes them. */
  export default function dynalite(options: {
    path?: string;
    createTableMs?: number;
    deleteTableMs?: number;
    updateTableMs?: number;
  }): Server;
}
