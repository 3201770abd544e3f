import { parseCallers, type Caller } from "./caller-list.ts";

/** One entry of the secret ACCESS_USERS. */
export interface AccessUser extends Caller {
  /** The claim that Access names them by: people by e-mail, service tokens by their client id. */
  readonly claim: "email" | "common_name";
  /** Lower-cased. */
  readonly value: string;
}

const EMAIL = /^[^\s@:]+@[^\s@:]+$/;
// "2f1c….access"; a client certificate's name is said the same way.
const COMMON_NAME = /^[\w. -]+$/;

/**
 * Reads the secret: comma-separated `name:scope:who`, scope `read` or `write`, who being the person's e-mail address or the
 * client id of a service token. Null when any entry cannot be read.
 */
export function parseAccessUsers(secret: string): readonly AccessUser[] | null {
  return parseCallers(secret, (caller, who) => {
    const value = who.toLowerCase();
    if (EMAIL.test(value)) return { ...caller, claim: "email" as const, value };
    if (COMMON_NAME.test(value)) return { ...caller, claim: "common_name" as const, value };
    return null;
  });
}
