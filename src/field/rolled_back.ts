/**
 * The outcome of a transaction by its error: `true` if it certainly was rolled back, `false` if the connection broke, so that
 * the outcome is unknown, `undefined` if the error shows neither. An error is checked before its causes.
 */
export function detectRollback(error: unknown): boolean | undefined {
  const seen = new Set<unknown>();
  for (let queue = [error]; queue.length > 0 && seen.size < MAX_CAUSES;) {
    const [next, ...rest] = queue;
    queue = rest;
    if (typeof next !== "object" || next === null || seen.has(next)) continue;
    seen.add(next);
    const isRolledBack = isRolledBackBy(next as DatabaseError);
    if (isRolledBack !== undefined) return isRolledBack;
    queue.push(...causesOf(next as DatabaseError));
  }
  return undefined;
}

/** A limit of causes: libraries wrap the error of a driver two or three times. */
const MAX_CAUSES = 20;

/** The properties of errors of drivers and libraries. */
interface DatabaseError {
  readonly name?: unknown;
  readonly message?: unknown;
  /** SQLSTATE (pg, postgres.js), or a code of SQLite (`SQLITE_BUSY`), Prisma (`P2034`) or Node (`ECONNRESET`). */
  readonly code?: unknown;
  /** SQLSTATE (`Bun.sql`), or a number (MySQL, SQLite). */
  readonly errno?: unknown;
  /** SQLSTATE (mysql2, mariadb). */
  readonly sqlState?: unknown;
  /** A result code of SQLite (node:sqlite). */
  readonly errcode?: unknown;
  /** SQLSTATE (driver adapters of Prisma). */
  readonly originalCode?: unknown;
  readonly cause?: unknown;
  /** TypeORM. */
  readonly driverError?: unknown;
  /** Sequelize. */
  readonly parent?: unknown;
  /** Prisma. */
  readonly meta?: { readonly driverAdapterError?: unknown } | undefined;
}

function causesOf(error: DatabaseError): unknown[] {
  return [error.cause, error.driverError, error.parent, error.meta?.driverAdapterError];
}

/**
 * Classes of SQLSTATE of statements that abort a transaction: cardinality (21), data (22), constraints (23), state of the
 * transaction (25), syntax and access (42), WITH CHECK OPTION (44), PL/pgSQL (P0); and of transactions that were rolled
 * back (40). Not 40003, "statement completion unknown", nor 57, whose errors can follow a COMMIT that took effect.
 *
 * Source: PostgreSQL's documentation, Appendix A.
 */
const ROLLED_BACK_STATE = /^(?:(?:2[1235]|4[24]|P0)[0-9A-Z]{3}|40(?!003)[0-9A-Z]{3})$/;

/** The connection broke, or the server shuts down: SQLSTATE 08 and 57; codes of Node, pg, postgres.js and mysql2. */
const CONNECTION_LOST =
  /^(?:(?:08|57)[0-9A-Z]{3}|40003|E(?:CONN|PIPE|TIMEDOUT|HOSTUNREACH|NETUNREACH)\w*|CONNECT\w*|PROTOCOL_CONNECTION_LOST)$/;

/** SQLite does not commit while a deferred constraint is violated, or another connection reads. */
const SQLITE_REFUSED = /^SQLITE_(?:BUSY|CONSTRAINT)/;
const SQLITE_REFUSED_CODES = [5, 19];

/** A deadlock, or a timeout of a lock. Source: MySQL's Server Error Message Reference. */
const MYSQL_REFUSED_CODES = [1205, 1213];

/** A violated constraint, a write conflict or a deadlock. Source: Prisma's error reference. */
const PRISMA_REFUSED = /^P20(?:02|03|04|11|34)$/;

/**
 * Cloudflare D1 has SQLite's codes in the message. These are errors of statements, and a batch with one is rolled back. Other
 * messages, such as "Network connection lost", say nothing about the batch.
 */
const D1_REFUSED = /^D1_ERROR: [^]*\bSQLITE_(?:AUTH|BUSY|CONSTRAINT|ERROR|LOCKED|MISMATCH|RANGE|TOOBIG)/;

/** The outcome by an error alone, without its causes. */
function isRolledBackBy(error: DatabaseError): boolean | undefined {
  const codes = [error.code, error.sqlState, error.errno, error.originalCode].filter((code) =>
    typeof code === "string"
  );
  if (codes.some((code) => CONNECTION_LOST.test(code))) return false;
  const isRefused =
    codes.some((code) => ROLLED_BACK_STATE.test(code) || SQLITE_REFUSED.test(code) || PRISMA_REFUSED.test(code)) ||
    (typeof error.errcode === "number" && SQLITE_REFUSED_CODES.includes(error.errcode & 0xff)) ||
    (typeof error.errno === "number" && MYSQL_REFUSED_CODES.includes(error.errno)) ||
    // Kysely from 0.28.19 on, where PostgreSQL responds to COMMIT with ROLLBACK.
    error.name === "AbortedTransactionError";
  if (isRefused) return true;
  const message = String(error.message);
  // Prisma rolls back a transaction that has timed out. All errors of transactions have this code.
  if (error.code === "P2028" && /expired transaction/.test(message)) return true;
  if (D1_REFUSED.test(message)) return true;
  return undefined;
}
